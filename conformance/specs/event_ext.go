package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// eventExt is iv_cs_event_start_ext and iv_cs_event_stop_ext: events with times
// of their own.
func eventExt(s *Suite) {
	extCalls(s)
	extStartTimes(s)
	extMixed(s)
	extVideo(s)
	extClock(s)
	extStops(s)
	extStopTimes(s)
	extBoth(s)
}

// The two functions with times that mean the moment of the call.
func startExtNow(id int32) target.Call { return target.EventStartExtCall(id, 0, 0) }
func stopExtNow(id int32) target.Call  { return target.EventStopExtCall(id, 0, 0) }

// atOnce is (0, 0): the moment of the call.
var atOnce = pair{ago(0), ago(0)}

// both is the same time for the event and its video.
func both(m moment) pair { return pair{m, m} }

// extRun is an event by the _ext functions and what was told of it.
type extRun struct {
	told
	called, stopped time.Time // by the device's clock
}

// runExt runs event 1 with d of live video. startRule and stopRule own that the
// two calls accept their times.
func runExt(e *Env, startRule string, start pair, d time.Duration, stopRule string, stop pair) extRun {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	code, called := startExt(e, 1, start)
	e.Given(startRule, code).To(ReturnNone(), "iv_cs_event_start_ext with %v", start)
	e.AwaitStart(1)
	cam.Run(d)
	code, stopped := stopExt(e, 1, stop)
	e.Given(stopRule, code).To(ReturnNone(), "iv_cs_event_stop_ext with %v", stop)
	return extRun{told: toldOf(e, 1, 1), called: called, stopped: stopped}
}

// extCalls: ids and callbacks, as of the plain functions.
func extCalls(s *Suite) {
	s.Rule("EXT-001", func(r *Rule) {
		r.Scenario("the ids 1 to 16 are accepted", func(e *Env) {
			acceptIDs(e, "EXT-001", startExtNow, "EXT-002", stopExtNow)
		})
		r.Scenario("other ids are refused without effect", func(e *Env) { refuseStarts(e, startExtNow) })
	})

	s.Rule("EXT-002", func(r *Rule) {
		r.Scenario("the ids 1 to 16 are accepted", func(e *Env) {
			acceptIDs(e, "EXT-001", startExtNow, "EXT-002", stopExtNow)
		})
		r.Scenario("other ids are refused and leave the running event alone", func(e *Env) {
			refuseStops(e, startExtNow, stopExtNow)
		})
	})

	s.Rule("EXT-003", func(r *Rule) {
		for _, p := range []pair{atOnce, both(ago(15)), both(utcAt(0))} {
			r.Scenario(fmt.Sprintf("an event with %v asks for one picture and starts the stream", p), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				code, _ := startExt(e, 4, p)
				e.Require(code).To(ReturnNone(), "iv_cs_event_start_ext with %v", p)
				e.Expect(e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb within %v of iv_cs_event_start_ext", StartWithin)
				e.Require(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb within %v of iv_cs_event_start_ext", StartWithin)
				cam.Run(5 * time.Second)
				e.Expect(captured(e)).To(Equal([]int32{4}), "event ids of capture_picture_cb")
				e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb for one event")
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused after start_cb")
			})
		}
	})

	s.Rule("EXT-004", func(r *Rule) { pictureResults(r, startExtNow(1), stopExtNow(1)) })
}

// extStartTimes: what the values of a start mean.
func extStartTimes(s *Suite) {
	s.Rule("EXT-005", func(r *Rule) {
		for _, v := range []int64{0, 1, 15, 100, 299} {
			r.Scenario(fmt.Sprintf("%d is seconds before the call", v), func(e *Env) {
				run := runExt(e, "EXT-005", both(ago(v)), 4*time.Second, "EXT-015", atOnce)
				run.expectStart(e, run.called.Add(-time.Duration(v)*time.Second), fmt.Sprintf("an event with %v: so long before the call", both(ago(v))))
			})
		}
		r.Scenario("300 is left open", func(e *Env) {
			// Either reading or an error (AMB-01).
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			code, called := startExt(e, 1, both(ago(300)))
			e.Record("iv_cs_event_start_ext with (300, 300)", "%v", code)
			if code == target.ErrNone {
				e.AwaitStart(1)
				e.Advance(4 * time.Second)
				stopExt(e, 1, atOnce)
				start := time.Unix(int64(toldOf(e, 1, 1).result.StartTime), 0)
				e.Record("start_time_s for 300", "%v", start.UTC())
				e.Hard(start).To(Or(BeTemporally("~", called.Add(-300*time.Second), EventTimeSlack), Equal(time.Unix(300, 0))),
					"start_time_s of an event with (300, 300): 300 s before the call, or 300 itself (AMB-01)")
			}
			expectUsable(e)
		})
	})

	s.Rule("EXT-006", func(r *Rule) {
		r.Scenario("15 is 15 s before the call", func(e *Env) {
			run := runExt(e, "EXT-006", both(ago(15)), 4*time.Second, "EXT-015", atOnce)
			run.expectStart(e, run.called.Add(-15*time.Second), "an event with event_start_time_s 15: 15 s before the call")
		})
	})

	s.Rule("EXT-007", func(r *Rule) {
		for _, shift := range []int64{0, -15, -3600} {
			r.Scenario(fmt.Sprintf("%v is UTC", utcAt(shift)), func(e *Env) {
				p := both(utcAt(shift))
				run := runExt(e, "EXT-007", p, 4*time.Second, "EXT-015", atOnce)
				e.Expect(run.result.StartTime).To(Equal(p.event.value(run.called)), "start_time_s: the event_start_time_s that was given")
				e.Expect(run.record.Start.Unix()).To(Equal(int64(p.event.value(run.called))), "start at the cloud: the event_start_time_s that was given")
			})
		}
		r.Scenario("301 is UTC, in the year 1970", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			code, _ := startExt(e, 1, both(ago(301)))
			e.Soft(code).To(ReturnNone(), "iv_cs_event_start_ext with (301, 301) (AMB-01)")
			if code == target.ErrNone {
				e.AwaitStart(1)
				e.Advance(4 * time.Second)
				stopExt(e, 1, atOnce)
				e.Soft(toldOf(e, 1, 1).result.StartTime).To(Equal(uint32(301)), "start_time_s of an event with (301, 301) (AMB-01)")
			}
			expectUsable(e)
		})
	})

	s.Rule("EXT-008", func(r *Rule) {
		for _, v := range []int64{-1, -15, -299} {
			r.Scenario(fmt.Sprintf("(uint32_t)%d is no time in the future", v), func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				code, _ := startExt(e, 1, both(ago(v)))
				// No error is promised (AMB-03).
				e.Soft(code).To(Refuse(), "iv_cs_event_start_ext with (uint32_t)%d: a start in the future has no meaning", v)
				afterOddStart(e, code)
			}, Breaks("REPORT-005"))
		}
		r.Scenario("0 is accepted", func(e *Env) {
			run := runExt(e, "EXT-008", atOnce, 4*time.Second, "EXT-015", atOnce)
			run.expectStart(e, run.called, "an event with event_start_time_s 0: the moment of the call")
		})
	})

	s.Rule("EXT-012", func(r *Rule) {
		for _, shift := range []int64{-86400, 30, 61, 3600} {
			r.Scenario(fmt.Sprintf("%v does no harm", utcAt(shift)), func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				code, _ := startExt(e, 1, both(utcAt(shift)))
				e.Record(fmt.Sprintf("iv_cs_event_start_ext with %v", both(utcAt(shift))), "%v", code) // AMB-70
				afterOddStart(e, code)
			}, Breaks("REPORT-005"))
		}
	})
}

// afterOddStart ends what a doubtful iv_cs_event_start_ext of event 1 may have
// begun. If it was refused, nothing may have begun; in either case the library
// must be usable.
func afterOddStart(e *Env, code target.Code) {
	if code != target.ErrNone {
		e.Advance(3 * time.Second)
		e.Hard(eventCallbacks(e)).To(BeZero(), "callbacks caused by an iv_cs_event_start_ext that was refused")
		e.Hard(e.Device.Events()).To(BeEmpty(), "events at the cloud caused by an iv_cs_event_start_ext that was refused")
	} else {
		e.AwaitCallback(target.CBStart, 1, StartWithin)
		e.Advance(4 * time.Second)
		e.Record("iv_cs_event_stop_ext of an event that began at a doubtful time", "%v", e.Lib.EventStopExt(1, 0, 0))
	}
	expectUsable(e)
}

// expectUsable states that an ordinary event can be started and is recorded.
func expectUsable(e *Env) {
	// A doubtful event that the library would not end keeps the stream going.
	e.Await(StopWithin, func() bool { return !streaming(e) })
	starts := e.Count(target.CBStart)
	if streaming(e) {
		starts--
	}
	e.Hard(e.Lib.EventStartExt(2, 0, 0)).To(ReturnNone(), "iv_cs_event_start_ext(2, 0, 0) afterwards")
	e.Hard(e.AwaitCallback(target.CBStart, starts+1, StartWithin)).NotTo(BeNil(), "start_cb of the event afterwards within %v", StartWithin)
	e.Hard(e.Camera(fixtures.H264(), nil).PushVideo()).To(ReturnNone(), "a push in the event afterwards")
}

// extMixed: relative and absolute times are not mixed in one call.
func extMixed(s *Suite) {
	s.Rule("EXT-009", func(r *Rule) {
		for _, p := range []pair{{ago(15), utcAt(-15)}, {utcAt(0), ago(15)}} {
			r.Scenario(fmt.Sprintf("%v is refused without effect", p), func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				code, _ := startExt(e, 1, p)
				e.Soft(code).To(Refuse(), "iv_cs_event_start_ext with %v, one relative and one absolute (AMB-04)", p)
				afterOddStart(e, code)
			})
		}
		for _, p := range []pair{{utcAt(0), ago(0)}, {ago(0), utcAt(0)}} {
			r.Scenario(fmt.Sprintf("%v is left open", p), func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				code, _ := startExt(e, 1, p)
				e.Record(fmt.Sprintf("iv_cs_event_start_ext with %v", p), "%v", code) // AMB-05
				afterOddStart(e, code)
			})
		}
		for _, p := range []pair{both(ago(15)), both(utcAt(0))} {
			r.Scenario(fmt.Sprintf("%v is accepted", p), func(e *Env) {
				run := runExt(e, "EXT-009", p, 4*time.Second, "EXT-015", atOnce)
				run.expectStart(e, p.event.time(run.called), fmt.Sprintf("an event with %v", p))
			})
		}
	})
}
