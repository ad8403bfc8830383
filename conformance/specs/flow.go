package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// flow is the section on the order of use (使用流程).
func flow(s *Suite) {
	s.Rule("FLOW-001", func(r *Rule) {
		// The happy path with no plan query before init, and with several.
		for name, before := range map[string]func(e *Env){
			"without a plan query before init": func(*Env) {},
			"after iv_cs_get_balance_info(0) and (5)": func(e *Env) {
				e.Lib.GetBalance(0)
				e.Finish(e.Go(1, target.GetBalanceCall(5)), 6*time.Second)
			},
			"after twenty plan queries": func(e *Env) {
				for range 20 {
					e.Lib.GetBalance(0)
				}
			},
		} {
			r.Scenario("full-time streaming works "+name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.Device.SetPlan(FullTime)
				before(e)
				e.Require(e.Lib.Init(e.Parm())).To(Succeed())
				e.Require(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v", StartWithin)
				cam.Run(4 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused on a good network")
				e.Exit()
				e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
			})
		}
	})

	s.Rule("FLOW-002", func(r *Rule) {
		calls := map[string]target.Call{
			"iv_cs_push_stream of a video frame": target.PushVideoCall(keyFrame()),
			"iv_cs_event_start(1)":               target.EventStartCall(1),
			"iv_cs_event_stop(1)":                target.EventStopCall(1),
			"iv_cs_event_start_ext(1, 0, 0)":     target.EventStartExtCall(1, 0, 0),
			"iv_cs_event_stop_ext(1, 0, 0)":      target.EventStopExtCall(1, 0, 0),
			"iv_cs_event_directly_report(1)":     target.DirectlyReportCall(1, 0, fixtures.JPEG()),
			"iv_cs_set_ai_process(1, FALL)":      target.SetAICall(1, target.AIFallDetect),
			"iv_cs_get_ai_process(1)":            target.GetAICall(1),
		}
		for name, call := range calls {
			r.Scenario(name+" before init is refused without effect", func(e *Env) {
				e.Device.SetPlan(EventPlan)
				ret, back := e.Finish(e.Go(1, call), 10*time.Second)
				e.Hard(back).To(BeTrue(), "%s before init did not return within 10 s", name)
				// AMB-39: the text names no code and no reaction but the order.
				e.Soft(ret.Code).To(Refuse(), "%s before init", name)
				e.Advance(5 * time.Second)
				for _, cb := range target.Callbacks() {
					e.Expect(e.Count(cb)).To(BeZero(), "%v was called although iv_cs_init was not", cb)
				}
				e.Expect(e.Device.Uploads()).To(BeEmpty(), "uploads begun before iv_cs_init")
				e.Expect(e.Device.Events()).To(BeEmpty(), "events reported before iv_cs_init")
			})
		}
	})
}

// keyFrame is the first frame of the H.264 clip as a pack.
func keyFrame() target.VencPack {
	return target.VencPack{Data: fixtures.H264().At(0).Data, FrameType: target.FrameI}
}
