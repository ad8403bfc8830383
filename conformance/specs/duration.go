package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// duration is notes 8 and 9: how long an event lasts.
func duration(s *Suite) {
	s.Rule("DUR-001", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			for _, d := range []time.Duration{3 * time.Second, 4 * time.Second, 5 * time.Second} {
				r.Scenario(fmt.Sprintf("an event of %v of %s keeps its video and its picture", d, clip.Name), func(e *Env) {
					shortEvent(e, clip, d)
					t := toldOf(e, 1, 1)
					// From three seconds on the note promises; three themselves are on the
					// border (AMB-98).
					judge := e.Hard
					if d < 3500*time.Millisecond {
						judge = e.Soft
					}
					judge(e.Device.Segments()).NotTo(BeEmpty(), "segments in the cloud of an event of %v", d)
					judge(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud of an event of %v", d)
					judge(t.result.ResultCode).To(Equal(int32(1)), "result_code of an event of %v", d)
				})
			}
		}
	})

	s.Rule("DUR-002", func(r *Rule) {
		for _, d := range []time.Duration{0, time.Second, 2900 * time.Millisecond} {
			r.Scenario(fmt.Sprintf("an event of %v is told of, whatever becomes of its video", d), func(e *Env) {
				shortEvent(e, fixtures.H264(), d)
				e.Hard(e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb of an event of %v within %v (AMB-98)", d, ReportWithin)
				e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) > 0 })
				e.Expect(finishedEvents(e)).To(HaveLen(1), "events at the cloud")
				e.Await(PictureWithin, func() bool { return e.Count(target.CBPicture) >= e.Count(target.CBCapture) })
				e.Hard(e.Count(target.CBPicture)).To(Equal(e.Count(target.CBCapture)), "calls of picture_result_cb, one for each picture (AMB-98)")
				e.Record(fmt.Sprintf("an event of %v", d), "%d segments, %d pictures", len(e.Device.Segments()), len(e.Device.Pictures()))
				for _, result := range e.Results() {
					e.Record(fmt.Sprintf("result_code of an event of %v", d), "%d", result.ResultCode)
				}
				e.Hard(e.Lib.EventStart(2)).To(ReturnNone(), "iv_cs_event_start of the next event")
			})
		}
	})

	s.Rule("DUR-003", func(r *Rule) {
		r.Scenario("an event of 61 minutes", func(e *Env) { longEvent(e, 61) })
	})

	s.Rule("DUR-004", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("an event of "+clip.Name+" that is split twice loses nothing at the seams", func(e *Env) { split(e, clip) })
		}
		r.Scenario("an event of ten minutes", func(e *Env) { longEvent(e, 10) }, Needs("clock-control"))
	})
}

// shortEvent runs event 1 for d, with a picture.
func shortEvent(e *Env, clip *fixtures.Clip, d time.Duration) {
	cam := e.Camera(clip, fixtures.AAC())
	e.InitEvents(cam)
	withPictures(e)
	called := e.Now()
	e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start")
	if d > 0 {
		e.AwaitStart(1)
		cam.Run(d - min(d, e.Since(called)))
	}
	e.StopEvent(1)
}

// split runs three events of ten seconds back to back, each stopped and started
// again just before a key frame.
func split(e *Env, clip *fixtures.Clip) {
	cam := e.Camera(clip, nil)
	e.InitEvents(cam)
	e.StartEvent(1, 1)
	for i := range 3 {
		cam.Run(10 * time.Second)
		e.Given("EVT-010", e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop number %d", i+1)
		if i == 2 {
			break
		}
		e.Expect(e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start right after iv_cs_event_stop, number %d", i+1)
		// Between stop_cb and the next start_cb the caller has to wait (binding,
		// ruling 12); what was recorded meanwhile is pushed then.
		e.AwaitCallback(target.CBStart, i+2, StartWithin)
	}
	e.Expect(e.AwaitCallback(target.CBReport, 3, ReportWithin)).NotTo(BeNil(), "report_result_cb of three events within %v", ReportWithin)
	e.Expect(finishedEvents(e)).To(HaveLen(3), "events at the cloud")
	e.Uploaded(UploadWithin)
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around the seams")
	e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
}

// longEvent runs an event of so many minutes, in each of which two seconds of
// video are pushed. A library may end it earlier (AMB-99).
func longEvent(e *Env, minutes int) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	called := e.DeviceNow()
	e.StartEvent(1, 1)
	for range minutes {
		cam.Run(2 * time.Second)
		cam.Pause(58 * time.Second)
	}
	if e.Count(target.CBStop) > 0 || len(e.Results()) > 0 {
		e.Record("an event that lasts long", "ended by the library before %d minutes", minutes)
		return
	}
	e.Record("an event that lasts long", "still running after %d minutes", minutes)
	cam.Run(4 * time.Second)
	stopped := e.DeviceNow()
	e.StopEvent(1)
	t := toldOf(e, 1, 1)
	t.expectStart(e, called, "a long event")
	t.expectEnd(e, stopped, "a long event")
	e.Expect(t.result.ResultCode).To(Equal(int32(1)), "result_code of a long event")
	e.Uploaded(UploadWithin)
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused during a long event")
	e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
}
