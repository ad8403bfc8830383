package fakecloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// States of an event report.
const (
	EventStarted  = "started"
	EventFinished = "finished"
)

// Event is what a device has reported about one event.
type Event struct {
	ReportID string
	EventID  int32
	Direct   bool
	State    string // the furthest state reported: EventStarted or EventFinished
	Complete bool   // of a finished event: whether it holds what event_report_opt asks for
	// Start and End are in whole seconds; StreamStart and StreamEnd are zero
	// when the device has sent 0 or nothing.
	Start, End, StreamStart, StreamEnd time.Time
	PictureUploadID                    string // empty: none
	AIType                             int
	ReceivedAt                         time.Time // first report of State, cloud clock
	StartedAt                          time.Time // arrival of the started report; zero: there was none
	Reports                            int       // reports received, repetitions included
}

// Events returns the reported events in the order of their first report.
func (d *Device) Events() []Event {
	return locked(d.c, func() []Event {
		all := make([]Event, len(d.events))
		for i, e := range d.events {
			all[i] = *e
		}
		return all
	})
}

type eventReport struct {
	ReportID         string  `json:"report_id"`
	EventID          *int32  `json:"event_id"`
	Direct           bool    `json:"direct"`
	State            string  `json:"state"`
	Complete         *bool   `json:"complete"`
	StartUTCs        *int64  `json:"start_utc_s"`
	EndUTCs          *int64  `json:"end_utc_s"`
	StreamStartUTCms int64   `json:"stream_start_utc_ms"`
	StreamEndUTCms   int64   `json:"stream_end_utc_ms"`
	PictureUploadID  *string `json:"picture_upload_id"`
	AIType           int     `json:"ai_type"`
}

type eventAnswer struct {
	ReportID string `json:"report_id"`
	EventID  int32  `json:"event_id"`
	State    string `json:"state"`
}

// check names the first thing that is wrong with the report.
func (e *eventReport) check() error {
	switch {
	case e.ReportID == "" || len(e.ReportID) > 128:
		return fmt.Errorf("report_id must have 1 to 128 bytes")
	case e.EventID == nil:
		return fmt.Errorf("event_id is missing")
	case e.StartUTCs == nil:
		return fmt.Errorf("start_utc_s is missing")
	case e.State != EventStarted && e.State != EventFinished:
		return fmt.Errorf("state %q: must be %q or %q", e.State, EventStarted, EventFinished)
	case e.Direct && e.State != EventFinished:
		return fmt.Errorf("a direct report has the state %q", EventFinished)
	case e.State == EventFinished && e.EndUTCs == nil:
		return fmt.Errorf("end_utc_s is missing in a finished report")
	case e.State == EventFinished && e.Complete == nil && !e.Direct:
		return fmt.Errorf("complete is missing in a finished report")
	}
	return nil
}

// event answers POST …/events. Reports are idempotent by report_id: the first
// one of a state counts, its repetitions get the same answer and change nothing.
func (x *exchange) event() answer {
	var r eventReport
	if err := json.Unmarshal(x.body, &r); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "the body is no event report: %v", err)
	}
	if err := r.check(); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "%v", err)
	}
	d := x.device
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.refresh()
	e := d.byReport[r.ReportID]
	switch {
	case r.PictureUploadID != nil && !d.hasPicture(*r.PictureUploadID):
		return refuse(http.StatusBadRequest, "bad_request", "picture_upload_id %q was never granted to %s", *r.PictureUploadID, d.id())
	case e == nil && !d.hears(&r):
		return refuse(http.StatusForbidden, "no_service", "%s has no plan for event %d", d.id(), *r.EventID)
	case e == nil:
		e = &Event{ReportID: r.ReportID}
		d.byReport[r.ReportID] = e
		if !d.c.lies(LieForgetEvent) {
			d.events = append(d.events, e)
		}
	}
	e.Reports++
	if e.State != r.State && e.State != EventFinished {
		e.take(&r, d.c.clock.Now())
	}
	d.saveEvent(e)
	d.c.armRetention()
	d.c.notify()
	return jsonAnswer(http.StatusOK, eventAnswer{ReportID: e.ReportID, EventID: *r.EventID, State: r.State})
}

// hears tells whether a report is taken that the cloud does not know yet: with a
// plan, or direct, or about an event that began before the plan ended (AMB-88).
// c.mu is held.
func (d *Device) hears(r *eventReport) bool {
	return r.Direct || d.plan.Type != PlanNone ||
		!d.serviceEnd.IsZero() && !time.Unix(*r.StartUTCs, 0).After(d.serviceEnd)
}

func (d *Device) hasPicture(id string) bool {
	u := d.byID[id]
	return u != nil && u.Kind == kindPicture
}

// take moves the event to what r says.
func (e *Event) take(r *eventReport, now time.Time) {
	e.EventID, e.Direct, e.State, e.AIType = *r.EventID, r.Direct, r.State, r.AIType
	e.Start = time.Unix(*r.StartUTCs, 0).UTC()
	e.StreamStart, e.StreamEnd = millis(r.StreamStartUTCms), millis(r.StreamEndUTCms)
	e.ReceivedAt = now
	if r.State == EventStarted {
		e.StartedAt = now
	}
	if r.EndUTCs != nil && r.State == EventFinished {
		e.End = time.Unix(*r.EndUTCs, 0).UTC()
	}
	e.Complete = r.Complete != nil && *r.Complete && r.State == EventFinished
	if r.PictureUploadID != nil {
		e.PictureUploadID = *r.PictureUploadID
	}
}

// millis is a time in unix milliseconds; 0 stands for none.
func millis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
