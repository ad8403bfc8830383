package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// rawCodecs are the formats that say nothing of themselves: av_fmt has to.
var rawCodecs = []struct {
	name  string
	codec int32
}{{"PCM", target.AudioPCM}, {"G.711 A-law", target.AudioG711A}, {"G.711 µ-law", target.AudioG711U}}

// layouts are mono and stereo with the number of samples that is supported.
var layouts = []struct {
	name          string
	mode          int32
	samples       uint32
	refused, soft []uint32
}{
	// Whether a stereo pack counts 1024 samples a channel is open (AMB-63).
	{"mono", target.ModeMono, 1024, []uint32{0, 1, 160, 320, 512, 1023, 1025}, []uint32{2048}},
	{"stereo", target.ModeStereo, 2048, []uint32{0, 160, 2047, 2049, 4096}, []uint32{1024}},
}

// audioParm announces a raw format at 8 kHz.
func audioParm(codec, mode int32, samples uint32) target.InitParm {
	p := ParmFor(fixtures.H264(), nil)
	p.AV.AudioType, p.AV.AudioMode, p.AV.SampleRate, p.AV.SampleNumPerFrame = codec, mode, 8000, samples
	return p
}

// initAudio is the audio part of av_fmt.
func initAudio(s *Suite) {
	s.Rule("INIT-007", func(r *Rule) {
		for _, c := range rawCodecs {
			r.Scenario(c.name+": 1024 samples are accepted for mono and 2048 for stereo, others refused", func(e *Env) {
				for _, l := range layouts {
					e.Expect(tryInit(e, audioParm(c.codec, l.mode, l.samples))).To(ReturnNone(), "iv_cs_init with %s %s and u32SampleNumPerFrame %d", c.name, l.name, l.samples)
					for _, n := range l.refused {
						e.Expect(tryInit(e, audioParm(c.codec, l.mode, n))).To(Refuse(), "iv_cs_init with %s %s and u32SampleNumPerFrame %d", c.name, l.name, n)
					}
					for _, n := range l.soft {
						e.Soft(tryInit(e, audioParm(c.codec, l.mode, n))).To(Refuse(), "iv_cs_init with %s %s and u32SampleNumPerFrame %d", c.name, l.name, n)
					}
				}
			})
		}
		r.Scenario("AAC is not bound to a number of samples", func(e *Env) {
			for _, n := range []uint32{0, 1024, 2048} {
				e.Expect(tryInit(e, audioParm(target.AudioAAC, target.ModeMono, n))).To(ReturnNone(), "iv_cs_init with AAC and u32SampleNumPerFrame %d", n)
			}
		})
	})

	s.Rule("INIT-008", func(r *Rule) {
		for _, c := range rawCodecs {
			r.Scenario(c.name+" needs a sample rate and a number of channels", func(e *Env) {
				valid := audioParm(c.codec, target.ModeMono, 1024)
				e.Expect(tryInit(e, valid)).To(ReturnNone(), "iv_cs_init with %s of 8000 Hz, mono", c.name)
				p := valid
				p.AV.SampleRate = 0
				e.Expect(tryInit(e, p)).To(Refuse(), "iv_cs_init with %s and no sample rate (0)", c.name)
				p.AV.SampleRate = 12345 // no rate of the common module, and yet one
				e.Soft(tryInit(e, p)).To(Refuse(), "iv_cs_init with %s of 12345 Hz", c.name)
				p = valid
				p.AV.AudioMode = target.ModeBUTT
				e.Expect(tryInit(e, p)).To(Refuse(), "iv_cs_init with %s and eAudioMode 2, neither mono nor stereo", c.name)
				e.Expect(tryInit(e, valid)).To(ReturnNone(), "iv_cs_init with %s of 8000 Hz, mono, after the refusals", c.name)
			})
		}
		r.Scenario("PCM of 8, 16 and 48 kHz is accepted, mono and stereo", func(e *Env) {
			for _, rate := range []int32{8000, 16000, 48000} {
				for _, l := range layouts {
					p := audioParm(target.AudioPCM, l.mode, l.samples)
					p.AV.SampleRate = rate
					e.Expect(tryInit(e, p)).To(ReturnNone(), "iv_cs_init with PCM of %d Hz, %s", rate, l.name)
				}
			}
		})
		r.Scenario("AAC needs neither: its headers tell", func(e *Env) {
			p := audioParm(target.AudioAAC, target.ModeMono, 0)
			p.AV.SampleRate, p.AV.BitWidth, p.AV.AACType = 0, 0, 0
			e.Expect(tryInit(e, p)).To(ReturnNone(), "iv_cs_init with AAC and nothing else about the audio")
		})
	})
}

// initFormat is what av_fmt says of the video, and what becomes of it.
func initFormat(s *Suite) {
	s.Rule("INIT-009", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("u32Framerate 0: irregular times of "+clip.Name+" are kept", func(e *Env) {
				cam := e.Camera(clip, nil)
				// 20, 90 and 40 ms apart by turns: 50 on average.
				cam.EditVideo = func(i int, p *target.VencPack) bool {
					p.PTS = cam.PTSBase + uint64(i/3*150+[]int{0, 20, 110}[i%3])
					return true
				}
				startDynamic(e, cam)
				cam.Run(5 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused at a dynamic frame rate")
				e.Exit()
				e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between accepted and stored frames, and their times")
			}, Needs(codec(clip)...))
		}
		for _, c := range []struct {
			name     string
			fps      int
			declared uint32
			seconds  time.Duration
		}{
			{"u32Framerate 0: a frame a second is stored", 1, 0, 6},
			{"u32Framerate 25: 25 frames a second are stored", 25, 25, 4},
		} {
			r.Scenario(c.name, func(e *Env) {
				clip := fixtures.H264()
				clip.FPS = c.fps
				cam := e.Camera(clip, nil)
				p := ParmFor(clip, nil)
				p.AV.Framerate = c.declared
				e.Expect(e.Lib.Init(p)).To(ReturnNone(), "iv_cs_init with u32Framerate %d", c.declared)
				e.SetPlan(FullTime)
				e.Given("PLAN-004", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
				cam.Run(c.seconds * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused at %d frames a second", c.fps)
				e.Exit()
				e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between accepted and stored frames, and their times")
			})
		}
	})

	s.Rule("INIT-012", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario(clip.Name+" with AAC is signalled as such", func(e *Env) {
				segments := recordAs(e, clip, fixtures.AAC())
				expectStreamTypes(e, segments, clip)
				for _, seg := range segments {
					if !seg.TS.Opaque {
						e.Expect(streamType(seg.TS.AudioType)).To(Equal(streamType(tscheck.TypeAAC)), "stream type of AAC in %s", seg.Name())
					}
				}
			}, Needs(codec(clip)...))
		}
		for _, sound := range []*fixtures.Audio{fixtures.PCM(8000, 1), fixtures.G711A(1), fixtures.G711U(1)} {
			r.Scenario("what "+sound.Name+" is signalled as", func(e *Env) {
				segments := recordAs(e, fixtures.H264(), sound)
				expectStreamTypes(e, segments, fixtures.H264())
				for _, seg := range segments {
					e.Record("stream type of "+sound.Name, "%s", streamType(seg.TS.AudioType)) // AMB-64
				}
			}, Needs(rules.AudioPCM))
		}
	})
}

// codec is what a scenario with this clip needs.
func codec(clip *fixtures.Clip) []rules.Capability {
	if clip.Codec == fixtures.CodecH265 {
		return []rules.Capability{rules.H265}
	}
	return nil
}

// startDynamic starts a full-time stream of the camera's format with u32Framerate 0.
func startDynamic(e *Env, cam *Camera) {
	p := ParmFor(cam.Video, cam.Sound)
	p.AV.Framerate = 0
	e.Device.SetPlan(FullTime)
	e.Require(e.Lib.Init(p)).To(ReturnNone(), "iv_cs_init with u32Framerate 0, a dynamic frame rate")
	e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb under a full-time plan")
}

// recordAs records four seconds in a format and returns what is stored of them.
func recordAs(e *Env, clip *fixtures.Clip, sound *fixtures.Audio) []*Stored {
	cam := e.Camera(clip, sound)
	e.StartFullTime(cam)
	cam.Run(4 * time.Second)
	e.Given("PUSH-012", len(cam.Refused())).To(BeZero(), fmt.Sprintf("packs of %s and %s refused", clip.Name, sound.Name))
	e.Exit()
	e.Given("FLOW-012", e.Stored()).NotTo(BeEmpty(), "segments in the cloud")
	return e.Stored()
}
