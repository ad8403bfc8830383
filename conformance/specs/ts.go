package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/tscheck"
)

// ts is what the names CS_EVENT_TS_* imply: segments are MPEG-TS. An object
// that is none (encrypted, another container) is recorded, not failed (AMB-64).
func ts(s *Suite) {
	s.Rule("TS-001", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario(clip.Name+" with AAC is stored as transport streams", func(e *Env) {
				record(e, clip, fixtures.AAC(), 24*time.Second)
				eachTS(e, func(seg *Stored) {
					e.Expect(seg.TS.Find(tscheck.CodeGrid, tscheck.CodeTables, tscheck.CodeCRC, tscheck.CodeStreamType, tscheck.CodePIDs,
						tscheck.CodeScrambled, tscheck.CodeAdaptation, tscheck.CodePES, tscheck.CodeEmpty)).
						To(BeEmpty(), "what is malformed in %s", seg.Name())
					e.Expect(seg.TS.Video).NotTo(BeEmpty(), "pictures in %s", seg.Name())
				})
			})
		}
	})

	s.Rule("TS-002", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("each segment of "+clip.Name+" starts with a key frame and its parameter sets", func(e *Env) {
				clip.FPS = 25 // a key frame every 1.6 s: never at a round time
				record(e, clip, fixtures.AAC(), 35*time.Second)
				eachTS(e, func(seg *Stored) {
					e.Expect(seg.TS.Find(tscheck.CodeKeyFrame, tscheck.CodeParameterSets, tscheck.CodeRandomAccess)).
						To(BeEmpty(), "what keeps a player from starting at %s", seg.Name())
				})
			})
		}
	})

	s.Rule("TS-003", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("continuity counters of "+clip.Name+" go on, no packet is marked as damaged, a PCR comes every 100 ms", func(e *Env) {
				record(e, clip, fixtures.AAC(), 24*time.Second)
				eachTS(e, func(seg *Stored) {
					e.Expect(seg.TS.Find(tscheck.CodeContinuity, tscheck.CodeTransportError)).To(BeEmpty(), "lost or damaged packets of %s", seg.Name())
					e.Soft(seg.TS.Find(tscheck.CodePCR, tscheck.CodePCRInterval)).To(BeEmpty(), "faults of the clock reference of %s", seg.Name())
				})
			})
		}
	})

	s.Rule("TS-004", func(r *Rule) {
		for _, c := range []struct {
			name string
			base uint64
		}{
			{"from 0", 0},
			{"of UTC in milliseconds", 1_700_000_000_000},
			{"across the wrap of 33 bits", 1<<33/90 - 5000},
		} {
			r.Scenario("time stamps "+c.name+" keep one offset for audio and video", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				cam.PTSBase = c.base
				e.StartFullTime(cam)
				cam.Run(14 * time.Second)
				e.Exit()
				if !transparent(e) {
					return
				}
				video, audio := cam.CompareVideo(), cam.CompareAudio()
				e.Require(video.OffsetKnown && audio.OffsetKnown).To(BeTrue(), "pushed video and audio frames found in the cloud")
				e.Expect(offsets(video)).To(BeEmpty(), "video time stamps that do not keep the offset of %d", video.Offset)
				e.Expect(offsets(audio)).To(BeEmpty(), "audio time stamps that do not keep the offset of %d", audio.Offset)
				// One tick of 1/90 ms may be lost where a library rounds.
				e.Expect(tscheck.Diff(video.Offset, audio.Offset)).To(BeNumerically("~", 0, 90), "offset of video against that of audio, in 1/90 ms")
			})
		}
	})

	s.Rule("TS-005", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("the pictures of "+clip.Name+" are stored once, in order, unaltered", func(e *Env) {
				cam := record(e, clip, nil, 24*time.Second)
				if transparent(e) {
					e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored pictures")
				}
			})
		}
	})
}

// record streams for d under a full-time plan and exits.
func record(e *Env, clip *fixtures.Clip, sound *fixtures.Audio, d time.Duration) *Camera {
	cam := e.Camera(clip, sound)
	e.StartFullTime(cam)
	cam.Run(d)
	e.Exit()
	e.Given("FLOW-012", e.Stored()).NotTo(BeEmpty(), "segments in the cloud after %v of streaming", d)
	return cam
}

// transparent reports whether the stored objects can be looked into.
func transparent(e *Env) bool {
	for _, seg := range e.Stored() {
		if seg.TS.Opaque {
			e.Record("container", "opaque objects")
			return false
		}
	}
	return true
}

// eachTS looks at each stored segment that is a transport stream.
func eachTS(e *Env, look func(*Stored)) {
	if !transparent(e) {
		return
	}
	for _, seg := range e.Stored() {
		look(seg)
	}
}

// offsets are a comparison's findings about time stamps.
func offsets(c *tscheck.Comparison) []string {
	var out []string
	for _, f := range c.Findings {
		if f.Code == tscheck.CodeOffset {
			out = append(out, f.String())
		}
	}
	return out
}
