package repro

import (
	"fmt"
	"math"
	"strings"

	"github.com/ivcs/conform/conformance/target"
)

// notRecorded is the code of a call of which nobody knows what it returned.
const notRecorded = "NOT_RECORDED"

// then writes what a call returned.
func then(r *target.Return) string {
	switch {
	case r == nil:
		return notRecorded
	case r.Code == target.NoReturn:
		return "NO_RETURN"
	case r.Code == target.ErrNone || !r.Code.Known():
		return fmt.Sprint(int32(r.Code))
	}
	name, _, _ := strings.Cut(r.Code.String(), " ")
	return fmt.Sprintf("%d /* %s */", int32(r.Code), name)
}

// call writes a call as lines of C. Parameters of iv_cs_init become a structure
// of their own above it.
func (p *program) call(c *target.Call, r *target.Return) []string {
	code := then(r)
	one := func(format string, args ...any) []string {
		return []string{fmt.Sprintf("CALL(%s, %s(%s));", code, c.Func, fmt.Sprintf(format, args...))}
	}
	switch c.Func {
	case target.FnInit:
		if c.Init == nil {
			return one("NULL")
		}
		return p.initCall(c.Init, code)
	case target.FnExit:
		return one("")
	case target.FnPush:
		return p.pushCall(c, code)
	case target.FnEventStart, target.FnEventStop:
		return one("%d", c.EventID)
	case target.FnEventStartExt, target.FnEventStopExt:
		return one("%d, %s, %s", c.EventID, p.seconds(c.Time), p.seconds(c.Time2))
	case target.FnDirectlyReport:
		return p.reportCall(c, code)
	case target.FnGetBalance:
		if c.NullOut {
			return one("NULL, %d", c.Time)
		}
		lines := []string{"{", "\tiv_cs_balance_info_s balance;", "\tmemset(&balance, 0xAA, sizeof balance);",
			fmt.Sprintf("\tCALL(%s, iv_cs_get_balance_info(&balance, %d));", code, c.Time)}
		if r != nil && r.Code == target.ErrNone {
			lines = append(lines, fmt.Sprintf("\twrote(\"cs_switch\", balance.cs_switch, %d);", r.Balance.Switch),
				fmt.Sprintf("\twrote(\"cs_type\", (int)balance.cs_type, %d);", r.Balance.Type))
		}
		return append(lines, "}")
	case target.FnSetAI:
		return one("%d, (iv_cs_ai_type_e)%d, (void *)%d", c.EventID, c.AIType, c.Args)
	case target.FnGetAI:
		if c.NullOut {
			return one("%d, NULL, (void *)%d", c.EventID, c.Args)
		}
		lines := []string{"{", "\tiv_cs_ai_type_e type;", "\tmemset(&type, 0xAA, sizeof type);",
			fmt.Sprintf("\tCALL(%s, iv_cs_get_ai_process(%d, &type, (void *)%d));", code, c.EventID, c.Args)}
		if r != nil && r.Code == target.ErrNone {
			lines = append(lines, fmt.Sprintf("\twrote(\"ai_type\", (int)type, %d);", r.AIType))
		}
		return append(lines, "}")
	case target.FnSetTransTime:
		return one("%du, %du", c.Time, c.Time2)
	case target.FnClockStep:
		return []string{fmt.Sprintf("step(%d);", c.Millis)}
	case target.FnClockAdvance:
		return []string{fmt.Sprintf("pass(%d);", c.Millis)}
	}
	return []string{fmt.Sprintf("/* %s is the harness's own */", c.Func)}
}

// seconds writes a second of UTC relative to the run's start, where it is one of its time.
func (p *program) seconds(s uint32) string {
	const near = 400 * 24 * 3600
	if began := p.r.Began.Unix(); math.Abs(float64(int64(s)-began)) < near {
		return fmt.Sprintf("utc(%d)", int64(s)-began)
	}
	return fmt.Sprintf("%du", s)
}

func (p *program) initCall(parm *target.InitParm, code string) []string {
	return []string{fmt.Sprintf("INIT(%s, %s);", code, p.parmFor(parm))}
}

// parmFor writes a structure above main, equal ones once, and returns its name.
func (p *program) parmFor(parm *target.InitParm) string {
	var b strings.Builder
	av, marks := parm.AV, parm.Congestion
	fmt.Fprintf(&b, "\t.u32MaxGopSize = %du,\n", parm.MaxGopSize)
	fmt.Fprintf(&b, "\t.congestion_cfg = {.low_mark = (size_t)%dull, .warn_mark = (size_t)%dull, .high_mark = (size_t)%dull, .enable = %d},\n",
		marks.LowMark, marks.WarnMark, marks.HighMark, marks.Enable)
	fmt.Fprintf(&b, "\t.av_fmt = {.eAudioType = %s, .u32AudioCodecOption = (iv_cm_aac_type_e)%d, .eAudioMode = %s,\n",
		known("iv_cm_aenc_type_e", av.AudioType, "IV_CM_AENC_TYPE_", "PCM", "G711A", "G711U", "G726", "AAC"), av.AACType,
		known("iv_cm_aenc_mode_e", av.AudioMode, "IV_CM_AENC_MODE_", "MONO", "STEREO"))
	fmt.Fprintf(&b, "\t\t.eAudioBitWidth = %s, .eAudioSampleRate = (iv_cm_aenc_sample_rate_e)%d, .u32SampleNumPerFrame = %du,\n",
		known("iv_cm_aenc_bit_width_e", av.BitWidth, "IV_CM_AENC_BIT_WIDTH_", "8", "16", "24"), av.SampleRate, av.SampleNumPerFrame)
	fmt.Fprintf(&b, "\t\t.eVideoType = %s, .u32VideoWidth = %du, .u32VideoHeight = %du, .u32Framerate = %du},\n",
		known("iv_cm_venc_type_e", av.VideoType, "IV_CM_VENC_TYPE_", "H264", "H265"), av.Width, av.Height, av.Framerate)
	fmt.Fprintf(&b, "\t.event_report_opt = %s,\n", known("iv_cs_event_report_opt_e", parm.EventReportOpt, "CS_EVENT_", "TS_REQ", "PIC_REQ", "TS_OR_PIC_REQ"))
	for i, cb := range target.Callbacks() {
		if parm.Slots.Has(cb) {
			fmt.Fprintf(&b, "\t.%s = %s,\n", cb, trampolines[i])
		}
	}
	body := b.String()
	for i, other := range p.parms {
		if other == body {
			return fmt.Sprintf("parm_%d", i+1)
		}
	}
	p.parms = append(p.parms, body)
	if parm.PadFill != 0 {
		p.cannot("the padding of iv_cs_init_parm_s was filled with %#02x", parm.PadFill)
	}
	return fmt.Sprintf("parm_%d", len(p.parms))
}

// trampolines of repro.h, in the order of the slots.
var trampolines = []string{"on_start", "on_stop", "on_ai_service", "on_capture", "on_picture", "on_report", "on_notify"}

var slots = []string{"ON_START", "ON_STOP", "ON_AI_SERVICE", "ON_CAPTURE", "ON_PICTURE", "ON_REPORT", "ON_NOTIFY"}

// known writes an enumerator by name, or another value as a number.
func known(typ string, v int32, prefix string, names ...string) string {
	if v >= 0 && int(v) < len(names) {
		return prefix + names[v]
	}
	return fmt.Sprintf("(%s)%d", typ, v)
}

// pushCall writes a push that stands in no table: what no careful caller passes,
// or one from inside a callback.
func (p *program) pushCall(c *target.Call, code string) []string {
	pack := c.Pack
	stream := fmt.Sprintf("(iv_cm_stream_type_e)%d", c.Stream)
	if pack == nil || pack.Null {
		return []string{fmt.Sprintf("CALL(%s, iv_cs_push_stream(%s, NULL));", code, stream)}
	}
	typ, frameType := "iv_cm_venc_pack_s", fmt.Sprintf(" .eFrameType = (iv_cm_frame_type_e)%d,", pack.FrameType)
	if pack.Audio {
		typ, frameType = "iv_cm_aenc_pack_s", ""
	}
	bytes, length, after := "NULL", fmt.Sprint(pack.Len), []string(nil)
	lines := []string{"{"}
	if !pack.NullAddr {
		length = fmt.Sprint(len(pack.Data))
		lines = append(lines, fmt.Sprintf("\tuint8_t *bytes = media(%d, %s);", p.media.place(pack.Data), length))
		bytes, after = "bytes", []string{fmt.Sprintf("\tdone(bytes, %s);", length)}
	}
	lines = append(lines,
		fmt.Sprintf("\t%s pack = {.pu8Addr = %s, .u32Len = %su, .u64PTS = %dull,%s .u32Seq = %du};", typ, bytes, length, pack.PTS, frameType, pack.Seq),
		fmt.Sprintf("\tCALL(%s, iv_cs_push_stream(%s, &pack));", code, stream))
	return append(append(lines, after...), "}")
}

func (p *program) reportCall(c *target.Call, code string) []string {
	length := uint32(len(c.Data))
	if c.NullData || c.Len != 0 {
		length = c.Len
	}
	if c.NullData {
		return []string{fmt.Sprintf("CALL(%s, iv_cs_event_directly_report(%d, %s, NULL, %du));", code, c.EventID, p.seconds(c.Time), length)}
	}
	return []string{
		"{",
		fmt.Sprintf("\tuint8_t *picture = media(%d, %d);", p.media.place(c.Data), len(c.Data)),
		fmt.Sprintf("\tCALL(%s, iv_cs_event_directly_report(%d, %s, picture, %du));", code, c.EventID, p.seconds(c.Time), length),
		fmt.Sprintf("\tdone(picture, %d);", len(c.Data)),
		"}",
	}
}
