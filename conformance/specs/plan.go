package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// plan is note 13: what a plan's coming and going causes.
func plan(s *Suite) {
	s.Rule("PLAN-001", func(r *Rule) {
		r.Scenario("without a plan start_cb does not come, with a full-time plan it does", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.Advance(15 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(BeZero(), "calls of start_cb in 15 s without a plan")
			e.SetPlan(FullTime)
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb with a full-time plan")
		})
	})

	s.Rule("PLAN-002", func(r *Rule) {
		r.Scenario("without a plan a push returns IV_ERR_CS_APPLY_NO_SERVICE", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Device.SetPlan(NoPlan)
			e.Init(ParmFor(cam.Video, nil))
			e.AwaitPlan(target.PlanNone)
			e.Expect(cam.PushVideo()).To(Return(target.ErrApplyNoService), "iv_cs_push_stream without a plan")
		})
	})

	s.Rule("PLAN-003", func(r *Rule) {
		r.Scenario("a caller that polls sees an event plan take effect", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanNone)
			e.SetPlan(EventPlan)
			seen := e.Await(StartWithin, func() bool {
				b, code := e.Lib.GetBalance(0)
				return code == target.ErrNone && b.Type == target.PlanEvent
			})
			e.Expect(seen).To(BeTrue(), "iv_cs_get_balance_info(0) with the event plan within %v", StartWithin)
		})
	})

	s.Rule("PLAN-004", func(r *Rule) {
		r.Scenario("a plan that comes and goes three times gives start_cb and stop_cb in turn", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			for i := 1; i <= 3; i++ {
				e.SetPlan(FullTime)
				e.Require(e.AwaitCallback(target.CBStart, i, StartWithin)).NotTo(BeNil(), "start_cb number %d within %v of the plan", i, StartWithin)
				e.Advance(2 * time.Second)
				e.SetPlan(NoPlan)
				e.Require(e.AwaitCallback(target.CBStop, i, StopWithin)).NotTo(BeNil(), "stop_cb number %d within %v of the plan's end", i, StopWithin)
				e.Advance(2 * time.Second)
			}
			e.Expect(e.Count(target.CBStart)).To(Equal(3), "calls of start_cb in three turns")
			e.Expect(e.Count(target.CBStop)).To(Equal(3), "calls of stop_cb in three turns")
		})
		r.Scenario("a plan that ends and returns within 200 ms leaves the library streaming", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			e.SetPlan(NoPlan)
			e.Advance(100 * time.Millisecond)
			e.SetPlan(FullTime)
			settled := e.Await(StartWithin, func() bool { return e.Count(target.CBStart) == e.Count(target.CBStop)+1 })
			e.Expect(settled).To(BeTrue(), "start_cb as the last word within %v", StartWithin)
			e.Advance(3 * time.Second)
			e.Expect(cam.PushVideo()).To(ReturnNone(), "a push with the plan back in force")
		})
	})

	s.Rule("PLAN-005", func(r *Rule) {
		r.Scenario("under an event plan there is no notification and the interfaces work", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Device.SetPlan(NoPlan)
			e.Init(ParmFor(cam.Video, nil))
			e.SetPlan(EventPlan)
			e.AwaitPlan(target.PlanEvent)
			e.Expect(callbacksEntered(e)).To(BeZero(), "callbacks that an event plan caused")
			e.Require(e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start under an event plan")
			e.Require(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb of the event")
			cam.Run(4 * time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused during the event")
			e.Expect(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop under an event plan")
			result, back := e.Finish(e.Go(1, target.DirectlyReportCall(2, 0, fixtures.JPEG())), ReportWithin)
			e.Expect(back).To(BeTrue(), "iv_cs_event_directly_report back within %v", ReportWithin)
			e.Expect(result.Code).To(ReturnNone(), "iv_cs_event_directly_report under an event plan")
		})
	})

	s.Rule("PLAN-006", func(r *Rule) {
		r.Scenario("a plan that runs out during an event stops the stream and keeps what was stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.StartEvent(1, 1)
			cam.Run(5 * time.Second)
			e.SetPlan(NoPlan)
			e.Hard(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of the plan's expiry (AMB-88)", StopWithin)
			e.Advance(3 * time.Second)
			cam.ToKey()
			late := cam.PushVideo()
			e.Expect(late).To(Return(target.ErrApplyNoService), "iv_cs_push_stream after the plan's expiry")
			e.Record("iv_cs_event_stop after the expiry", "%v", e.Lib.EventStop(1))
			e.Expect(e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb of the event within %v", ReportWithin)
			for _, result := range e.Results() {
				e.Record("result_code of the event", "%d", result.ResultCode)
			}
			e.Hard(e.AwaitCallback(target.CBPicture, 1, PictureWithin)).NotTo(BeNil(), "the captured picture released (AMB-88)")
		})
	})

	s.Rule("PLAN-007", func(r *Rule) {
		r.Scenario("an event under a full-time plan is reported and leaves the stream alone", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			cam.Run(6 * time.Second)
			started := e.Lib.EventStart(5)
			e.Expect(started).To(ReturnNone(), "iv_cs_event_start under a full-time plan (AMB-29)")
			cam.Run(5 * time.Second)
			e.Expect(e.Lib.EventStop(5)).To(ReturnNone(), "iv_cs_event_stop under a full-time plan")
			cam.Run(6 * time.Second)
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb: the stream had been started by the plan")
			e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb: the plan still wants the stream")
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around the event")
			e.Expect(e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb of the event")
			e.Expect(e.Count(target.CBPicture)).To(Equal(1), "calls of picture_result_cb")
			e.Expect(finishedEvents(e)).To(HaveLen(1), "events at the cloud")
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
		})
	})

	s.Rule("PLAN-008", func(r *Rule) {
		r.Scenario("from full-time to event the stream stops, and back it starts", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			e.SetPlan(EventPlan)
			e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of the change to an event plan", StopWithin)
			e.SetPlan(FullTime)
			e.Expect(e.AwaitCallback(target.CBStart, 2, StartWithin)).NotTo(BeNil(), "start_cb within %v of the change to a full-time plan", StartWithin)
		})
		r.Scenario("a change during an event", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(3 * time.Second)
			e.SetPlan(FullTime)
			e.Advance(3 * time.Second)
			e.Record("callbacks of a change from event to full-time during an event", "%d start_cb, %d stop_cb", e.Count(target.CBStart)-1, e.Count(target.CBStop))
			e.StopEvent(1)
			e.Advance(3 * time.Second)
			e.Record("callbacks of the event's end under the new full-time plan", "%d stop_cb", e.Count(target.CBStop))
		})
	})

	s.Rule("PLAN-009", func(r *Rule) {
		off := fakecloud.Plan{Switch: 0, Type: int(target.PlanFullTime)}
		r.Scenario("the switch of a full-time plan", func(e *Env) {
			// What the switch does is open (AMB-21): only its mirror in
			// iv_cs_get_balance_info is a rule (BAL-011).
			cam := e.Camera(fixtures.H264(), nil)
			e.Device.SetPlan(off)
			e.Init(ParmFor(cam.Video, nil))
			e.Advance(StartWithin)
			e.Record("start_cb with the switch off", "%d", e.Count(target.CBStart))
			e.Record("push with the switch off", "%v", cam.PushVideo())
			e.SetPlan(FullTime)
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of switch and plan in force", StartWithin)
			e.SetPlan(off)
			e.AwaitCallback(target.CBStop, 1, StopWithin)
			e.Record("stop_cb when the switch goes off", "%d", e.Count(target.CBStop))
		})
	})
}
