package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// moment is a time argument of iv_cs_event_start_ext and _stop_ext.
type moment struct {
	utc bool
	s   int64 // seconds before the call; with utc: relative to the call's time
}

func ago(s int64) moment       { return moment{s: s} }
func utcAt(shift int64) moment { return moment{utc: true, s: shift} }

// value is what a caller passes whose clock says now.
func (m moment) value(now time.Time) uint32 {
	if m.utc {
		return uint32(now.Unix() + m.s)
	}
	return uint32(m.s)
}

// time is the time that is meant by it.
func (m moment) time(now time.Time) time.Time {
	if m.utc {
		return time.Unix(now.Unix()+m.s, 0)
	}
	return now.Add(-time.Duration(m.s) * time.Second)
}

func (m moment) String() string {
	switch {
	case !m.utc:
		return fmt.Sprint(m.s)
	case m.s == 0:
		return "now"
	}
	return fmt.Sprintf("now%+d", m.s)
}

// pair is the two times of a call: of the event, then of its video.
type pair struct{ event, stream moment }

func (p pair) String() string { return fmt.Sprintf("(%v, %v)", p.event, p.stream) }

// startExt calls iv_cs_event_start_ext and returns the device's time of the call.
func startExt(e *Env, id int32, p pair) (target.Code, time.Time) {
	now := e.DeviceNow()
	return e.Lib.EventStartExt(id, p.event.value(now), p.stream.value(now)), now
}

// stopExt calls iv_cs_event_stop_ext and returns the device's time of the call.
func stopExt(e *Env, id int32, p pair) (target.Code, time.Time) {
	now := e.DeviceNow()
	return e.Lib.EventStopExt(id, p.event.value(now), p.stream.value(now)), now
}

// told is what is told of one event when it is over.
type told struct {
	result target.EventResult // by report_result_cb
	record fakecloud.Event    // by the cloud
}

// toldOf waits for the n-th event of this id to be reported to the user
// (REPORT-001) and to the cloud (EVT-018).
func toldOf(e *Env, id int32, n int) told {
	var t told
	reported := e.Await(ReportWithin, func() bool {
		all := resultsOf(e, id)
		if len(all) >= n {
			t.result = all[n-1]
		}
		return len(all) >= n
	})
	e.Given("REPORT-001", reported).To(BeTrue(), "report_result_cb of event %d (number %d) within %v of its stop", id, n, ReportWithin)
	recorded := e.Await(ReportWithin, func() bool {
		all := recordsOf(e, id)
		if len(all) >= n {
			t.record = all[n-1]
		}
		return len(all) >= n
	})
	e.Given("EVT-018", recorded).To(BeTrue(), "event %d (number %d) finished at the cloud within %v of its stop", id, n, ReportWithin)
	return t
}

func resultsOf(e *Env, id int32) []target.EventResult {
	var out []target.EventResult
	for _, r := range e.Results() {
		if r.EventID == id {
			out = append(out, r)
		}
	}
	return out
}

func recordsOf(e *Env, id int32) []fakecloud.Event {
	var out []fakecloud.Event
	for _, ev := range finishedEvents(e) {
		if ev.EventID == id {
			out = append(out, ev)
		}
	}
	return out
}

// expectStart states when the event began, by both accounts.
func (t told) expectStart(e *Env, want time.Time, of string) {
	e.Expect(time.Unix(int64(t.result.StartTime), 0)).To(BeTemporally("~", want, EventTimeSlack), "start_time_s of %s", of)
	e.Expect(t.record.Start).To(BeTemporally("~", want, EventTimeSlack), "start at the cloud of %s", of)
}

// expectEnd states when the event ended, by both accounts.
func (t told) expectEnd(e *Env, want time.Time, of string) {
	e.Expect(time.Unix(int64(t.result.EndTime), 0)).To(BeTemporally("~", want, EventTimeSlack), "end_time_s of %s", of)
	e.Expect(t.record.End).To(BeTemporally("~", want, EventTimeSlack), "end at the cloud of %s", of)
}

// givenUploaded waits until all accepted frames are stored or reported, for what
// is judged by the segments' times.
func givenUploaded(e *Env) {
	e.Given("UPL-001", e.Uploaded(UploadWithin)).To(BeTrue(), "every accepted frame in a reported slice within %v", UploadWithin)
}

// eventCallbacks counts the callbacks that an event causes.
func eventCallbacks(e *Env) int {
	n := 0
	for _, cb := range []target.Callback{target.CBStart, target.CBStop, target.CBCapture, target.CBPicture, target.CBReport} {
		n += e.Count(cb)
	}
	return n
}

// expectNoEvent states that calls that were refused left no trace.
func expectNoEvent(e *Env, what string) {
	e.Advance(3 * time.Second)
	e.Expect(eventCallbacks(e)).To(BeZero(), "callbacks caused by %s", what)
	e.Expect(e.Device.Events()).To(BeEmpty(), "events at the cloud caused by %s", what)
}

// streaming reports whether the last word to the caller was start_cb.
func streaming(e *Env) bool { return e.Count(target.CBStart) > e.Count(target.CBStop) }

// withPictures lets the caller hand over a screenshot for every event.
func withPictures(e *Env) { e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()}) }
