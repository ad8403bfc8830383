package fakecloud

import (
	"maps"
	"net/http"
	"testing"
	"time"
)

func picture(reportID string, n int, direct bool) map[string]any {
	return map[string]any{
		"kind": "picture", "event_id": 3, "event_utc_s": epoch.Unix(), "size": n,
		"content_type": "image/jpeg", "direct": direct, "report_id": reportID,
	}
}

func TestAGrantIsIdempotent(t *testing.T) {
	b := newBench(t).service()
	first := b.grant(segment("r1", 1, 0, 100))
	b.clock.Advance(time.Minute)
	again := b.grant(segment("r1", 1, 0, 100))
	if again.UploadID != first.UploadID || again.Stored || again.URL == first.URL || again.ExpiresUTCms <= first.ExpiresUTCms {
		t.Errorf("asked again: %+v after %+v", again, first)
	}
	if r := b.put(first, media(0, 100)); r.status != http.StatusOK {
		t.Errorf("PUT to the first URL, which is still good: %d %s", r.status, r.body)
	}
	if third := b.grant(segment("r1", 1, 0, 100)); third.UploadID != first.UploadID || !third.Stored {
		t.Errorf("asked again once stored: %+v", third)
	}
	if other := b.grant(segment("r1", 1, 0, 77)); !other.Stored {
		t.Errorf("asked again with another size, once stored: %+v", other)
	}
	if u := b.device.Uploads(); len(u) != 1 || u[0].State != UploadStored || u[0].Grants != 4 || u[0].Received != 100 || u[0].Size != 100 {
		t.Errorf("uploads: %+v", u)
	}
}

func TestOtherSegmentsGetOtherGrants(t *testing.T) {
	b := newBench(t).service()
	seen := map[string]bool{}
	for _, request := range []map[string]any{segment("r1", 1, 0, 9), segment("r2", 1, 0, 9), segment("r1", 2, 0, 9), segment("r1", 1, 1, 9)} {
		seen[b.grant(request).UploadID] = true
	}
	if len(seen) != 4 {
		t.Errorf("4 segments got %d uploads", len(seen))
	}
}

func TestPicturesAreKnownByTheirReportAlone(t *testing.T) {
	b := newBench(t).service()
	a, again, other := b.grant(picture("e1", 50, false)), b.grant(picture("e1", 50, false)), b.grant(picture("e2", 50, false))
	if a.UploadID != again.UploadID || a.UploadID == other.UploadID {
		t.Errorf("%s, %s, %s", a.UploadID, again.UploadID, other.UploadID)
	}
	nameless := picture("", 50, true)
	if x, y := b.grant(nameless), b.grant(nameless); x.UploadID == y.UploadID {
		t.Error("two direct reports within one second got one upload")
	}
}

func TestASegmentCutAnewReplacesTheOneNotYetStored(t *testing.T) {
	b := newBench(t).service()
	old := b.grant(segment("r1", 1, 0, 100))
	anew := b.grant(segment("r1", 1, 0, 60))
	if r := b.put(old, media(0, 100)); r.status != http.StatusForbidden {
		t.Errorf("PUT of the old size: %d %s", r.status, r.body)
	}
	if r := b.put(anew, media(0, 60)); r.status != http.StatusOK {
		t.Errorf("PUT of the new size: %d %s", r.status, r.body)
	}
}

func TestABadGrantRequestIsRefusedAndChangesNothing(t *testing.T) {
	without := func(request map[string]any, name string) map[string]any {
		delete(request, name)
		return request
	}
	with := func(request map[string]any, name string, value any) map[string]any {
		request[name] = value
		return request
	}
	cases := map[string]any{
		"that is no object":                 []int{1},
		"of an unknown kind":                with(segment("r1", 1, 0, 9), "kind", "film"),
		"of no size":                        with(segment("r1", 1, 0, 9), "size", 0),
		"of a negative size":                with(segment("r1", 1, 0, 9), "size", -1),
		"beyond the greatest size":          with(segment("r1", 1, 0, 9), "size", MaxObjectSize+1),
		"that ends before it starts":        with(segment("r1", 1, 10, 9), "end_utc_ms", epoch.UnixMilli()),
		"with a sequence number of 33 bits": with(segment("r1", 1, 0, 9), "last_seq", 1<<32),
		"with a negative time stamp":        with(segment("r1", 1, 0, 9), "first_pts_ms", -1),
		"with a start that is no number":    with(segment("r1", 1, 0, 9), "start_utc_ms", "now"),
	}
	for name := range segment("r1", 1, 0, 9) {
		cases["segment without "+name] = without(segment("r1", 1, 0, 9), name)
	}
	for _, name := range []string{"event_id", "event_utc_s", "size", "content_type"} {
		cases["picture without "+name] = without(picture("e1", 9, false), name)
	}
	b := newBench(t).service()
	before := b.state()
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			r := b.must(wrong(b.signed(b.device, "POST", "/v1/devices/P1/cam-1/uploads", body)))
			if r.status != http.StatusBadRequest || r.code(t) != "bad_request" {
				t.Errorf("answered %d %s", r.status, r.body)
			}
		})
	}
	if after := b.state(); after != before {
		t.Errorf("refused requests have changed the cloud:\n%s", after)
	}
}

func TestTheGreatestTimeStampsAndSequenceNumbersSurvive(t *testing.T) {
	b := newBench(t).service()
	request := segment("r1", 1, 0, 9)
	maps.Copy(request, map[string]any{"first_pts_ms": uint64(1<<64 - 10), "last_pts_ms": uint64(1<<64 - 1), "first_seq": uint32(1<<32 - 1), "last_seq": 3})
	b.put(b.grant(request), media(0, 9))
	s := b.device.Segments()
	if len(s) != 1 || s[0].FirstPTS != 1<<64-10 || s[0].LastPTS != 1<<64-1 || s[0].FirstSeq != 1<<32-1 || s[0].LastSeq != 3 {
		t.Errorf("stored %+v", s)
	}
}

func TestServiceIsWhatThePlanSays(t *testing.T) {
	late := epoch.Add(30 * time.Second) // when the plan ends
	reaching := func(ms int64) map[string]any {
		request := segment("r1", 1, 0, 9)
		request["end_utc_ms"] = late.UnixMilli() + ms
		return request
	}
	pictureAt := func(s int64) map[string]any {
		request := picture("e1", 9, false)
		request["event_utc_s"] = late.Unix() + s
		return request
	}
	cases := []struct {
		name    string
		plan    Plan
		ended   time.Duration // how long ago the plan has ended; 0: it has not
		request map[string]any
		served  bool
	}{
		{"a segment under a full-time plan", Plan{1, PlanFullTime, time.Time{}}, 0, segment("r1", 1, 0, 9), true},
		{"a segment under an event plan", Plan{1, PlanEvent, time.Time{}}, 0, segment("r1", 1, 0, 9), true},
		{"a segment with the user's switch off", Plan{0, PlanFullTime, time.Time{}}, 0, segment("r1", 1, 0, 9), true},
		{"a segment without a plan", Plan{1, PlanNone, time.Time{}}, 0, segment("r1", 1, 0, 9), false},
		{"a picture without a plan", Plan{1, PlanNone, time.Time{}}, 0, picture("e1", 9, false), false},
		{"a direct report's picture without a plan", Plan{1, PlanNone, time.Time{}}, 0, picture("e1", 9, true), true},
		{"a segment that ended with the plan, at once", Plan{1, PlanFullTime, late}, time.Nanosecond, reaching(0), true},
		{"a segment that ended with the plan, 60 s later", Plan{1, PlanFullTime, late}, 60 * time.Second, reaching(0), true},
		{"a segment that ended with the plan, 61 s later", Plan{1, PlanFullTime, late}, 61 * time.Second, reaching(0), false},
		{"a segment that reaches 2 s beyond the end", Plan{1, PlanFullTime, late}, time.Second, reaching(2000), true},
		{"a segment that reaches further beyond", Plan{1, PlanFullTime, late}, time.Second, reaching(2001), false},
		{"a picture of an event before the end", Plan{1, PlanEvent, late}, 30 * time.Second, pictureAt(0), true},
		{"a picture of an event after the end", Plan{1, PlanEvent, late}, 30 * time.Second, pictureAt(3), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.device.SetPlan(c.plan)
			if c.ended > 0 {
				b.clock.Advance(30*time.Second + c.ended)
			}
			before := b.state()
			r := b.ask("POST", "uploads", c.request)
			switch {
			case c.served && r.status != http.StatusCreated:
				t.Errorf("not served: %d %s", r.status, r.body)
			case !c.served && (r.status != http.StatusForbidden || r.code(t) != "no_service"):
				t.Errorf("answered %d %s, want 403 no_service", r.status, r.body)
			case !c.served && b.state() != before:
				t.Error("a refused request has changed the cloud")
			}
		})
	}
}

func TestWhatIsStoredIsToldEvenWithoutAPlan(t *testing.T) {
	b := newBench(t).service()
	b.put(b.grant(segment("r1", 1, 0, 9)), media(0, 9))
	b.device.SetPlan(Plan{})
	b.clock.Advance(time.Hour)
	if g := b.grant(segment("r1", 1, 0, 9)); !g.Stored {
		t.Errorf("asked after the end of the plan: %+v", g)
	}
}

func TestAControlRequestOfMoreThan64KBIsRefused(t *testing.T) {
	b := newBench(t).service()
	request := segment("r1", 1, 0, 9)
	request["padding"] = string(media(0, maxControlBody))
	before := b.state()
	r := b.must(wrong(b.signed(b.device, "POST", "/v1/devices/P1/cam-1/uploads", request)))
	if r.status != http.StatusRequestEntityTooLarge || b.state() != before {
		t.Errorf("answered %d %s", r.status, r.body)
	}
}
