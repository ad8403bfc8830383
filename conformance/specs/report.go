package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// reportResult is the section iv_cs_event_report_result_cb.
func reportResult(s *Suite) {
	reportOnce(s)
	reportFields(s)
	reportOutcome(s)
}

// result_code of iv_cs_event_result_info: 0 failure, 1 success, other than
// IV_ERR_NONE would have it (AMB-14).
const (
	resultFailed int32 = 0
	resultOK     int32 = 1
)

// resultOf waits for the one result of an event that has been stopped.
func resultOf(e *Env, id int32) target.EventResult {
	e.Given("REPORT-001", e.Await(ReportWithin, func() bool { return len(resultsOf(e, id)) > 0 })).
		To(BeTrue(), "report_result_cb for event %d within %v of its stop", id, ReportWithin)
	return resultsOf(e, id)[0]
}

// reportOnce: one result for each stopped event.
func reportOnce(s *Suite) {
	// once states that the event has one result, and stays at it.
	once := func(e *Env, id int32) {
		e.Require(e.Await(ReportWithin, func() bool { return len(resultsOf(e, id)) > 0 })).
			To(BeTrue(), "report_result_cb for event %d within %v of its stop (AMB-77)", id, ReportWithin)
		e.Advance(3 * time.Second)
		e.Expect(resultsOf(e, id)).To(HaveLen(1), "results of event %d, stopped once", id)
	}

	s.Rule("REPORT-001", func(r *Rule) {
		r.Scenario("an event has no result while it runs and one after its stop", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(5 * time.Second)
			e.Expect(e.Results()).To(BeEmpty(), "results before iv_cs_event_stop")
			e.StopEvent(1)
			once(e, 1)
		})
		r.Scenario("an event of the ext functions has no result while it runs and one after its stop", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Given("EXT-003", e.Lib.EventStartExt(2, 0, 0)).To(ReturnNone(), "iv_cs_event_start_ext(2, 0, 0)")
			e.AwaitStart(1)
			cam.Run(5 * time.Second)
			e.Expect(e.Results()).To(BeEmpty(), "results before iv_cs_event_stop_ext")
			e.Given("EXT-015", e.Lib.EventStopExt(2, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(2, 0, 0)")
			once(e, 2)
		})
		r.Scenario("three parallel events have a result each, after the stop of each", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			for id := int32(2); id <= 3; id++ {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
			}
			for id := int32(1); id <= 3; id++ {
				cam.Run(4 * time.Second)
				for running := id; running <= 3; running++ {
					e.Expect(resultsOf(e, running)).To(BeEmpty(), "results of event %d, which runs", running)
				}
				e.StopEvent(id)
			}
			for id := int32(1); id <= 3; id++ {
				once(e, id)
			}
			e.Expect(e.Count(target.CBReport)).To(Equal(3), "calls of report_result_cb for three events")
		})
		r.Scenario("an event that is stopped right before iv_cs_exit has its result when exit returns", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			e.Exit()
			e.Expect(resultsOf(e, 1)).To(HaveLen(1), "results of event 1 when iv_cs_exit has returned (AMB-77)")
			e.Measure("result_code of an event stopped right before exit", "%v", codesOf(e))
		})
		r.Scenario("a direct report", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			ret, _ := e.Finish(e.Go(1, target.DirectlyReportCall(4, 0, fixtures.JPEG())), ReportWithin)
			e.Given("DIR-001", ret.Code).To(ReturnNone(), "iv_cs_event_directly_report")
			e.Advance(10 * time.Second)
			e.Record("results told for a direct report", "%d", len(e.Results())) // AMB-77
		})
	})
}

// codesOf lists the result codes told so far.
func codesOf(e *Env) []int32 {
	var out []int32
	for _, r := range e.Results() {
		out = append(out, r.ResultCode)
	}
	return out
}

// reportFields: event and times in the result.
func reportFields(s *Suite) {
	s.Rule("REPORT-003", func(r *Rule) {
		r.Scenario("of the parallel events 3 and 16 each result names its own", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(3, 1)
			e.Given("PAR-001", e.Lib.EventStart(16)).To(ReturnNone(), "iv_cs_event_start(16) in parallel")
			cam.Run(5 * time.Second)
			for i, id := range []int32{16, 3} {
				e.StopEvent(id)
				e.Given("REPORT-001", e.AwaitCallback(target.CBReport, i+1, ReportWithin)).NotTo(BeNil(), "report_result_cb after the stop of event %d", id)
				e.Expect(e.Results()[i].EventID).To(Equal(id), "event_id in the result that came after the stop of event %d", id)
			}
		})
		r.Scenario("events 1 and 16, one after the other, are named", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			for i, id := range []int32{1, 16} {
				e.StartEvent(id, i+1)
				cam.Run(4 * time.Second)
				e.StopEvent(id)
				e.Given("REPORT-001", e.AwaitCallback(target.CBReport, i+1, ReportWithin)).NotTo(BeNil(), "report_result_cb after the stop of event %d", id)
				e.Expect(e.Results()[i].EventID).To(Equal(id), "event_id in the result of event %d", id)
				e.AwaitCallback(target.CBStop, i+1, StopWithin)
				cam.ToKey()
			}
		})
	})

	// event runs event 1 with these times before its start's and its stop's call,
	// absolute ones as the UTC of that moment, and gives what the times stand for.
	event := func(e *Env, absolute bool, startBack, stopBack time.Duration) (start, stop time.Time) {
		cam := e.Camera(fixtures.H264(), nil)
		e.InitEvents(cam)
		argument := func(back time.Duration) (uint32, time.Time) {
			at := e.DeviceNow().Add(-back)
			if absolute {
				return uint32(at.Unix()), at
			}
			return uint32(back / time.Second), at
		}
		value, start := argument(startBack)
		e.Given("EXT-003", e.Lib.EventStartExt(1, value, value)).To(ReturnNone(), "iv_cs_event_start_ext(1, %d, %d)", value, value)
		e.AwaitStart(1)
		cam.Run(12 * time.Second)
		value, stop = argument(stopBack)
		e.Given("EXT-015", e.Lib.EventStopExt(1, value, value)).To(ReturnNone(), "iv_cs_event_stop_ext(1, %d, %d)", value, value)
		return start, stop
	}
	ext := []struct {
		name                string
		absolute            bool
		startBack, stopBack time.Duration
	}{
		{"15 s before the start's and 5 s before the stop's call, as relative times", false, 15 * time.Second, 5 * time.Second},
		{"20 s before the start's and 6 s before the stop's call, as UTC", true, 20 * time.Second, 6 * time.Second},
	}

	s.Rule("REPORT-004", func(r *Rule) {
		r.Scenario("start_time_s is when iv_cs_event_start was called", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			called := e.DeviceNow()
			e.StartEvent(1, 1)
			cam.Run(8 * time.Second)
			e.StopEvent(1)
			e.Expect(utc(resultOf(e, 1).StartTime)).To(BeTemporally("~", called, EventTimeSlack), "start_time_s, the call of iv_cs_event_start")
		})
		for _, c := range ext {
			r.Scenario("start_time_s of an event "+c.name, func(e *Env) {
				start, _ := event(e, c.absolute, c.startBack, c.stopBack)
				e.Expect(utc(resultOf(e, 1).StartTime)).To(BeTemporally("~", start, EventTimeSlack), "start_time_s, the UTC of event_start_time_s")
			})
		}
	})

	s.Rule("REPORT-005", func(r *Rule) {
		r.Scenario("end_time_s is when iv_cs_event_stop was called", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(8 * time.Second)
			called := e.DeviceNow()
			e.StopEvent(1)
			e.Expect(utc(resultOf(e, 1).EndTime)).To(BeTemporally("~", called, EventTimeSlack), "end_time_s, the call of iv_cs_event_stop")
		})
		for _, c := range ext {
			r.Scenario("end_time_s of an event "+c.name, func(e *Env) {
				_, stop := event(e, c.absolute, c.startBack, c.stopBack)
				e.Expect(utc(resultOf(e, 1).EndTime)).To(BeTemporally("~", stop, EventTimeSlack), "end_time_s, the UTC of event_stop_time_s")
			})
		}
	})

	s.Rule("REPORT-006", func(r *Rule) {
		// arguments states that every call had its argument, and kept it until the
		// callback had returned: no longer (AMB-15).
		arguments := func(e *Env, n int) {
			e.Given("REPORT-001", e.Count(target.CBReport)).To(BeNumerically(">=", n), "calls of report_result_cb")
			for _, ev := range e.Lib.Trace() {
				if ev.Callback != target.CBReport {
					continue
				}
				switch ev.Kind {
				case target.CallbackEntered:
					e.Expect(ev.Args.Result).NotTo(BeNil(), "pst_result_info of report_result_cb")
				case target.CallbackLeft:
					e.Expect(ev.Answered.Changed).To(BeFalse(), "pst_result_info changed while report_result_cb ran")
				}
			}
		}
		r.Scenario("pst_result_info is there and stays for the callback, also when it is slow", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Lib.Answer(target.CBReport, target.Answer{Delay: 300 * time.Millisecond})
			e.StartEvent(1, 1)
			e.Given("PAR-001", e.Lib.EventStart(2)).To(ReturnNone(), "iv_cs_event_start(2) in parallel")
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			e.StopEvent(2)
			e.AwaitCallback(target.CBReport, 2, ReportWithin)
			e.Exit()
			arguments(e, 2)
		}, Breaks("REPORT-006"))
		r.Scenario("pst_result_info is there when the report fails", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.Device.Faults().Set(fakecloud.ClassEvent, fakecloud.Fault{Status: 500})
			e.StopEvent(1)
			e.Exit()
			arguments(e, 1)
		}, Breaks("REPORT-006"))
	})
}
