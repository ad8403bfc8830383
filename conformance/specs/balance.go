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

// balance is the section iv_cs_get_balance_info: what is told of the plan here,
// how the two ways of asking differ in balance_modes.go.
func balance(s *Suite) {
	balancePlan(s)
	balanceBlocking(s)
	balanceCache(s)
	balanceFailure(s)
}

// planTypes are the values of iv_cs_type_e.
var planTypes = []struct {
	name string
	typ  int32
}{{"CS_TYPE_NONE", target.PlanNone}, {"CS_TYPE_FULL_TIME", target.PlanFullTime}, {"CS_TYPE_EVENT", target.PlanEvent}}

// balancePlan: what stands in the structure.
func balancePlan(s *Suite) {
	s.Rule("BAL-001", func(r *Rule) {
		for _, p := range planTypes {
			for _, on := range []int{0, 1} {
				r.Scenario(fmt.Sprintf("%s with the switch at %d is filled in", p.name, on), func(e *Env) {
					e.Device.SetPlan(fakecloud.Plan{Switch: on, Type: int(p.typ)})
					e.Init(e.Parm())
					want := target.Balance{Switch: int32(on), Type: p.typ}
					ret, _ := askPlan(e, 5)
					e.Require(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5)")
					e.Expect(ret.Balance).To(Equal(want), "cs_switch and cs_type of iv_cs_get_balance_info(5)")
					cached, code := e.Lib.GetBalance(0)
					e.Require(code).To(ReturnNone(), "iv_cs_get_balance_info(0) after (5)")
					e.Expect(cached).To(Equal(want), "cs_switch and cs_type of iv_cs_get_balance_info(0)")
				})
			}
		}
	})

	s.Rule("BAL-011", func(r *Rule) {
		r.Scenario("cs_switch follows the switch at the cloud", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(e.Parm())
			for _, on := range []int{1, 0, 1} {
				e.SetPlan(fakecloud.Plan{Switch: on, Type: int(target.PlanFullTime)})
				ret, _ := askPlan(e, 5)
				e.Require(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5) with the switch at %d", on)
				e.Expect(ret.Balance.Switch).To(Equal(int32(on)), "cs_switch of iv_cs_get_balance_info(5)")
				e.Expect(awaitCached(e, func(b target.Balance) bool { return b.Switch == int32(on) })).
					To(BeTrue(), "cs_switch %d in iv_cs_get_balance_info(0) within %v", on, StartWithin)
				e.Advance(StartWithin)
				e.Record(fmt.Sprintf("callbacks so far, switch at %d", on), "%d start_cb, %d stop_cb", e.Count(target.CBStart), e.Count(target.CBStop)) // AMB-21
			}
		})
	})

	s.Rule("BAL-012", func(r *Rule) {
		r.Scenario("cs_type follows the plan at the cloud through all its values", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			seen := func() {
				if b, code := e.Lib.GetBalance(0); code == target.ErrNone {
					e.Expect(b.Type).To(And(BeNumerically(">=", target.PlanNone), BeNumerically("<=", target.PlanEvent)), "cs_type of iv_cs_get_balance_info(0)")
				}
			}
			for _, p := range planTypes {
				e.SetPlan(fakecloud.Plan{Switch: 1, Type: int(p.typ)})
				seen()
				ret, _ := askPlan(e, 5)
				e.Require(ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5) with %s", p.name)
				e.Expect(ret.Balance.Type).To(Equal(p.typ), "cs_type of iv_cs_get_balance_info(5) with %s", p.name)
				e.Advance(2 * time.Second)
				seen()
			}
		})
	})

	s.Rule("BAL-010", func(r *Rule) {
		for _, timeout := range []uint32{0, 1} {
			r.Scenario(fmt.Sprintf("NULL with timeout_s %d is refused", timeout), func(e *Env) {
				e.Init(e.Parm())
				call := target.GetBalanceCall(timeout)
				call.NullOut = true
				ret, back := e.Finish(e.Go(1, call), 30*time.Second)
				e.Require(back).To(BeTrue(), "iv_cs_get_balance_info(NULL, %d) back", timeout)
				e.Soft(ret.Code).To(Refuse(), "iv_cs_get_balance_info(NULL, %d)", timeout)
			}, DeathIsSoft()) // AMB-38
		}
	})
}

// balanceFailure: what a failed query leaves behind, and alone.
func balanceFailure(s *Suite) {
	s.Rule("BAL-013", func(r *Rule) {
		for _, f := range []struct {
			name  string
			fault fakecloud.Fault
		}{
			{"is not answered", fakecloud.Fault{Hang: true}},
			{"is answered with 500", fakecloud.Fault{Status: 500}},
			{"is answered with garbage", fakecloud.Fault{Body: "<html>no plan here</html>"}},
		} {
			r.Scenario("a query that "+f.name+" leaves the last plan in the cache", func(e *Env) {
				good := target.Balance{Switch: 1, Type: target.PlanEvent}
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				ret, _ := askPlan(e, 5)
				e.Given("BAL-001", ret.Code).To(ReturnNone(), "iv_cs_get_balance_info(5)")
				e.Device.Faults().Set(fakecloud.ClassPlan, f.fault)
				ret, _ = askPlan(e, 2)
				e.Given("BAL-003", ret.Code).To(Refuse(), "iv_cs_get_balance_info(2) whose query %s", f.name)
				e.Expect(ret.Balance).To(Or(Equal(good), Equal(target.Balance{Switch: target.Unwritten, Type: target.Unwritten})),
					"the structure after a failure: untouched, or the last plan")
				cached, code := e.Lib.GetBalance(0)
				e.Expect(code).To(ReturnNone(), "iv_cs_get_balance_info(0) after a failed query")
				e.Expect(cached).To(Equal(good), "the plan in the cache after a failed query")
			})
		}
	})

	s.Rule("BAL-014", func(r *Rule) {
		r.Scenario("a query that is not answered does not disturb the stream", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(3 * time.Second)
			e.Device.Faults().Set(fakecloud.ClassPlan, fakecloud.Fault{Hang: true})
			call := e.Go(1, target.GetBalanceCall(5))
			cam.Run(8 * time.Second)
			ret, back := e.Finish(call, 30*time.Second)
			e.Given("BAL-004", back).To(BeTrue(), "iv_cs_get_balance_info(5) back")
			e.Given("BAL-003", ret.Code).To(Refuse(), "iv_cs_get_balance_info(5) that is not answered")
			e.Device.Faults().ClearAll()
			cam.Run(2 * time.Second)
			e.Expect(slowestPush(e)).To(BeNumerically("<", time.Second), "machine time of the slowest push around a query of 5 s")
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around the query")
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
		})
	})
}

// askPlan asks for the plan on a thread of its own, while time passes, and tells
// how long the call lasted in domain time.
func askPlan(e *Env, timeoutS uint32) (target.Return, time.Duration) {
	call := e.Go(1, target.GetBalanceCall(timeoutS))
	ret, back := e.Finish(call, time.Duration(timeoutS)*time.Second+30*time.Second)
	e.Given("BAL-004", back).To(BeTrue(), "iv_cs_get_balance_info(%d) back within %d s", timeoutS, timeoutS+30)
	var begun time.Time
	var lasted time.Duration
	for _, ev := range e.Lib.Trace() {
		switch {
		case ev.Kind == target.CallBegun && ev.ID == call.ID():
			begun = ev.Domain
		case ev.Kind == target.CallReturned && ev.ID == call.ID():
			lasted = ev.Domain.Sub(begun)
		}
	}
	return ret, lasted
}

// awaitCached polls the cache, as a caller without a notification has to (note
// 13), and reports whether such a plan came within StartWithin.
func awaitCached(e *Env, wanted func(target.Balance) bool) bool {
	return e.Await(StartWithin, func() bool {
		b, code := e.Lib.GetBalance(0)
		return code == target.ErrNone && wanted(b)
	})
}

// slowestPush is the longest that a push has taken, in machine time.
func slowestPush(e *Env) time.Duration {
	var worst time.Duration
	for _, ev := range e.Lib.Trace() {
		if ev.Kind == target.CallReturned && ev.Call.Func == target.FnPush {
			worst = max(worst, ev.Return.Took())
		}
	}
	return worst
}
