package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// balanceBlocking: timeout_s > 0 asks the cloud.
func balanceBlocking(s *Suite) {
	s.Rule("BAL-002", func(r *Rule) {
		for _, timeout := range []uint32{5, 1} {
			r.Scenario(fmt.Sprintf("timeout_s %d asks the cloud", timeout), func(e *Env) {
				e.Device.SetPlan(EventPlan)
				e.Init(e.Parm())
				e.AwaitPlan(target.PlanEvent)
				e.Advance(time.Second)
				before := requested(e, fakecloud.ClassPlan)
				ret, _ := askPlan(e, timeout)
				e.Expect(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(%d)", timeout)
				e.Expect(requested(e, fakecloud.ClassPlan)-before).To(BeNumerically(">=", 1), "queries for the plan at the cloud during the call")
			})
		}
		r.Scenario("timeout_s 5 fetches a plan that the library has not been told of", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanNone)
			e.Advance(time.Second) // the library waits for a change
			// The change to an event plan is told. The question for the next change,
			// if the library asks one, finds no answer.
			e.Device.Faults().Set(fakecloud.ClassPlan, fakecloud.Fault{Hang: true, Times: 1})
			e.Device.SetPlan(EventPlan)
			if !e.Await(StartWithin, func() bool { return e.Device.Faults().Struck(fakecloud.ClassPlan) > 0 }) {
				e.Device.Faults().ClearAll()
			}
			e.Device.SetPlan(FullTime)
			ret, _ := askPlan(e, 5)
			e.Require(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5)")
			e.Expect(ret.Balance.Type).To(Equal(target.PlanFullTime), "cs_type of iv_cs_get_balance_info(5): the latest plan at the cloud")
		})
	})

	s.Rule("BAL-003", func(r *Rule) {
		for _, timeout := range []uint32{1, 2, 5} {
			r.Scenario(fmt.Sprintf("a query that is not answered within %d s returns IV_ERR_CS_QUERY_SERVICE_TIMEOUT", timeout), func(e *Env) {
				silentCloud(e)
				ret, _ := askPlan(e, timeout)
				e.Expect(ret.Code).To(Return(target.ErrQueryServiceTimeout), "iv_cs_get_balance_info(%d) of a cloud that does not answer", timeout)
			})
		}
		r.Scenario("a query that is answered with 500 fails", func(e *Env) {
			e.Device.SetPlan(EventPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanEvent)
			e.Device.Faults().Set(fakecloud.ClassPlan, fakecloud.Fault{Status: 500})
			ret, _ := askPlan(e, 2)
			e.Hard(ret.Code).To(Refuse(), "iv_cs_get_balance_info(2) answered with 500")
			e.Record("code of a query answered with 500", "%v", ret.Code) // AMB-37
		})
		r.Scenario("a query whose connection is refused fails", func(e *Env) {
			e.Device.SetPlan(EventPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanEvent)
			e.Require(e.Network.Refuse()).To(Succeed(), "the network refuses connections")
			ret, _ := askPlan(e, 2)
			e.Hard(ret.Code).To(Refuse(), "iv_cs_get_balance_info(2) when connections are refused")
			e.Record("code of a query whose connection is refused", "%v", ret.Code) // AMB-37
		}, WithNetwork())
	})

	s.Rule("BAL-004", func(r *Rule) {
		for _, timeout := range []uint32{1, 3, 5} {
			r.Scenario(fmt.Sprintf("timeout_s %d bounds the call in seconds", timeout), func(e *Env) {
				silentCloud(e)
				ret, lasted := askPlan(e, timeout)
				e.Given("BAL-003", ret.Code).To(Refuse(), "iv_cs_get_balance_info(%d) of a cloud that does not answer", timeout)
				limit := time.Duration(timeout) * time.Second
				// A time-out of the library's own for one question may be shorter, but
				// not by orders of magnitude: seconds are not milliseconds.
				e.Expect(lasted).To(BeNumerically(">=", limit/2), "duration of iv_cs_get_balance_info(%d) of a cloud that does not answer", timeout)
				e.Soft(lasted).To(BeNumerically("<=", limit+time.Second), "duration of iv_cs_get_balance_info(%d) of a cloud that does not answer", timeout)
				e.Hard(lasted).To(BeNumerically("<=", limit+5*time.Second), "duration of iv_cs_get_balance_info(%d) of a cloud that does not answer", timeout) // AMB-37
			})
		}
	})

	s.Rule("BAL-005", func(r *Rule) {
		r.Scenario("an answer after 100 ms ends a call with timeout_s 30", func(e *Env) {
			e.Device.SetPlan(EventPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanEvent)
			e.Device.Faults().Set(fakecloud.ClassPlan, fakecloud.Fault{Delay: 100 * time.Millisecond})
			ret, lasted := askPlan(e, 30)
			e.Expect(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(30)")
			e.Expect(ret.Balance.Type).To(Equal(target.PlanEvent), "cs_type of iv_cs_get_balance_info(30)")
			// Long before its time-out; a loaded machine in scaled time is slow.
			e.Expect(lasted).To(BeNumerically("<", 10*time.Second), "duration of iv_cs_get_balance_info(30) with an answer after 100 ms")
		})
	})
}

// balanceCache: timeout_s 0 answers from the cache, which follows the cloud.
func balanceCache(s *Suite) {
	s.Rule("BAL-006", func(r *Rule) {
		r.Scenario("timeout_s 0 does not wait and does not ask, whatever the cloud does", func(e *Env) {
			silentCloud(e)
			const calls = 500
			before, slow := requested(e, fakecloud.ClassPlan), 0
			for i := 0; i < calls && slow <= calls/20; i++ {
				ret := e.Lib.Call(target.GetBalanceCall(0))
				if ret.Took() >= 50*time.Millisecond {
					slow++
				}
				e.Require(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(0) after the plan was fetched")
				e.Require(ret.Balance).To(Equal(target.Balance{Switch: 1, Type: target.PlanEvent}), "the plan in the cache")
			}
			// A loaded machine is slow now and then.
			e.Expect(slow).To(BeNumerically("<=", calls/20), "calls of %d that took 50 ms or more of machine time", calls)
			// Between the calls the library may have a question of its own.
			e.Expect(requested(e, fakecloud.ClassPlan)-before).To(BeNumerically("<", 10), "queries for the plan at the cloud during %d calls", calls)
		})
		r.Scenario("before anything was fetched timeout_s 0 returns at once and invents nothing", func(e *Env) {
			e.Device.SetPlan(EventPlan)
			ret := e.Lib.Call(target.GetBalanceCall(0))
			e.Record("iv_cs_get_balance_info(0) before any fetch", "%v", ret.Code) // AMB-36
			e.Hard(ret.Took()).To(BeNumerically("<", time.Second), "machine time of the first iv_cs_get_balance_info(0)")
			if ret.Code == target.ErrNone {
				e.Record("plan told before any fetch", "cs_switch %d, cs_type %d", ret.Balance.Switch, ret.Balance.Type)
				e.Hard(ret.Balance.Switch).NotTo(Equal(target.Unwritten), "cs_switch of a success")
				e.Hard(ret.Balance.Type).To(And(BeNumerically(">=", target.PlanNone), BeNumerically("<=", target.PlanEvent)), "cs_type of a success")
			}
		})
	})

	s.Rule("BAL-007", func(r *Rule) {
		changes := []fakecloud.Plan{NoPlan, EventPlan, FullTime, NoPlan}
		r.Scenario("a plan that changes at the cloud is soon in the cache", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanFullTime)
			for _, p := range changes {
				e.SetPlan(p)
				e.Expect(awaitCached(e, func(b target.Balance) bool { return b.Type == int32(p.Type) })).
					To(BeTrue(), "cs_type %d in iv_cs_get_balance_info(0) within %v of the change", p.Type, StartWithin)
			}
		})
		r.Scenario("before init", func(e *Env) {
			e.Device.SetPlan(FullTime)
			ret, _ := askPlan(e, 5)
			e.Record("iv_cs_get_balance_info(5) before init", "%v", ret.Code) // AMB-92
			e.Device.SetPlan(EventPlan)
			e.Advance(StartWithin)
			b, code := e.Lib.GetBalance(0)
			e.Record("iv_cs_get_balance_info(0) before init, after a change to an event plan", "%v, cs_type %d", code, b.Type)
		})
	})

	s.Rule("BAL-008", func(r *Rule) {
		for _, c := range []struct {
			when string
			do   func(*Env)
		}{
			{"before init", func(*Env) {}},
			{"after exit", func(e *Env) {
				e.Init(e.Parm())
				e.Advance(2 * time.Second)
				e.Exit()
			}},
		} {
			r.Scenario(c.when+" the plan can be fetched", func(e *Env) {
				e.Device.SetPlan(NoPlan)
				c.do(e)
				e.Device.SetPlan(EventPlan)
				ret, _ := askPlan(e, 5)
				e.Expect(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5) %s", c.when)
				e.Expect(ret.Balance).To(Equal(target.Balance{Switch: 1, Type: target.PlanEvent}), "the plan %s", c.when)
				cached, code := e.Lib.GetBalance(0)
				e.Expect(code).To(ReturnNone(), "iv_cs_get_balance_info(0) %s, after (5)", c.when)
				e.Expect(cached.Type).To(Equal(target.PlanEvent), "cs_type in the cache %s", c.when)
			})
		}
	})

	s.Rule("BAL-009", func(r *Rule) {
		r.Scenario("one blocking call and a hundred others before init are one query", func(e *Env) {
			e.Device.SetPlan(EventPlan)
			ret, _ := askPlan(e, 5)
			e.Given("BAL-008", ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5) before init")
			first := requested(e, fakecloud.ClassPlan)
			e.Expect(first).To(BeNumerically(">=", 1), "queries for the plan at the cloud during iv_cs_get_balance_info(5)")
			for range 100 {
				b, code := e.Lib.GetBalance(0)
				e.Require(code).To(ReturnNone(), "iv_cs_get_balance_info(0) before init, after (5)")
				e.Require(b.Type).To(Equal(target.PlanEvent), "cs_type in the cache before init")
			}
			e.Settle()
			// The library may keep its cache up to date meanwhile.
			e.Expect(requested(e, fakecloud.ClassPlan)-first).To(BeNumerically("<", 10), "queries for the plan at the cloud during a hundred calls with timeout_s 0")
		})
	})
}

// silentCloud initialises under an event plan, lets the library learn it and
// then leaves every question for the plan without an answer.
func silentCloud(e *Env) {
	e.Device.SetPlan(EventPlan)
	e.Init(e.Parm())
	ret, _ := askPlan(e, 5)
	e.Given("BAL-001", ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5) on a good network")
	e.Device.Faults().Set(fakecloud.ClassPlan, fakecloud.Fault{Hang: true})
}
