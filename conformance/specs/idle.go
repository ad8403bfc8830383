package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// The pause of note 5 comes after more than 120 s. How exactly is open; a gap of
// 115 s is surely shorter, one of 150 s surely longer (AMB-22).
const (
	notYetIdle = 115 * time.Second
	surelyIdle = 150 * time.Second
)

// idle is note 5: the recording pauses after 120 s without data.
func idle(s *Suite) {
	s.Rule("IDLE-001", func(r *Rule) {
		for _, gap := range []time.Duration{5 * time.Second, 10 * time.Second, 60 * time.Second} {
			r.Scenario("a caller that stops pushing for "+gap.String()+" goes on without a callback", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.StartFullTime(cam)
				cam.Run(4 * time.Second)
				cam.Pause(gap)
				cam.Run(4 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused after a gap of %v", gap)
				e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb in a gap of %v", gap)
				e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb with a gap of %v", gap)
				e.Exit()
				e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
			})
		}
	})

	s.Rule("IDLE-002", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("after 150 s without data the open segment of "+clip.Name+" is closed and stored", func(e *Env) {
				cam := e.Camera(clip, fixtures.AAC())
				e.StartFullTime(cam)
				cam.Run(4 * time.Second)
				last := e.Now()
				stopped := e.Await(surelyIdle, func() bool { return len(e.Stored()) > 0 && len(cam.Unreported()) == 0 })
				e.Expect(stopped).To(BeTrue(), "the open segment stored and reported within %v of the last frame; not reported: %d frames", surelyIdle, len(cam.Unreported()))
				if stopped {
					e.Measure("open segment stored after the last frame", "%v", e.Since(last).Round(5*time.Second))
				}
				e.Advance(surelyIdle - min(e.Since(last), surelyIdle))
				resume(e)
				cam.Run(4 * time.Second)
				e.Exit()
				for _, seg := range e.Stored() {
					e.Expect(seg.End.Sub(seg.Start)).To(BeNumerically("<", notYetIdle), "length of %s: no segment spans the gap", seg.Name())
				}
			})
		}
	})

	s.Rule("IDLE-003", func(r *Rule) {
		r.Scenario("pushing again after the pause resumes the recording", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(4 * time.Second)
			cam.Pause(surelyIdle)
			stored := len(e.Stored())
			resume(e)
			again := e.DeviceNow()
			cam.Run(12 * time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused after the pause")
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
			after := e.Stored()[min(stored, len(e.Stored())):]
			e.Expect(after).NotTo(BeEmpty(), "segments stored after the pause")
			for _, seg := range after {
				e.Expect(seg.Start).To(BeTemporally(">=", again.Add(-utcTolerance)), "start of %s, pushed after the pause", seg.Name())
			}
		})
	})

	s.Rule("IDLE-004", func(r *Rule) {
		for _, c := range []struct {
			name  string
			every time.Duration
			video bool
		}{
			{"an audio frame every 10 s", 10 * time.Second, false},
			{"a key frame every 100 s", 100 * time.Second, true},
		} {
			r.Scenario(c.name+" keeps the recording from pausing", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.StartFullTime(cam)
				cam.Run(4 * time.Second)
				begun := e.Now()
				for e.Since(begun) < 200*time.Second {
					cam.Pause(c.every)
					if c.video {
						e.Expect(cam.PushVideo()).To(ReturnNone(), "a key frame %v after the last", c.every)
					} else {
						e.Expect(cam.PushAudio()).To(ReturnNone(), "an audio frame %v after the last", c.every)
					}
				}
				e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb while data came")
				e.Exit()
				e.Expect(recordings(e)).To(HaveLen(1), "recordings: a pause begins a new one")
			}, Needs("cloud-binding"))
		}
	})

	s.Rule("IDLE-005", func(r *Rule) {
		r.Scenario("a gap of 115 s keeps the recording state", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(4 * time.Second)
			cam.Pause(notYetIdle)
			e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb in a gap of %v", notYetIdle)
			cam.Run(4 * time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused after a gap of %v", notYetIdle)
			e.Exit()
			e.Expect(recordings(e)).To(HaveLen(1), "recordings: a pause begins a new one")
		})
	})
}

// resume lets pushing go on after a pause: at once or, if the library sent
// stop_cb, after the start_cb that follows the first attempt (AMB-22).
func resume(e *Env) {
	if e.Count(target.CBStop) == 0 {
		e.Record("callbacks of the pause", "none")
		return
	}
	e.Record("callbacks of the pause", "stop_cb")
	e.Await(StartWithin, func() bool { return e.Count(target.CBStart) > e.Count(target.CBStop) })
}

// recordings are the ids that the stored segments carry: one for each
// uninterrupted recording (cloud binding, grant request).
func recordings(e *Env) []string {
	var ids []string
	for _, seg := range e.Stored() {
		if len(ids) == 0 || ids[len(ids)-1] != seg.Recording {
			ids = append(ids, seg.Recording)
		}
	}
	return ids
}
