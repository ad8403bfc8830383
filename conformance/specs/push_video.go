package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// pushVideo: H.264 and H.265 in Annex B, I frames with their parameter sets and
// P frames, no B frames.
func pushVideo(s *Suite) {
	// taken declares that a clip is accepted and stored whole.
	taken := func(r *Rule, clip *fixtures.Clip) {
		r.Scenario(clip.Name+" is taken and stored", func(e *Env) {
			cam := e.Camera(clip, nil)
			cam.KeepGoing = true
			e.StartFullTime(cam)
			cam.Run(6 * time.Second)
			e.Expect(refusals(cam)).To(BeEmpty(), "frames refused")
			e.Exit()
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored video")
			}
		}, Needs(codec(clip)...))
	}
	// tried declares a clip whose form the text does not print: what is refused
	// is recorded, what is accepted is stored (AMB-62).
	tried := func(r *Rule, clip *fixtures.Clip) {
		r.Scenario(clip.Name+", a form that is not printed", func(e *Env) {
			cam := e.Camera(clip, nil)
			cam.KeepGoing = true
			e.StartFullTime(cam)
			cam.Run(6 * time.Second)
			e.Soft(refusals(cam)).To(BeEmpty(), "frames refused of %s, which is legal", clip.Name)
			e.Record(clip.Name, "%d of %d frames refused", len(cam.Refused()), len(cam.Ledger))
			e.Exit()
		})
	}

	s.Rule("PUSH-012", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			taken(r, clip)
			r.Scenario(clip.Name+" with lengths instead of start codes is refused", func(e *Env) {
				cam := e.Camera(clip, nil)
				e.StartFullTime(cam)
				avcc := clip.AVCC().At(0)
				code := e.Lib.PushVideo(target.VencPack{Data: avcc.Data, FrameType: target.FrameI})
				e.Soft(code).To(Refuse(), "iv_cs_push_stream of length-prefixed NAL units (not 裸流)")
				cam.Run(4 * time.Second)
				e.Expect(refusals(cam)).To(BeEmpty(), "good frames refused after bad ones")
				e.Exit()
			}, Breaks("UPL-015"), Needs(codec(clip)...))
		}
	})

	s.Rule("PUSH-013", func(r *Rule) {
		for _, clip := range []*fixtures.Clip{fixtures.H264B(), fixtures.H265B()} {
			r.Scenario(clip.Name+" declared as P are refused, and the stream goes on", func(e *Env) {
				base := fixtures.Bases()[clip.Codec]
				cam := e.Camera(base, nil)
				e.StartFullTime(cam)
				cam.Run(2 * time.Second)
				accepted := 0
				for i := range 40 {
					f := clip.At(i)
					pts := cam.PTSBase + 2000 + clip.PTS(i)
					code := e.Lib.PushVideo(target.VencPack{Data: f.Data, PTS: pts, FrameType: frameType(f.Key), Seq: 1<<20 + uint32(i)})
					if f.B && code == target.ErrNone {
						accepted++
					}
				}
				// A reaction is not promised (AMB-59).
				e.Soft(accepted).To(BeZero(), "B frames accepted")
				cam.ToKey()
				e.Expect(cam.PushVideo()).To(ReturnNone(), "a key frame after B frames")
				cam.Run(4 * time.Second)
				e.Exit()
				eachTS(e, func(seg *Stored) {
					e.Soft(seg.TS.Find(tscheck.CodeBFrame)).To(BeEmpty(), "B frames in %s", seg.Name())
				})
			}, Breaks("UPL-015"), Needs(codec(clip)...))
		}
		r.Scenario("a frame type of IV_CM_FRAME_TYPE_BUTT is refused", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			f := keyFrame()
			f.FrameType = target.FrameBUTT
			e.Soft(e.Lib.PushVideo(f)).To(Refuse(), "iv_cs_push_stream with eFrameType %d", f.FrameType)
			cam.Run(4 * time.Second)
			e.Expect(refusals(cam)).To(BeEmpty(), "good frames refused after a bad one")
			e.Exit()
		}, Breaks("UPL-015"))
	})

	s.Rule("PUSH-014", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			lacking := []*fixtures.Clip{clip.WithoutSPS(), clip.WithoutPPS(), clip.Bare()}
			if clip.Codec == target.VideoH265 {
				lacking = append(lacking, clip.WithoutVPS())
			}
			for _, bad := range lacking {
				r.Scenario("a key frame of "+bad.Name+" does not harm", func(e *Env) {
					cam := e.Camera(clip, nil)
					e.StartFullTime(cam)
					code := e.Lib.PushVideo(target.VencPack{Data: bad.At(0).Data, FrameType: target.FrameI, Seq: 1 << 20})
					e.Record("key frame of "+bad.Name, "%v", code)
					if code == target.ErrNone {
						// A library may keep earlier sets and put them in; the first has none (AMB-60).
						e.Warn("a key frame of %s was accepted; expected an error IV_ERR_*", bad.Name)
					}
					cam.Run(4 * time.Second)
					e.Expect(refusals(cam)).To(BeEmpty(), "good frames refused after a bad one")
					e.Exit()
					eachTS(e, func(seg *Stored) {
						e.Soft(seg.TS.Find(tscheck.CodeParameterSets)).To(BeEmpty(), "key frames without their parameter sets in %s", seg.Name())
					})
				}, Breaks("UPL-015"), Needs(codec(clip)...))
			}
			taken(r, clip)
			tried(r, clip.WithAUD().WithSEI())
		}
	})

	s.Rule("PUSH-015", func(r *Rule) {
		taken(r, fixtures.H264())
		r.Scenario("a key frame of H.264 is marked as a place to start", func(e *Env) {
			record(e, fixtures.H264(), nil, 6*time.Second)
			eachTS(e, func(seg *Stored) { expectStart(e, seg) })
		})
		tried(r, fixtures.H264().ThreeByteStartCodes())
		for _, idc := range []byte{1, 2} {
			clip := fixtures.H264().RefIDC(idc, 2)
			clip.Name += fmt.Sprintf(" (key frames %d)", idc)
			tried(r, clip)
		}
	})

	s.Rule("PUSH-016", func(r *Rule) {
		taken(r, fixtures.H264())
		for _, idc := range []byte{1, 3} {
			clip := fixtures.H264().RefIDC(3, idc)
			clip.Name += fmt.Sprintf(" (P frames %d)", idc)
			tried(r, clip)
		}
		tried(r, fixtures.H264NonReference())
		tried(r, fixtures.H264Slices())
	})

	s.Rule("PUSH-017", func(r *Rule) {
		taken(r, fixtures.H265CRA())
		taken(r, fixtures.H265())
		r.Scenario("a CRA picture may begin a segment and is marked as a place to start", func(e *Env) {
			record(e, fixtures.H265CRA(), nil, 6*time.Second)
			eachTS(e, func(seg *Stored) { expectStart(e, seg) })
		})
		for _, typ := range []byte{19, 16} { // IDR_W_RADL (26), BLA_W_LP (20)
			clip := fixtures.H265().KeyType(typ)
			clip.Name += fmt.Sprintf(" (NAL unit type %d)", typ)
			tried(r, clip)
		}
	})

	s.Rule("PUSH-018", func(r *Rule) {
		taken(r, fixtures.H265())
		tried(r, fixtures.H265().TrailN())
		tried(r, fixtures.H265Slices())
	})

	s.Rule("PUSH-028", func(r *Rule) {
		for _, c := range []struct {
			name  string
			push  target.Call
			sound *fixtures.Audio
		}{
			{"an H.265 key frame under H.264", target.PushVideoCall(target.VencPack{Data: fixtures.H265().At(0).Data, FrameType: target.FrameI}), nil},
			{"AAC without a syncword", target.PushAudioCall(target.AencPack{Data: fixtures.Random(2, 200)}), fixtures.AAC()},
		} {
			r.Scenario(c.name+" is refused or harmless", func(e *Env) {
				cam := e.Camera(fixtures.H264(), c.sound)
				e.StartFullTime(cam)
				code := e.Lib.Call(c.push).Code
				e.Record(c.name, "%v", code)
				e.Soft(code).To(Refuse(), "iv_cs_push_stream of %s", c.name) // AMB-67
				cam.Run(4 * time.Second)
				e.Expect(refusals(cam)).To(BeEmpty(), "good frames refused after a bad one")
				e.Exit()
			}, Breaks("UPL-015", "TS-001", "TS-003", "TS-004"))
		}
		r.Scenario("random bytes of 1 to 1 MiB do not harm", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			for i, n := range []int{1, 2, 3, 5, 8, 100, 4096, 65536, 300_000, 1 << 20} {
				noise := fixtures.Random(uint64(i), n)
				for _, typ := range []int32{target.FrameI, target.FrameP} {
					e.Lib.PushVideo(target.VencPack{Data: noise, FrameType: typ, Seq: 1 << 20})
					e.Lib.PushVideo(target.VencPack{Data: append([]byte{0, 0, 0, 1, 0x65}, noise...), FrameType: typ, Seq: 1 << 20})
				}
				e.Lib.PushAudio(target.AencPack{Data: noise, Seq: 2 << 20})
			}
			cam.Run(2 * time.Second)
			cam.ToKey()
			e.Expect(cam.PushVideo()).To(ReturnNone(), "a key frame after random bytes")
			e.Exit()
		}, Guarded(), Breaks("UPL-015", "TS-001", "TS-003", "TS-004"))
	})

	s.Rule("PUSH-029", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("frames of "+clip.Name+" with the wrong type declared are refused or told by their content", func(e *Env) {
				clip.FPS = 25 // a key frame every 1.6 s: none at the ten seconds that a segment may have
				cam := e.Camera(clip, nil)
				cam.KeepGoing = true
				// From 9 s on every P frame is declared as I: a cut is near.
				cam.EditVideo = func(i int, p *target.VencPack) bool {
					if i >= 9*clip.FPS && i < 11*clip.FPS {
						p.FrameType = target.FrameI
					}
					return true
				}
				e.StartFullTime(cam)
				cam.Run(14 * time.Second)
				e.Record("P frames declared as I", "%d refused", len(cam.Refused()))
				key := e.Lib.PushVideo(target.VencPack{Data: clip.At(0).Data, PTS: 14_100, FrameType: target.FrameP, Seq: 1 << 20})
				e.Record("key frame declared as P", "%v", key)
				e.Exit()
				eachTS(e, func(seg *Stored) {
					e.Soft(seg.TS.Find(tscheck.CodeKeyFrame)).To(BeEmpty(), "what keeps a player from starting at %s", seg.Name())
				})
			}, Breaks("UPL-015"))
		}
	})

	s.Rule("PUSH-031", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			tried(r, clip.WithAUD())
			tried(r, clip.WithSEI())
		}
	})
}

// refusals lists the refused packs with their codes.
func refusals(cam *Camera) []string {
	var out []string
	for _, p := range cam.Refused() {
		out = append(out, fmt.Sprintf("frame %d: %v", p.Seq, p.Code))
	}
	return out
}

// expectStart states that a segment's first picture is a key frame that is
// marked as a place to start.
func expectStart(e *Env, seg *Stored) {
	e.Require(seg.TS.Video).NotTo(BeEmpty(), "pictures in %s", seg.Name())
	e.Expect(seg.TS.Video[0].Key).To(BeTrue(), "first picture of %s is a key frame", seg.Name())
	e.Soft(seg.TS.Video[0].RandomAccess).To(BeTrue(), "random_access_indicator of the first picture of %s", seg.Name())
}
