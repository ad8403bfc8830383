package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
)

// prerecord is note 11: video from before the event catches up with live video.
func prerecord(s *Suite) {
	// run is an event at the call, whose video begins lag before it and is pushed
	// at speed times real time until it is live; six seconds follow.
	run := func(e *Env, clip *fixtures.Clip, sound *fixtures.Audio, lag time.Duration, speed int) (cam *Camera, called time.Time) {
		cam = e.Camera(clip, sound)
		e.InitEvents(cam)
		code, called := startExt(e, 1, pair{ago(0), ago(int64(lag / time.Second))})
		e.Require(code).To(ReturnNone(), "iv_cs_event_start_ext(1, 0, %d)", lag/time.Second)
		e.AwaitStart(1)
		begun := e.Now()
		e.Require(cam.CatchUp(e.DeviceNow().Sub(called.Add(-lag)), speed, catchUpWithin)).To(BeTrue(),
			"video from %v before the call, %s, has become live video within %v", lag, pace(speed), catchUpWithin)
		e.Measure(fmt.Sprintf("%v of pre-recorded video, %s, live after", lag, pace(speed)), "%v", e.Since(begun).Round(100*time.Millisecond)) // AMB-73
		cam.Run(6 * time.Second)
		e.Given("EXT-015", e.Lib.EventStopExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(1, 0, 0)")
		toldOf(e, 1, 1)
		e.Uploaded(UploadWithin)
		return cam, called
	}

	s.Rule("PRE-001", func(r *Rule) {
		for _, lag := range []time.Duration{5 * time.Second, 15 * time.Second, 60 * time.Second} {
			for _, clip := range fixtures.Bases() {
				r.Scenario(fmt.Sprintf("%v of %s from before the event are recorded with it", lag, clip.Name), func(e *Env) {
					cam, called := run(e, clip, nil, lag, 5)
					e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
					e.Expect(firstVideo(e)).To(BeTemporally("~", called.Add(-lag), EventTimeSlack), "start of the stored video: %v before the call", lag)
				})
			}
		}
	})

	s.Rule("PRE-002", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			// 0 is as fast as the library takes it, with a pause where it refuses (AMB-57).
			for _, speed := range []int{3, 5, 0} {
				r.Scenario(fmt.Sprintf("15 s of %s, %s, catch up and are stored whole", clip.Name, pace(speed)), func(e *Env) {
					cam, _ := run(e, clip, fixtures.AAC(), 15*time.Second, speed)
					e.Hard(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud (AMB-73)")
				})
			}
		}
	})

	s.Rule("PRE-003", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("pre-recorded and live "+clip.Name+" lie on one time line", func(e *Env) {
				_, called := run(e, clip, fixtures.AAC(), 15*time.Second, 5)
				e.Expect(firstVideo(e)).To(BeTemporally("~", called.Add(-15*time.Second), EventTimeSlack), "start of the pre-recorded video: 15 s before the call")
				e.Expect(lastVideo(e)).To(BeTemporally("~", e.Stored()[0].Start.Add(lastMedia(e)), EventTimeSlack), "end of the live video: as long after the start as it has frames")
				expectOneTimeline(e)
				// Seconds are rounded (AMB-51).
				slices := e.Slices()
				e.Given("UPL-001", len(slices)).To(BeNumerically(">", 1), "slices of 25 s of video")
				for i, sl := range slices[1:] {
					e.Expect(sl.PTSA).To(BeNumerically(">", slices[i].PTSB), "pts_ms_a of slice %s against pts_ms_b of the one before", span(sl.SeqA, sl.SeqB))
					e.Expect(sl.UTCA).To(BeNumerically(">=", slices[i].UTCA), "utc_sec_a of slice %s against that of the one before", span(sl.SeqA, sl.SeqB))
					e.Expect(sl.UTCA+uint64(utcTolerance/time.Second)).To(BeNumerically(">=", slices[i].UTCB), "utc_sec_a of slice %s against utc_sec_b of the one before", span(sl.SeqA, sl.SeqB))
				}
			})
		}
	})
}

func pace(speed int) string {
	if speed == 0 {
		return "pushed as fast as it is taken"
	}
	return fmt.Sprintf("pushed at %d times real time", speed)
}

// lastMedia is how much video there is, by its time stamps.
func lastMedia(e *Env) time.Duration {
	segs := e.Stored()
	return time.Duration(segs[len(segs)-1].LastPTS-segs[0].FirstPTS) * time.Millisecond
}
