package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// theSix are the callbacks that the user has to register (接口列表).
var theSix = []target.Callback{
	target.CBStart, target.CBStop, target.CBCapture, target.CBPicture, target.CBReport, target.CBNotify,
}

// abiRegistration: callbacks that are NULL, one that is never called, and
// callbacks that fail.
func abiRegistration(s *Suite) {
	s.Rule("ABI-046", func(r *Rule) {
		for _, cb := range theSix {
			r.Scenario("without "+cb.String()+" init refuses, or it is never called", func(e *Env) {
				withSlots(e, cb.String()+" NULL", target.DefaultSlots.Without(cb))
			}, Needs(rules.Event), owedByNULL)
		}
		r.Scenario("without any callback init refuses, or none is ever called", func(e *Env) {
			withSlots(e, "all callbacks NULL", target.NoSlots)
		}, Needs(rules.Event), owedByNULL)
		r.Scenario("without iv_cs_ai_service_notify_cb, which is not used, init succeeds", func(e *Env) {
			e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init with the six callbacks that have to be registered")
		})
	})

	s.Rule("ABI-047", func(r *Rule) {
		r.Scenario("NULL is accepted", func(e *Env) {
			p := e.Parm()
			p.Slots = target.DefaultSlots
			e.Require(e.Lib.Init(p)).To(ReturnNone(), "iv_cs_init with iv_cs_ai_service_notify_cb NULL")
			e.Exit()
		})
		r.Scenario("one that is registered is not called by AI settings, a plan that comes and goes, and an event", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Device.SetPlan(FullTime)
			e.Init(allSlots(ParmFor(cam.Video, nil)))
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb under a full-time plan")
			e.Given("AI-001", e.Lib.SetAI(1, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process")
			e.SetPlan(NoPlan)
			stop := e.AwaitCallback(target.CBStop, 1, StopWithin)
			e.Expect(e.Count(target.CBAIService)).To(BeZero(), "calls of iv_cs_ai_service_notify_cb, which is not used at present")
			e.Given("PLAN-004", stop).NotTo(BeNil(), "stop_cb at the plan's end")
			e.SetPlan(EventPlan)
			e.AwaitPlan(target.PlanEvent)
			e.StartEvent(1, 2)
			cam.ToKey()
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			e.Lib.SetAI(1, target.AIClose)
			report := e.AwaitCallback(target.CBReport, 1, ReportWithin)
			e.Exit()
			e.Expect(e.Count(target.CBAIService)).To(BeZero(), "calls of iv_cs_ai_service_notify_cb, which is not used at present")
			e.Given("REPORT-001", report).NotTo(BeNil(), "report_result_cb")
		}, Needs(cloudEvents...))
	})

	s.Rule("ABI-050", func(r *Rule) {
		for _, cb := range theSix {
			r.Scenario("an error from "+cb.String()+" does no harm", func(e *Env) { failingCallback(e, cb) }, Needs(rules.Event))
		}
	})
}

// owedByNULL are invariants on callbacks that a caller who registers NULL does
// without: the release of pictures and the account of frames.
var owedByNULL = Breaks("CB-PIC-002", "UPL-015")

// withSlots initialises with some callbacks NULL. What init makes of it is open
// (AMB-40); if it accepts, a whole event must not end in a jump to NULL.
func withSlots(e *Env, what string, slots target.Slots) {
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	p := ParmFor(cam.Video, cam.Sound)
	p.Slots = slots
	e.Device.SetPlan(EventPlan)
	e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
	code := e.Lib.Init(p)
	e.Record("iv_cs_init with "+what, "%v", code)
	if code != target.ErrNone {
		e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init with all six callbacks after it refused %s", what)
		return
	}
	e.AwaitPlan(target.PlanEvent)
	e.Lib.EventStart(1)
	e.Await(StartWithin, func() bool { return !slots.Has(target.CBStart) || e.Count(target.CBStart) > 0 })
	cam.Run(4 * time.Second)
	e.Lib.EventStop(1)
	e.Await(UploadWithin, func() bool { return len(finishedEvents(e)) > 0 })
	e.Soft(finishedEvents(e)).NotTo(BeEmpty(), "events at the cloud after a whole event with %s", what)
	e.Exit()
}

// failingCallback lets a callback return an error during an event. What the
// library makes of that event is open (AMB-43), but it must come out of it: the
// same event can be started again, and iv_cs_exit succeeds.
func failingCallback(e *Env, cb target.Callback) {
	cam := e.Camera(fixtures.H264(), nil)
	if cb != target.CBCapture {
		e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
	}
	e.Lib.Answer(cb, target.Answer{Return: -1})
	e.InitEvents(cam)
	e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start(1)")
	e.AwaitCallback(target.CBStart, 1, StartWithin)
	cam.KeepGoing = true
	cam.Run(4 * time.Second)
	e.Record("iv_cs_event_stop after "+cb.String()+" returned -1", "%v", e.Lib.EventStop(1))
	e.Await(ReportWithin, func() bool { return e.Count(target.CBReport) > 0 && e.Count(cb) > 0 && e.Count(target.CBStop) > 0 })
	e.Given(ownerOf(cb), e.Count(cb)).NotTo(BeZero(), "calls of %v in an event", cb)
	e.Record("pushes refused after it", "%d of %d", len(cam.Refused()), len(cam.Ledger))

	e.Lib.Answer(cb)
	started := e.Count(target.CBStart)
	e.Expect(e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start(1) once more, after %v returned -1", cb)
	e.Expect(e.AwaitCallback(target.CBStart, started+1, StartWithin)).NotTo(BeNil(), "start_cb of the event after that")
	cam.ToKey()
	cam.Run(time.Second)
	e.Expect(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop(1) of the event after that")
	r, back := e.TryExit(2 * time.Minute)
	e.Expect(back).To(BeTrue(), "iv_cs_exit back within two minutes after %v returned -1", cb)
	if back {
		e.Expect(r.Code).To(ReturnNone(), "iv_cs_exit after %v returned -1", cb)
	}
}

// ownerOf is the rule that demands the call of a callback in an event.
func ownerOf(cb target.Callback) string {
	return map[target.Callback]string{
		target.CBStart: "EVT-005", target.CBStop: "EVT-010", target.CBCapture: "EVT-004",
		target.CBPicture: "EVT-006", target.CBReport: "REPORT-001", target.CBNotify: "UPL-001",
	}[cb]
}
