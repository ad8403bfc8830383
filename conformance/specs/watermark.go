package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// watermark is iv_cs_congestion_ctrl_s and the alarms 3, 4 and 5 of
// iv_cs_notify_cb. What the marks measure, and in which direction they are
// crossed, the specification does not say: bytes accepted and not yet stored are
// compared with a quarter of tolerance and two frames, on the way up (AMB-09,
// AMB-11; cloud binding, ruling 2).
func watermark(s *Suite) {
	watermarkLevels(s)
	watermarkCourse(s)
	watermarkSilence(s)
}

// wmBuffer is u32MaxGopSize in this chapter, wmRate the bytes a second that fill
// it: 50 KiB, a step of 2560 bytes a frame.
const (
	wmBuffer = 800 << 10
	wmRate   = 50 << 10
)

// alarmWithin is from a crossing to its message: the text gives no time, and the
// next frame is 50 ms away.
const alarmWithin = 5 * time.Second

// wmMarks are the three marks in bytes.
type wmMarks struct{ low, warn, high int64 }

// usual are those that the vendor recommends: 10 %, 40 % and 80 % of the buffer.
var usual = wmMarks{80 << 10, 320 << 10, 640 << 10}

func (m wmMarks) parm(clip *fixtures.Clip, enable int8) target.InitParm {
	p := ParmFor(clip, nil)
	p.MaxGopSize = wmBuffer
	p.Congestion = target.Congestion{LowMark: uint64(m.low), WarnMark: uint64(m.warn), HighMark: uint64(m.high), Enable: enable}
	return p
}

// below is a backlog that has surely not reached the mark, above one that has.
func below(mark int64) int64 { return mark*3/4 - 2*wmRate/fps }
func above(mark int64) int64 { return mark*5/4 + 2*wmRate/fps }

// levels are the alarms by their marks, in the order in which a backlog that
// grows reaches them.
func (m wmMarks) levels() []level {
	return []level{
		{"IV_CS_AV_UPLOAD_WATERMARK_LOW", target.MsgWatermarkLow, m.low},
		{"IV_CS_AV_UPLOAD_WATERMARK_WARN", target.MsgWatermarkWarn, m.warn},
		{"IV_CS_AV_UPLOAD_WATERMARK_HIGH", target.MsgWatermarkHigh, m.high},
	}
}

type level struct {
	name    string
	message int32
	mark    int64
}

// stalled starts to stream at a cloud that takes nothing, with these marks.
func (m wmMarks) stalled(e *Env) *Camera {
	stall(e)
	cam := e.Camera(steady(wmRate), nil)
	e.StartFullTimeWith(cam, m.parm(cam.Video, 1))
	return cam
}

// raised waits for an alarm.
func (l level) raised(e *Env) bool {
	return e.Await(alarmWithin, func() bool { return len(e.Notices(l.message)) > 0 })
}

// expectCrossing fills the buffer past one of the marks: the alarms below it
// have come, it has not before and does now, and those above it do not.
func (m wmMarks) expectCrossing(e *Env, cam *Camera, n int) {
	l := m.levels()[n]
	fillTo(e, below(l.mark), cam)
	e.Advance(time.Second)
	for _, higher := range m.levels()[n:] {
		e.Expect(messages(e.Notices(higher.message))).To(BeEmpty(), "%s with %d bytes waiting for the cloud, mark %d", higher.name, waiting(e, cam), higher.mark)
	}
	fillTo(e, above(l.mark), cam)
	e.Expect(l.raised(e)).To(BeTrue(), "%s with %d bytes waiting for the cloud, mark %d", l.name, waiting(e, cam), l.mark)
	for _, higher := range m.levels()[n+1:] {
		e.Expect(messages(e.Notices(higher.message))).To(BeEmpty(), "%s with %d bytes waiting for the cloud, mark %d", higher.name, waiting(e, cam), higher.mark)
	}
}

// watermarkLevels: each mark has its alarm, at its backlog.
func watermarkLevels(s *Suite) {
	s.Rule("WM-001", func(r *Rule) {
		r.Scenario("the alarms come when the backlog in bytes reaches marks of 10, 40 and 80 % of 800 KiB", func(e *Env) {
			cam := usual.stalled(e)
			full := fillTo(e, above(usual.high), cam)
			for _, l := range usual.levels() {
				if !l.raised(e) {
					e.Fail("no %s although %d bytes were accepted and none was stored, mark %d", l.name, cam.Bytes(), l.mark)
					continue
				}
				at := acceptedBefore(e, e.Notices(l.message)[0])
				e.Measure(l.name, "at %d bytes, mark %d", at, l.mark)
				e.Expect(at).To(And(BeNumerically(">=", below(l.mark)), BeNumerically("<=", above(l.mark))),
					"bytes accepted and not stored at the first %s, mark %d", l.name, l.mark)
			}
			e.Measure("buffer full before the end", "%t", full)
		})
	})

	for n, rule := range []string{"WM-002", "WM-003", "WM-004"} {
		l := usual.levels()[n]
		s.Rule(rule, func(r *Rule) {
			r.Scenario(fmt.Sprintf("message %d comes when the backlog rises past its mark, and not before", l.message), func(e *Env) {
				cam := usual.stalled(e)
				usual.expectCrossing(e, cam, n)
				for _, lower := range usual.levels()[:n] {
					e.Expect(messages(e.Notices(lower.message))).NotTo(BeEmpty(), "%s before %s, mark %d", lower.name, l.name, lower.mark)
				}
				up := len(alarms(e))
				e.Device.Faults().ClearAll()
				e.Advance(SegmentLength)
				e.Measure("messages when the backlog goes down", "%d", len(alarms(e))-up) // AMB-09
			})
			if l.message == target.MsgWatermarkHigh {
				r.Scenario("a high_mark equal to u32MaxGopSize is reached by a buffer that is full", func(e *Env) {
					m := wmMarks{80 << 10, 320 << 10, wmBuffer}
					cam := m.stalled(e)
					full := fillTo(e, above(m.high), cam)
					e.Given("PUSH-026", full).To(BeTrue(), "a frame refused by a full buffer of %d bytes", wmBuffer)
					e.Expect(m.levels()[2].raised(e)).To(BeTrue(), "%s when the first frame is refused, high_mark %d = u32MaxGopSize", l.name, m.high)
				})
			}
		})
	}

	s.Rule("WM-008", func(r *Rule) {
		for _, m := range []wmMarks{
			{8 << 10, 360 << 10, 640 << 10},
			{240 << 10, 440 << 10, wmBuffer},
			{8 << 10, 80 << 10, 640 << 10},
		} {
			r.Scenario(fmt.Sprintf("marks %d, %d and %d KiB are crossed one by one", m.low>>10, m.warn>>10, m.high>>10), func(e *Env) {
				cam := m.stalled(e)
				for n := range m.levels() {
					m.expectCrossing(e, cam, n)
				}
			})
		}
	})

	s.Rule("WM-010", func(r *Rule) {
		for _, m := range []struct {
			name string
			wmMarks
		}{
			{"high below low", wmMarks{640 << 10, 320 << 10, 80 << 10}},
			{"all equal", wmMarks{320 << 10, 320 << 10, 320 << 10}},
			{"all 0", wmMarks{}},
		} {
			r.Scenario("marks that are "+m.name+" do not harm", func(e *Env) {
				code := e.Lib.Init(m.parm(fixtures.H264(), 1))
				e.Record("init with marks that are "+m.name, "%v", code) // AMB-10
				if code == target.ErrNone {
					e.Exit()
				}
				e.Expect(e.Lib.Init(usual.parm(fixtures.H264(), 1))).To(ReturnNone(), "iv_cs_init with ascending marks after one with marks that are %s", m.name)
			})
			r.Scenario("a buffer that fills up with marks that are "+m.name+" does not harm", func(e *Env) {
				stall(e)
				cam := e.Camera(steady(wmRate), nil)
				e.Device.SetPlan(FullTime)
				if e.Lib.Init(m.parm(cam.Video, 1)) != target.ErrNone {
					e.Record("marks that are "+m.name, "refused by iv_cs_init")
					return
				}
				e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
				fillTo(e, wmBuffer+wmRate, cam)
				e.Measure("marks that are "+m.name, "%d messages while the buffer filled", len(alarms(e)))
				_, back := e.TryExit(2 * time.Minute)
				e.Expect(back).To(BeTrue(), "iv_cs_exit back within two minutes after a full buffer")
			}, Needs("cloud-binding"))
		}
	})
}

// acceptedBefore counts the bytes of video that iv_cs_push_stream had accepted
// when the event was recorded.
func acceptedBefore(e *Env, at target.Event) int64 {
	var n int64
	for _, ev := range e.Lib.Trace()[:at.Seq] {
		if ev.Kind == target.CallReturned && ev.Call.Func == target.FnPush && ev.Call.Stream == target.StreamVideo && ev.Return.Code == target.ErrNone {
			n += int64(len(ev.Call.Pack.Data))
		}
	}
	return n
}
