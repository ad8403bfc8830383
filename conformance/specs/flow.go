package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// flow is the section on the order of use (使用流程).
func flow(s *Suite) {
	flowBasic(s)
	flowEvent(s)
	flowData(s)
}

// flowBasic is 基本推流过程: init, start_cb, push, stop_cb, exit.
func flowBasic(s *Suite) {
	s.Rule("FLOW-001", func(r *Rule) {
		for _, c := range []struct {
			when string
			do   func(*Env)
		}{
			{"without a plan query before init", func(*Env) {}},
			{"after iv_cs_get_balance_info(0) and (5)", func(e *Env) {
				e.Lib.GetBalance(0)
				e.Finish(e.Go(1, target.GetBalanceCall(5)), 10*time.Second)
			}},
			{"after twenty plan queries", func(e *Env) {
				for range 20 {
					e.Lib.GetBalance(0)
				}
			}},
		} {
			r.Scenario("full-time streaming works "+c.when, func(e *Env) {
				e.Device.SetPlan(FullTime)
				c.do(e)
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.Require(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init %s", c.when)
				e.Require(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v", StartWithin)
				cam.Run(4 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused on a good network")
				e.Exit()
				e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
			})
		}
	})

	s.Rule("FLOW-002", func(r *Rule) {
		for _, c := range []struct {
			name string
			call target.Call
		}{
			{"iv_cs_push_stream of a key frame", target.PushVideoCall(keyFrame())},
			{"iv_cs_push_stream of NULL", target.PushRawCall(target.StreamVideo, target.RawPack{Null: true})},
			{"iv_cs_event_start(1)", target.EventStartCall(1)},
			{"iv_cs_event_stop(1)", target.EventStopCall(1)},
			{"iv_cs_event_start_ext(1, 0, 0)", target.EventStartExtCall(1, 0, 0)},
			{"iv_cs_event_stop_ext(1, 0, 0)", target.EventStopExtCall(1, 0, 0)},
			{"iv_cs_event_directly_report(1, 0, JPEG)", target.DirectlyReportCall(1, 0, fixtures.JPEG())},
			{"iv_cs_set_ai_process(1, FALL_DETECT)", target.SetAICall(1, target.AIFallDetect)},
			{"iv_cs_get_ai_process(1)", target.GetAICall(1)},
		} {
			r.Scenario(c.name+" before init is refused without effect", func(e *Env) {
				e.Device.SetPlan(EventPlan)
				ret, back := e.Finish(e.Go(1, c.call), 30*time.Second)
				e.Hard(back).To(BeTrue(), "%s before iv_cs_init returns", c.name)
				// The text fixes the order of use, but no code and no reaction (AMB-39).
				e.Soft(ret.Code).To(Refuse(), "%s before iv_cs_init", c.name)
				e.Advance(3 * time.Second)
				for _, cb := range target.Callbacks() {
					e.Expect(e.Count(cb)).To(BeZero(), "calls of %v before iv_cs_init", cb)
				}
				e.Expect(e.Device.Uploads()).To(BeEmpty(), "uploads begun before iv_cs_init")
				e.Expect(e.Device.Events()).To(BeEmpty(), "events reported before iv_cs_init")
			})
		}
	})

	s.Rule("FLOW-003", func(r *Rule) {
		r.Scenario("with a full-time plan start_cb comes by itself, once", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(e.Parm())
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of iv_cs_init", StartWithin)
			e.Advance(5 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb")
		})
		for _, c := range []struct {
			name string
			plan int32
		}{{"no plan", target.PlanNone}, {"an event plan", target.PlanEvent}} {
			r.Scenario("with "+c.name+" start_cb does not come until a full-time plan opens", func(e *Env) {
				p := FullTime
				p.Type = int(c.plan)
				e.Device.SetPlan(p)
				e.Init(e.Parm())
				e.Advance(StartWithin)
				e.Expect(e.Count(target.CBStart)).To(BeZero(), "calls of start_cb with %s", c.name)
				e.SetPlan(FullTime)
				e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of the full-time plan", StartWithin)
			})
		}
	})

	s.Rule("FLOW-004", func(r *Rule) {
		r.Scenario("frames pushed before start_cb under a full-time plan are not stored", func(e *Env) {
			// The plan's answer is late, so that there is a time before start_cb.
			e.Device.Faults().Set(fakecloud.ClassPlan, fakecloud.Fault{Delay: 3 * time.Second})
			e.Device.SetPlan(FullTime)
			early := e.Camera(fixtures.H264(), nil)
			e.Init(e.Parm())
			e.Soft(early.PushVideo()).To(Refuse(), "iv_cs_push_stream before start_cb")
			before := e.Count(target.CBStart)
			e.Device.Faults().ClearAll()
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
			cam := e.Camera(fixtures.H264(), nil)
			e.Expect(cam.PushVideo()).To(ReturnNone(), "the first push after start_cb")
			cam.Run(4 * time.Second)
			e.Exit()
			e.Given("FLOW-012", cam.Missing()).To(BeEmpty(), "frames pushed after start_cb that are not in the cloud")
			if before == 0 {
				expectOnly(e, cam)
			}
		})
		r.Scenario("a frame pushed under an event plan without an event is not stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			code := cam.PushVideo()
			e.Record("push under an event plan without an event", "%v", code) // AMB-87
			e.Soft(code).To(Refuse(), "iv_cs_push_stream before start_cb")
			e.Advance(5 * time.Second)
			e.Exit()
			e.Expect(e.Stored()).To(BeEmpty(), "segments in the cloud without an event")
		})
	})

	s.Rule("FLOW-005", func(r *Rule) {
		r.Scenario("frames pushed after a plan's end are not stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			cam.Run(4 * time.Second)
			e.SetPlan(NoPlan)
			e.Given("CB-STOP-002", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of the plan's end", StopWithin)
			pushAfterStop(e, cam)
		})
		r.Scenario("frames pushed after an event's end are not stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			e.Given("EVT-010", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of iv_cs_event_stop", StopWithin)
			pushAfterStop(e, cam)
		})
	})

	s.Rule("FLOW-006", func(r *Rule) {
		for _, c := range []struct {
			name string
			do   func(*Env)
		}{
			{"right after init", func(e *Env) {
				e.Device.SetPlan(FullTime)
				e.Init(e.Parm())
			}},
			{"while streaming", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.StartFullTime(cam)
				cam.Run(5 * time.Second)
			}},
			{"after stop_cb", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.StartFullTime(cam)
				cam.Run(5 * time.Second)
				e.SetPlan(NoPlan)
				e.AwaitCallback(target.CBStop, 1, StopWithin)
			}},
		} {
			r.Scenario("after an exit "+c.name+" all is silent", func(e *Env) {
				c.do(e)
				e.Exit()
				callbacks, requests := callbacksEntered(e), len(e.Cloud.Journal())
				e.Advance(15 * time.Second)
				e.Expect(callbacksEntered(e)-callbacks).To(BeZero(), "callbacks in the 15 s after iv_cs_exit returned")
				e.Expect(len(e.Cloud.Journal())-requests).To(BeZero(), "requests to the cloud in the 15 s after iv_cs_exit returned")
			})
		}
	})
}

// flowEvent is 事件推流过程: event_start, capture_cb, start_cb, push, event_stop,
// stop_cb, picture_result_cb.
func flowEvent(s *Suite) {
	variants := []struct {
		name        string
		start, stop target.Call
	}{
		{"iv_cs_event_start and _stop", target.EventStartCall(3), target.EventStopCall(3)},
		{"iv_cs_event_start_ext and _stop_ext with (0, 0)", target.EventStartExtCall(3, 0, 0), target.EventStopExtCall(3, 0, 0)},
	}

	s.Rule("FLOW-007", func(r *Rule) {
		for _, v := range variants {
			r.Scenario(v.name+" carry an event", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.InitEvents(cam)
				e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
				e.Require(e.Lib.Call(v.start).Code).To(ReturnNone(), "%s under an event plan", v.start.Func)
				e.Expect(e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb after %s", v.start.Func)
				e.Require(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb after %s", v.start.Func)
				cam.Run(5 * time.Second)
				e.Given("EVT-010", e.Lib.Call(v.stop).Code).To(ReturnNone(), "%s of the running event", v.stop.Func)
				e.Expect(e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) > 0 })).
					To(BeTrue(), "the event at the cloud within %v of %s", ReportWithin, v.stop.Func)
				for _, ev := range finishedEvents(e) {
					e.Expect(ev.EventID).To(Equal(int32(3)), "id of the event at the cloud")
				}
			})
		}
	})

	s.Rule("FLOW-008", func(r *Rule) {
		r.Scenario("capture_picture_cb comes between event_start and event_stop, before start_cb", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			const rounds = 5
			reversed := 0
			for i := range rounds {
				e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start")
				capture := e.AwaitCallback(target.CBCapture, i+1, StartWithin)
				e.Hard(capture).NotTo(BeNil(), "capture_picture_cb after event_start and before event_stop")
				start := e.AwaitCallback(target.CBStart, i+1, StartWithin)
				e.Hard(start).NotTo(BeNil(), "start_cb after event_start and before event_stop")
				if capture == nil || start == nil {
					return
				}
				if start.Seq < capture.Seq {
					reversed++
				}
				// The text says 同时; the chart's order is asked for within a second (AMB-24).
				e.Expect(capture.Domain.Sub(start.Domain)).To(BeNumerically("<=", time.Second), "time from start_cb to capture_picture_cb")
				e.Lib.EventStop(1)
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb after event_stop")
			}
			e.Measure("start_cb before capture_picture_cb", "%d of %d events", reversed, rounds)
		})
	})

	s.Rule("FLOW-009", func(r *Rule) {
		for _, v := range variants {
			r.Scenario("stop_cb follows the stop, with "+v.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.Given("EVT-014", e.Lib.Call(v.start).Code).To(ReturnNone(), "%s", v.start.Func)
				e.AwaitStart(1)
				cam.Run(8 * time.Second)
				e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb while the event runs")
				e.Require(e.Lib.Call(v.stop).Code).To(ReturnNone(), "%s", v.stop.Func)
				e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of %s", StopWithin, v.stop.Func)
				e.Advance(5 * time.Second)
				e.Expect(e.Count(target.CBStop)).To(Equal(1), "calls of stop_cb for one event")
			})
		}
	})

	s.Rule("FLOW-010", func(r *Rule) {
		for _, d := range []time.Duration{4 * time.Second, 15 * time.Second} {
			r.Scenario("picture_result_cb comes after the upload, in an event of "+d.String(), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
				e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Delay: 2 * time.Second})
				e.StartEvent(1, 1)
				cam.Run(d)
				e.StopEvent(1)
				result := e.AwaitCallback(target.CBPicture, 1, PictureWithin)
				e.Hard(result).NotTo(BeNil(), "picture_result_cb within %v of event_stop", PictureWithin)
				stop := e.AwaitCallback(target.CBStop, 1, StopWithin)
				if result == nil || stop == nil {
					return
				}
				for _, capture := range e.Callbacks(target.CBCapture) {
					e.Hard(result.Seq).To(BeNumerically(">", capture.Seq), "place of picture_result_cb after capture_picture_cb")
				}
				e.Hard(e.Device.Pictures()).NotTo(BeEmpty(), "pictures in the cloud when picture_result_cb came")
				if len(e.Device.Pictures()) > 0 {
					answered := e.Device.Pictures()[0].StoredAt.Add(2 * time.Second)
					e.Hard(result.Domain).To(BeTemporally(">=", answered.Add(-time.Second)), "picture_result_cb after the answer to the picture's upload")
				}
				order := "after stop_cb, as in the chart"
				if result.Seq < stop.Seq {
					order = "before stop_cb, when the upload had finished"
				}
				e.Record("picture_result_cb", "%s", order) // AMB-23
			})
		}
	})

	s.Rule("FLOW-011", func(r *Rule) {
		for _, c := range []struct {
			name string
			id   func(i int) int32
			n    int
		}{
			{"ten events with the same id", func(int) int32 { return 7 }, 10},
			{"events with the ids 1 to 16", func(i int) int32 { return int32(i + 1) }, 16},
		} {
			r.Scenario(c.name+" in one init", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
				for i := range c.n {
					e.Require(e.Lib.EventStart(c.id(i))).To(ReturnNone(), "iv_cs_event_start number %d", i+1)
					e.Require(e.AwaitCallback(target.CBStart, i+1, StartWithin)).NotTo(BeNil(), "start_cb number %d", i+1)
					cam.Run(4 * time.Second)
					e.Given("EVT-010", e.Lib.EventStop(c.id(i))).To(ReturnNone(), "iv_cs_event_stop number %d", i+1)
					e.Require(e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb number %d", i+1)
					cam.ToKey()
				}
				for _, cb := range []target.Callback{target.CBCapture, target.CBStart, target.CBStop, target.CBPicture, target.CBReport} {
					e.AwaitCallback(cb, c.n, ReportWithin)
					e.Expect(e.Count(cb)).To(Equal(c.n), "calls of %v in %d events", cb, c.n)
				}
			})
		}
	})

	s.Rule("FLOW-015", func(r *Rule) {
		// The order itself is an invariant of every scenario; these strain it.
		r.Scenario("the plan goes on and off in quick succession", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(e.Parm())
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
			for range 4 {
				e.SetPlan(NoPlan)
				e.Advance(100 * time.Millisecond)
				e.SetPlan(FullTime)
				e.Advance(100 * time.Millisecond)
			}
			e.Advance(StartWithin)
			e.Expect(e.Count(target.CBStart)).To(Equal(e.Count(target.CBStop)+1), "calls of start_cb with the plan in force, against stop_cb")
		})
		r.Scenario("three events run in parallel", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			for id := int32(2); id <= 3; id++ {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
			}
			cam.Run(4 * time.Second)
			for id := int32(1); id <= 3; id++ {
				e.StopEvent(id)
				e.Advance(time.Second)
			}
			e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb after the last event's stop")
			e.Expect(e.Count(target.CBStart)).To(Equal(e.Count(target.CBStop)), "calls of start_cb and stop_cb after all events")
		})
	})
}

// flowData is what the flow is for: pushed data ends up in the cloud.
func flowData(s *Suite) {
	s.Rule("FLOW-012", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("twenty seconds of "+clip.Name+" with AAC are stored whole and once", func(e *Env) {
				cam := e.Camera(clip, fixtures.AAC())
				e.StartFullTime(cam)
				cam.Run(20 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused on a good network")
				e.Exit()
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
			})
		}
	})

	s.Rule("FLOW-013", func(r *Rule) {
		r.Scenario("each stored object can be read by itself", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(24 * time.Second)
			e.Exit()
			e.Expect(e.Stored()).NotTo(BeEmpty(), "segments in the cloud")
			for _, seg := range e.Stored() {
				if seg.TS.Opaque {
					e.Record("container", "opaque objects") // AMB-64
					continue
				}
				e.Record("container", "MPEG-TS")
				e.Expect(seg.TS.Hard()).To(BeEmpty(), "what is malformed in %s", seg.Name())
				if len(seg.TS.Video) > 0 {
					e.Record("first picture of a segment is a key frame", "%t", seg.TS.Video[0].Key)
				}
			}
		})
	})
}
