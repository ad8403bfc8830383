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

// promptly is how long a call that starts or stops an event may take, in machine
// time: it waits for nothing (EVT-017).
const promptly = 200 * time.Millisecond

// eventTimes: an event lasts from the one call to the other.
func eventTimes(s *Suite) {
	s.Rule("EVT-009", func(r *Rule) {
		for _, ms := range []int{0, 500, 999} {
			r.Scenario(fmt.Sprintf("an event begins when iv_cs_event_start is called, %d ms after a full second", ms), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				second := e.DeviceNow().Truncate(time.Second).Add(2 * time.Second)
				e.Advance(second.Add(time.Duration(ms) * time.Millisecond).Sub(e.DeviceNow()))
				called := e.DeviceNow()
				e.StartEvent(1, 1)
				// The first frame is late, and so is the stop: neither is the event's start.
				e.Advance(5 * time.Second)
				cam.Run(4 * time.Second)
				e.StopEvent(1)
				toldOf(e, 1, 1).expectStart(e, called, "an event by iv_cs_event_start: the moment of the call")
			})
		}
	})

	s.Rule("EVT-012", func(r *Rule) {
		for _, d := range []time.Duration{5 * time.Second, 10 * time.Second} {
			r.Scenario("an event of "+d.String()+" ends when iv_cs_event_stop is called", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				// The report is late, and the last frame early: neither is the event's end.
				e.Device.Faults().Set(fakecloud.ClassEvent, fakecloud.Fault{Delay: 4 * time.Second})
				called := e.DeviceNow()
				e.StartEvent(1, 1)
				cam.Run(d / 2)
				e.Advance(d/2 - e.DeviceNow().Sub(called.Add(d/2)))
				stopped := e.DeviceNow()
				e.StopEvent(1)
				t := toldOf(e, 1, 1)
				t.expectEnd(e, stopped, "an event by iv_cs_event_stop: the moment of the call")
				e.Expect(time.Duration(int64(t.result.EndTime)-int64(t.result.StartTime))*time.Second).
					To(BeNumerically("~", d, EventTimeSlack), "end_time_s - start_time_s of an event of %v", d)
			})
		}
	})

	s.Rule("EVT-017", func(r *Rule) {
		r.Scenario("start and stop return at once on a good network", func(e *Env) { expectPrompt(e) })
		r.Scenario("start and stop return at once while the store answers nothing", func(e *Env) {
			e.Device.Faults().SetAll(fakecloud.Fault{Hang: true}, fakecloud.ClassSegmentPUT, fakecloud.ClassPicturePUT)
			expectPrompt(e)
		})
	})
}

// expectPrompt starts and stops three events of each variant and judges the
// shortest of the calls, so that a busy machine is not taken for a waiting library.
func expectPrompt(e *Env) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	withPictures(e)
	variants := []struct{ start, stop target.Call }{
		{target.EventStartCall(1), target.EventStopCall(1)},
		{target.EventStartExtCall(2, 0, 0), target.EventStopExtCall(2, 0, 0)},
	}
	shortest := make(map[target.Function]time.Duration)
	prompt := func(c target.Call) {
		p := e.Go(1, c)
		ret, back := e.Finish(p, time.Minute)
		if !back { // a minute of virtual time is soon over
			var err error
			ret, err = p.Wait(10 * time.Second)
			e.Hard(err).NotTo(HaveOccurred(), "%s back within a minute", c.Func)
		}
		e.Given("EVT-014", ret.Code).To(ReturnNone(), "%s", c.Func)
		if took, seen := shortest[c.Func]; !seen || ret.Took() < took {
			shortest[c.Func] = ret.Took()
		}
	}
	for i := range 3 {
		for k, v := range variants {
			prompt(v.start)
			e.AwaitStart(2*i + k + 1)
			cam.Burst(2 * time.Second)
			e.Advance(time.Second)
			prompt(v.stop)
			e.Given("EVT-010", e.AwaitCallback(target.CBStop, 2*i+k+1, StopWithin)).NotTo(BeNil(), "stop_cb")
		}
	}
	for _, v := range variants {
		e.Expect(shortest[v.start.Func]).To(BeNumerically("<", promptly), "shortest of three calls of %s", v.start.Func)
		e.Expect(shortest[v.stop.Func]).To(BeNumerically("<", promptly), "shortest of three calls of %s", v.stop.Func)
	}
}

// eventPlans: which plan an event needs.
func eventPlans(s *Suite) {
	s.Rule("EVT-014", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("under an event plan in force at init an event is recorded whole, with "+clip.Name, func(e *Env) {
				cam := e.Camera(clip, fixtures.AAC())
				e.InitEvents(cam)
				wholeEvent(e, cam)
			})
		}
		r.Scenario("under an event plan that opens 10 s after init an event is recorded whole, without a new init", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.Device.SetPlan(NoPlan)
			e.Init(ParmFor(cam.Video, cam.Sound))
			e.Advance(10 * time.Second)
			e.SetPlan(EventPlan)
			e.AwaitPlan(target.PlanEvent)
			e.Advance(5 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(BeZero(), "calls of start_cb that the event plan itself caused (note 13)")
			wholeEvent(e, cam)
		})
	})

	s.Rule("EVT-015", func(r *Rule) {
		r.Scenario("without a plan an event is refused and no video stored", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			noEvent(e)
		})
		r.Scenario("after an event plan has expired an event is refused and no video stored", func(e *Env) {
			p := EventPlan
			p.Expires = e.Now().Add(8 * time.Second)
			e.Device.SetPlan(p)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanEvent)
			e.Advance(p.Expires.Sub(e.Now()))
			noEvent(e)
		})
	})
}

// wholeEvent runs an event of five seconds, of which nothing may be missing.
func wholeEvent(e *Env, cam *Camera) {
	e.Require(e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start under an event plan")
	e.Require(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of iv_cs_event_start", StartWithin)
	cam.Run(5 * time.Second)
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused during the event")
	e.Require(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop under an event plan")
	t := toldOf(e, 1, 1)
	e.Expect(t.record.Complete).To(BeTrue(), "the event is a complete one at the cloud: its video was stored")
	e.Uploaded(UploadWithin)
	e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
}

// noEvent tries an event where there is no plan, and one where there is again.
func noEvent(e *Env) {
	e.AwaitPlan(target.PlanNone)
	code := e.Lib.EventStart(1)
	e.Soft(code).To(Refuse(), "iv_cs_event_start without a plan (AMB-31)")
	e.Record("iv_cs_event_start without a plan", "%v", code)
	e.Advance(3 * time.Second)
	e.Expect(e.Count(target.CBStart)).To(BeZero(), "calls of start_cb without a plan")
	e.Record("capture_picture_cb without a plan", "%d", e.Count(target.CBCapture))
	cam := e.Camera(fixtures.H264(), nil)
	cam.KeepGoing = true
	cam.Run(3 * time.Second)
	e.Lib.EventStop(1)
	e.Advance(5 * time.Second)
	e.Hard(e.Stored()).To(BeEmpty(), "segments stored without a plan (AMB-31)")
	// The cloud refuses them without a plan; a library that asks has tried to.
	e.Expect(requested(e, fakecloud.ClassGrantSegment)).To(BeZero(), "requests to store video without a plan")
	starts := e.Count(target.CBStart)
	e.SetPlan(EventPlan)
	e.AwaitPlan(target.PlanEvent)
	e.StartEvent(2, starts+1)
}

// requested counts the requests of a class.
func requested(e *Env, class fakecloud.Class) int {
	n := 0
	for _, entry := range e.Device.Journal() {
		if entry.Class == class {
			n++
		}
	}
	return n
}

// eventRecords: what the cloud is told.
func eventRecords(s *Suite) {
	s.Rule("EVT-018", func(r *Rule) {
		r.Scenario("one event is one record", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			called := e.DeviceNow()
			e.StartEvent(7, 1)
			cam.Run(5 * time.Second)
			stopped := e.DeviceNow()
			e.StopEvent(7)
			expectRecords(e, 7)
			for _, ev := range recordsOf(e, 7) {
				e.Expect(ev.Start).To(BeTemporally("~", called, EventTimeSlack), "start at the cloud of event 7")
				e.Expect(ev.End).To(BeTemporally("~", stopped, EventTimeSlack), "end at the cloud of event 7")
			}
		})
		r.Scenario("three events in turn are three records", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			for i, id := range []int32{1, 2, 1} {
				e.StartEvent(id, i+1)
				cam.Run(3 * time.Second)
				e.StopEvent(id)
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb of event %d", id)
				cam.ToKey()
			}
			expectRecords(e, 1, 2, 1)
		})
		r.Scenario("sixteen parallel events are sixteen records", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			var ids []int32
			for id := int32(1); id <= 16; id++ {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
				ids = append(ids, id)
			}
			e.AwaitStart(1)
			cam.Run(4 * time.Second)
			for _, id := range ids {
				e.StopEvent(id)
			}
			expectRecords(e, ids...)
		})
		r.Scenario("an event that is stopped at once is one record", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start")
			e.StopEvent(1)
			expectRecords(e, 1)
		})
	})
}

// expectRecords states that the cloud has one finished record of each of these
// events, and no others.
func expectRecords(e *Env, ids ...int32) {
	e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) >= len(ids) })
	e.Advance(3 * time.Second)
	var at []int32
	for _, ev := range e.Device.Events() {
		at = append(at, ev.EventID)
		e.Expect(ev.State).To(Equal(fakecloud.EventFinished), "state at the cloud of event %d, within %v of its stop", ev.EventID, ReportWithin)
		e.Expect(ev.End).To(BeTemporally(">=", ev.Start), "end at the cloud of event %d against its start", ev.EventID)
	}
	e.Expect(at).To(ConsistOf(ids), "event ids of the records at the cloud, one for each event")
}
