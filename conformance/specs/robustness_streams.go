package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// robustStreams: what segments hold.
func robustStreams(s *Suite) {
	s.Rule("ROB-014", func(r *Rule) {
		r.Scenario("sound that was announced and never comes", func(e *Env) {
			soundless(e, 34*time.Second, func(time.Duration) bool { return false })
		})
		r.Scenario("sound that stops at 12 s and returns at 36 s", func(e *Env) {
			soundless(e, 48*time.Second, func(at time.Duration) bool { return at < 12*time.Second || at >= 36*time.Second })
		})
		r.Scenario("sound that stops at 30 s and returns at 60 s", func(e *Env) {
			soundless(e, 90*time.Second, func(at time.Duration) bool { return at < 30*time.Second || at >= 60*time.Second })
		}, Needs(rules.ClockControl))
		r.Scenario("sound that begins 5 s late", func(e *Env) {
			soundless(e, 34*time.Second, func(at time.Duration) bool { return at >= 5*time.Second })
		})
		r.Scenario("sound that is pushed 5 s after its time", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			cam.PTSBase = 60_000
			cam.EditAudio = func(_ int, p *target.AencPack) bool { p.PTS -= 5000; return true }
			allVideo(e, cam, 34*time.Second)
		})
	})

	s.Rule("ROB-015", func(r *Rule) {
		for _, c := range []struct {
			name  string
			clip  *fixtures.Clip
			sound *fixtures.Audio
			needs []rules.Capability
		}{
			{"H.264 with AAC", fixtures.H264(), fixtures.AAC(), nil},
			{"H.265 with AAC", fixtures.H265(), fixtures.AAC(), codec(fixtures.H265())},
			{"H.264 with AAC of 48 kHz stereo", fixtures.H264(), fixtures.AAC48Stereo(), nil},
			{"H.264 with PCM", fixtures.H264(), fixtures.PCM(8000, 1), []rules.Capability{rules.AudioPCM}},
			{"H.264 without sound", fixtures.H264(), nil, nil},
			{"H.264 of few frames", paced(fixtures.H264(), 2, 4), fixtures.AAC(), nil},
		} {
			r.Scenario("each object of "+c.name+" decodes alone", func(e *Env) {
				record(e, c.clip, c.sound, 40*time.Second)
				eachTS(e, func(seg *Stored) {
					e.Expect(seg.TS.Find(wellFormed...)).To(BeEmpty(), "what keeps %s from being decoded alone", seg.Name())
					e.Expect(seg.TS.Video).NotTo(BeEmpty(), "pictures in %s", seg.Name())
				})
			}, Needs(c.needs...))
		}
		r.Scenario("each object of short events decodes alone", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for id := int32(1); id <= 3; id++ {
				clockEvent(e, id, e.DeviceNow(), time.Duration(id)*1500*time.Millisecond)
			}
			e.Exit()
			eachTS(e, func(seg *Stored) {
				e.Expect(seg.TS.Find(wellFormed...)).To(BeEmpty(), "what keeps %s from being decoded alone", seg.Name())
			})
		}, Needs(rules.Event))
	})
}

// soundless streams for d with sound only when there is some.
func soundless(e *Env, d time.Duration, sound func(at time.Duration) bool) {
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	cam.EditAudio = func(_ int, p *target.AencPack) bool {
		return sound(time.Duration(p.PTS-cam.PTSBase) * time.Millisecond)
	}
	allVideo(e, cam, d)
}

// allVideo streams and states that video is stored in time and completely, and
// that each PMT lists exactly the streams that there are.
func allVideo(e *Env, cam *Camera, d time.Duration) {
	e.StartFullTime(cam)
	cam.Run(d)
	e.Expect(e.Stored()).NotTo(BeEmpty(), "segments stored while %v were streamed, whatever the sound does", d)
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
	e.Exit()
	eachTS(e, func(seg *Stored) {
		e.Expect(seg.TS.Find(tscheck.CodePIDs, tscheck.CodeTables)).To(BeEmpty(), "streams of %s, and those that its PMT lists", seg.Name())
	})
	if transparent(e) {
		e.Expect(cam.CompareVideo().Missing).To(BeEmpty(), "accepted pictures that are not in the cloud")
		e.Expect(storedPictures(e)).To(Equal(len(cam.Frames(true))), "pictures in the cloud, accepted ones")
	}
}
