package specs

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// wellFormed are the findings that keep a segment from being decoded alone: ROB-015.
var wellFormed = []tscheck.Code{
	tscheck.CodeGrid, tscheck.CodeTables, tscheck.CodeCRC, tscheck.CodeStreamType, tscheck.CodePIDs,
	tscheck.CodeTransportError, tscheck.CodeScrambled, tscheck.CodeContinuity, tscheck.CodeAdaptation,
	tscheck.CodePES, tscheck.CodePESLength, tscheck.CodeTimeStamp, tscheck.CodeClockOrder, tscheck.CodePCR,
	tscheck.CodePCRInterval, tscheck.CodeRandomAccess, tscheck.CodeKeyFrame, tscheck.CodeParameterSets, tscheck.CodeEmpty,
}

// robustSegments: where segments begin and end.
func robustSegments(s *Suite) {
	s.Rule("ROB-007", func(r *Rule) {
		for _, d := range []time.Duration{3 * time.Second, 4 * time.Second, 9900 * time.Millisecond, 10 * time.Second, 10100 * time.Millisecond, 21 * time.Second} {
			for _, clip := range fixtures.Bases() {
				if clip.Codec != fixtures.CodecH264 && d != 9900*time.Millisecond {
					continue
				}
				r.Scenario(fmt.Sprintf("the last frames of an event of %v of %s are stored", d, clip.Name), func(e *Env) {
					lastFrames(e, clip, d)
				}, Needs(codec(clip)...))
			}
		}
	})

	s.Rule("ROB-017", func(r *Rule) {
		for _, g := range []struct{ seconds, fps, gop int }{{1, 20, 20}, {2, 20, 40}, {3, 10, 30}, {7, 5, 35}, {15, 2, 30}} {
			r.Scenario(fmt.Sprintf("a GOP of %d s is never cut, and segments end at the first one after the target", g.seconds), func(e *Env) {
				wholeGroups(e, paced(fixtures.H264(), g.fps, g.gop), time.Duration(g.seconds)*time.Second)
			})
		}
		r.Scenario("a GOP that never ends is held within the buffer", endless)
	})
}

// lastFrames records an event under an event plan and looks for its end.
func lastFrames(e *Env, clip *fixtures.Clip, d time.Duration) {
	cam := e.Camera(clip, fixtures.AAC())
	e.InitEvents(cam)
	e.StartEvent(1, 1)
	cam.Run(d)
	e.StopEvent(1)
	e.Given("PUSH-012", cam.Refused()).To(BeEmpty(), "frames refused")
	e.Uploaded(ReportWithin)
	e.Require(e.Stored()).NotTo(BeEmpty(), "segments of an event of %v within %v of its stop", d, ReportWithin)
	last := cam.Frames(true)[len(cam.Frames(true))-1]
	seg := e.Stored()[len(e.Stored())-1]
	e.Expect(seg.LastSeq).To(Equal(last.Seq), "last picture of the last segment, the last one pushed before the stop")
	if !transparent(e) {
		return
	}
	comparison := cam.CompareVideo()
	e.Expect(comparison.Missing).To(BeEmpty(), "accepted pictures that are not in the cloud")
	e.Expect(comparison.Matched).To(HaveLen(len(cam.Frames(true))), "pictures in the cloud, accepted ones")
	e.Expect(cam.CompareAudio().Missing).To(BeEmpty(), "accepted audio frames that are not in the cloud")
	e.Expect(seg.TS.Find(wellFormed...)).To(BeEmpty(), "what is wrong with the last %s", seg.Name())
	e.Expect(e.Await(ReportWithin, func() bool { return len(resultsOf(e, 1)) > 0 })).To(BeTrue(), "the event reported within %v of its stop", ReportWithin)
}

// wholeGroups streams enough groups of pictures for several segments.
func wholeGroups(e *Env, clip *fixtures.Clip, gop time.Duration) {
	cam := e.Camera(clip, nil)
	p := ParmFor(clip, nil)
	p.MaxGopSize = 2 << 20 // more than ten seconds and one GOP (cloud binding, ruling 1)
	e.StartFullTimeWith(cam, p)
	d := max(44*time.Second, 3*gop)
	cam.Run(d)
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
	e.Exit()
	frames := cam.Frames(true)
	bySeq := make(map[uint32]Pushed)
	for _, f := range frames {
		bySeq[f.Seq] = f
	}
	var lengths []time.Duration
	for i, seg := range e.Stored() {
		e.Expect(bySeq[seg.FirstSeq].Key).To(BeTrue(), "the first picture of %s is a key frame", seg.Name())
		if i < len(e.Stored())-1 {
			next := e.Stored()[i+1]
			lengths = append(lengths, time.Duration(next.FirstPTS-seg.FirstPTS)*time.Millisecond)
		}
	}
	e.Given("UPL-001", lengths).NotTo(BeEmpty(), "segments of %v with a GOP of %v", d, gop)
	// The target is the library's choice (AMB-52); a segment ends at the first key
	// frame at or after it. Where both fall together, one may come first or the other.
	e.Measure("segments of a GOP of "+gop.String(), "%v", lengths[0])
	for i, length := range lengths {
		e.Expect(length).To(BeNumerically("~", lengths[0], gop), "length of segment %d: that of the first, to one GOP", i)
		e.Expect(length).To(BeNumerically("<=", SegmentLength+gop), "length of segment %d", i)
	}
}

// endless pushes P frames without end into a small buffer, then key frames again.
func endless(e *Env) {
	const buffer = 128 << 10
	cam := e.Camera(heavy(), nil)
	first := true
	cam.EditVideo = func(i int, p *target.VencPack) bool {
		keep := first || p.FrameType == target.FrameP
		first = false
		return keep
	}
	cam.KeepGoing = true
	startSmall(e, cam, buffer)
	var used int64
	if e.Info.Can(target.CapHeap) {
		used = e.Stat().Heap.InUse
	}
	for range 8 {
		cam.Run(5 * time.Second)
		expectBounded(e, cam, buffer)
	}
	if e.Info.Can(target.CapHeap) {
		grown := e.Stat().Heap.InUse - used
		e.Hard(grown).To(BeNumerically("<", 3*buffer), "growth of the heap in a GOP that never ends: memory without bound")
	}
	e.Measure("a GOP that never ends", "%d of %d frames refused, %d segments stored", len(cam.Refused()), len(cam.Ledger), len(e.Stored()))
	cam.EditVideo = nil
	cam.ToKey()
	accepted := len(cam.Frames(true))
	back := runUntil(e, cam, 30*time.Second, func() bool {
		return slices.ContainsFunc(cam.Frames(true)[accepted:], func(f Pushed) bool { return f.Key })
	})
	e.Expect(back).To(BeTrue(), "a key frame accepted within 30 s after the GOP that did not end")
	e.Exit()
	e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports")
}
