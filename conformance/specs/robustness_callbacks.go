package specs

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// userCallbacks are the six that a user registers.
var userCallbacks = []target.Callback{
	target.CBStart, target.CBStop, target.CBCapture, target.CBPicture, target.CBReport, target.CBNotify,
}

// withoutDelay is the machine time that a call from inside a callback may take, and a
// push while a callback sleeps: neither waits for anything but the processor.
const withoutDelay = 500 * time.Millisecond

// robustCallbacks: what users do in callbacks.
func robustCallbacks(s *Suite) {
	s.Rule("ROB-003", func(r *Rule) {
		for _, cb := range userCallbacks {
			for _, c := range everyCall() {
				var opts []Option
				if c.Func == target.FnExit {
					// The user has left; what still comes of that session is as may be.
					opts = append(opts, Breaks("FLOW-006", "FLOW-015", "CB-PIC-002", "UPL-015"))
				}
				r.Scenario(fmt.Sprintf("%v from inside %v", c.Func, cb), func(e *Env) { callInside(e, cb, c) }, opts...)
			}
		}
	})

	s.Rule("ROB-004", func(r *Rule) {
		for _, cb := range userCallbacks {
			r.Scenario(cb.String()+" sleeps 2 s", func(e *Env) { sleeps(e, cb) })
		}
		r.Scenario("the next segment is uploaded while "+target.CBNotify.String()+" sleeps", uploadsBeside)
		for _, cb := range userCallbacks {
			r.Scenario(cb.String()+" returns -1", func(e *Env) {
				e.Lib.Answer(cb, answering(cb, target.Answer{Return: -1}))
				cam := eventUndisturbed(e, cb)
				expectUndisturbed(e, cam)
			})
		}
	})
}

// everyCall is each of the twelve functions with arguments that would be valid.
// None of them waits for time to pass, which it could not inside a callback.
func everyCall() []target.Call {
	return []target.Call{
		target.InitCall(ParmFor(fixtures.H264(), fixtures.AAC())),
		target.ExitCall(),
		target.PushVideoCall(keyFrame()),
		target.DirectlyReportCall(7, 0, fixtures.JPEG()),
		target.EventStartCall(2),
		target.EventStopCall(1),
		target.EventStartExtCall(2, 0, 0),
		target.EventStopExtCall(1, 0, 0),
		target.GetBalanceCall(0),
		target.SetAICall(1, target.AIFallDetect),
		target.GetAICall(1),
		target.SetTransTimeCall(20_000, 20_000),
	}
}

// answering is an answer of a callback that hands over a picture if it is asked for one.
func answering(cb target.Callback, a target.Answer) target.Answer {
	if cb == target.CBCapture && a.Return == 0 {
		a.Picture = fixtures.JPEG()
	}
	return a
}

// callInside runs an event with a picture; the first call of cb makes the call c.
func callInside(e *Env, cb target.Callback, c target.Call) {
	withPictures(e)
	e.Lib.Answer(cb, answering(cb, target.Answer{Calls: []target.Call{c}}), answering(cb, target.Answer{}))
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	inside := &insideCall{e: e}
	e.Lib.EventStart(1)
	if inside.await(StartWithin, func() bool { return e.Count(target.CBStart) > 0 }) {
		cam.Run(4 * time.Second)
	}
	if !inside.stuck {
		e.Lib.EventStop(1)
		inside.await(ReportWithin, func() bool { return inside.ret != nil && e.Count(target.CBReport) > 0 })
	}
	e.Hard(inside.stuck).To(BeFalse(), "%v called from inside %v has not returned after %v: it hangs", c.Func, cb, stuckAfter)
	if inside.stuck {
		return
	}
	e.Given(ownerOf(cb), inside.ret).NotTo(BeNil(), "a call of %v, and of %v inside it", cb, c.Func)
	e.Measure("it returns", "%v", inside.ret.Code)
	e.Expect(inside.ret.Took()).To(BeNumerically("<", 4*withoutDelay), "machine time of %v inside %v: it ends at once", c.Func, cb)

	// The library still works.
	e.Lib.EventStop(2)
	e.Lib.EventStopExt(2, 0, 0)
	if c.Func == target.FnExit && inside.ret.Code == target.ErrNone {
		e.Expect(e.Lib.Init(ParmFor(fixtures.H264(), nil))).To(ReturnNone(), "iv_cs_init after an iv_cs_exit inside %v", cb)
		e.AwaitPlan(target.PlanEvent)
	}
	e.Await(StopWithin, func() bool { return !streaming(e) })
	starts := e.Count(target.CBStart)
	e.Expect(e.Lib.EventStart(5)).To(ReturnNone(), "iv_cs_event_start afterwards")
	e.Expect(e.AwaitCallback(target.CBStart, starts+1, StartWithin)).NotTo(BeNil(), "start_cb afterwards")
	after := e.Camera(fixtures.H264(), nil)
	after.Run(4 * time.Second)
	e.Expect(after.Refused()).To(BeEmpty(), "frames refused afterwards")
	e.Expect(e.Lib.EventStop(5)).To(ReturnNone(), "iv_cs_event_stop afterwards")
	e.Expect(e.Await(ReportWithin, func() bool { return len(resultsOf(e, 5)) > 0 && len(after.Unreported()) == 0 })).
		To(BeTrue(), "the event afterwards and all its video reported within %v", ReportWithin)
	for _, result := range resultsOf(e, 5) {
		e.Expect(result.ResultCode).To(Equal(int32(1)), "result_code of the event afterwards")
	}
}

// stuckAfter is the machine time after which a call inside a callback hangs.
const stuckAfter = 5 * time.Second

// insideCall watches a call that is made from inside a callback.
type insideCall struct {
	e     *Env
	ret   *target.Return
	since func() time.Duration // machine time since the call was first seen under way
	stuck bool
}

// await is Env.Await that gives up when the call hangs: a step of virtual time
// waits ten seconds of machine time for a callback that does not return.
func (c *insideCall) await(within time.Duration, met func() bool) bool {
	ok := false
	c.e.Await(within, func() bool {
		c.look()
		ok = met()
		return ok || c.stuck
	})
	return ok && !c.stuck
}

func (c *insideCall) look() {
	for begun := true; begun && c.ret == nil && !c.stuck; {
		begun = false
		n := 0
		for _, ev := range c.e.Lib.Trace() {
			n++
			switch {
			case ev.Inside == 0 || ev.Thread >= 0:
			case ev.Kind == target.CallBegun:
				begun = true
			case ev.Kind == target.CallReturned:
				c.ret = ev.Return
			}
		}
		if !begun || c.ret != nil {
			return
		}
		if c.since == nil {
			c.since = clock.Elapsed()
		}
		c.stuck = c.since() > stuckAfter
		bound, cancel := new(clock.Clock).WithTimeout(context.Background(), time.Second)
		_ = c.e.Lib.Wait(bound, "the return of the call", func(all []target.Event) bool { return len(all) > n })
		cancel()
	}
}

// eventUndisturbed runs an event with a picture, twelve seconds of video and a second
// event beside it, and returns its camera.
func eventUndisturbed(e *Env, cb target.Callback) *Camera {
	if cb != target.CBCapture {
		withPictures(e)
	}
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	e.InitEvents(cam)
	e.StartEvent(1, 1)
	cam.Run(12 * time.Second)
	e.StopEvent(1)
	e.Await(ReportWithin, func() bool { return e.Count(target.CBReport) > 0 && e.Count(target.CBStop) > 0 })
	e.Exit()
	e.Given(ownerOf(cb), e.Count(cb)).NotTo(BeZero(), "calls of %v in an event", cb)
	return cam
}

// expectUndisturbed states that all was stored as if the callbacks had been quick.
func expectUndisturbed(e *Env, cam *Camera) {
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
	e.Expect(e.Stored()).NotTo(BeEmpty(), "segments stored")
	if transparent(e) {
		e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
	}
	for _, ev := range finishedEvents(e) {
		e.Expect(ev.Complete).To(BeTrue(), "event %d complete at the cloud", ev.EventID)
	}
	for _, result := range e.Results() {
		e.Expect(result.ResultCode).To(Equal(int32(1)), "result_code of event %d", result.EventID)
	}
}

// sleeps lets a callback sleep for 2 s each time, pushes while it does, and
// compares what is stored.
func sleeps(e *Env, cb target.Callback) {
	withPictures(e)
	e.Lib.Answer(cb, answering(cb, target.Answer{Delay: 2 * time.Second}))
	// Answers of the store that are two seconds late put the callbacks that follow
	// from them into the middle of the stream.
	e.Device.Faults().SetAll(fakecloud.Fault{Delay: 2 * time.Second}, fakecloud.ClassSegmentPUT, fakecloud.ClassPicturePUT)
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	e.InitEvents(cam)
	asleep := func(within time.Duration) {
		e.Given(ownerOf(cb), e.Entered(cb, 1, within)).To(BeTrue(), "a call of %v", cb)
		if !streaming(e) {
			return // nothing can be pushed that would have to be fast
		}
		from := len(e.Lib.Trace())
		for range 20 {
			cam.PushVideo()
		}
		times := pushTimes(e, from, len(e.Lib.Trace()))
		if target.Left(e.Lib.Trace(), cb) > 0 && times[len(times)-1] < withoutDelay {
			e.Measure("pushes while "+cb.String()+" slept", "not all of them: it was over before")
		}
		e.Expect(times[len(times)-1]).To(BeNumerically("<", withoutDelay), "machine time of the longest of %d pushes while %v slept", len(times), cb)
	}
	e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start(1)")
	switch cb {
	case target.CBStart, target.CBCapture, target.CBPicture:
		asleep(PictureWithin)
	}
	e.AwaitStart(1)
	cam.Run(11 * time.Second)
	if cb == target.CBNotify {
		asleep(SegmentLength)
	}
	if cb == target.CBReport { // a second event keeps the stream going
		e.Given("PAR-001", e.Lib.EventStart(2)).To(ReturnNone(), "iv_cs_event_start(2) beside the first")
		e.StopEvent(1)
		asleep(ReportWithin)
		cam.Run(4 * time.Second)
		e.StopEvent(2)
	} else {
		cam.Run(time.Second)
		e.StopEvent(1)
	}
	if cb == target.CBStop {
		asleep(StopWithin)
	}
	e.Expect(e.Await(ReportWithin, func() bool { return len(e.Results()) == len(finishedEvents(e)) && len(e.Results()) > 0 })).
		To(BeTrue(), "every event reported within %v of its stop", ReportWithin)
	e.Exit()
	expectUndisturbed(e, cam)
}

// uploadsBeside holds two segments back, lets them go, and sees whether the
// second is stored before notify_cb, which tells of the first, has ended.
func uploadsBeside(e *Env) {
	cam := e.Camera(fixtures.H264(), nil)
	e.StartFullTime(cam)
	e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: 503})
	cam.Run(26 * time.Second)
	e.Lib.Answer(target.CBNotify, target.Answer{Delay: 2 * time.Second})
	e.Device.Faults().ClearAll()
	e.Given("UPL-001", e.Await(2*time.Minute, func() bool { return len(e.Stored()) > 1 && len(e.Slices()) > 1 })).
		To(BeTrue(), "two segments stored and reported within two minutes of the store's recovery")
	e.Exit()
	var told, over time.Duration // of the first segment: notify_cb entered and left
	for _, ev := range e.Lib.Trace() {
		if ev.Callback != target.CBNotify || ev.Args == nil || len(ev.Args.Slices) == 0 || over > 0 {
			continue
		}
		if ev.Kind == target.CallbackEntered && told == 0 {
			told = ev.Mono
		}
		if ev.Kind == target.CallbackLeft {
			over = ev.Mono
		}
	}
	second := e.Stored()[1]
	e.Expect(second.StoredMono).To(BeNumerically("<", over), "machine time at which %s was stored, against the end of the notify_cb for the segment before it", second.Name())
}
