package scenario

import (
	"fmt"

	"github.com/ivcs/conform/conformance/target"
)

// callText names a call and its arguments for the time line.
func callText(c *target.Call) (what, detail string) {
	what = c.Func.String()
	switch c.Func {
	case target.FnInit:
		if c.Init == nil {
			return what + "(NULL)", ""
		}
		return what, fmt.Sprintf("u32MaxGopSize %d", c.Init.MaxGopSize)
	case target.FnPush:
		what += map[int32]string{target.StreamVideo: "(video)", target.StreamAudio: "(audio)"}[c.Stream]
		if c.Pack == nil || c.Pack.Null {
			return what, "NULL"
		}
		return what, fmt.Sprintf("seq %d, PTS %d ms", c.Pack.Seq, c.Pack.PTS)
	case target.FnEventStart, target.FnEventStop, target.FnGetAI:
		return what, fmt.Sprintf("event %d", c.EventID)
	case target.FnEventStartExt, target.FnEventStopExt:
		return what, fmt.Sprintf("event %d, event time %d, stream time %d", c.EventID, c.Time, c.Time2)
	case target.FnDirectlyReport:
		return what, fmt.Sprintf("event %d, time %d, %d bytes", c.EventID, c.Time, max(len(c.Data), int(c.Len)))
	case target.FnSetAI:
		return what, fmt.Sprintf("event %d, type %d", c.EventID, c.AIType)
	case target.FnGetBalance:
		return what, fmt.Sprintf("timeout %d s", c.Time)
	case target.FnSetTransTime:
		return what, fmt.Sprintf("upload %d ms, reply %d ms", c.Time, c.Time2)
	}
	return what, ""
}

// messages are the names that the specification gives to iv_cs_notify_cb's.
var messages = map[int32]string{
	target.MsgConnectFail:     "CONNECT_FAIL",
	target.MsgConnectRecover:  "CONNECT_RECOVER",
	target.MsgUploadState:     "AV_UPLOAD_STATE",
	target.MsgWatermarkLow:    "WATERMARK_LOW",
	target.MsgWatermarkWarn:   "WATERMARK_WARN",
	target.MsgWatermarkHigh:   "WATERMARK_HIGH",
	target.MsgCOSServiceWrong: "COS_SERVICE_WRONG",
}

// argsText says what a callback was told.
func argsText(cb target.Callback, a *target.Args) string {
	switch {
	case a == nil:
	case cb == target.CBCapture:
		return fmt.Sprintf("event %d", a.EventID)
	case cb == target.CBPicture:
		return fmt.Sprintf("picture %d, %v", a.Picture, target.Code(a.ErrCode))
	case cb == target.CBReport && a.Result != nil:
		r := a.Result
		return fmt.Sprintf("event %d, result %d, %d…%d s", r.EventID, r.ResultCode, r.StartTime, r.EndTime)
	case cb == target.CBNotify:
		name, ok := messages[a.Message]
		if !ok {
			name = fmt.Sprintf("message %d", a.Message)
		}
		for _, s := range a.Slices {
			state := "stored"
			if s.State != target.UploadOK {
				state = "lost"
			}
			name += fmt.Sprintf(", frames %d–%d %s", s.SeqA, s.SeqB, state)
		}
		return name
	}
	return ""
}
