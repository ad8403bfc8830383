package specs

import (
	"math"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// event is iv_cs_event_start and iv_cs_event_stop.
func event(s *Suite) {
	eventIDs(s)
	eventCallbackRules(s)
	eventPairs(s)
	eventTimes(s)
	eventPlans(s)
	eventRecords(s)
}

// eventIDs: 1 to 16, passed through as they are.
func eventIDs(s *Suite) {
	s.Rule("EVT-001", func(r *Rule) {
		r.Scenario("the ids 1 to 16 are accepted", func(e *Env) {
			acceptIDs(e, "EVT-001", target.EventStartCall, "EVT-002", target.EventStopCall)
		})
		r.Scenario("other ids are refused without effect", func(e *Env) {
			refuseStarts(e, target.EventStartCall)
		})
	})

	s.Rule("EVT-002", func(r *Rule) {
		r.Scenario("the ids 1 to 16 are accepted", func(e *Env) {
			acceptIDs(e, "EVT-001", target.EventStartCall, "EVT-002", target.EventStopCall)
		})
		r.Scenario("other ids are refused and leave the running event alone", func(e *Env) {
			refuseStops(e, target.EventStartCall, target.EventStopCall)
		})
	})

	s.Rule("EVT-003", func(r *Rule) {
		r.Scenario("each id reaches capture_picture_cb, report_result_cb and the cloud unchanged", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			withPictures(e)
			for id := int32(1); id <= 16; id++ {
				e.Given("EVT-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d)", id)
				capture := e.AwaitCallback(target.CBCapture, int(id), StartWithin)
				e.Given("EVT-004", capture).NotTo(BeNil(), "capture_picture_cb of event %d", id)
				e.Expect(capture.Args.EventID).To(Equal(id), "event_id of capture_picture_cb for iv_cs_event_start(%d)", id)
				e.Advance(500 * time.Millisecond)
				e.StopEvent(id)
				e.Given("REPORT-001", e.AwaitCallback(target.CBReport, int(id), ReportWithin)).NotTo(BeNil(), "report_result_cb of event %d", id)
				e.Expect(e.Results()[id-1].EventID).To(Equal(id), "event_id of report_result_cb for iv_cs_event_start(%d)", id)
				e.Given("EVT-018", e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) >= int(id) })).To(BeTrue(), "event %d at the cloud", id)
				e.Expect(finishedEvents(e)[id-1].EventID).To(Equal(id), "event_id at the cloud for iv_cs_event_start(%d)", id)
			}
		})
	})
}

// oddIDs are none of 1 to 16.
var oddIDs = []int32{0, 17, -1, math.MinInt32, math.MaxInt32}

// acceptIDs runs a short event of each id; startRule and stopRule own that the
// two calls accept it.
func acceptIDs(e *Env, startRule string, start func(int32) target.Call, stopRule string, stop func(int32) target.Call) {
	e.InitEvents(e.Camera(fixtures.H264(), nil))
	for id := int32(1); id <= 16; id++ {
		e.Given(startRule, e.Lib.Call(start(id)).Code).To(ReturnNone(), "%s with event_id %d", start(id).Func, id)
		e.Advance(500 * time.Millisecond)
		e.Given(stopRule, e.Lib.Call(stop(id)).Code).To(ReturnNone(), "%s with event_id %d", stop(id).Func, id)
	}
	e.Given("EVT-005", e.Await(StartWithin, func() bool { return e.Count(target.CBStart) > 0 })).To(BeTrue(), "start_cb of an event")
}

// refuseStarts tries ids that no event can have.
func refuseStarts(e *Env, start func(int32) target.Call) {
	e.InitEvents(e.Camera(fixtures.H264(), nil))
	for _, id := range oddIDs {
		e.Expect(e.Lib.Call(start(id)).Code).To(Refuse(), "%s with event_id %d", start(id).Func, id)
	}
	expectNoEvent(e, "event ids that are not 1 to 16")
	// The same library does start an event of a valid id.
	e.StartEvent(1, 1)
}

// refuseStops tries ids that no event can have while event 1 runs.
func refuseStops(e *Env, start, stop func(int32) target.Call) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.Given("EVT-014", e.Lib.Call(start(1)).Code).To(ReturnNone(), "%s with event_id 1", start(1).Func)
	e.AwaitStart(1)
	for _, id := range oddIDs {
		e.Expect(e.Lib.Call(stop(id)).Code).To(Refuse(), "%s with event_id %d", stop(id).Func, id)
	}
	cam.Run(4 * time.Second)
	expectRunning(e, cam, "the refused stops")
	e.Expect(e.Lib.Call(stop(1)).Code).To(ReturnNone(), "%s of the running event", stop(1).Func)
	e.Given("EVT-010", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb of event 1")
}

// expectRunning states that an event goes on: frames are taken, nothing has
// been said of its end.
func expectRunning(e *Env, cam *Camera, after string) {
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused after %s, while the event runs", after)
	e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb after %s, while the event runs", after)
	e.Expect(e.Results()).To(BeEmpty(), "events reported after %s, while the event runs", after)
}

// eventCallbackRules: what a start and a stop call forth.
func eventCallbackRules(s *Suite) {
	s.Rule("EVT-004", func(r *Rule) {
		r.Scenario("one event asks for one picture", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(3, 1)
			e.Expect(e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb within %v of iv_cs_event_start", StartWithin)
			cam.Run(5 * time.Second)
			e.StopEvent(3)
			toldOf(e, 3, 1)
			e.Expect(captured(e)).To(Equal([]int32{3}), "event ids of capture_picture_cb")
		})
		r.Scenario("parallel events ask for one picture each", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			for _, id := range []int32{1, 2, 3} {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
			}
			e.AwaitCallback(target.CBCapture, 3, StartWithin)
			e.AwaitStart(1)
			cam.Run(4 * time.Second)
			for _, id := range []int32{1, 2, 3} {
				e.StopEvent(id)
			}
			toldOf(e, 3, 1)
			e.Expect(captured(e)).To(ConsistOf(int32(1), int32(2), int32(3)), "event ids of capture_picture_cb")
		})
		r.Scenario("each of two events in turn asks for a picture, a refused start for none", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for i, id := range []int32{1, 2} {
				e.Given("EVT-001", e.Lib.EventStart(17)).To(Refuse(), "iv_cs_event_start(17)")
				e.StartEvent(id, i+1)
				e.Expect(e.AwaitCallback(target.CBCapture, i+1, StartWithin)).NotTo(BeNil(), "capture_picture_cb within %v of iv_cs_event_start(%d)", StartWithin, id)
				e.Advance(2 * time.Second)
				e.StopEvent(id)
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb of event %d", id)
			}
			e.Advance(2 * time.Second)
			e.Expect(captured(e)).To(Equal([]int32{1, 2}), "event ids of capture_picture_cb")
		})
	})

	s.Rule("EVT-005", func(r *Rule) {
		r.Scenario("each event under an event plan calls start_cb", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for i, id := range []int32{1, 1, 9} {
				e.Expect(e.Count(target.CBStart)).To(Equal(i), "calls of start_cb before iv_cs_event_start number %d", i+1)
				e.Given("EVT-014", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d)", id)
				e.Require(e.AwaitCallback(target.CBStart, i+1, StartWithin)).NotTo(BeNil(), "start_cb within %v of iv_cs_event_start number %d", StartWithin, i+1)
				e.Advance(2 * time.Second)
				e.StopEvent(id)
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb of event %d", id)
			}
		})
		r.Scenario("start_cb of an event under a full-time plan", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			e.Record("iv_cs_event_start under a full-time plan", "%v", e.Lib.EventStart(1)) // AMB-29
			cam.Run(4 * time.Second)
			e.Record("start_cb of an event while a full-time plan streams", "%d", e.Count(target.CBStart)-1)
		})
		r.Scenario("start_cb of an event with CS_EVENT_PIC_REQ", func(e *Env) {
			p := e.Parm()
			p.EventReportOpt = target.ReportPic
			e.InitEventsWith(nil, p)
			withPictures(e)
			e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start with CS_EVENT_PIC_REQ")
			e.AwaitCallback(target.CBStart, 1, StartWithin)
			e.Record("start_cb of an event with CS_EVENT_PIC_REQ", "%d", e.Count(target.CBStart)) // AMB-78
		})
	})

	s.Rule("EVT-006", func(r *Rule) { pictureResults(r, target.EventStartCall(1), target.EventStopCall(1)) })

	s.Rule("EVT-010", func(r *Rule) {
		stopCallbacks(r, target.EventStartCall, target.EventStopCall)
		r.Scenario("of parallel events the last one's end leaves stop_cb as the last word", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.StartEvent(1, 1)
			e.Given("PAR-001", e.Lib.EventStart(2)).To(ReturnNone(), "iv_cs_event_start(2) in parallel")
			e.Advance(2 * time.Second)
			e.Require(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop(1)")
			e.Advance(3 * time.Second)
			e.Given("PAR-004", streaming(e)).To(BeTrue(), "start_cb as the last word while event 2 runs")
			e.Require(e.Lib.EventStop(2)).To(ReturnNone(), "iv_cs_event_stop(2)")
			e.Expect(e.Await(StopWithin, func() bool { return !streaming(e) })).To(BeTrue(), "stop_cb within %v of the last event's stop", StopWithin)
		})
		r.Scenario("stop_cb of an event under a full-time plan", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			cam.Run(2 * time.Second)
			e.Record("iv_cs_event_start under a full-time plan", "%v", e.Lib.EventStart(1))
			cam.Run(3 * time.Second)
			e.Lib.EventStop(1)
			cam.Run(3 * time.Second)
			e.Record("stop_cb of an event while a full-time plan streams", "%d", e.Count(target.CBStop)) // AMB-26
		})
	})
}

// captured are the ids with which capture_picture_cb has been called, in order.
func captured(e *Env) []int32 {
	var ids []int32
	for _, ev := range e.Callbacks(target.CBCapture) {
		ids = append(ids, ev.Args.EventID)
	}
	return ids
}

// pictureResults: picture_result_cb tells of the upload when it has ended.
func pictureResults(r *Rule, start, stop target.Call) {
	run := func(e *Env, fault fakecloud.Fault) {
		cam := e.Camera(fixtures.H264(), nil)
		e.InitEvents(cam)
		withPictures(e)
		e.Device.Faults().Set(fakecloud.ClassPicturePUT, fault)
		e.Given("EVT-014", e.Lib.Call(start).Code).To(ReturnNone(), "%s under an event plan", start.Func)
		e.AwaitStart(1)
		e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb of the event")
		cam.Run(4 * time.Second)
		e.Given("EVT-010", e.Lib.Call(stop).Code).To(ReturnNone(), "%s of the running event", stop.Func)
	}
	r.Scenario("a picture that is stored is reported with IV_ERR_NONE, once the store has answered", func(e *Env) {
		const late = 3 * time.Second
		run(e, fakecloud.Fault{Delay: late})
		result := e.AwaitCallback(target.CBPicture, 1, PictureWithin)
		e.Require(result).NotTo(BeNil(), "picture_result_cb within %v of %s", PictureWithin, stop.Func)
		e.Hard(target.Code(result.Args.ErrCode)).To(ReturnNone(), "err_code of a picture that was stored (AMB-12)")
		e.Require(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud when picture_result_cb came")
		e.Expect(result.Domain).To(BeTemporally(">=", e.Device.Pictures()[0].StoredAt.Add(late)), "picture_result_cb after the store's answer")
		e.Advance(2 * time.Second)
		e.Expect(e.Count(target.CBPicture)).To(Equal(1), "calls of picture_result_cb for one picture")
	})
	for _, f := range []struct {
		name  string
		fault fakecloud.Fault
	}{
		{"is answered with status 500", fakecloud.Fault{Status: 500}},
		{"is cut", fakecloud.Fault{ResetAfter: 1000}},
		{"is never answered", fakecloud.Fault{Hang: true}},
	} {
		r.Scenario("a picture whose upload "+f.name+" is reported as failed", func(e *Env) {
			run(e, f.fault)
			// How often a library tries is its own affair (AMB-85); exit ends it.
			e.Exit()
			e.Given("CB-PIC-002", e.Callbacks(target.CBPicture)).To(HaveLen(1), "calls of picture_result_cb by the return of iv_cs_exit")
			e.Hard(target.Code(e.Callbacks(target.CBPicture)[0].Args.ErrCode)).To(Refuse(), "err_code of a picture that was not stored (AMB-12)")
			e.Require(e.Device.Pictures()).To(BeEmpty(), "pictures in a store that failed them all")
		})
	}
}

// stopCallbacks: one stop_cb after the stop of the only event.
func stopCallbacks(r *Rule, start, stop func(int32) target.Call) {
	for _, clip := range fixtures.Bases() {
		r.Scenario("the end of the only event calls stop_cb once, with "+clip.Name, func(e *Env) {
			cam := e.Camera(clip, nil)
			e.InitEvents(cam)
			for i, id := range []int32{1, 2} {
				e.Given("EVT-014", e.Lib.Call(start(id)).Code).To(ReturnNone(), "%s(%d)", start(id).Func, id)
				e.AwaitStart(i + 1)
				cam.Run(3 * time.Second)
				e.Expect(e.Count(target.CBStop)).To(Equal(i), "calls of stop_cb while event %d runs", id)
				e.Require(e.Lib.Call(stop(id)).Code).To(ReturnNone(), "%s(%d)", stop(id).Func, id)
				e.Require(e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of %s(%d)", StopWithin, stop(id).Func, id)
				cam.Pause(3 * time.Second)
				e.Expect(e.Count(target.CBStop)).To(Equal(i+1), "calls of stop_cb after %s(%d)", stop(id).Func, id)
			}
		})
	}
}
