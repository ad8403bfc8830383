package specs

import (
	"slices"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// reportOutcome: what the result says, and that the cloud agrees.
func reportOutcome(s *Suite) {
	s.Rule("REPORT-002", func(r *Rule) {
		r.Scenario("1 for an event that the cloud has taken, 0 for one that it refused", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(5 * time.Second)
			e.StopEvent(1)
			good := resultOf(e, 1).ResultCode
			e.Given("EVT-018", finishedEvents(e)).To(HaveLen(1), "events at the cloud after event 1")
			e.Given("EVT-010", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb of event 1")

			cam.ToKey()
			e.StartEvent(2, 2)
			cam.Run(5 * time.Second)
			e.Device.Faults().Set(fakecloud.ClassEvent, fakecloud.Fault{Status: 500})
			e.StopEvent(2)
			e.Exit()
			e.Given("REPORT-007", resultsOf(e, 2)).To(HaveLen(1), "results of event 2, which the cloud refused")
			bad := resultsOf(e, 2)[0].ResultCode

			if good == resultFailed && bad == resultOK {
				e.Fail("inverted convention: result_code is 0 for the event that the cloud has taken and 1 for the one that it refused; the specification says 0:失败，1:成功 (AMB-14)")
				return
			}
			e.Expect(good).To(Equal(resultOK), "result_code of the event that the cloud has taken (1: success)")
			e.Expect(bad).To(Equal(resultFailed), "result_code of the event that the cloud refused (0: failure)")
		}, Breaks("REPORT-002"))
	})

	s.Rule("REPORT-007", func(r *Rule) {
		// told waits for the result of event 1: it may take the library's retries,
		// or come from exit (AMB-77, AMB-85).
		told := func(e *Env) {
			stopped := e.Now()
			e.StopEvent(1)
			if e.Await(ReportWithin, func() bool { return len(resultsOf(e, 1)) > 0 }) {
				e.Measure("failed report told after the stop", "%v", e.Since(stopped).Round(time.Second))
			}
			e.Exit()
			e.Expect(resultsOf(e, 1)).To(HaveLen(1), "results of event 1, whose report failed, when iv_cs_exit has returned")
			for _, res := range resultsOf(e, 1) {
				e.Expect(res.ResultCode).To(Equal(resultFailed), "result_code of event 1 (0: failure)")
			}
		}
		for _, c := range []struct {
			name  string
			fault fakecloud.Fault
		}{
			{"answers 500", fakecloud.Fault{Status: 500}},
			{"cuts every connection", fakecloud.Fault{ResetAfter: -1}},
		} {
			r.Scenario("an event during which the control plane "+c.name+" has the result 0", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.Device.Faults().SetAll(c.fault, fakecloud.ClassPlan, fakecloud.ClassGrantSegment, fakecloud.ClassGrantPicture, fakecloud.ClassEvent)
				e.StartEvent(1, 1)
				cam.Run(5 * time.Second)
				told(e)
			})
		}
		r.Scenario("an event without video under CS_EVENT_TS_REQ has the result 0", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil)) // ParmFor sets CS_EVENT_TS_REQ
			e.StartEvent(1, 1)
			e.Advance(5 * time.Second)
			told(e)
		})
	})

	s.Rule("REPORT-008", func(r *Rule) {
		r.Scenario("each success is an event at the cloud with the same id, start and end", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Given("EXT-003", e.Lib.EventStartExt(1, 15, 15)).To(ReturnNone(), "iv_cs_event_start_ext(1, 15, 15)")
			e.AwaitStart(1)
			for _, id := range []int32{7, 16} {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
			}
			cam.Run(6 * time.Second)
			e.StopEvent(7)
			cam.Run(3 * time.Second)
			e.StopEvent(16)
			e.Given("EXT-015", e.Lib.EventStopExt(1, 2, 2)).To(ReturnNone(), "iv_cs_event_stop_ext(1, 2, 2)")
			for _, id := range []int32{1, 7, 16} {
				res := resultOf(e, id)
				e.Given("REPORT-002", res.ResultCode).To(Equal(resultOK), "result_code of event %d", id)
				same := slices.DeleteFunc(finishedEvents(e), func(ev fakecloud.Event) bool { return ev.EventID != id })
				e.Require(same).To(HaveLen(1), "events at the cloud with the id %d, whose result is success", id)
				e.Expect(same[0].Start).To(BeTemporally("~", utc(res.StartTime), time.Second), "start of event %d at the cloud, start_time_s", id)
				e.Expect(same[0].End).To(BeTemporally("~", utc(res.EndTime), time.Second), "end of event %d at the cloud, end_time_s", id)
			}
		})
		for _, c := range []struct {
			name  string
			fault fakecloud.Fault
		}{
			{"answered with 500", fakecloud.Fault{Status: 500}},
			{"answered with 400", fakecloud.Fault{Status: 400}},
			{"cut before it is done", fakecloud.Fault{ResetAfter: -1}},
		} {
			r.Scenario("no success is told of an event whose report is "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.Device.Faults().Set(fakecloud.ClassEvent, c.fault)
				e.StartEvent(1, 1)
				cam.Run(5 * time.Second)
				e.StopEvent(1)
				e.Await(ReportWithin, func() bool { return len(resultsOf(e, 1)) > 0 })
				e.Exit()
				e.Given("REPORT-007", resultsOf(e, 1)).NotTo(BeEmpty(), "results of event 1")
				e.Given("EVT-018", e.Device.Faults().Struck(fakecloud.ClassEvent)).NotTo(BeZero(), "reports that the library has sent of event 1")
				e.Require(finishedEvents(e)).To(BeEmpty(), "events in a cloud that refused them all")
				e.Expect(codesOf(e)).NotTo(ContainElement(resultOK), "result_code of an event that is not at the cloud")
			})
		}
	})

	s.Rule("REPORT-009", func(r *Rule) {
		r.Scenario("order of the callbacks at an event's end", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.StartEvent(1, 1)
			cam.Run(5 * time.Second)
			e.StopEvent(1)
			resultOf(e, 1)
			e.AwaitCallback(target.CBStop, 1, StopWithin)
			e.AwaitCallback(target.CBPicture, 1, PictureWithin)
			var order []string
			for _, ev := range e.Lib.Trace() {
				switch {
				case ev.Kind == target.CallBegun && ev.Call.Func == target.FnEventStop:
					order = append(order, "event_stop")
				case ev.Kind == target.CallbackEntered && slices.Contains([]target.Callback{target.CBStop, target.CBPicture, target.CBReport}, ev.Callback):
					order = append(order, strings.TrimPrefix(ev.Callback.String(), "iv_cs_"))
				}
			}
			e.Measure("order at the end of an event with video and picture", "%s", strings.Join(order, ", ")) // AMB-77
		})
	})
}
