package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// catchUpWithin is how long a library may take until pre-recorded video that is
// pushed at five times real time has become live video: several times what the
// longest one needs. How fast is left open (AMB-73).
const catchUpWithin = time.Minute

// preRecord pushes the video since the given moment, and goes on until it is live.
func preRecord(e *Env, cam *Camera, since time.Time) {
	lag := e.DeviceNow().Sub(since)
	e.Given("PRE-002", cam.CatchUp(lag, 5, catchUpWithin)).To(BeTrue(),
		"the last %v of video, pushed at five times real time, has become live video within %v", lag.Round(time.Second), catchUpWithin)
}

// firstVideo is where the stored video begins.
func firstVideo(e *Env) time.Time {
	e.Given("EVT-014", e.Stored()).NotTo(BeEmpty(), "segments stored of the event")
	first := e.Stored()[0].Start
	for _, seg := range e.Stored() {
		if seg.Start.Before(first) {
			first = seg.Start
		}
	}
	return first
}

// lastVideo is where the stored video ends.
func lastVideo(e *Env) time.Time {
	last := firstVideo(e)
	for _, seg := range e.Stored() {
		if seg.End.After(last) {
			last = seg.End
		}
	}
	return last
}

// videoEvent runs event 1 whose video begins at the stream time of p: what is
// before the call has been recorded before, then come four seconds live. The
// first frame is late by that much after the call.
func videoEvent(e *Env, clip *fixtures.Clip, p pair, late time.Duration) extRun {
	cam := e.Camera(clip, nil)
	e.InitEvents(cam)
	code, called := startExt(e, 1, p)
	e.Require(code).To(ReturnNone(), "iv_cs_event_start_ext with %v", p)
	e.AwaitStart(1)
	e.Advance(late)
	if since := p.stream.time(called); e.DeviceNow().Sub(since) > time.Second {
		preRecord(e, cam, since)
	}
	cam.Run(4 * time.Second)
	code, stopped := stopExt(e, 1, atOnce)
	e.Given("EXT-015", code).To(ReturnNone(), "iv_cs_event_stop_ext with %v", atOnce)
	run := extRun{told: toldOf(e, 1, 1), called: called, stopped: stopped}
	givenUploaded(e)
	return run
}

// expectTimes states that event and video began when p says.
func (run extRun) expectTimes(e *Env, p pair) {
	run.expectStart(e, p.event.time(run.called), fmt.Sprintf("an event with %v", p))
	e.Expect(firstVideo(e)).To(BeTemporally("~", p.stream.time(run.called), EventTimeSlack), "start of the stored video of an event with %v", p)
}

// extVideo: the video has a time of its own.
func extVideo(s *Suite) {
	s.Rule("EXT-010", func(r *Rule) {
		for _, p := range []pair{{ago(0), ago(15)}, both(ago(15)), {ago(10), ago(25)}, {utcAt(-10), utcAt(-25)}} {
			r.Scenario(fmt.Sprintf("%v: event and video begin each at its time", p), func(e *Env) {
				videoEvent(e, fixtures.H264(), p, 0).expectTimes(e, p)
			})
		}
		r.Scenario("(15, 0): an event that precedes its video", func(e *Env) {
			p := pair{ago(15), ago(0)}
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			code, called := startExt(e, 1, p)
			e.Soft(code).To(ReturnNone(), "iv_cs_event_start_ext with %v (AMB-06)", p)
			if code != target.ErrNone {
				expectUsable(e)
				return
			}
			e.AwaitStart(1)
			cam.Run(4 * time.Second)
			code, _ = stopExt(e, 1, atOnce)
			e.Given("EXT-015", code).To(ReturnNone(), "iv_cs_event_stop_ext with %v", atOnce)
			run := extRun{told: toldOf(e, 1, 1), called: called}
			givenUploaded(e)
			run.expectTimes(e, p)
		})
	})

	s.Rule("EXT-011", func(r *Rule) {
		p := pair{ago(0), ago(15)}
		for _, clip := range fixtures.Bases() {
			r.Scenario("with (0, 15) "+clip.Name+" begins 15 s before the call, the event at the call", func(e *Env) {
				run := videoEvent(e, clip, p, 0)
				run.expectTimes(e, p)
				e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of the event")
				e.Expect(time.Unix(int64(e.Slices()[0].UTCA), 0)).
					To(BeTemporally("~", run.called.Add(-15*time.Second), EventTimeSlack), "utc_sec_a of the first slice: 15 s before the call")
			})
		}
		r.Scenario("with (0, 299) the video begins 299 s before the call", func(e *Env) {
			longAgo(e, pair{ago(0), ago(299)})
		})
	})

	s.Rule("EXT-014", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("twenty seconds of "+clip.Name+" from ten minutes ago are filled in", func(e *Env) {
				cam := e.Camera(clip, nil)
				e.InitEvents(cam)
				from := e.DeviceNow().Truncate(time.Second).Add(-10 * time.Minute)
				to := from.Add(20 * time.Second)
				e.Require(e.Lib.EventStartExt(1, uint32(from.Unix()), uint32(from.Unix()))).To(ReturnNone(), "iv_cs_event_start_ext(1, now-600, now-600)")
				e.AwaitStart(1)
				e.Given("PRE-002", cam.Replay(20*time.Second, 5, catchUpWithin)).To(BeTrue(), "20 s of video accepted within %v", catchUpWithin)
				e.Require(e.Lib.EventStopExt(1, uint32(to.Unix()), uint32(to.Unix()))).To(ReturnNone(), "iv_cs_event_stop_ext(1, now-580, now-580)")
				t := toldOf(e, 1, 1)
				e.Uploaded(UploadWithin)
				e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
				e.Expect(firstVideo(e)).To(BeTemporally("~", from, EventTimeSlack), "start of the stored video: the stream_start_time_s that was given")
				e.Expect(lastVideo(e)).To(BeTemporally("~", to, EventTimeSlack), "end of the stored video: 20 s after its start")
				t.expectStart(e, from, "an event filled in: the event_start_time_s that was given")
				t.expectEnd(e, to, "an event filled in: the event_stop_time_s that was given")
			})
		}
	})

	s.Rule("EXT-025", func(r *Rule) {
		r.Scenario("the event's time comes before the video's: (0, 15) dates the video back", func(e *Env) {
			p := pair{ago(0), ago(15)}
			videoEvent(e, fixtures.H264(), p, 0).expectTimes(e, p)
		})
		r.Scenario("the event's time comes before the video's: (20, 5) dates the event back further", func(e *Env) {
			p := pair{ago(20), ago(5)}
			videoEvent(e, fixtures.H264(), p, 0).expectTimes(e, p)
		})
	})

	s.Rule("EXT-026", func(r *Rule) {
		for _, p := range []pair{both(ago(15)), {ago(0), ago(15)}} {
			r.Scenario(fmt.Sprintf("the times of %v are counted from the call, not from a first frame 5 s later", p), func(e *Env) {
				videoEvent(e, fixtures.H264(), p, 5*time.Second).expectTimes(e, p)
			})
		}
	})

	s.Rule("EXT-027", func(r *Rule) {
		for _, p := range []pair{both(ago(299)), both(utcAt(-301)), both(utcAt(-600))} {
			r.Scenario(fmt.Sprintf("%v: what is longer ago than 299 s is given as UTC", p), func(e *Env) { longAgo(e, p) })
		}
	})
}

// longAgo runs an event whose first four seconds of video, from long before the
// call, are all there is.
func longAgo(e *Env, p pair) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	code, called := startExt(e, 1, p)
	e.Require(code).To(ReturnNone(), "iv_cs_event_start_ext with %v", p)
	e.AwaitStart(1)
	e.Given("PRE-002", cam.Replay(4*time.Second, 2, catchUpWithin)).To(BeTrue(), "4 s of video accepted within %v", catchUpWithin)
	e.Advance(2 * time.Second)
	code, stopped := stopExt(e, 1, atOnce)
	e.Given("EXT-015", code).To(ReturnNone(), "iv_cs_event_stop_ext with %v", atOnce)
	run := extRun{told: toldOf(e, 1, 1), called: called, stopped: stopped}
	givenUploaded(e)
	run.expectTimes(e, p)
}

// extClock: the device's clock is corrected between events.
func extClock(s *Suite) {
	s.Rule("EXT-013", func(r *Rule) {
		// The reading "set back" is the one that can overwrite (AMB-95); what comes
		// of it is the cloud's affair, the library's times follow the clock (AMB-69).
		for _, c := range []struct {
			name string
			step time.Duration
		}{{"back by 40 s", -40 * time.Second}, {"on by 40 s", 40 * time.Second}} {
			r.Scenario("a clock that is set "+c.name+" between two events dates the second one", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				for i, id := range []int32{1, 2} {
					if i == 1 {
						e.Step(c.step)
					}
					stored := len(e.Stored())
					code, called := startExt(e, id, atOnce)
					e.Given("EXT-003", code).To(ReturnNone(), "iv_cs_event_start_ext(%d, 0, 0)", id)
					e.Hard(e.AwaitCallback(target.CBStart, i+1, StartWithin)).NotTo(BeNil(), "start_cb of event %d within %v", id, StartWithin)
					pushed, frames := e.DeviceNow(), len(cam.Ledger)
					cam.Run(10 * time.Second)
					first := cam.Ledger[frames]
					code, stopped := stopExt(e, id, atOnce)
					e.Hard(code).To(ReturnNone(), "iv_cs_event_stop_ext(%d, 0, 0)", id)
					t := toldOf(e, id, 1)
					e.Await(UploadWithin, func() bool { return len(cam.Unreported()) == 0 })
					t.expectStart(e, called, fmt.Sprintf("event %d: by the clock at the call of its start", id))
					t.expectEnd(e, stopped, fmt.Sprintf("event %d: by the clock at the call of its stop", id))
					e.Soft(len(e.Stored())).To(BeNumerically(">", stored), "segments stored of event %d (AMB-69)", id)
					for _, seg := range e.Stored()[stored:] {
						into := time.Duration(seg.FirstPTS-first.PTS) * time.Millisecond
						e.Hard(seg.Start).To(BeTemporally("~", pushed.Add(into), EventTimeSlack), "start of %s: when its first frame was pushed, by the clock (AMB-69)", seg.Name())
					}
					cam.Pause(28 * time.Second)
				}
				if c.step > 0 {
					e.Expect(e.Device.Overwrites()).To(BeEmpty(), "video hidden by later video, the clock having been set on")
				} else {
					e.Record("stretches of video hidden after the clock was set back", "%d", len(e.Device.Overwrites()))
				}
			})
		}
	})
}
