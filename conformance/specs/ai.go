package specs

import (
	"fmt"
	"math"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// ai is the sections iv_cs_set_ai_process and iv_cs_get_ai_process.
func ai(s *Suite) {
	aiSettings(s)
	aiWhen(s)
	aiArguments(s)
}

// aiSettings: what is set is read back, for each id by itself.
func aiSettings(s *Suite) {
	s.Rule("AI-001", func(r *Rule) {
		r.Scenario("a type set for one id is read back, and no other id has it", func(e *Env) {
			e.Init(e.Parm())
			e.Require(e.Lib.SetAI(1, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(1, FALL_DETECT)")
			expectAIType(e, 1, target.AIFallDetect, "after set (1, FALL_DETECT)")
			expectAIType(e, 2, target.AIClose, "after set (1, FALL_DETECT)")
			e.Require(e.Lib.SetAI(1, target.AIClose)).To(ReturnNone(), "iv_cs_set_ai_process(1, CLOSE)")
			expectAIType(e, 1, target.AIClose, "after set (1, CLOSE)")
		})
		r.Scenario("sixteen ids keep a pattern", func(e *Env) {
			e.Init(e.Parm())
			expectPattern(e, setPattern(e))
		})
	})

	s.Rule("AI-005", func(r *Rule) {
		r.Scenario("an id that was never set has CS_AI_TYPE_CLOSE", func(e *Env) {
			e.Init(e.Parm())
			for id := int32(1); id <= 16; id++ {
				expectAIType(e, id, target.AIClose, "before any set")
			}
		})
		r.Scenario("*ai_type is the type that was set", func(e *Env) {
			e.Init(e.Parm())
			for _, id := range []int32{1, 8, 16} {
				e.Given("AI-001", e.Lib.SetAI(id, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(%d, FALL_DETECT)", id)
				expectAIType(e, id, target.AIFallDetect, "after set")
			}
		})
	})
}

// aiWhen: from init to exit, whatever goes on.
func aiWhen(s *Suite) {
	// works sets a type for the id, reads it back and closes it again.
	works := func(e *Env, id int32, when string) {
		e.Expect(e.Lib.SetAI(id, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(%d, FALL_DETECT) %s", id, when)
		expectAIType(e, id, target.AIFallDetect, when)
		e.Expect(e.Lib.SetAI(id, target.AIClose)).To(ReturnNone(), "iv_cs_set_ai_process(%d, CLOSE) %s", id, when)
		expectAIType(e, id, target.AIClose, when)
	}

	s.Rule("AI-002", func(r *Rule) {
		r.Scenario("it works after init and again after the next init", func(e *Env) {
			for range 2 {
				e.Init(e.Parm())
				works(e, 1, "after init")
				e.Exit()
			}
		})
		r.Scenario("it works before, during and after an event of the id", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			works(e, 1, "before the event")
			e.StartEvent(1, 1)
			cam.Run(2 * time.Second)
			works(e, 1, "during the event")
			works(e, 2, "during another event")
			cam.Run(2 * time.Second)
			e.StopEvent(1)
			works(e, 1, "after the event")
		}, Needs(rules.CloudBinding, rules.Event))
		r.Scenario("it works while frames are pushed", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			for range 4 {
				cam.Run(time.Second)
				works(e, 3, "while streaming")
			}
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around it")
		}, Needs(rules.CloudBinding))
		r.Scenario("from inside start_cb", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Lib.Answer(target.CBStart, target.Answer{Calls: []target.Call{target.SetAICall(1, target.AIFallDetect), target.GetAICall(1)}}, target.Answer{})
			e.Init(e.Parm())
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
			e.Advance(time.Second)
			for _, ev := range e.Lib.Trace() {
				if ev.Kind == target.CallReturned && ev.Inside != 0 {
					e.Record(fmt.Sprintf("%v from inside start_cb", ev.Call.Func), "%v", ev.Return.Code) // AMB-42
				}
			}
		}, Needs(rules.CloudBinding))
		for _, c := range []struct {
			when string
			do   func(*Env)
		}{
			{"before init", func(*Env) {}},
			{"after exit", func(e *Env) {
				e.Init(e.Parm())
				e.Exit()
			}},
		} {
			r.Scenario(c.when+" it is refused", func(e *Env) {
				c.do(e)
				// The window is stated, what happens outside it is not (AMB-54).
				e.Soft(e.Lib.SetAI(1, target.AIFallDetect)).To(Refuse(), "iv_cs_set_ai_process %s", c.when)
				_, code := e.Lib.GetAI(1)
				e.Soft(code).To(Refuse(), "iv_cs_get_ai_process %s", c.when)
				e.Init(e.Parm())
				works(e, 2, "after the init that follows")
			})
		}
		r.Scenario("what was set before an exit", func(e *Env) {
			e.Init(e.Parm())
			e.Expect(e.Lib.SetAI(1, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(1, FALL_DETECT) after init")
			e.Exit()
			e.Init(e.Parm())
			typ, code := e.Lib.GetAI(1)
			e.Record("type after exit and init", "%v, %d", code, typ) // AMB-54
		})
	})

	s.Rule("AI-003", func(r *Rule) {
		r.Scenario("a type set once outlasts five events of its id", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Given("AI-001", e.Lib.SetAI(4, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(4, FALL_DETECT)")
			for i := range 5 {
				e.StartEvent(4, i+1)
				cam.Run(3 * time.Second)
				e.StopEvent(4)
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb of event %d", i+1)
				cam.ToKey()
				expectAIType(e, 4, target.AIFallDetect, fmt.Sprintf("after event %d", i+1))
			}
		})
	})

	s.Rule("AI-009", func(r *Rule) {
		r.Scenario("what the cloud is told of an event's type", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Record("iv_cs_set_ai_process(1, FALL_DETECT)", "%v", e.Lib.SetAI(1, target.AIFallDetect))
			for i, id := range []int32{1, 2} {
				e.StartEvent(id, i+1)
				cam.Run(4 * time.Second)
				e.StopEvent(id)
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb of event %d", id)
				cam.ToKey()
			}
			e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) == 2 })
			for _, ev := range finishedEvents(e) {
				with := "CLOSE"
				if ev.EventID == 1 {
					with = "FALL_DETECT"
				}
				e.Record("ai_type at the cloud of an event with "+with, "%d", ev.AIType) // AMB-53, AMB-91
			}
		})
	})
}

// aiArguments: what a careless caller passes.
func aiArguments(s *Suite) {
	s.Rule("AI-004", func(r *Rule) {
		r.Scenario("args is NULL", func(e *Env) {
			e.Init(e.Parm())
			e.Expect(e.Lib.SetAI(1, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process with args NULL")
			expectAIType(e, 1, target.AIFallDetect, "with args NULL")
		})
		r.Scenario("args is an address that nobody may touch", func(e *Env) {
			e.Init(e.Parm())
			e.Require(e.Lib.SetAI(1, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process with args NULL")
			set, get := target.SetAICall(2, target.AIFallDetect), target.GetAICall(1)
			set.Args, get.Args = 1, 1
			// It may be ignored or refused.
			ret := e.Lib.Call(set)
			e.Record("iv_cs_set_ai_process with args (void *)1", "%v", ret.Code)
			if ret.Code == target.ErrNone {
				expectAIType(e, 2, target.AIFallDetect, "set with args (void *)1")
			}
			ret = e.Lib.Call(get)
			e.Record("iv_cs_get_ai_process with args (void *)1", "%v", ret.Code)
			if ret.Code == target.ErrNone {
				e.Expect(ret.AIType).To(Equal(target.AIFallDetect), "*ai_type of iv_cs_get_ai_process with args (void *)1")
			}
		})
	})

	s.Rule("AI-006", func(r *Rule) {
		r.Scenario("NULL for ai_type is refused", func(e *Env) {
			e.Init(e.Parm())
			e.Given("AI-001", e.Lib.SetAI(1, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(1, FALL_DETECT)")
			e.Soft(e.Lib.GetAINull(1)).To(Refuse(), "iv_cs_get_ai_process(1, NULL)")
			expectAIType(e, 1, target.AIFallDetect, "after a get with NULL")
		}, DeathIsSoft()) // AMB-38
	})

	s.Rule("AI-007", func(r *Rule) {
		r.Scenario("the ids 1 and 16 are taken", func(e *Env) {
			e.Init(e.Parm())
			for _, id := range []int32{1, 16} {
				e.Expect(e.Lib.SetAI(id, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(%d, FALL_DETECT)", id)
				expectAIType(e, id, target.AIFallDetect, "after set")
			}
		})
		for _, id := range []int32{0, 17, -1, math.MaxInt32, math.MinInt32} {
			r.Scenario(fmt.Sprintf("the id %d is refused and changes no other", id), func(e *Env) {
				e.Init(e.Parm())
				pattern := setPattern(e)
				for _, typ := range []int32{target.AIFallDetect, target.AIClose} {
					// For this interface the range is not stated (AMB-53).
					e.Soft(e.Lib.SetAI(id, typ)).To(Refuse(), "iv_cs_set_ai_process(%d, %d)", id, typ)
					expectPattern(e, pattern)
				}
				_, code := e.Lib.GetAI(id)
				e.Soft(code).To(Refuse(), "iv_cs_get_ai_process(%d)", id)
			})
		}
	})

	s.Rule("AI-008", func(r *Rule) {
		r.Scenario("CLOSE and FALL_DETECT are taken", func(e *Env) {
			e.Init(e.Parm())
			for _, typ := range []int32{target.AIFallDetect, target.AIClose, target.AIFallDetect} {
				e.Expect(e.Lib.SetAI(5, typ)).To(ReturnNone(), "iv_cs_set_ai_process(5, %d)", typ)
				expectAIType(e, 5, typ, "after set")
			}
		})
		for _, typ := range []int32{2, 3, -1} {
			for _, before := range []int32{target.AIClose, target.AIFallDetect} {
				r.Scenario(fmt.Sprintf("type %#x is refused and leaves type %d", uint32(typ), before), func(e *Env) {
					e.Init(e.Parm())
					e.Given("AI-001", e.Lib.SetAI(5, before)).To(ReturnNone(), "iv_cs_set_ai_process(5, %d)", before)
					code := e.Lib.SetAI(5, typ)
					// No code and no reaction is stated; whether types may be joined is
					// open (AMB-53). What was refused has no effect.
					e.Soft(code).To(Refuse(), "iv_cs_set_ai_process(5, %#x)", uint32(typ))
					if code != target.ErrNone {
						expectAIType(e, 5, before, "after a set that was refused")
						return
					}
					got, _ := e.Lib.GetAI(5)
					e.Record(fmt.Sprintf("type read back after set (5, %#x)", uint32(typ)), "%d", got)
				})
			}
		}
	})
}

// expectAIType states what iv_cs_get_ai_process tells.
func expectAIType(e *Env, id, want int32, when string) {
	typ, code := e.Lib.GetAI(id)
	e.Expect(code).To(ReturnNone(), "iv_cs_get_ai_process(%d) %s", id, when)
	e.Expect(typ).To(Equal(want), "*ai_type of iv_cs_get_ai_process(%d) %s", id, when)
}

// setPattern sets a type for each id, of which no two neighbours all have the same.
func setPattern(e *Env) [17]int32 {
	var pattern [17]int32
	for id := int32(16); id >= 1; id-- {
		if id%3 != 0 {
			pattern[id] = target.AIFallDetect
		}
		e.Given("AI-001", e.Lib.SetAI(id, pattern[id])).To(ReturnNone(), "iv_cs_set_ai_process(%d, %d)", id, pattern[id])
	}
	return pattern
}

func expectPattern(e *Env, pattern [17]int32) {
	for id := int32(1); id <= 16; id++ {
		expectAIType(e, id, pattern[id], "after sets of all ids")
	}
}
