package specs

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// eventPairs: each start has its stop, and one event for the two.
func eventPairs(s *Suite) {
	s.Rule("EVT-007", func(r *Rule) {
		for _, again := range []target.Call{target.EventStartCall(1), target.EventStartExtCall(1, 0, 0)} {
			r.Scenario(fmt.Sprintf("a running event is not started again by %s", again.Func), func(e *Env) {
				startTwice(e, target.EventStartCall(1), again, target.EventStopCall(1))
			})
		}
		r.Scenario("an event that was stopped can be started again", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			for i := range 2 {
				e.Require(e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start(1) number %d", i+1)
				e.AwaitStart(i + 1)
				cam.Run(3 * time.Second)
				e.StopEvent(1)
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb of event 1, number %d", i+1)
				cam.ToKey()
			}
			e.Expect(e.AwaitCallback(target.CBReport, 2, ReportWithin)).NotTo(BeNil(), "report_result_cb of both events")
		})
	})

	s.Rule("EVT-008", func(r *Rule) {
		r.Scenario("a stop without a start is refused without effect", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Expect(e.Lib.EventStop(1)).To(Refuse(), "iv_cs_event_stop(1) without a start")
			expectNoEvent(e, "a stop without a start")
			e.StartEvent(1, 1)
			e.Expect(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop(1) of the event that runs now")
		})
		r.Scenario("a second stop is refused", func(e *Env) {
			stopTwice(e, target.EventStartCall(1), target.EventStopCall(1))
		})
		r.Scenario("a stop of another id is refused and leaves the running event alone", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			e.Expect(e.Lib.EventStop(2)).To(Refuse(), "iv_cs_event_stop(2) while event 1 runs")
			cam.Run(4 * time.Second)
			expectRunning(e, cam, "iv_cs_event_stop(2)")
			e.Expect(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop(1) of the running event")
		})
	})

	s.Rule("EVT-011", func(r *Rule) {
		r.Scenario("after init no id can be stopped", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			requests := len(e.Device.Uploads())
			for id := int32(1); id <= 16; id++ {
				e.Expect(e.Lib.EventStop(id)).To(Refuse(), "iv_cs_event_stop(%d) without a start", id)
			}
			expectNoEvent(e, "stops without a start")
			e.Expect(len(e.Device.Uploads())-requests).To(BeZero(), "uploads begun by stops without a start")
			e.StartEvent(1, 1)
		})
		r.Scenario("a stop after a start that failed reports nothing", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanNone)
			if code := e.Lib.EventStart(1); code == target.ErrNone {
				e.Record("iv_cs_event_start without a plan", "%v: no start has failed", code) // AMB-31, EVT-015
				return
			}
			e.Record("iv_cs_event_stop after a start that failed", "%v", e.Lib.EventStop(1)) // AMB-97
			e.Advance(5 * time.Second)
			e.Hard(e.Results()).To(BeEmpty(), "results reported of an event whose start failed (AMB-97)")
			e.SetPlan(EventPlan)
			e.AwaitPlan(target.PlanEvent)
			e.StartEvent(1, 1)
		})
	})

	s.Rule("EVT-013", func(r *Rule) {
		r.Scenario("a start of an id that no event can have", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for _, id := range []int32{0, 17} {
				e.Given("EVT-001", e.Lib.EventStart(id)).To(Refuse(), "iv_cs_event_start(%d)", id)
			}
			expectNoEvent(e, "a failed iv_cs_event_start")
			e.StartEvent(1, 1)
		})
		r.Scenario("a start of an event that runs", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb of the event")
			if code := e.Lib.EventStart(1); code == target.ErrNone {
				e.Record("iv_cs_event_start of a running event", "%v: it has not failed", code) // AMB-27, EVT-007
				return
			}
			cam.Run(4 * time.Second)
			expectRunning(e, cam, "a failed iv_cs_event_start")
			e.Expect(e.Count(target.CBCapture)).To(Equal(1), "calls of capture_picture_cb, one start having failed")
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb, one start having failed")
			e.Expect(len(e.Device.Events())).To(BeNumerically("<=", 1), "events at the cloud, one start having failed")
			e.Expect(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop of the running event")
		})
		r.Scenario("a start without a plan leaves the id startable", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanNone)
			if code := e.Lib.EventStart(1); code == target.ErrNone {
				e.Record("iv_cs_event_start without a plan", "%v: it has not failed", code) // AMB-31, EVT-015
				return
			}
			e.Advance(3 * time.Second)
			e.Record("callbacks of a start that failed without a plan", "%d", eventCallbacks(e)) // AMB-31
			e.Expect(e.Device.Events()).To(BeEmpty(), "events at the cloud caused by a failed iv_cs_event_start")
			e.SetPlan(EventPlan)
			e.AwaitPlan(target.PlanEvent)
			starts := e.Count(target.CBStart)
			e.Expect(e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start(1) under an event plan, after one that failed without a plan")
			e.AwaitStart(starts + 1)
		})
	})

	s.Rule("EVT-016", func(r *Rule) {
		r.Scenario("events of the ids 1 to 16 follow one another", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			for id := int32(1); id <= 16; id++ {
				e.Require(e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) after the event before was stopped", id)
				e.Require(e.AwaitCallback(target.CBStart, int(id), StartWithin)).NotTo(BeNil(), "start_cb of event %d", id)
				cam.Run(3 * time.Second)
				e.Require(e.Lib.EventStop(id)).To(ReturnNone(), "iv_cs_event_stop(%d)", id)
				e.Require(e.AwaitCallback(target.CBStop, int(id), StopWithin)).NotTo(BeNil(), "stop_cb of event %d", id)
				cam.ToKey()
			}
			e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) >= 16 })
			var ids []int32
			for _, ev := range sortedByStart(e) {
				ids = append(ids, ev.EventID)
			}
			e.Expect(ids).To(Equal([]int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}), "events at the cloud in the order of their start")
		})
	})
}

// startTwice starts event 1 and, while it runs, again: whatever the second call
// returns, there is one event (AMB-27).
func startTwice(e *Env, first, again, stop target.Call) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.Given("EVT-014", e.Lib.Call(first).Code).To(ReturnNone(), "%s(1) under an event plan", first.Func)
	e.AwaitStart(1)
	cam.Run(2 * time.Second)
	asked := e.Count(target.CBCapture)
	e.Soft(e.Lib.Call(again).Code).To(Refuse(), "%s(1) while event 1 runs", again.Func)
	cam.Run(4 * time.Second)
	e.Hard(cam.Refused()).To(BeEmpty(), "frames refused after event 1 was started twice")
	e.Hard(e.Count(target.CBCapture)).To(Equal(asked), "calls of capture_picture_cb after event 1 was started twice")
	e.Hard(e.Lib.Call(stop).Code).To(ReturnNone(), "%s(1) of the event that was started twice", stop.Func)
	toldOf(e, 1, 1)
	e.Advance(5 * time.Second)
	e.Hard(e.Device.Events()).To(HaveLen(1), "events at the cloud after event 1 was started twice")
	e.Hard(e.Results()).To(HaveLen(1), "events reported after event 1 was started twice")
}

// stopTwice stops event 1 once more than it was started.
func stopTwice(e *Env, start, stop target.Call) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.Given("EVT-014", e.Lib.Call(start).Code).To(ReturnNone(), "%s(1) under an event plan", start.Func)
	e.AwaitStart(1)
	cam.Run(4 * time.Second)
	e.Require(e.Lib.Call(stop).Code).To(ReturnNone(), "%s(1) of the running event", stop.Func)
	e.Expect(e.Lib.Call(stop).Code).To(Refuse(), "%s(1), called again", stop.Func)
	toldOf(e, 1, 1)
	e.Expect(e.Lib.Call(stop).Code).To(Refuse(), "%s(1), called again after the event was reported", stop.Func)
	e.Advance(5 * time.Second)
	e.Expect(e.Count(target.CBStop)).To(Equal(1), "calls of stop_cb for one event")
	e.Expect(e.Results()).To(HaveLen(1), "results of one event")
}

// sortedByStart are the finished events in the order of their start.
func sortedByStart(e *Env) []fakecloud.Event {
	all := finishedEvents(e)
	slices.SortStableFunc(all, func(a, b fakecloud.Event) int { return a.Start.Compare(b.Start) })
	return all
}
