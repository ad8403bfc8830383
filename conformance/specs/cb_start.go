package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// cbStart is the section iv_cs_push_stream_start_cb.
func cbStart(s *Suite) {
	s.Rule("CB-START-001", func(r *Rule) {
		r.Scenario("an event triggers it once", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start")
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of iv_cs_event_start", StartWithin)
			e.Advance(3 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb for one event")
		})
		r.Scenario("a full-time plan that opens after init triggers it once", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.Advance(2 * time.Second)
			e.SetPlan(FullTime)
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of the full-time plan", StartWithin)
			e.Advance(3 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb for one plan")
		})
	})

	s.Rule("CB-START-002", func(r *Rule) {
		r.Scenario("the first push after start_cb succeeds, also while start_cb has not returned", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Lib.Answer(target.CBStart, target.Answer{Delay: time.Second})
			e.Init(e.Parm())
			// The callback blocks for a second of machine time, so the wait must not
			// wait for its return.
			e.Given("FLOW-003", e.Entered(target.CBStart, 1, StartWithin)).To(BeTrue(), "start_cb")
			cam := e.Camera(fixtures.H264(), nil)
			e.Expect(cam.PushVideo()).To(ReturnNone(), "a push from another thread while start_cb runs")
		})
		r.Scenario("a push from inside start_cb is answered", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Lib.Answer(target.CBStart, target.Answer{Calls: []target.Call{target.PushVideoCall(keyFrame())}}, target.Answer{})
			e.Init(e.Parm())
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
			e.Advance(time.Second)
			for _, ev := range e.Lib.Trace() {
				if ev.Kind == target.CallReturned && ev.Inside != 0 {
					e.Record("push from inside start_cb", "%v", ev.Return.Code) // AMB-42
				}
			}
		})
	})

	s.Rule("CB-START-003", func(r *Rule) {
		r.Scenario("a plan that opens after init triggers it", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanNone)
			e.Advance(3 * time.Second)
			e.SetPlan(FullTime)
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of a plan that takes effect after iv_cs_init", StartWithin)
		})
		r.Scenario("a plan in force before init and each renewal of it trigger it", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(e.Parm())
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb for the plan in force at iv_cs_init")
			for i := range 2 {
				e.SetPlan(NoPlan)
				e.Given("CB-STOP-002", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb at the plan's end")
				e.SetPlan(FullTime)
				e.Expect(e.AwaitCallback(target.CBStart, i+2, StartWithin)).NotTo(BeNil(), "start_cb within %v of renewal %d", StartWithin, i+1)
			}
		})
	})

	s.Rule("CB-START-004", func(r *Rule) {
		r.Scenario("an event plan that takes effect triggers nothing", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Device.SetPlan(NoPlan)
			e.Init(ParmFor(cam.Video, cam.Sound))
			e.SetPlan(EventPlan)
			e.AwaitPlan(target.PlanEvent)
			e.Advance(10 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(BeZero(), "calls of start_cb within 10 s of an event plan (note 13)")
			// The library is alive and knows of the plan: an event starts at once.
			e.StartEvent(1, 1)
		})
		r.Scenario("an event plan in force at init triggers nothing", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Advance(10 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(BeZero(), "calls of start_cb within 10 s of iv_cs_init under an event plan")
			e.StartEvent(1, 1)
		})
	})

	s.Rule("CB-START-005", func(r *Rule) {
		r.Scenario("a start_cb that returns an error does not harm", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Lib.Answer(target.CBStart, target.Answer{Return: -1}, target.Answer{})
			e.StartEvent(1, 1)
			e.Record("push after a start_cb that returned -1", "%v", cam.PushVideo()) // AMB-43
			e.Expect(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop after a start_cb that returned -1")
			e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb")
			e.Expect(e.Lib.EventStart(2)).To(ReturnNone(), "the next iv_cs_event_start")
			e.Expect(e.AwaitCallback(target.CBStart, 2, StartWithin)).NotTo(BeNil(), "the next event's start_cb")
		})
	})

	s.Rule("CB-START-006", func(r *Rule) {
		r.Scenario("a start_cb that blocks for two seconds stops no other call", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Lib.Answer(target.CBStart, target.Answer{Delay: 2 * time.Second}, target.Answer{})
			e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start")
			e.Given("EVT-005", e.Entered(target.CBStart, 1, StartWithin)).To(BeTrue(), "start_cb")
			stop := e.Lib.Call(target.EventStopCall(1).On(1))
			e.Expect(stop.Code).To(ReturnNone(), "iv_cs_event_stop while start_cb blocks")
			e.Expect(stop.Took()).To(BeNumerically("<", 1500*time.Millisecond), "machine time of iv_cs_event_stop while start_cb blocks for 2 s")
			e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb of the event")
			e.Expect(e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb of the event: it is not lost")
		})
	})
}
