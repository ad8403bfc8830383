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

// pushAudio: AAC with ADTS is recommended; PCM and G.711 come in frames of 1024
// samples a channel.
func pushAudio(s *Suite) {
	s.Rule("PUSH-006", func(r *Rule) {
		for _, sound := range []*fixtures.Audio{fixtures.AAC(), fixtures.AAC48Stereo(), fixtures.AAC8()} {
			r.Scenario(sound.Name+" is stored byte for byte", func(e *Env) {
				cam := record(e, fixtures.H264(), sound, 6*time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
				eachTS(e, func(seg *Stored) {
					e.Expect(seg.TS.AudioType).To(Equal(tscheck.TypeAAC), "stream type of the audio in %s", seg.Name())
				})
				if transparent(e) {
					e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
				}
			})
		}
		r.Scenario("AAC without ADTS headers", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			cam.EditAudio = func(_ int, p *target.AencPack) bool { p.Data = p.Data[7:]; return true }
			e.StartFullTime(cam)
			cam.Run(2 * time.Second)
			e.Exit()
			refused := 0
			for _, p := range cam.Refused() {
				if !p.Video {
					refused++
				}
			}
			e.Record("AAC without ADTS", "%d of 32 frames refused", refused) // AMB-67
		}, Breaks("TS-001", "TS-003", "TS-004"))
	})

	raw := func(channels int) []*fixtures.Audio {
		return []*fixtures.Audio{fixtures.PCM(8000, channels), fixtures.G711A(channels), fixtures.G711U(channels)}
	}

	s.Rule("PUSH-007", func(r *Rule) {
		for _, channels := range []int{1, 2} {
			for _, sound := range raw(channels) {
				r.Scenario(sound.Name+" is taken and its duration is stored", func(e *Env) {
					cam := e.Camera(fixtures.H264(), sound)
					e.StartFullTime(cam)
					cam.Run(10 * time.Second)
					e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
					e.Exit()
					pushed := time.Duration(len(cam.Frames(false))) * sound.Duration()
					var stored time.Duration
					heard := false
					eachTS(e, func(seg *Stored) {
						heard = heard || seg.TS.AudioType != 0
						stored += seg.TS.AudioDuration()
						e.Record("audio stream type of PCM and G.711", "0x%02X", seg.TS.AudioType) // AMB-64
					})
					if !transparent(e) {
						return
					}
					e.Expect(heard).To(BeTrue(), "an audio stream in the cloud")
					// An encoder may hold one frame back, and add one of its own delay.
					e.Expect(stored).To(BeNumerically("~", pushed, 2*sound.Duration()), "duration of the stored audio against the pushed")
				})
			}
		}
	})

	lengths := func(r *Rule, sound *fixtures.Audio, bad []int) {
		want := len(sound.At(0))
		r.Scenario(fmt.Sprintf("%s: %d bytes are taken, other lengths refused", sound.Name, want), func(e *Env) {
			cam := e.Camera(fixtures.H264(), sound)
			e.StartFullTime(cam)
			cam.PushVideo()
			e.Require(cam.PushAudio()).To(ReturnNone(), "iv_cs_push_stream of %d bytes of %s", want, sound.Name)
			for _, n := range bad {
				// "只支持" concerns the init parameter; a packet's length follows from it (AMB-63).
				code := e.Lib.PushAudio(target.AencPack{Data: fixtures.Random(1, n), PTS: 200, Seq: 2_000_000})
				e.Soft(code).To(Refuse(), "iv_cs_push_stream of %d bytes of %s, where a frame has %d", n, sound.Name, want)
			}
			e.Require(cam.PushAudio()).To(ReturnNone(), "iv_cs_push_stream of %d bytes of %s after wrong lengths", want, sound.Name)
			e.Exit()
		}, Breaks("TS-001", "TS-003", "TS-004"))
	}
	s.Rule("PUSH-008", func(r *Rule) {
		lengths(r, fixtures.PCM(8000, 1), []int{2047, 2046, 2050, 1024, 4096, 320})
	})
	s.Rule("PUSH-009", func(r *Rule) {
		lengths(r, fixtures.PCM(8000, 2), []int{2048, 4095, 4097, 8192})
	})

	s.Rule("PUSH-010", func(r *Rule) {
		// A-law has no silence: whether its smallest value is coded is the encoder's choice.
		for _, sound := range []*fixtures.Audio{fixtures.PCM(8000, 2), fixtures.G711U(2)} {
			r.Scenario(sound.Name+": a tone on the right alone stays on the right", func(e *Env) {
				cam := e.Camera(fixtures.H264(), sound.Mute(0))
				// The tone sounds in the first half of each pack: taken as LLLL RRRR
				// instead of LRLR, it would be on the left alone.
				cam.EditAudio = func(_ int, p *target.AencPack) bool {
					width := len(p.Data) / 2048 // of a sample
					for at := len(p.Data) / 2; at < len(p.Data); at += 2 * width {
						copy(p.Data[at+width:], p.Data[at:at+width]) // right as silent as left
					}
					return true
				}
				e.StartFullTime(cam)
				cam.Run(6 * time.Second)
				e.Exit()
				silent, told := 0, 0
				eachTS(e, func(seg *Stored) {
					for _, a := range seg.TS.ADTS() {
						s, known := tscheck.LeftSilent(a)
						if known {
							told++
						}
						if known && s {
							silent++
						}
					}
				})
				e.Record("frames that tell left from right without a decoder", "%t", told > 0)
				if told > 0 {
					// The encoder's onset leaves some frames that are not silent; samples in
					// the wrong order leave none.
					e.Expect(silent).To(BeNumerically(">=", told/2), "frames of %d whose left channel is silent, as it was pushed", told)
				}
			})
		}
	})

	s.Rule("PUSH-011", func(r *Rule) {
		for _, sound := range []*fixtures.Audio{fixtures.G711A(1), fixtures.G711U(1)} {
			lengths(r, sound, []int{160, 320, 1023, 1025, 2048})
		}
		for _, sound := range []*fixtures.Audio{fixtures.G711A(2), fixtures.G711U(2)} {
			lengths(r, sound, []int{320, 1024, 2047, 2049})
		}
	})

	s.Rule("PUSH-030", func(r *Rule) {
		for _, w := range []struct {
			name  string
			width int32
		}{{"8", target.BitWidth8}, {"24", target.BitWidth24}} {
			r.Scenario("PCM of "+w.name+" bits", func(e *Env) {
				p := ParmFor(fixtures.H264(), fixtures.PCM(8000, 1))
				p.AV.BitWidth = w.width
				code := e.Lib.Init(p)
				e.Record("iv_cs_init with PCM of "+w.name+" bits", "%v", code)
				// Only int16_t is described (AMB-63); that init refuses is advice.
				e.Soft(code).To(Refuse(), "iv_cs_init with PCM of %s bits", w.name)
			})
		}
		r.Scenario("PCM of 16 bits is taken", func(e *Env) {
			e.Expect(e.Lib.Init(ParmFor(fixtures.H264(), fixtures.PCM(8000, 1)))).To(ReturnNone(), "iv_cs_init with PCM of 16 bits")
		})
	})
}
