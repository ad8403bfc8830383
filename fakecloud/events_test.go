package fakecloud

import (
	"net/http"
	"testing"
	"time"
)

// report is an event report of 20 s, from the epoch on.
func report(id, state string) map[string]any {
	r := map[string]any{
		"report_id": id, "event_id": 3, "direct": false, "state": state, "start_utc_s": epoch.Unix(),
		"stream_start_utc_ms": epoch.UnixMilli() - 5000, "picture_upload_id": nil, "ai_type": 1,
	}
	if state == EventFinished {
		r["end_utc_s"], r["stream_end_utc_ms"], r["complete"] = epoch.Unix()+20, epoch.UnixMilli()+20_000, true
	}
	return r
}

func direct(id string) map[string]any {
	r := report(id, EventFinished)
	r["direct"], r["stream_start_utc_ms"] = true, 0
	delete(r, "complete")
	return r
}

func TestAnEventIsStartedAndFinished(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(picture("e1", 9, false))
	if r := b.ask("POST", "events", report("e1", EventStarted)); r.status != http.StatusOK {
		t.Fatalf("started: %d %s", r.status, r.body)
	}
	if e := b.device.Events(); len(e) != 1 || e[0].State != EventStarted || !e[0].End.IsZero() || e[0].Complete {
		t.Errorf("after started: %+v", e)
	}
	b.clock.Advance(20 * time.Second)
	finished := report("e1", EventFinished)
	finished["picture_upload_id"] = g.UploadID
	if r := b.ask("POST", "events", finished); r.status != http.StatusOK {
		t.Fatalf("finished: %d %s", r.status, r.body)
	}
	want := Event{
		ReportID: "e1", EventID: 3, State: EventFinished, Complete: true, AIType: 1,
		Start: epoch, End: at(20), StreamStart: at(-5), StreamEnd: at(20),
		PictureUploadID: g.UploadID, ReceivedAt: at(20), StartedAt: epoch, Reports: 2,
	}
	if e := b.device.Events(); len(e) != 1 || e[0] != want {
		t.Errorf("after finished:\n%+v, want\n%+v", e, want)
	}
	var view struct{ Events []viewedEvent }
	b.view("/v1/viewer/devices/P1/cam-1/events").json(t, &view)
	if len(view.Events) != 1 || view.Events[0].EndUTCs == nil || view.Events[0].PictureURL != "" {
		t.Errorf("viewer before the picture is stored: %+v", view.Events)
	}
	b.put(g, media(0, 9))
	b.view("/v1/viewer/devices/P1/cam-1/events").json(t, &view)
	if view.Events[0].PictureURL == "" {
		t.Error("viewer is not told where the picture is")
	}
}

func TestReportsAreIdempotent(t *testing.T) {
	b := newBench(t).service()
	first := b.ask("POST", "events", report("e1", EventFinished))
	before := b.device.Events()[0]
	changed := report("e1", EventFinished)
	changed["complete"], changed["end_utc_s"] = false, epoch.Unix()+99
	for _, again := range []map[string]any{report("e1", EventFinished), changed} {
		if r := b.ask("POST", "events", again); r.status != first.status || string(r.body) != string(first.body) {
			t.Errorf("repeated: %d %s, at first %d %s", r.status, r.body, first.status, first.body)
		}
	}
	b.ask("POST", "events", report("e1", EventStarted)) // overtaken on the way
	after := b.device.Events()
	if before.Reports = 4; len(after) != 1 || after[0] != before {
		t.Errorf("repetitions have changed the event:\n%+v to\n%+v", before, after)
	}
	b.ask("POST", "events", report("e2", EventFinished))
	if n := len(b.device.Events()); n != 2 {
		t.Errorf("%d events, want 2: the same event again is another report", n)
	}
}

func TestABadReportIsRefusedAndChangesNothing(t *testing.T) {
	cases := map[string]func(r map[string]any){
		"without report_id":              func(r map[string]any) { delete(r, "report_id") },
		"without event_id":               func(r map[string]any) { delete(r, "event_id") },
		"without start_utc_s":            func(r map[string]any) { delete(r, "start_utc_s") },
		"without state":                  func(r map[string]any) { delete(r, "state") },
		"of an unknown state":            func(r map[string]any) { r["state"] = "paused" },
		"finished without end":           func(r map[string]any) { delete(r, "end_utc_s") },
		"finished without complete":      func(r map[string]any) { delete(r, "complete") },
		"direct and only started":        func(r map[string]any) { r["direct"], r["state"] = true, EventStarted },
		"with a picture never granted":   func(r map[string]any) { r["picture_upload_id"] = "picture-000099" },
		"with a segment for its picture": func(r map[string]any) { r["picture_upload_id"] = "segment-000001" },
		"with an id that is a word":      func(r map[string]any) { r["event_id"] = "three" },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t).service()
			b.grant(segment("r1", 1, 0, 9))
			before := b.state()
			r := report("e1", EventFinished)
			spoil(r)
			got := b.must(wrong(b.signed(b.device, "POST", "/v1/devices/P1/cam-1/events", r)))
			if got.status != http.StatusBadRequest || got.code(t) != "bad_request" {
				t.Errorf("answered %d %s", got.status, got.body)
			}
			if after := b.state(); after != before {
				t.Errorf("a refused report has changed the cloud:\n%s", after)
			}
		})
	}
}

func TestNoServiceIsForEventsWithoutAPlanAlone(t *testing.T) {
	began := func(second int64) map[string]any {
		r := report("e1", EventFinished)
		r["start_utc_s"], r["end_utc_s"] = epoch.Unix()+second, epoch.Unix()+second+100
		return r
	}
	cases := []struct {
		name   string
		plan   Plan
		wait   time.Duration
		report map[string]any
		taken  bool
	}{
		{"an event under a plan", Plan{1, PlanEvent, time.Time{}}, 0, began(0), true},
		{"an event without a plan", Plan{}, 0, began(0), false},
		{"a direct report without a plan", Plan{}, 0, direct("e1"), true},
		{"an event that began before the plan ended, long after", Plan{1, PlanEvent, at(30)}, time.Hour, began(29), true},
		{"an event that began after the plan ended", Plan{1, PlanEvent, at(30)}, time.Hour, began(31), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.device.SetPlan(c.plan)
			b.clock.Advance(c.wait)
			before := b.state()
			r := b.ask("POST", "events", c.report)
			if c.taken != (r.status == http.StatusOK) {
				t.Errorf("answered %d %s", r.status, r.body)
			}
			if !c.taken && (r.code(t) != "no_service" || b.state() != before) {
				t.Errorf("answered %s; state\n%s to\n%s", r.body, before, b.state())
			}
		})
	}
}
