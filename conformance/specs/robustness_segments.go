package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// robustSegments: what is cut, and what each object is worth alone.
func robustSegments(s *Suite) {
	s.Rule("ROB-007", func(r *Rule) {
		for _, d := range []time.Duration{3 * time.Second, 4 * time.Second, 9900 * time.Millisecond, 10 * time.Second, 10100 * time.Millisecond, 21 * time.Second} {
			r.Scenario("the last frames of an event of "+d.String()+" are stored", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.InitEvents(cam)
				e.StartEvent(1, 1)
				cam.Run(d)
				e.StopEvent(1)
				e.Uploaded(UploadWithin)
				e.Exit()
				if !transparent(e) {
					return
				}
				frames, match := cam.Frames(true), cam.CompareVideo()
				e.Require(match.Matched).NotTo(BeEmpty(), "pictures in the cloud")
				e.Expect(match.Matched[len(match.Matched)-1]).To(Equal(len(frames)-1), "last picture in the cloud, among those pushed")
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
				last := e.Stored()[len(e.Stored())-1]
				e.Expect(last.TS.Findings).To(BeEmpty(), "what is wrong with the last, short segment")
			})
		}
	})

	s.Rule("ROB-015", func(r *Rule) {
		alone := []tscheck.Code{
			tscheck.CodeTables, tscheck.CodeCRC, tscheck.CodeContinuity, tscheck.CodeKeyFrame, tscheck.CodeParameterSets,
			tscheck.CodePCR, tscheck.CodePCRInterval, tscheck.CodeClockOrder, tscheck.CodeRandomAccess, tscheck.CodePESLength,
		}
		for _, clip := range fixtures.Bases() {
			for _, sound := range []*fixtures.Audio{fixtures.AAC(), fixtures.PCM(8000, 1), nil} {
				name := clip.Name + " without sound"
				if sound != nil {
					name = clip.Name + " with " + sound.Name
				}
				r.Scenario("every object of "+name+" decodes alone", func(e *Env) {
					record(e, clip, sound, 24*time.Second)
					eachTS(e, func(seg *Stored) {
						e.Expect(seg.TS.Find(alone...)).To(BeEmpty(), "what keeps %s from being decoded alone", seg.Name())
					})
				})
			}
		}
		r.Scenario("every object of a frame a second decodes alone", func(e *Env) {
			record(e, paced(fixtures.H264(), 1, 5), fixtures.AAC(), 30*time.Second)
			eachTS(e, func(seg *Stored) {
				e.Expect(seg.TS.Find(alone...)).To(BeEmpty(), "what keeps %s from being decoded alone", seg.Name())
			})
		})
	})

	s.Rule("ROB-017", func(r *Rule) {
		for _, gop := range []int{1, 2, 3, 7, 15} {
			length := time.Duration(gop) * time.Second
			r.Scenario("a GOP of "+length.String()+" is cut at key frames, no later than it must", func(e *Env) {
				// The buffer holds 10 s and a GOP (binding, ruling 1).
				cam := e.Camera(longGOP(gop), nil)
				p := ParmFor(cam.Video, nil)
				p.MaxGopSize = 1 << 20
				e.StartFullTimeWith(cam, p)
				cam.Run(3*length + 25*time.Second)
				e.Exit()
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused with a buffer of 10 s and a GOP")
				stored := e.Stored()
				e.Given("FLOW-012", len(stored)).To(BeNumerically(">", 1), "segments of three GOPs and 25 s")
				for i, seg := range stored {
					e.Require(seg.TS.Video).NotTo(BeEmpty(), "pictures in %s", seg.Name())
					e.Expect(seg.TS.Video[0].Key).To(BeTrue(), "first picture of %s is a key frame", seg.Name())
					if i < len(stored)-1 {
						// About 10 s, then the first key frame (abi-facts): longer than that
						// by more than a GOP means that a key frame was passed over.
						e.Expect(seg.TS.VideoDuration()).To(BeNumerically("<=", 10*time.Second+length+time.Second), "length of %s with a GOP of %v", seg.Name(), length)
					}
				}
			})
		}
		r.Scenario("a GOP that never ends does not take memory without end", func(e *Env) {
			const buffer = 128 << 10
			clip := heavy()
			cam := e.Camera(clip, nil)
			startSmall(e, cam, buffer)
			cam.EditVideo = func(i int, _ *target.VencPack) bool { return i == 0 || !clip.At(i).Key }
			cam.Run(40 * time.Second)
			expectBounded(e, cam, buffer)
			cam.EditVideo = nil
			cam.ToKey()
			e.Expect(e.Await(time.Minute, func() bool {
				cam.ToKey()
				return cam.PushVideo() == target.ErrNone
			})).To(BeTrue(), "a key frame taken within a minute of the end of the endless GOP")
			e.Exit()
		}, Breaks("UPL-015", "TS-003"))
	})
}

// longGOP is the H.264 clip with one key frame in so many seconds; the frames
// of the key frames left out are P frames of the GOP before.
func longGOP(seconds int) *fixtures.Clip {
	clip := fixtures.H264()
	out := *clip
	out.GOP, out.Frames = seconds*clip.FPS, nil
	gop := clip.Frames[:clip.GOP]
	out.Frames = append(out.Frames, gop[0])
	for len(out.Frames) < out.GOP {
		out.Frames = append(out.Frames, gop[1+len(out.Frames)%(clip.GOP-1)])
	}
	return &out
}
