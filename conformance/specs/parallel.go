package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// parallel is notes 10 and 12: several events at the same time.
func parallel(s *Suite) {
	parallelEvents(s)
	parallelStream(s)
	parallelPreRecord(s)
}

// parallelEvents: different ids run side by side, each for itself (note 10).
func parallelEvents(s *Suite) {
	s.Rule("PAR-001", func(r *Rule) {
		for _, n := range []int32{2, 3, 16} {
			r.Scenario(fmt.Sprintf("%d different events run at the same time", n), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				var ids []int32
				for id := int32(1); id <= n; id++ {
					e.Require(e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) while %d others run", id, id-1)
					ids = append(ids, id)
				}
				e.AwaitStart(1)
				cam.Run(4 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused while %d events run", n)
				for _, id := range ids {
					e.Require(e.Lib.EventStop(id)).To(ReturnNone(), "iv_cs_event_stop(%d) of %d parallel events", id, n)
				}
				e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) >= int(n) })
				var at []int32
				for _, ev := range finishedEvents(e) {
					at = append(at, ev.EventID)
				}
				e.Expect(at).To(ConsistOf(ids), "events at the cloud within %v", ReportWithin)
			})
		}
	})

	s.Rule("PAR-002", func(r *Rule) {
		for _, c := range []struct{ first, again, stop target.Call }{
			{target.EventStartCall(1), target.EventStartCall(1), target.EventStopCall(1)},
			{target.EventStartCall(1), startExtNow(1), target.EventStopCall(1)},
			{startExtNow(1), startExtNow(1), stopExtNow(1)},
			{startExtNow(1), target.EventStartCall(1), stopExtNow(1)},
		} {
			r.Scenario(fmt.Sprintf("an event by %s is not doubled by %s", c.first.Func, c.again.Func), func(e *Env) {
				startTwice(e, c.first, c.again, c.stop)
			})
		}
	})

	s.Rule("PAR-003", func(r *Rule) {
		r.Scenario("events that overlap have each their own picture, times and result", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			withPictures(e)
			var started, stopped [4]time.Time
			for _, step := range []struct {
				at    time.Duration
				id    int32
				start bool
			}{{0, 1, true}, {3, 2, true}, {5, 3, true}, {7, 2, false}, {10, 1, false}, {15, 3, false}} {
				if n := len(cam.Ledger); n > 0 || step.at > 0 {
					cam.Run(step.at*time.Second - e.DeviceNow().Sub(started[1]))
				}
				if step.start {
					started[step.id] = e.DeviceNow()
					e.Given("PAR-001", e.Lib.EventStart(step.id)).To(ReturnNone(), "iv_cs_event_start(%d)", step.id)
					e.AwaitStart(1)
				} else {
					stopped[step.id] = e.DeviceNow()
					e.Given("PAR-001", e.Lib.EventStop(step.id)).To(ReturnNone(), "iv_cs_event_stop(%d)", step.id)
				}
			}
			e.AwaitCallback(target.CBPicture, 3, PictureWithin)
			e.AwaitCallback(target.CBReport, 3, ReportWithin)
			var reported []int32
			for _, result := range e.Results() {
				reported = append(reported, result.EventID)
			}
			e.Require(reported).To(ConsistOf(int32(1), int32(2), int32(3)), "event ids of report_result_cb within %v", ReportWithin)
			for id := int32(1); id <= 3; id++ {
				t := toldOf(e, id, 1)
				t.expectStart(e, started[id], fmt.Sprintf("event %d", id))
				t.expectEnd(e, stopped[id], fmt.Sprintf("event %d", id))
				e.Expect(t.result.ResultCode).To(Equal(int32(1)), "result_code of event %d", id)
			}
			e.Expect(captured(e)).To(ConsistOf(int32(1), int32(2), int32(3)), "event ids of capture_picture_cb")
			e.Expect(e.Count(target.CBPicture)).To(Equal(3), "calls of picture_result_cb")
			var pictures []int32
			for _, pic := range e.Device.Pictures() {
				pictures = append(pictures, pic.EventID)
			}
			e.Expect(pictures).To(ConsistOf(int32(1), int32(2), int32(3)), "event ids of the pictures in the cloud")
		})
	})
}

// parallelStream: the stream lasts as long as one of them.
func parallelStream(s *Suite) {
	s.Rule("PAR-004", func(r *Rule) {
		for _, c := range []struct {
			name        string
			first, last int32
		}{{"first", 1, 2}, {"second", 2, 1}} {
			for _, clip := range fixtures.Bases() {
				r.Scenario("the end of the "+c.name+" event leaves the stream of "+clip.Name+" to the other", func(e *Env) {
					cam := e.Camera(clip, fixtures.AAC())
					e.InitEvents(cam)
					e.StartEvent(1, 1)
					cam.Run(2 * time.Second)
					e.Given("PAR-001", e.Lib.EventStart(2)).To(ReturnNone(), "iv_cs_event_start(2) while event 1 runs")
					cam.Run(4 * time.Second)
					e.Given("PAR-001", e.Lib.EventStop(c.first)).To(ReturnNone(), "iv_cs_event_stop(%d) while event %d runs", c.first, c.last)
					cam.Run(4 * time.Second)
					// A stop_cb of its own for each event is one reading, if a start_cb
					// follows it; one of each for all is the plain one (AMB-25).
					e.Hard(streaming(e)).To(BeTrue(), "start_cb as the last word while event %d runs", c.last)
					e.Soft(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb for events that overlap")
					e.Hard(cam.Refused()).To(BeEmpty(), "frames refused while event %d runs", c.last)
					e.Given("PAR-001", e.Lib.EventStop(c.last)).To(ReturnNone(), "iv_cs_event_stop(%d), the last", c.last)
					e.Expect(e.Await(StopWithin, func() bool { return !streaming(e) })).To(BeTrue(), "stop_cb within %v of the last event's stop", StopWithin)
					toldOf(e, c.first, 1)
					toldOf(e, c.last, 1)
					e.Uploaded(UploadWithin)
					e.Hard(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
				})
			}
		}
	})
}

// parallelPreRecord: only the first event has video from before its start (note 12).
func parallelPreRecord(s *Suite) {
	// join runs event 1 with fifteen seconds of pre-recorded video; when that is
	// live, event 2 joins by its call, and both end.
	join := func(e *Env, second func(now time.Time) target.Call, judge func(target.Code)) (cam *Camera, first, joined time.Time) {
		cam = e.Camera(fixtures.H264(), nil)
		e.InitEvents(cam)
		code, first := startExt(e, 1, pair{ago(0), ago(15)})
		e.Given("EXT-011", code).To(ReturnNone(), "iv_cs_event_start_ext(1, 0, 15)")
		e.AwaitStart(1)
		preRecord(e, cam, first.Add(-15*time.Second))
		cam.Run(2 * time.Second)
		joined = e.DeviceNow()
		code = e.Lib.Call(second(joined)).Code
		judge(code)
		cam.Run(6 * time.Second)
		if code == target.ErrNone && second(joined).Func == target.FnEventStart {
			e.Given("PAR-001", e.Lib.EventStop(2)).To(ReturnNone(), "iv_cs_event_stop(2)")
		} else if code == target.ErrNone {
			e.Given("EXT-015", e.Lib.EventStopExt(2, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(2, 0, 0)")
		}
		cam.Run(2 * time.Second)
		e.Given("EXT-015", e.Lib.EventStopExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(1, 0, 0)")
		toldOf(e, 1, 1)
		if code == target.ErrNone {
			toldOf(e, 2, 1)
		}
		e.Uploaded(UploadWithin)
		return cam, first, joined
	}
	ext := func(p pair) func(time.Time) target.Call {
		return func(now time.Time) target.Call {
			return target.EventStartExtCall(2, p.event.value(now), p.stream.value(now))
		}
	}

	s.Rule("PAR-005", func(r *Rule) {
		for _, c := range []struct {
			p    pair
			open bool // what is asked for is not for a later event
		}{{p: atOnce}, {p: pair{ago(0), ago(15)}, open: true}, {p: both(ago(15)), open: true}} {
			r.Scenario(fmt.Sprintf("a later event with %v leaves the first one's video where it is", c.p), func(e *Env) {
				cam, first, _ := join(e, ext(c.p), func(code target.Code) {
					if c.open { // refused, ignored or clamped (AMB-74)
						e.Record(fmt.Sprintf("iv_cs_event_start_ext with %v for a later event", c.p), "%v", code)
						return
					}
					e.Given("PAR-006", code).To(ReturnNone(), "iv_cs_event_start_ext(2) with %v for a later event", c.p)
				})
				e.Hard(firstVideo(e)).To(BeTemporally("~", first.Add(-15*time.Second), EventTimeSlack), "start of the stored video: 15 s before the first event")
				expectOneTimeline(e)
				e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
			})
		}
	})

	s.Rule("PAR-006", func(r *Rule) {
		for _, p := range []pair{atOnce, both(utcAt(0))} {
			r.Scenario(fmt.Sprintf("a later event is accepted with %v", p), func(e *Env) {
				_, _, joined := join(e, ext(p), func(code target.Code) {
					e.Require(code).To(ReturnNone(), "iv_cs_event_start_ext(2) with %v for a later event", p)
				})
				toldOf(e, 2, 1).expectStart(e, joined, fmt.Sprintf("a later event with %v", p))
			})
		}
		for _, p := range []pair{{ago(5), ago(0)}, {utcAt(-5), ago(0)}, {ago(0), utcAt(0)}} {
			r.Scenario(fmt.Sprintf("a later event with %v", p), func(e *Env) {
				join(e, ext(p), func(code target.Code) { // AMB-05
					e.Record(fmt.Sprintf("iv_cs_event_start_ext with %v for a later event", p), "%v", code)
				})
				for _, result := range resultsOf(e, 2) {
					e.Record(fmt.Sprintf("start_time_s of a later event with %v", p), "%v", time.Unix(int64(result.StartTime), 0).UTC())
				}
			})
		}
	})

	s.Rule("PAR-007", func(r *Rule) {
		r.Scenario("a later event may be started by iv_cs_event_start", func(e *Env) {
			var joining target.Code
			_, _, joined := join(e, func(time.Time) target.Call { return target.EventStartCall(2) }, func(code target.Code) { joining = code })
			e.Soft(joining).To(ReturnNone(), "iv_cs_event_start(2) while an event by iv_cs_event_start_ext runs")
			if joining == target.ErrNone {
				toldOf(e, 2, 1).expectStart(e, joined, "a later event by iv_cs_event_start")
			}
		})
	})

	s.Rule("PAR-008", func(r *Rule) {
		r.Scenario("after all events have ended the next one has pre-recorded video again", func(e *Env) {
			cam, _, _ := join(e, ext(atOnce), func(code target.Code) {
				e.Given("PAR-006", code).To(ReturnNone(), "iv_cs_event_start_ext(2, 0, 0) for a later event")
			})
			stored := len(e.Stored())
			starts := e.Count(target.CBStart)
			cam.Pause(16 * time.Second) // so that the pre-recorded video does not reach into the first round
			code, called := startExt(e, 3, pair{ago(0), ago(12)})
			e.Require(code).To(ReturnNone(), "iv_cs_event_start_ext(3, 0, 12) after all events have ended")
			e.AwaitStart(starts + 1)
			preRecord(e, cam, called.Add(-12*time.Second))
			cam.Run(2 * time.Second)
			e.Given("EXT-015", e.Lib.EventStopExt(3, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(3, 0, 0)")
			toldOf(e, 3, 1)
			givenUploaded(e)
			e.Given("EVT-014", len(e.Stored())).To(BeNumerically(">", stored), "segments stored of event 3")
			e.Expect(e.Stored()[stored].Start).To(BeTemporally("~", called.Add(-12*time.Second), EventTimeSlack), "start of the video of event 3: 12 s before the call")
		})
	})
}

// expectOneTimeline states that all stored video lies on one line: each segment's
// time is as far from the first one's as its first frame's time stamp.
func expectOneTimeline(e *Env) {
	segs := e.Stored()
	e.Given("EVT-014", segs).NotTo(BeEmpty(), "segments stored of the event")
	first := segs[0]
	for _, seg := range segs {
		media := time.Duration(seg.FirstPTS-first.FirstPTS) * time.Millisecond
		e.Hard(seg.Start).To(BeTemporally("~", first.Start.Add(media), EventTimeSlack), "start of %s: %v of video after the first", seg.Name(), media)
	}
}
