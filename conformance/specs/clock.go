package specs

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// deviceClock is note 15: video carries the time of the device's system clock,
// right or wrong, and what a wrong one has written a corrected one overwrites.
func deviceClock(s *Suite) {
	clockFuture(s)
	clockExample(s)
	clockCorrected(s)
}

// nine is a moment of the note's example by the clock that it speaks of: so many
// seconds after 09:00:00, when every scenario begins.
func nine(seconds int) time.Time { return Epoch.Add(time.Duration(seconds) * time.Second) }

// clockFuture: video from the future, and small errors of the clock.
func clockFuture(s *Suite) {
	s.Rule("CLOCK-001", func(r *Rule) {
		for _, ahead := range []time.Duration{61 * time.Second, 10 * time.Minute, time.Hour} {
			r.Scenario("an event that is to begin "+ahead.String()+" from now harms nothing", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				future := uint32(e.DeviceNow().Add(ahead).Unix())
				ret, back := e.Finish(e.Go(1, target.EventStartExtCall(1, future, future)), StartWithin)
				e.Hard(back).To(BeTrue(), "iv_cs_event_start_ext back within %v", StartWithin)
				e.Record("start "+ahead.String()+" in the future", "%v", ret.Code) // AMB-70
				if back && ret.Code == target.ErrNone {
					e.Soft(e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb of an event that was accepted, within %v", StartWithin)
					cam.Run(4 * time.Second)
					e.Expect(e.Lib.EventStopExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(1, 0, 0) of an event that was accepted")
					e.Await(StopWithin, func() bool { return !streaming(e) })
				}
				begun := e.DeviceNow()
				clockEvent(e, 2, begun, 4*time.Second)
				e.Expect(toldOf(e, 2, 1).result.ResultCode).To(Equal(int32(1)), "result_code of an ordinary event after that")
			})
		}
	})

	s.Rule("CLOCK-002", func(r *Rule) {
		for _, skew := range []int{0, 30, -30, 59, -59, 60, -60} {
			r.Scenario(fmt.Sprintf("an event is stored while the device's clock is off by %+d s", skew), func(e *Env) {
				skewed(e, skew, func(what string, ok bool) { e.Expect(ok).To(BeTrue(), "%s with a clock %+d s off", what, skew) })
			})
		}
		for _, skew := range []int{61, -61} {
			r.Scenario(fmt.Sprintf("beyond the minute: %+d s", skew), func(e *Env) {
				skewed(e, skew, func(what string, ok bool) { e.Record(fmt.Sprintf("%s at %+d s", what, skew), "%v", ok) }) // AMB-70
			})
		}
	})
}

// skewed records an event with a picture while the device's clock is off, and
// lets look judge what came of it.
func skewed(e *Env, seconds int, look func(what string, ok bool)) {
	e.Step(time.Duration(seconds) * time.Second)
	withPictures(e)
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	e.InitEvents(cam)
	e.StartEvent(1, 1)
	cam.Run(5 * time.Second)
	e.StopEvent(1)
	told := toldOf(e, 1, 1)
	e.Exit()
	look("all frames accepted", len(cam.Refused()) == 0)
	look("all frames stored", len(e.Stored()) > 0 && len(cam.Missing()) == 0)
	look("the picture stored", len(e.Device.Pictures()) == 1)
	look("result_code 1", told.result.ResultCode == 1)
}

// clockEvent records an event with a camera of its own, which begins when the
// device's clock shows the time begin, and waits until it is stored. It returns
// what was stored of it.
func clockEvent(e *Env, id int32, begin time.Time, d time.Duration) []*Stored {
	e.Advance(max(0, begin.Sub(e.DeviceNow())))
	before, starts := len(e.Stored()), e.Count(target.CBStart)
	cam := e.Camera(fixtures.H264(), nil)
	e.StartEvent(id, starts+1)
	cam.Run(d)
	e.Given("PUSH-012", cam.Refused()).To(BeEmpty(), "frames of event %d refused", id)
	e.StopEvent(id)
	e.Given("EVT-010", e.AwaitCallback(target.CBStop, starts+1, StopWithin)).NotTo(BeNil(), "stop_cb of event %d", id)
	e.Given("UPL-015", e.Uploaded(UploadWithin)).To(BeTrue(), "all frames of event %d reported within %v", id, UploadWithin)
	return e.Stored()[before:]
}

// wrongClock is the first half of the example: at 09:00:00 the device's clock
// shows 09:00:40; it records an event of 10 s.
func wrongClock(e *Env) []*Stored {
	e.Step(nine(40).Sub(nine(0)))
	e.InitEvents(e.Camera(fixtures.H264(), nil))
	return clockEvent(e, 1, nine(40), 10*time.Second)
}

// rightClock is the second half: the clock is set to 09:00:10, and another
// event of 30 s recorded at begin.
func rightClock(e *Env, begin time.Time, d time.Duration) []*Stored {
	e.Step(nine(10).Sub(e.DeviceNow()))
	return clockEvent(e, 2, begin, d)
}

// clockExample is the note's example, with its own times.
func clockExample(s *Suite) {
	s.Rule("CLOCK-003", func(r *Rule) {
		r.Scenario("at 09:00:00, by a clock that shows 09:00:40, an event of 10 s is video of 09:00:40–09:00:50", func(e *Env) {
			first := wrongClock(e)
			expectTimes(e, 1, first, nine(40), nine(50))
		})
	})

	s.Rule("CLOCK-004", func(r *Rule) {
		r.Scenario("after a correction to 09:00:10 an event of 30 s at 09:00:30 is video of 09:00:30–09:01:00", func(e *Env) {
			wrongClock(e)
			second := rightClock(e, nine(30), 30*time.Second)
			// A library may refuse to upload over what is there (AMB-69).
			e.Soft(second).NotTo(BeEmpty(), "segments of the event after the correction")
			if len(second) > 0 {
				expectTimes(e, 2, second, nine(30), nine(60))
			}
		})
	})

	s.Rule("CLOCK-005", func(r *Rule) {
		r.Scenario("the second event's video hides 09:00:40–09:00:50 of the first, on the time line and in the playlist", func(e *Env) {
			first := wrongClock(e)
			shown := e.Device.Timeline(nine(0), nine(120))
			e.Given("CLOCK-003", ofSegments(shown, first)).To(HaveLen(len(shown)), "spans of the first event on the time line")
			second := rightClock(e, nine(30), 30*time.Second)
			e.Given("CLOCK-004", second).NotTo(BeEmpty(), "segments of the event after the correction")

			// What follows is the cloud's part.
			var hidden time.Duration
			for _, o := range e.Device.Overwrites() {
				e.Hard(oneOf(first, o.Hidden) && oneOf(second, o.By)).To(BeTrue(), "the overwrite of %s by %s is one of the first event by the second", o.Hidden, o.By)
				hidden += o.To.Sub(o.From)
			}
			e.Record("OVERWRITE", "%v of the first event's video", hidden.Round(time.Second))
			e.Hard(hidden).To(BeNumerically("~", 10*time.Second, utcTolerance), "video that the second event has overwritten")
			overlap := e.Device.Timeline(nine(40), nine(50))
			e.Hard(ofSegments(overlap, second)).To(HaveLen(len(overlap)), "what shows from 09:00:40 to 09:00:50 is the second event")
			e.Hard(ofSegments(e.Device.Timeline(nine(0), nine(120)), first)).To(BeEmpty(), "what still shows of the first event")

			list := playlist(e, nine(0), nine(120))
			for _, seg := range first {
				e.Hard(list).NotTo(ContainSubstring(seg.UploadID), "the playlist, with %s of the first event", seg.Name())
			}
			for _, seg := range second {
				e.Hard(list).To(ContainSubstring(seg.UploadID), "the playlist, with %s of the second event", seg.Name())
			}
		})
		r.Scenario("without a correction nothing is hidden", func(e *Env) {
			first := wrongClock(e)
			second := clockEvent(e, 2, nine(70), 30*time.Second)
			e.Expect(e.Device.Overwrites()).To(BeEmpty(), "overwrites of two events that follow one another")
			list := playlist(e, nine(0), nine(120))
			for _, seg := range slices.Concat(first, second) {
				e.Expect(list).To(ContainSubstring(seg.UploadID), "the playlist, with %s", seg.Name())
			}
		})
	})
}

// expectTimes states that an event and its video have the times from and to by
// all accounts: the segments, their slices, the event's record and its result.
func expectTimes(e *Env, id int32, segments []*Stored, from, to time.Time) {
	told := toldOf(e, id, 1)
	told.expectStart(e, from, "the event")
	told.expectEnd(e, to, "the event")
	e.Require(segments).NotTo(BeEmpty(), "segments of the event")
	e.Expect(segments[0].Start).To(BeTemporally("~", from, utcTolerance), "start of the event's video in the cloud")
	e.Expect(segments[len(segments)-1].End).To(BeTemporally("~", to, utcTolerance), "end of the event's video in the cloud")
	for _, seg := range segments {
		sl := e.SliceFor(seg)
		e.Given("UPL-001", sl).NotTo(BeNil(), "an OK slice for %s", seg.Name())
		e.Expect(time.Unix(int64(sl.UTCA), 0)).To(BeTemporally("~", seg.Start, utcTolerance), "utc_sec_a of %s", seg.Name())
		e.Expect(time.Unix(int64(sl.UTCB), 0)).To(BeTemporally("~", seg.End, utcTolerance), "utc_sec_b of %s", seg.Name())
	}
}

func oneOf(segments []*Stored, uploadID string) bool {
	return slices.ContainsFunc(segments, func(s *Stored) bool { return s.UploadID == uploadID })
}

// ofSegments are the spans in which one of these segments shows.
func ofSegments(spans []fakecloud.Span, segments []*Stored) []fakecloud.Span {
	return slices.DeleteFunc(slices.Clone(spans), func(s fakecloud.Span) bool { return !oneOf(segments, s.UploadID) })
}

// playlist is what a viewer gets who asks to play this device's video.
func playlist(e *Env, from, to time.Time) string {
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	device := e.Device.Credentials()
	url := fmt.Sprintf("%s/play/%s/%s/timeshift.m3u8?starttime_epoch=%d&endtime_epoch=%d",
		strings.TrimSuffix(e.Cloud.Endpoint(), "/"), device.ProductID, device.DeviceName, from.Unix(), to.Unix())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	e.Require(err).NotTo(HaveOccurred(), "the playlist's address")
	viewer := &http.Transport{DisableKeepAlives: true}
	reply, err := viewer.RoundTrip(request)
	e.Require(err).NotTo(HaveOccurred(), "the playlist")
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	e.Require(err).NotTo(HaveOccurred(), "the playlist")
	e.Require(reply.StatusCode).To(Equal(http.StatusOK), "status of the playlist")
	return string(text)
}

// clockCorrected: corrections during and after an event.
func clockCorrected(s *Suite) {
	s.Rule("CLOCK-006", func(r *Rule) {
		for _, step := range []time.Duration{-40 * time.Second, 40 * time.Second} {
			r.Scenario("a correction by "+step.String()+" in the middle of an event harms nothing", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.InitEvents(cam)
				e.StartEvent(1, 1)
				cam.Run(6 * time.Second)
				e.Step(step)
				cam.Run(6 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around a correction by %v", step)
				e.Expect(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop after a correction by %v", step)
				told := toldOf(e, 1, 1)
				e.Expect(told.result.EndTime).To(BeNumerically(">=", told.result.StartTime), "end_time_s of the event, start_time_s")
				e.Expect(told.record.End).To(BeTemporally(">=", told.record.Start), "end of the event at the cloud, its start")
				e.Expect(e.Uploaded(UploadWithin)).To(BeTrue(), "all accepted frames reported within %v; not reported: %v", UploadWithin, cam.Unreported())
				for _, seg := range e.Stored() {
					e.Expect(seg.End).To(BeTemporally(">=", seg.Start), "end of %s, its start", seg.Name())
				}
				for _, sl := range e.Slices() {
					e.Expect(sl.UTCB).To(BeNumerically(">=", sl.UTCA), "utc_sec_b of slice %s, utc_sec_a", span(sl.SeqA, sl.SeqB))
				}
				if step > 0 { // back, the corrected clock implies an overlap (AMB-95)
					e.Expect(e.Device.Overwrites()).To(BeEmpty(), "overwrites after a correction by %v", step)
				}
				expectTimes(e, 2, clockEvent(e, 2, nine(120), 4*time.Second), nine(120), nine(124))
			})
		}
	})

	s.Rule("CLOCK-007", func(r *Rule) {
		// The seconds of a segment are exact to utcTolerance at either end (AMB-51):
		// by so much two events may overlap that only just do not.
		for _, c := range []struct {
			begin int
			may   time.Duration
		}{{50, utcTolerance}, {51, utcTolerance}, {55, 0}} {
			r.Scenario(fmt.Sprintf("an event at 09:00:%d, after the end of the last video, overwrites nothing", c.begin), func(e *Env) {
				first := wrongClock(e)
				second := rightClock(e, nine(c.begin), 10*time.Second)
				e.Given("FLOW-012", len(first) > 0 && len(second) > 0).To(BeTrue(), "segments of both events")
				var hidden time.Duration
				for _, o := range e.Device.Overwrites() {
					hidden += o.To.Sub(o.From)
				}
				e.Record(fmt.Sprintf("overwritten by an event at 09:00:%d", c.begin), "%v", hidden)
				e.Expect(hidden).To(BeNumerically("<=", c.may), "video overwritten by an event at 09:00:%d, the last video having ended at 09:00:50", c.begin)
			})
		}
	})
}
