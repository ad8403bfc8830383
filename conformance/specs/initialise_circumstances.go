package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// initOptions is event_report_opt.
func initOptions(s *Suite) {
	s.Rule("INIT-010", func(r *Rule) {
		r.Scenario("a structure of zeros means CS_EVENT_TS_REQ: a picture alone does not complete an event", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			p := ParmFor(cam.Video, nil) // EventReportOpt is left at 0
			e.InitEventsWith(cam, p)
			e.Given("REPORT-002", eventOutcome(e, cam, 1, true, true)).To(BeEquivalentTo(1), "result_code of an event with picture and video")
			e.Expect(eventOutcome(e, cam, 2, true, false)).To(BeEquivalentTo(0), "result_code of an event with a picture alone, event_report_opt being 0")
			e.Expect(eventOutcome(e, cam, 3, false, true)).To(BeEquivalentTo(1), "result_code of an event with video alone, event_report_opt being 0")
		})
	})

	s.Rule("INIT-011", func(r *Rule) {
		for option := range int32(3) {
			r.Scenario(fmt.Sprintf("event_report_opt %d is accepted", option), func(e *Env) {
				p := e.Parm()
				p.EventReportOpt = option
				e.Expect(tryInit(e, p)).To(ReturnNone(), "iv_cs_init with event_report_opt %d", option)
			})
		}
		r.Scenario("other values do no harm", func(e *Env) {
			for _, option := range []int32{3, -1, 255} {
				p := e.Parm()
				p.EventReportOpt = option
				e.Record(fmt.Sprintf("event_report_opt %d", option), "%v", tryInit(e, p)) // AMB-80
			}
			e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init with event_report_opt 0 after the others")
		})
	})
}

// initCircumstances is init without a plan, without memory, and with callbacks
// that come at once.
func initCircumstances(s *Suite) {
	s.Rule("INIT-013", func(r *Rule) {
		r.Scenario("init succeeds without a plan; a full-time plan that comes later starts the stream", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init without a plan")
			asked := e.Await(StartWithin, func() bool { return planAsked(e) })
			e.Given("BAL-007", asked).To(BeTrue(), "a request for the plan within %v of iv_cs_init", StartWithin)
			e.Advance(12 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(BeZero(), "calls of start_cb without a plan")
			e.SetPlan(FullTime)
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of a full-time plan, without another iv_cs_init", StartWithin)
		})
		r.Scenario("init while the cloud is out of reach", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Device.Faults().SetAll(fakecloud.Fault{ResetAfter: -1})
			code := e.Lib.Init(e.Parm())
			e.Record("iv_cs_init offline", "%v", code) // AMB-90
			if code != target.ErrNone {
				return
			}
			e.Advance(5 * time.Second)
			e.Device.Faults().ClearAll()
			if start := awaitSeconds(e, 120, func() *target.Event { return first(e.Callbacks(target.CBStart)) }); start == nil {
				e.Warn("no start_cb within two minutes of the cloud's return, after an iv_cs_init that succeeded without it")
			}
		})
	})

	s.Rule("INIT-014", func(r *Rule) {
		r.Scenario("a buffer that cannot be had is refused and leaves nothing behind", func(e *Env) {
			before := e.Stat()
			if err := e.Lib.LimitMemory(64 << 20); err != nil {
				e.Measure("limit of memory", "%v", err)
				return
			}
			// 256 MB are a valid size, and four times what is left.
			code := initWithBuffer(e, 256<<20)
			e.Record("u32MaxGopSize of 256 MB with 64 MB to be had", "%v", code)
			if code == target.ErrNone {
				// The library need not take the buffer at once: then init cannot fail.
				return
			}
			if err := e.Lib.LimitMemory(0); err != nil {
				e.Measure("limit of memory", "%v", err)
			}
			e.Settle()
			e.Expect(e.Stat().Descriptors).To(BeNumerically("<=", before.Descriptors), "descriptors after an iv_cs_init that failed")
			e.Require(e.Lib.Init(e.Parm())).To(ReturnNone(), "a valid iv_cs_init after one that failed")
			e.Exit()
		})
	})

	s.Rule("INIT-015", func(r *Rule) {
		r.Scenario("a start_cb that takes half a second and asks for the plan does not block init", func(e *Env) {
			e.Device.SetPlan(FullTime)
			// Let the library know of the plan before init, if it can.
			e.Finish(e.Go(1, target.GetBalanceCall(5)), 10*time.Second)
			e.Lib.Answer(target.CBStart, target.Answer{Delay: 500 * time.Millisecond, Calls: []target.Call{target.GetBalanceCall(0)}})
			initialised := e.Lib.Call(target.InitCall(e.Parm()))
			e.Given("INIT-001", initialised.Code).To(ReturnNone(), "iv_cs_init")
			start := e.AwaitCallback(target.CBStart, 1, StartWithin)
			e.Given("FLOW-003", start).NotTo(BeNil(), "start_cb")
			var answered *target.Event
			e.Await(5*time.Second, func() bool {
				answered = insideStart(e, start)
				return answered != nil
			})
			e.Hard(answered).NotTo(BeNil(), "iv_cs_get_balance_info(…, 0) back inside start_cb: the library waits for itself")
			if answered == nil {
				return
			}
			e.Record("iv_cs_get_balance_info(…, 0) inside start_cb", "%v", answered.Return.Code) // AMB-42
			where := "a thread of the library's own"
			if start.Thread >= 0 {
				where = "the thread that has called the library"
			}
			e.Record("start_cb comes on", "%s", where) // AMB-86
			e.Exit()
		})
	})
}

// planAsked reports whether the cloud has told the library its plan.
func planAsked(e *Env) bool {
	for _, entry := range e.Device.Journal() {
		if entry.Class == fakecloud.ClassPlan && entry.Done && entry.Status == 200 {
			return true
		}
	}
	return false
}

// insideStart is the return of the call that a callback made.
func insideStart(e *Env, callback *target.Event) *target.Event {
	for _, ev := range e.Lib.Trace() {
		if ev.Kind == target.CallReturned && ev.Inside == callback.ID {
			return &ev
		}
	}
	return nil
}
