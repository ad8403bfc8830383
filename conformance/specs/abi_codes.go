package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// abiCodes: IV_ERR_NONE for success, another code for failure, and the codes that
// the specification names.
func abiCodes(s *Suite) {
	s.Rule("ABI-048", func(r *Rule) {
		r.Scenario("each function returns IV_ERR_NONE when it succeeds", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			succeeds := func(c target.Call, how string) {
				ret, back := e.Finish(e.Go(1, c), time.Minute)
				e.Expect(back).To(BeTrue(), "%s%s back within a minute", c.Func, how)
				if back {
					e.Expect(ret.Code).To(ReturnNone(), "%s%s", c.Func, how)
				}
			}
			e.Device.SetPlan(EventPlan)
			succeeds(target.InitCall(ParmFor(cam.Video, cam.Sound)), " with a valid parameter")
			succeeds(target.GetBalanceCall(5), "(…, 5) with the cloud at hand")
			e.AwaitPlan(target.PlanEvent)
			succeeds(target.GetBalanceCall(0), "(…, 0) with a plan known")
			succeeds(target.SetTransTimeCall(20_000, 20_000), "(20000, 20000)")
			succeeds(target.SetAICall(1, target.AIFallDetect), "(1, CS_AI_TYPE_FALL_DETECT, NULL)")
			succeeds(target.GetAICall(1), "(1, …, NULL)")
			succeeds(target.DirectlyReportCall(2, 0, fixtures.JPEG()), "(2, 0, a picture)")
			succeeds(target.EventStartCall(1), "(1) under an event plan")
			e.AwaitStart(1)
			cam.Run(4 * time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "packs that iv_cs_push_stream did not return IV_ERR_NONE for")
			succeeds(target.EventStopCall(1), "(1) of the running event")
			e.Given("EVT-010", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb")
			succeeds(target.EventStartExtCall(3, 0, 0), "(3, 0, 0) under an event plan")
			e.AwaitStart(2)
			cam.ToKey()
			cam.Run(2 * time.Second)
			succeeds(target.EventStopExtCall(3, 0, 0), "(3, 0, 0) of the running event")
			r, back := e.TryExit(2 * time.Minute)
			e.Expect(back).To(BeTrue(), "iv_cs_exit back within two minutes")
			if back {
				e.Expect(r.Code).To(ReturnNone(), "iv_cs_exit")
			}
		}, Needs(rules.Event))
	})

	s.Rule("ABI-049", func(r *Rule) {
		r.Scenario("each call that must fail returns another code than IV_ERR_NONE", func(e *Env) {
			uneven, above := e.Parm(), markedParm(e)
			uneven.MaxGopSize = 819201
			above.Congestion.HighMark = uint64(above.MaxGopSize) + 1
			fails := func(cause string, c target.Call) target.Code {
				ret, back := e.Finish(e.Go(1, c), time.Minute)
				e.Expect(back).To(BeTrue(), "%s back within a minute: %s", c.Func, cause)
				e.Expect(ret.Code).To(Refuse(), "%s: %s", c.Func, cause)
				e.Soft(ret.Code.Known()).To(BeTrue(), "%v, of %s for %s, in the table of IV_ERR_* codes", ret.Code, c.Func, cause)
				e.Record(c.Func.String()+": "+cause, "%v", ret.Code)
				return ret.Code
			}
			fails("a buffer that is no multiple of 4 KB", target.InitCall(uneven))
			outOfRange := fails("a mark above the buffer", target.InitCall(above))
			e.Init(e.Parm())
			fails("a time-out of 0", target.SetTransTimeCall(0, 1000))
			fails("event 0, of 1 to 16", target.EventStartCall(0))
			fails("event 17, of 1 to 16", target.EventStartCall(17))
			fails("event 17, of 1 to 16", target.EventStopCall(17))
			// A code shall tell its cause; what obviously differs should not share
			// one (AMB-49). That these two are refused at all is for other rules.
			for _, c := range []struct {
				cause string
				call  target.Call
			}{
				{"a second time", target.InitCall(e.Parm())},
				{"of an event that was not started", target.EventStopCall(3)},
			} {
				if code := e.Lib.Call(c.call).Code; code != target.ErrNone {
					e.Record(c.call.Func.String()+": "+c.cause, "%v", code)
					e.Soft(code).NotTo(Equal(outOfRange), "code of %s %s, against that of a parameter out of range", c.call.Func, c.cause)
				}
			}
		})
	})

	s.Rule("ABI-054", func(r *Rule) {
		r.Scenario("the two codes that the specification names differ", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Device.SetPlan(NoPlan)
			e.Init(ParmFor(cam.Video, nil))
			e.AwaitPlan(target.PlanNone)
			noService := cam.PushVideo()
			e.Device.Faults().Set(fakecloud.ClassPlan, fakecloud.Fault{Hang: true})
			p := e.Go(1, target.GetBalanceCall(2))
			awaitSeconds(e, 20, func() *struct{} {
				select {
				case <-p.Done():
					return &struct{}{}
				default:
					return nil
				}
			})
			ret, back := e.Finish(p, time.Second)
			e.Given("BAL-004", back).To(BeTrue(), "iv_cs_get_balance_info(…, 2) back from a cloud that does not answer")
			e.Record("push without a plan", "%v", noService)
			e.Record("iv_cs_get_balance_info(…, 2) without an answer", "%v", ret.Code)
			e.Expect(noService).To(Refuse(), "push without a plan")
			e.Expect(ret.Code).To(Refuse(), "iv_cs_get_balance_info(…, 2) without an answer")
			e.Expect(noService).NotTo(Equal(ret.Code), "code for no plan, against the code for no answer")
		}, Needs(cloud...))
	})
}
