package scenario

import (
	"time"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// checkInvariants judges the whole trace by what holds for every scenario. A
// broken invariant is filed under the rule that states it.
func (e *Env) checkInvariants() {
	trace := e.session.Trace()
	e.checkAlternation(trace)
	e.checkSilenceAfterExit(trace)
	e.checkNotices(trace)
	e.checkPictures(trace)
	e.checkResults(trace)
	e.checkObjects()
	e.checkAccount(trace)
}

// checkAlternation: start_cb and stop_cb alternate, beginning with start_cb
// (FLOW-015); an exit begins the count anew.
func (e *Env) checkAlternation(trace []target.Event) {
	streaming := false
	for _, ev := range trace {
		switch {
		case ev.Kind == target.CallReturned && ev.Call.Func == target.FnExit && ev.Return.Code == target.ErrNone:
			streaming = false
		case ev.Kind != target.CallbackEntered:
		case ev.Callback == target.CBStart:
			if streaming {
				e.breaks("FLOW-015", "start_cb at %s although no stop_cb came since the last one", e.clockTime(ev))
			}
			streaming = true
		case ev.Callback == target.CBStop:
			if !streaming {
				e.breaks("FLOW-015", "stop_cb at %s without a start_cb before it", e.clockTime(ev))
			}
			streaming = false
		}
	}
}

// checkSilenceAfterExit: no callback between the return of exit and the next
// init (FLOW-006).
func (e *Env) checkSilenceAfterExit(trace []target.Event) {
	exited := false
	for _, ev := range trace {
		switch {
		case ev.Kind == target.CallReturned && ev.Call.Func == target.FnExit && ev.Return.Code == target.ErrNone:
			exited = true
		case ev.Kind == target.CallBegun && ev.Call.Func == target.FnInit:
			exited = false
		case ev.Kind == target.CallbackEntered && exited:
			e.breaks("FLOW-006", "%v was called after iv_cs_exit had returned", ev.Callback)
		}
	}
}

// checkNotices: what every iv_cs_notify_cb must keep (NOTIFY-002, -003, -008, UPL-014).
func (e *Env) checkNotices(trace []target.Event) {
	failed := false
	for _, ev := range trace {
		if ev.Kind == target.CallbackLeft && ev.Answered != nil && ev.Answered.Changed {
			e.breaks("NOTIFY-009", "the data behind %v's argument changed while the callback ran", ev.Callback)
		}
		if ev.Kind != target.CallbackEntered || ev.Callback != target.CBNotify {
			continue
		}
		a := ev.Args
		switch {
		case a.Message < 0 || a.Message >= target.MsgBUTT:
			e.breaks("NOTIFY-008", "notify_cb was called with message %d", a.Message)
		case a.Message != target.MsgUploadState:
			if !a.DataNull {
				e.breaks("NOTIFY-003", "message %d came with pst_notify_data that is not NULL", a.Message)
			}
		case a.DataNull || a.InfoNull:
			e.breaks("NOTIFY-002", "IV_CS_AV_UPLOAD_STATE_MSG came without iv_cs_upload_info_s")
		case a.Num < 1 || a.Num > target.MaxUploadInfo:
			e.breaks("UPL-014", "upload info with num %d, want 1 to %d", a.Num, target.MaxUploadInfo)
		}
		switch a.Message {
		case target.MsgConnectFail:
			failed = true
		case target.MsgConnectRecover:
			if !failed {
				e.breaks("NOTIFY-005", "CONNECT_RECOVER at %s without a CONNECT_FAIL before it", e.clockTime(ev))
			}
		}
	}
}

// checkPictures: each captured picture is released once, at the latest by the
// return of exit (CB-PIC-002, CB-PIC-004, CB-PIC-005).
func (e *Env) checkPictures(trace []target.Event) {
	open := make(map[int]bool)
	for _, ev := range trace {
		switch {
		case ev.Kind == target.CallbackEntered && ev.Callback == target.CBCapture:
			if ev.Args.PicNull || ev.Args.SizeNull {
				e.breaks("CB-CAP-006", "capture_cb came with an out-pointer that is NULL")
			}
		case ev.Kind == target.CallbackLeft && ev.Callback == target.CBCapture:
			if ev.Answered != nil && ev.Answered.Picture != 0 && ev.Answered.Return == int32(target.ErrNone) {
				open[ev.Answered.Picture] = true
			}
		case ev.Kind == target.CallbackEntered && ev.Callback == target.CBPicture:
			switch {
			case ev.Args.Released:
				e.breaks("CB-PIC-002", "picture %d was released a second time", ev.Args.Picture)
			case ev.Args.Picture == 0:
				e.breaks("CB-PIC-004", "picture_result_cb names *pic %#x, which no capture_cb handed out", ev.Args.PicAddr)
			}
			delete(open, ev.Args.Picture)
		case ev.Kind == target.CallReturned && ev.Call.Func == target.FnExit && ev.Return.Code == target.ErrNone:
			for picture := range open {
				e.breaks("CB-PIC-002", "picture %d had no picture_result_cb when iv_cs_exit returned", picture)
			}
			clear(open)
		}
	}
}

// checkResults: report_result_cb has an argument, a code of 0 or 1 and an event
// of 1 to 16 (REPORT-002, -003, -006).
func (e *Env) checkResults(trace []target.Event) {
	for _, ev := range trace {
		if ev.Kind != target.CallbackEntered || ev.Callback != target.CBReport {
			continue
		}
		r := ev.Args.Result
		switch {
		case r == nil:
			e.breaks("REPORT-006", "report_result_cb came with NULL")
		case r.ResultCode != 0 && r.ResultCode != 1:
			e.breaks("REPORT-002", "report_result_cb came with result_code %d, want 0 or 1", r.ResultCode)
		case r.EventID < 1 || r.EventID > 16:
			e.breaks("REPORT-003", "report_result_cb came with event_id %d", r.EventID)
		case r.EndTime < r.StartTime:
			e.breaks("REPORT-005", "report_result_cb came with end_time_s %d before start_time_s %d", r.EndTime, r.StartTime)
		}
	}
}

// checkObjects: every stored segment is well formed (TS-001, TS-003).
func (e *Env) checkObjects() {
	for _, s := range e.Stored() {
		if s.TS.Opaque {
			continue
		}
		for _, f := range s.TS.Hard() {
			rule, ok := ruleOf[f.Code]
			if !ok {
				rule = "TS-001"
			}
			e.breaks(rule, "%s: %s", s.Name(), f)
		}
	}
}

// ruleOf names the rule that a hard finding breaks.
var ruleOf = map[tscheck.Code]string{
	tscheck.CodeContinuity:     "TS-003",
	tscheck.CodeTransportError: "TS-003",
	tscheck.CodeTimeStamp:      "TS-004",
}

// checkAccount: by the return of exit, every accepted video frame is stored or
// reported as lost (UPL-015). A scenario that has initialised the library again
// and not ended it leaves the account open.
func (e *Env) checkAccount(trace []target.Event) {
	exited := false
	for _, ev := range trace {
		if ev.Kind == target.CallReturned && ev.Return.Code == target.ErrNone {
			switch ev.Call.Func {
			case target.FnExit:
				exited = true
			case target.FnInit:
				exited = false
			}
		}
	}
	if !exited || len(e.cameras) == 0 {
		return
	}
	if n := e.unaccounted(); n > 0 {
		e.breaks("UPL-015", "%d accepted video frames are in no reported slice after iv_cs_exit", n)
	}
}

// clockTime is an event's place on the scenario's time axis.
func (e *Env) clockTime(ev target.Event) string {
	return "+" + ev.Domain.Sub(e.began).Round(time.Millisecond).String()
}
