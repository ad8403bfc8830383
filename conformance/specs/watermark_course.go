package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// mostPerCrossing is how often an alarm may be repeated for one crossing before
// it is a nuisance (AMB-09).
const mostPerCrossing = 50

// watermarkCourse: the order of the alarms, their number, and their return.
func watermarkCourse(s *Suite) {
	s.Rule("WM-006", func(r *Rule) {
		r.Scenario("a backlog that grows slowly raises LOW, WARN and HIGH in this order", func(e *Env) {
			cam := usual.stalled(e)
			fillTo(e, above(usual.high), cam)
			last := -1
			for _, l := range usual.levels() {
				if !l.raised(e) {
					e.Fail("no %s although %d bytes are waiting for the cloud, mark %d", l.name, waiting(e, cam), l.mark)
					continue
				}
				got := e.Notices(l.message)
				e.Soft(got[0].Seq).To(BeNumerically(">", last), "place of the first %s after the first one of the mark below it", l.name)
				e.Soft(len(got)).To(BeNumerically("<=", mostPerCrossing), "messages %s for one crossing", l.name)
				e.Measure("messages "+l.name+" for one crossing", "%d", len(got))
				last = got[0].Seq
			}
		})
		r.Scenario("one key frame that crosses all three marks raises the highest alarm", func(e *Env) {
			stall(e)
			clip := fixtures.H264().Padded(700<<10, wmRate/fps)
			cam := e.Camera(clip, nil)
			e.StartFullTimeWith(cam, usual.parm(clip, 1))
			e.Given("PUSH-025", cam.PushVideo()).To(ReturnNone(), "a key frame of 700 KiB with u32MaxGopSize 800 KiB")
			high := usual.levels()[2]
			e.Expect(high.raised(e)).To(BeTrue(), "%s with %d bytes waiting for the cloud, mark %d", high.name, waiting(e, cam), high.mark)
			e.Record("messages for a frame that crosses all marks", "%v", messages(alarms(e)))
		})
	})

	s.Rule("WM-007", func(r *Rule) {
		r.Scenario("after the buffer has drained the alarms are raised again", func(e *Env) {
			// Marks above the segment that is always open, and frames large enough to
			// cross them in seconds.
			m := wmMarks{200 << 10, 300 << 10, 400 << 10}
			const fast, slow = 100 << 10, 6 << 10
			stall(e)
			first := e.Camera(steady(fast), nil)
			e.StartFullTimeWith(first, m.parm(first.Video, 1))
			fillTo(e, above(m.high), first)
			for _, l := range m.levels() {
				e.Given("WM-006", l.raised(e)).To(BeTrue(), "%s of the first stall", l.name)
			}

			up := len(alarms(e))
			e.Device.Faults().ClearAll()
			thin := e.Camera(steady(slow), nil)
			drained := false
			for i := 0; i < 90 && !drained; i++ {
				thin.Run(time.Second)
				drained = waiting(e, first, thin) < m.low/4
			}
			e.Given("NET-003", drained).To(BeTrue(), "the backlog stored within 90 s of the cloud's recovery; %d bytes are waiting", waiting(e, first, thin))
			e.Advance(time.Second)
			e.Measure("messages when the backlog goes down", "%v", messages(alarms(e)[up:])) // AMB-09

			before := len(e.Lib.Trace())
			stall(e)
			second := e.Camera(steady(fast), nil)
			fillTo(e, above(m.high), second, first, thin)
			for _, l := range m.levels() {
				again := e.Await(alarmWithin, func() bool {
					got := e.Notices(l.message)
					return len(got) > 0 && got[len(got)-1].Seq >= before
				})
				e.Expect(again).To(BeTrue(), "%s of the second stall, with %d bytes waiting for the cloud, mark %d", l.name, waiting(e, first, thin, second), l.mark)
			}
		})
	})
}

// messages lists the messages of notify_cb's entries.
func messages(events []target.Event) []int32 {
	out := []int32{}
	for _, ev := range events {
		out = append(out, ev.Args.Message)
	}
	return out
}

// watermarkSilence: when no alarm may come. Each scenario then shows that the
// library does raise them when it should.
func watermarkSilence(s *Suite) {
	s.Rule("WM-005", func(r *Rule) {
		r.Scenario("with enable 0 a buffer that fills up raises no alarm, with enable 1 it does", func(e *Env) {
			stall(e)
			cam := e.Camera(steady(wmRate), nil)
			e.StartFullTimeWith(cam, usual.parm(cam.Video, 0))
			fillTo(e, wmBuffer+wmRate, cam)
			e.Advance(2 * time.Second)
			e.Expect(messages(alarms(e))).To(BeEmpty(), "watermark messages with enable 0 and %d bytes waiting for the cloud, marks %v", waiting(e, cam), usual)
			e.Exit()
			e.Expect(messages(alarms(e))).To(BeEmpty(), "watermark messages up to the return of iv_cs_exit, with enable 0")

			again := e.Camera(steady(wmRate), nil)
			e.Init(usual.parm(again.Video, 1))
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 2, StartWithin)).NotTo(BeNil(), "start_cb of the second init")
			fillTo(e, above(usual.low), again)
			e.Given("WM-002", usual.levels()[0].raised(e)).To(BeTrue(), "WATERMARK_LOW with enable 1")
		})
	})

	s.Rule("WM-009", func(r *Rule) {
		r.Scenario("a good network and a small backlog raise no alarm", func(e *Env) {
			// No segment of 30 s comes near the lowest mark, but a minute of them is
			// well above it: what is stored must not be counted.
			m := wmMarks{400 << 10, 500 << 10, 640 << 10}
			thin := e.Camera(steady(10<<10), nil)
			e.StartFullTimeWith(thin, m.parm(thin.Video, 1))
			thin.Run(2 * SegmentLength)
			e.Expect(messages(alarms(e))).To(BeEmpty(), "watermark messages in %v on a good network, %d bytes pushed and %d of them waiting, low_mark %d", 2*SegmentLength, thin.Bytes(), waiting(e, thin), m.low)
			stall(e)
			thick := e.Camera(steady(2*wmRate), nil)
			fillTo(e, above(m.low), thick, thin)
			e.Given("WM-002", m.levels()[0].raised(e)).To(BeTrue(), "WATERMARK_LOW of a stall")
		})
	})
}
