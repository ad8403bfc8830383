package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// extStops: a stop belongs to a start.
func extStops(s *Suite) {
	s.Rule("EXT-015", func(r *Rule) {
		stopCallbacks(r, startExtNow, stopExtNow)
		r.Scenario("a stop with (now, now) calls stop_cb", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			code, _ := startExt(e, 1, both(utcAt(0)))
			e.Given("EXT-003", code).To(ReturnNone(), "iv_cs_event_start_ext with %v", both(utcAt(0)))
			e.AwaitStart(1)
			cam.Run(4 * time.Second)
			code, _ = stopExt(e, 1, both(utcAt(0)))
			e.Given("EXT-019", code).To(ReturnNone(), "iv_cs_event_stop_ext with %v", both(utcAt(0)))
			expectOneStop(e, "iv_cs_event_stop_ext")
		})
	})

	s.Rule("EXT-016", func(r *Rule) {
		r.Scenario("a stop without a start is refused without effect", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for _, id := range []int32{1, 5, 16} {
				e.Expect(e.Lib.EventStopExt(id, 0, 0)).To(Refuse(), "iv_cs_event_stop_ext(%d, 0, 0) without a start", id)
			}
			expectNoEvent(e, "a stop without a start")
			e.Given("EXT-003", e.Lib.EventStartExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_start_ext(1, 0, 0)")
			e.AwaitStart(1)
			e.Expect(e.Lib.EventStopExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(1, 0, 0) of the event that runs now")
		})
		r.Scenario("a second stop is refused", func(e *Env) { stopTwice(e, startExtNow(1), stopExtNow(1)) })
		for _, c := range []struct{ start, stop, proper target.Call }{
			{target.EventStartCall(1), stopExtNow(1), target.EventStopCall(1)},
			{startExtNow(1), target.EventStopCall(1), stopExtNow(1)},
		} {
			r.Scenario(fmt.Sprintf("%s of an event by %s ends it once or not at all", c.stop.Func, c.start.Func), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.Given("EVT-014", e.Lib.Call(c.start).Code).To(ReturnNone(), "%s", c.start.Func)
				e.AwaitStart(1)
				cam.Run(4 * time.Second)
				code := e.Lib.Call(c.stop).Code
				e.Record(fmt.Sprintf("%s of an event by %s", c.stop.Func, c.start.Func), "%v", code) // AMB-28
				if code != target.ErrNone {
					e.Hard(e.Lib.Call(c.proper).Code).To(ReturnNone(), "%s after %s was refused", c.proper.Func, c.stop.Func)
				}
				toldOf(e, 1, 1)
				e.Advance(5 * time.Second)
				e.Hard(e.Count(target.CBStop)).To(Equal(1), "calls of stop_cb for one event")
				e.Hard(e.Results()).To(HaveLen(1), "results of one event")
				e.Hard(e.Device.Events()).To(HaveLen(1), "events at the cloud")
			})
		}
	})
}

// extStopTimes: what the values of a stop mean.
func extStopTimes(s *Suite) {
	s.Rule("EXT-017", func(r *Rule) {
		for _, v := range []int64{0, 5, 15, 299} {
			r.Scenario(fmt.Sprintf("%d is seconds before the call", v), func(e *Env) {
				// The start is dated back as far, so that the event lasts six seconds.
				run := runExt(e, "EXT-005", both(ago(v)), 6*time.Second, "EXT-017", both(ago(v)))
				run.expectEnd(e, run.stopped.Add(-time.Duration(v)*time.Second), fmt.Sprintf("an event stopped with %v: so long before the call", both(ago(v))))
			})
		}
		r.Scenario("300 is left open", func(e *Env) {
			oddStop(e, both(ago(300)), func(code target.Code) { // AMB-01
				e.Record("iv_cs_event_stop_ext with (300, 300)", "%v", code)
			})
		}, Breaks("REPORT-005"))
	})

	s.Rule("EXT-018", func(r *Rule) {
		r.Scenario("15 is 15 s before the call", func(e *Env) {
			run := runExt(e, "EXT-005", both(ago(40)), 4*time.Second, "EXT-018", both(ago(15)))
			run.expectEnd(e, run.stopped.Add(-15*time.Second), "an event with event_stop_time_s 15: 15 s before the call")
		})
	})

	s.Rule("EXT-019", func(r *Rule) {
		for _, shift := range []int64{0, -5} {
			r.Scenario(fmt.Sprintf("%v is UTC", utcAt(shift)), func(e *Env) {
				p := both(utcAt(shift))
				run := runExt(e, "EXT-005", both(ago(10)), 4*time.Second, "EXT-019", p)
				e.Expect(run.result.EndTime).To(Equal(p.event.value(run.stopped)), "end_time_s: the event_stop_time_s that was given")
				e.Expect(run.record.End.Unix()).To(Equal(int64(p.event.value(run.stopped))), "end at the cloud: the event_stop_time_s that was given")
			})
		}
		r.Scenario("301 is UTC, in the year 1970, before the start", func(e *Env) {
			oddStop(e, both(ago(301)), func(code target.Code) { // AMB-01, AMB-76
				e.Record("iv_cs_event_stop_ext with (301, 301)", "%v", code)
			})
		}, Breaks("REPORT-005"))
	})

	s.Rule("EXT-020", func(r *Rule) {
		for _, p := range []pair{{ago(5), utcAt(-5)}, {utcAt(0), ago(5)}} {
			r.Scenario(fmt.Sprintf("%v is refused and the event goes on", p), func(e *Env) {
				oddStop(e, p, func(code target.Code) {
					e.Soft(code).To(Refuse(), "iv_cs_event_stop_ext with %v, one relative and one absolute (AMB-04)", p)
				})
			}, Breaks("REPORT-005"))
		}
	})

	s.Rule("EXT-021", func(r *Rule) {
		for _, v := range []int64{-1, -15} {
			r.Scenario(fmt.Sprintf("(uint32_t)%d is no time in the future", v), func(e *Env) {
				oddStop(e, both(ago(v)), func(code target.Code) { // no error is promised (AMB-03)
					e.Soft(code).To(Refuse(), "iv_cs_event_stop_ext with (uint32_t)%d: an end in the future has no meaning", v)
				})
			})
		}
	})

	s.Rule("EXT-022", func(r *Rule) {
		for _, c := range []struct {
			name string
			p    pair
		}{
			{"a stop before the start", both(utcAt(-60))},
			{"a stop 61 s in the future", both(utcAt(61))},
			{"a relative stop before the start", both(ago(60))},
		} {
			r.Scenario(c.name+" does no harm", func(e *Env) {
				oddStop(e, c.p, func(code target.Code) { // AMB-70, AMB-76
					e.Record(c.name, "%v", code)
				})
				for _, result := range e.Results() {
					e.Record("length reported after "+c.name, "%d s", int64(result.EndTime)-int64(result.StartTime))
				}
			}, Breaks("REPORT-005"))
		}
	})

	s.Rule("EXT-023", func(r *Rule) {
		for _, p := range []pair{atOnce, {ago(10), ago(0)}, both(ago(10)), {ago(0), ago(10)}} {
			r.Scenario(fmt.Sprintf("with %v event and video end each at its time", p), func(e *Env) {
				run := runExt(e, "EXT-005", both(ago(20)), 6*time.Second, "EXT-023", p)
				run.expectEnd(e, p.event.time(run.stopped), fmt.Sprintf("an event stopped with %v: its event_stop_time_s", p))
				// What the video's end is to do is open (AMB-76).
				e.Record(fmt.Sprintf("end of the video at the cloud with %v", p), "%v before the call", run.stopped.Sub(run.record.StreamEnd).Round(time.Second))
			})
		}
	})
}

// oddStop stops event 1 by doubtful times. If they are refused, the event goes
// on and can be stopped properly; in either case there is one event, and the
// library is usable.
func oddStop(e *Env, p pair, judge func(target.Code)) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	e.Given("EXT-003", e.Lib.EventStartExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_start_ext(1, 0, 0)")
	e.AwaitStart(1)
	cam.Run(4 * time.Second)
	code, _ := stopExt(e, 1, p)
	judge(code)
	if code != target.ErrNone {
		cam.Run(4 * time.Second)
		e.Hard(cam.Refused()).To(BeEmpty(), "frames refused after an iv_cs_event_stop_ext that was refused")
		e.Hard(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb after an iv_cs_event_stop_ext that was refused")
		e.Hard(e.Results()).To(BeEmpty(), "events reported after an iv_cs_event_stop_ext that was refused")
		e.Hard(e.Lib.EventStopExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(1, 0, 0) after one that was refused")
	}
	e.Hard(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of the stop", StopWithin)
	toldOf(e, 1, 1)
	e.Hard(e.Results()).To(HaveLen(1), "results of one event")
	expectUsable(e)
}

// extBoth: what start and stop have in common.
func extBoth(s *Suite) {
	s.Rule("EXT-024", func(r *Rule) {
		r.Scenario("with (0, 0) the functions do what iv_cs_event_start and _stop do", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			withPictures(e)
			kinds := []target.Callback{target.CBCapture, target.CBStart, target.CBStop, target.CBPicture, target.CBReport}
			var plain []int
			for i, v := range []struct{ start, stop target.Call }{
				{target.EventStartCall(1), target.EventStopCall(1)}, {startExtNow(2), stopExtNow(2)},
			} {
				var past, caused []int
				for _, cb := range kinds {
					past = append(past, e.Count(cb))
				}
				called := e.DeviceNow()
				e.Given("EVT-014", e.Lib.Call(v.start).Code).To(ReturnNone(), "%s", v.start.Func)
				e.AwaitStart(i + 1)
				cam.Run(5 * time.Second)
				stopped := e.DeviceNow()
				e.Given("EVT-010", e.Lib.Call(v.stop).Code).To(ReturnNone(), "%s", v.stop.Func)
				t := toldOf(e, int32(i+1), 1)
				e.AwaitCallback(target.CBPicture, i+1, PictureWithin)
				cam.Pause(3 * time.Second)
				for k, cb := range kinds {
					caused = append(caused, e.Count(cb)-past[k])
				}
				t.expectStart(e, called, fmt.Sprintf("an event by %s: the moment of the call", v.start.Func))
				t.expectEnd(e, stopped, fmt.Sprintf("an event by %s: the moment of the call", v.stop.Func))
				if i == 0 {
					plain = caused
				} else {
					e.Expect(caused).To(Equal(plain), "calls of %v, as by iv_cs_event_start and _stop", kinds)
				}
			}
		})
	})

	s.Rule("EXT-028", func(r *Rule) {
		for _, c := range []struct {
			name        string
			start, stop pair
		}{
			{"a start in UTC and a relative stop", both(utcAt(-10)), both(ago(3))},
			{"a relative start and a stop in UTC", both(ago(10)), both(utcAt(-3))},
		} {
			r.Scenario(c.name+" belong together", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				code, called := startExt(e, 1, c.start)
				e.Given("EXT-003", code).To(ReturnNone(), "iv_cs_event_start_ext with %v", c.start)
				e.AwaitStart(1)
				cam.Run(4 * time.Second)
				code, stopped := stopExt(e, 1, c.stop)
				// The text forbids the mixture within one call only (AMB-04).
				e.Soft(code).To(ReturnNone(), "iv_cs_event_stop_ext with %v after a start with %v", c.stop, c.start)
				if code != target.ErrNone {
					return
				}
				t := toldOf(e, 1, 1)
				e.Soft(time.Unix(int64(t.result.StartTime), 0)).To(BeTemporally("~", c.start.event.time(called), EventTimeSlack), "start_time_s of %s", c.name)
				e.Soft(time.Unix(int64(t.result.EndTime), 0)).To(BeTemporally("~", c.stop.event.time(stopped), EventTimeSlack), "end_time_s of %s", c.name)
			})
		}
	})

	s.Rule("EXT-029", func(r *Rule) {
		r.Scenario("start and stop tell relative from absolute times alike", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			var runs []extRun
			pairs := unmixedPairs()
			for i, p := range pairs {
				id := int32(i + 1)
				code, called := startExt(e, id, p)
				e.Require(code).To(ReturnNone(), "iv_cs_event_start_ext with %v, both of one kind", p)
				e.Advance(4 * time.Second)
				code, stopped := stopExt(e, id, p)
				e.Require(code).To(ReturnNone(), "iv_cs_event_stop_ext with %v, both of one kind", p)
				e.Advance(200 * time.Millisecond)
				runs = append(runs, extRun{called: called, stopped: stopped})
			}
			for i, p := range pairs {
				run := runs[i]
				run.told = toldOf(e, int32(i+1), 1)
				run.expectStart(e, p.event.time(run.called), fmt.Sprintf("an event with %v", p))
				run.expectEnd(e, p.event.time(run.stopped), fmt.Sprintf("an event stopped with %v", p))
			}
		})
	})
}

// unmixedPairs are all pairs of two relative or two absolute times out of a few;
// an event later than its video's start is left to EXT-010 (AMB-06).
func unmixedPairs() []pair {
	var out []pair
	for _, kind := range [][]moment{{ago(0), ago(15), ago(299)}, {utcAt(0), utcAt(-299)}} {
		for i, event := range kind {
			for _, stream := range kind[i:] {
				out = append(out, pair{event, stream})
			}
		}
	}
	return out
}
