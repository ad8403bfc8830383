package specs

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// abiSymbols: each function is there under its C name, and its arguments arrive
// in the order of the prototype. The shim calls it through exactly that
// prototype; where a call has several numbers they all differ.
func abiSymbols(s *Suite) {
	functions := []struct {
		id string
		fn target.Function
		// arrive is the scenario on the arguments, and what it needs.
		arrive string
		check  func(*Env)
		needs  []rules.Capability
	}{
		{"ABI-001", target.FnInit, "the structure behind the pointer arrives", initArrives, nil},
		{"ABI-002", target.FnExit, "it takes no argument and returns an int", exitArrives, nil},
		{"ABI-003", target.FnPush, "eCsStreamType comes first, then the pack", pushArrives, cloud},
		{"ABI-004", target.FnDirectlyReport, "event_id, event_time_s, pic_addr and pic_len arrive in this order", directlyReportArrives, cloudEvents},
		{"ABI-005", target.FnEventStart, "event_id arrives", eventStartArrives, cloudEvents},
		{"ABI-006", target.FnEventStop, "event_id arrives", eventStopArrives, cloudEvents},
		{"ABI-007", target.FnEventStartExt, "event_id, event_start_time_s and stream_start_time_s arrive in this order", eventStartExtArrives, cloudEvents},
		{"ABI-008", target.FnEventStopExt, "event_id, event_stop_time_s and stream_stop_time_s arrive in this order", eventStopExtArrives, cloudEvents},
		{"ABI-009", target.FnGetBalance, "pstBalanceInfo comes first, then timeout_s", getBalanceArrives, cloud},
		{"ABI-010", target.FnSetAI, "event_id comes first, then ai_type", setAIArrives, nil},
		{"ABI-011", target.FnGetAI, "event_id comes first, then ai_type", getAIArrives, nil},
		{"ABI-012", target.FnSetTransTime, "upload_timeout_ms comes first, then reply_timeout_ms", setTransTimeArrives, cloud},
	}
	for _, f := range functions {
		s.Rule(f.id, func(r *Rule) {
			r.Scenario(f.fn.String()+" is exported under its C name", func(e *Env) {
				e.Expect(e.Info.Symbols[f.fn.String()]).To(BeTrue(), "the dynamic symbol %s%s", f.fn, lookAlike(e.Info, f.fn))
			})
			r.Scenario(f.fn.String()+": "+f.arrive, f.check, Needs(f.needs...))
		})
	}

	s.Rule("ABI-045", func(r *Rule) {
		r.Scenario("all 12 functions of the interface list are exported", func(e *Env) {
			var missing []string
			for _, fn := range target.Functions() {
				if !e.Info.Symbols[fn.String()] {
					missing = append(missing, fn.String()+lookAlike(e.Info, fn))
				}
			}
			e.Expect(missing).To(BeEmpty(), "functions that the library does not export")
		})
	})
}

// What a scenario needs beyond the rule, where the rule itself is of tier A.
var (
	cloud       = []rules.Capability{rules.CloudBinding}
	cloudEvents = []rules.Capability{rules.CloudBinding, rules.Event}
)

// lookAlike is what the library has in the place of a missing function.
func lookAlike(info target.Info, fn target.Function) string {
	for _, note := range info.Notes {
		if strings.HasPrefix(note, fn.String()+" ") {
			return " (" + note + ")"
		}
	}
	return ""
}

func initArrives(e *Env) {
	p := e.Parm()
	p.MaxGopSize = 819201 // no multiple of 4096: it has to be seen (INIT-004)
	e.Expect(e.Lib.Init(p)).To(Refuse(), "iv_cs_init with u32MaxGopSize 819201 behind pstInitParm")
	e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init with a valid structure behind pstInitParm")
}

func exitArrives(e *Env) {
	for range 2 {
		e.Init(e.Parm())
		r, back := e.TryExit(time.Minute)
		e.Require(back).To(BeTrue(), "iv_cs_exit back within a minute")
		e.Expect(r.Code).To(ReturnNone(), "iv_cs_exit after iv_cs_init")
	}
}

func pushArrives(e *Env) {
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	e.StartFullTime(cam)
	cam.Run(4 * time.Second)
	e.Expect(cam.Refused()).To(BeEmpty(), "packs refused with eCsStreamType 0 for audio and 1 for video")
	e.Exit()
	e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between the packs and what is stored")
}

func directlyReportArrives(e *Env) {
	cam := e.Camera(nil, nil)
	e.InitEvents(cam)
	at := e.Now().Add(-20 * time.Second).Truncate(time.Second)
	picture := fixtures.JPEG()
	call := target.DirectlyReportCall(7, uint32(at.Unix()), picture)
	r, back := e.Finish(e.Go(1, call), PictureWithin)
	e.Require(back).To(BeTrue(), "iv_cs_event_directly_report back within %v", PictureWithin)
	e.Require(r.Code).To(ReturnNone(), "iv_cs_event_directly_report(7, %d, a picture, %d)", at.Unix(), len(picture))
	// Whether the call waits for the cloud is open (AMB-33).
	e.Await(PictureWithin, func() bool { return len(e.Device.Events()) > 0 && len(e.Device.Pictures()) > 0 })
	for _, ev := range e.Device.Events() {
		e.Expect(ev.EventID).To(BeEquivalentTo(7), "event_id at the cloud")
		e.Expect(ev.Start).To(BeTemporally("~", at, EventTimeSlack), "event_time_s at the cloud")
	}
	e.Expect(e.Device.Events()).To(HaveLen(1), "events at the cloud")
	e.Expect(e.Device.Pictures()).To(HaveLen(1), "pictures at the cloud")
	for _, p := range e.Device.Pictures() {
		e.Expect(p.Body).To(Equal(picture), "the pic_len bytes at pic_addr")
	}
}

func eventStartArrives(e *Env) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.Require(e.Lib.EventStart(11)).To(ReturnNone(), "iv_cs_event_start(11)")
	capture := e.AwaitCallback(target.CBCapture, 1, StartWithin)
	e.Given("EVT-004", capture).NotTo(BeNil(), "capture_picture_cb after iv_cs_event_start")
	e.Expect(capture.Args.EventID).To(BeEquivalentTo(11), "event_id that capture_picture_cb is called with")
}

func eventStopArrives(e *Env) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.StartEvent(5, 1)
	e.Given("PAR-001", e.Lib.EventStart(9)).To(ReturnNone(), "iv_cs_event_start(9) while event 5 runs")
	cam.Run(4 * time.Second)
	e.Expect(e.Lib.EventStop(9)).To(ReturnNone(), "iv_cs_event_stop(9)")
	e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb after iv_cs_event_stop(9)")
	for _, result := range e.Results() {
		e.Expect(result.EventID).To(BeEquivalentTo(9), "event that iv_cs_event_stop(9) has stopped")
	}
	e.Expect(e.Lib.EventStop(5)).To(ReturnNone(), "iv_cs_event_stop(5): event 5 still runs")
}

func eventStartExtArrives(e *Env) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	called := e.Now()
	e.Require(e.Lib.EventStartExt(6, 4, 12)).To(ReturnNone(), "iv_cs_event_start_ext(6, 4, 12)")
	e.AwaitStart(1)
	cam.Burst(12 * time.Second)
	cam.Run(4 * time.Second)
	e.Given("EXT-001", e.Lib.EventStopExt(6, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(6, 0, 0)")
	e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb after iv_cs_event_stop_ext")
	result := e.Results()[0]
	e.Expect(result.EventID).To(BeEquivalentTo(6), "event_id")
	e.Expect(utc(result.StartTime)).To(BeTemporally("~", called.Add(-4*time.Second), EventTimeSlack), "start of the event, 4 s before the call")
	e.Given("FLOW-012", e.Stored()).NotTo(BeEmpty(), "segments of the event")
	e.Expect(e.Stored()[0].Start).To(BeTemporally("~", called.Add(-12*time.Second), EventTimeSlack), "start of its video, 12 s before the call")
}

func eventStopExtArrives(e *Env) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.Given("EXT-001", e.Lib.EventStartExt(6, 0, 0)).To(ReturnNone(), "iv_cs_event_start_ext(6, 0, 0)")
	e.AwaitStart(1)
	cam.Run(10 * time.Second)
	called := e.Now()
	e.Require(e.Lib.EventStopExt(6, 5, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(6, 5, 0)")
	e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb after iv_cs_event_stop_ext")
	result := e.Results()[0]
	e.Expect(result.EventID).To(BeEquivalentTo(6), "event_id")
	// What stream_stop_time_s does is open (AMB-76); in its place it would move the end.
	e.Expect(utc(result.EndTime)).To(BeTemporally("~", called.Add(-5*time.Second), EventTimeSlack), "end of the event, 5 s before the call")
}

func getBalanceArrives(e *Env) {
	e.Device.SetPlan(EventPlan)
	e.Init(e.Parm())
	r, back := e.Finish(e.Go(1, target.GetBalanceCall(5)), 10*time.Second)
	e.Require(back).To(BeTrue(), "iv_cs_get_balance_info(…, 5) back within 10 s")
	e.Require(r.Code).To(ReturnNone(), "iv_cs_get_balance_info(…, 5)")
	e.Expect(r.Balance).To(Equal(target.Balance{Switch: 1, Type: target.PlanEvent}), "what pstBalanceInfo points to")
}

// setAIArrives tells the two numbers apart: event 4 has type 1, event 1 has none.
func setAIArrives(e *Env) {
	e.Init(e.Parm())
	e.Expect(e.Lib.SetAI(4, target.AIFallDetect)).To(ReturnNone(), "iv_cs_set_ai_process(4, CS_AI_TYPE_FALL_DETECT, NULL)")
	expectAI(e, 4, target.AIFallDetect)
	// An event that was never set may have no type at all.
	if got, code := e.Lib.GetAI(1); code == target.ErrNone {
		e.Expect(got).NotTo(Equal(target.AIFallDetect), "ai_type of event 1, which was not set")
	}
}

func getAIArrives(e *Env) {
	e.Init(e.Parm())
	for _, set := range []struct{ id, ai int32 }{{4, target.AIFallDetect}, {1, target.AIClose}, {16, target.AIFallDetect}} {
		e.Given("ABI-010", e.Lib.SetAI(set.id, set.ai)).To(ReturnNone(), "iv_cs_set_ai_process(%d, %d, NULL)", set.id, set.ai)
	}
	expectAI(e, 4, target.AIFallDetect)
	expectAI(e, 1, target.AIClose)
	expectAI(e, 16, target.AIFallDetect)
}

func expectAI(e *Env, id, want int32) {
	got, code := e.Lib.GetAI(id)
	e.Expect(code).To(ReturnNone(), "iv_cs_get_ai_process(%d)", id)
	e.Expect(got).To(Equal(want), "ai_type of event %d", id)
}

// setTransTimeArrives: what exactly either number times is open (AMB-55), so that
// the order shows in a warning only: an answer that never comes is waited for as
// long as reply_timeout_ms says, and not as long as the much larger other one.
func setTransTimeArrives(e *Env) {
	const reply = 3 * time.Second
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.Expect(e.Lib.SetTransTime(40_000, uint32(reply.Milliseconds()))).To(ReturnNone(), "iv_cs_set_trans_time(40000, 3000)")
	e.Expect(e.Lib.SetTransTime(0, 3000)).To(Refuse(), "iv_cs_set_trans_time(0, 3000)")
	e.Expect(e.Lib.SetTransTime(40_000, 0)).To(Refuse(), "iv_cs_set_trans_time(40000, 0)")
	e.Device.Faults().Set(fakecloud.ClassGrantSegment, fakecloud.Fault{Hang: true, Times: 1})
	e.StartEvent(1, 1)
	cam.Run(4 * time.Second)
	e.StopEvent(1)
	silent := awaitSeconds(e, 60, func() *fakecloud.Entry {
		for _, entry := range e.Device.Journal() {
			if entry.Fault != nil && entry.Done {
				return &entry
			}
		}
		return nil
	})
	if silent == nil {
		e.Warn("an answer that does not come was waited for more than a minute after iv_cs_set_trans_time(40000, 3000)")
		return
	}
	e.Soft(silent.Took).To(BeNumerically("<=", 2*reply+2*time.Second), "time the library waited for an answer with reply_timeout_ms 3000 and upload_timeout_ms 40000")
	e.Measure("wait for an answer, reply_timeout_ms 3000", "%v", silent.Took.Round(time.Second))
}

// utc is a time of a structure: seconds of UTC.
func utc(seconds uint32) time.Time { return time.Unix(int64(seconds), 0).UTC() }

// seen lists the callbacks so far, for the text of one that did not come.
func seen(e *Env) string {
	var parts []string
	for _, cb := range target.Callbacks() {
		if n := e.Count(cb); n > 0 {
			parts = append(parts, fmt.Sprintf("%v %d times", cb, n))
		}
	}
	if parts == nil {
		return "no callback was called so far"
	}
	return "called so far: " + strings.Join(parts, ", ")
}

// awaitSeconds looks for something once a second of domain time, n times. While
// a transfer hangs, each step of virtual time costs half a second of the
// machine's: fine steps would cost too much.
func awaitSeconds[T any](e *Env, n int, find func() *T) *T {
	for range n {
		if found := find(); found != nil {
			return found
		}
		e.Advance(time.Second)
	}
	return find()
}
