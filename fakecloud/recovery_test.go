package fakecloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// restarted is a cloud on the data of b, after b has ended. The clock goes on.
func (b *bench) restarted(opts ...Option) *bench {
	b.t.Helper()
	if err := b.cloud.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.beside(opts...)
}

// beside is another cloud with the settings given, on the clock of b.
func (b *bench) beside(opts ...Option) *bench {
	b.t.Helper()
	c, err := New(append([]Option{WithClock(b.clock)}, opts...)...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Close() })
	return &bench{t: b.t, clock: b.clock, cloud: c, device: c.Device("P1", "cam-1"), client: b.client}
}

// kept is all that a restart must leave as it was, but for what belongs to a run.
func (b *bench) kept() string {
	b.t.Helper()
	var s strings.Builder
	d := b.device
	plan, rev := d.Plan()
	fmt.Fprintf(&s, "plan %v rev %d\n", plan, rev)
	for _, u := range d.Uploads() {
		fmt.Fprintf(&s, "%s %s %d\n", u.ID, u.State, u.Size)
	}
	object := func(id string) []byte {
		body, err := d.Object(id)
		if err != nil {
			b.t.Error(err)
		}
		return body
	}
	for _, g := range d.Segments() {
		body := object(g.UploadID)
		g.StoredMono, g.Body = 0, nil
		fmt.Fprintf(&s, "%v %.20s\n", g, body)
	}
	for _, p := range d.Pictures() {
		body := object(p.UploadID)
		p.StoredMono, p.Body = 0, nil
		fmt.Fprintf(&s, "%v %.20s\n", p, body)
	}
	fmt.Fprintf(&s, "%v\n%v\n%v\n", d.Events(), d.Timeline(time.Time{}, time.Time{}), d.Overwrites())
	return s.String()
}

func TestDataSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, WithData(dir)).service()
	b.put(b.grant(segment("r1", 1, 0, 1000)), media(0, 1000))
	b.clock.Advance(time.Second)
	b.put(b.grant(segment("r2", 1, 5, 900)), media(1, 900)) // hides half of the first
	open := b.grant(segment("r2", 201, 15, 800))
	shot := b.grant(picture("e1", 700, false))
	b.put(shot, media(2, 700))
	for i, state := range []string{EventStarted, EventFinished} {
		b.clock.Advance(time.Second)
		report := map[string]any{"report_id": "e1", "event_id": 3, "state": state, "start_utc_s": epoch.Unix(), "picture_upload_id": shot.UploadID}
		if i == 1 {
			report["end_utc_s"], report["complete"] = epoch.Unix()+9, true
		}
		if r := b.ask("POST", "events", report); r.status != http.StatusOK {
			t.Fatalf("event: %d %s", r.status, r.body)
		}
	}
	before := b.kept()
	again := b.restarted(WithData(dir))
	if after := again.kept(); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	if got := again.cloud.Recovery(); fmt.Sprint(got) != fmt.Sprint(Recovery{Devices: 1, Segments: 2, Pictures: 1, Events: 1}) {
		t.Errorf("recovered %+v", got)
	}
	// A grant from before is known, and a new one is another.
	if g := again.grant(segment("r2", 201, 15, 800)); g.UploadID != open.UploadID || g.Stored {
		t.Errorf("the open grant: %+v", g)
	}
	if g := again.grant(segment("r1", 1, 0, 1000)); !g.Stored {
		t.Errorf("the stored one: %+v", g)
	}
	fresh := again.grant(segment("r3", 1, 50, 100))
	if strings.Contains(before, fresh.UploadID) {
		t.Errorf("upload id %s was given twice", fresh.UploadID)
	}
	if r := again.put(fresh, media(3, 100)); r.status != http.StatusOK {
		t.Errorf("PUT after the restart: %d %s", r.status, r.body)
	}
}

func TestAPlanThatExpiresWhileTheCloudIsDownHasEnded(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, WithData(dir))
	b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime, Expires: epoch.Add(time.Minute)})
	if err := b.cloud.Close(); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Hour)
	again := b.beside(WithData(dir))
	if p, rev := again.device.Plan(); p.Type != PlanNone || rev != 3 {
		t.Errorf("plan %+v rev %d", p, rev)
	}
}

func TestWhatWasNeverAcknowledgedIsDropped(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, WithData(dir)).service()
	whole := b.grant(segment("r1", 1, 0, 1000))
	b.put(whole, media(0, 1000))
	g := b.grant(segment("r1", 201, 10, 1000))
	objects := filepath.Join(dir, "objects", "P1", "cam-1", "segments")
	for _, name := range []string{g.UploadID + ".ts", g.UploadID + ".ts" + partSuffix, whole.UploadID + ".ts" + partSuffix} {
		if err := os.WriteFile(filepath.Join(objects, name), media(1, 400), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	again := b.restarted(WithData(dir))
	if r := again.cloud.Recovery(); r.Dropped != 3 || r.Segments != 1 || len(r.Missing) != 0 {
		t.Errorf("recovered %+v", r)
	}
	left, err := os.ReadDir(objects)
	if err != nil || len(left) != 1 || left[0].Name() != whole.UploadID+".ts" {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestAnObjectThatIsGoneIsNotListedAndMayBePutAgain(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, WithData(dir)).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	b.put(g, media(0, 1000))
	file := filepath.Join(dir, "objects", "P1", "cam-1", "segments", g.UploadID+".ts")
	if err := os.Truncate(file, 999); err != nil {
		t.Fatal(err)
	}
	again := b.restarted(WithData(dir))
	if r := again.cloud.Recovery(); len(r.Missing) != 1 || len(again.device.Segments()) != 0 {
		t.Errorf("recovered %+v, segments %v", r, again.device.Segments())
	}
	if r := again.put(again.grant(segment("r1", 1, 0, 1000)), media(0, 1000)); r.status != http.StatusOK {
		t.Errorf("put again: %d %s", r.status, r.body)
	}
}

func TestAFolderBelongsToOneCloud(t *testing.T) {
	dir := t.TempDir()
	newBench(t, WithData(dir))
	c, err := New(WithData(dir))
	if err == nil || !strings.Contains(err.Error(), "another cloud is using it") {
		t.Errorf("a second cloud: %v, %v", c, err)
	}
}

func TestADamagedDatabaseIsToldAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "cloud.db")
	rubbish := bytes.Repeat([]byte("rubbish "), 4096)
	if err := os.WriteFile(file, rubbish, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(WithData(dir)); err == nil || !strings.Contains(err.Error(), "cannot be opened") {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadFile(file); err != nil || !bytes.Equal(left, rubbish) {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestNothingIsAcknowledgedThatTheDiskHasNotTaken(t *testing.T) {
	b := newBench(t, WithData(t.TempDir()), WithToken(operatorToken)).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	if err := b.cloud.vault.db.Close(); err != nil { // the disk is gone
		t.Fatal(err)
	}
	if r := b.put(g, media(0, 1000)); r.status != http.StatusInternalServerError {
		t.Errorf("PUT: %d", r.status)
	}
	if r := b.ask("POST", "uploads", segment("r1", 201, 10, 10)); r.status != http.StatusInternalServerError {
		t.Errorf("grant: %d", r.status)
	}
	if r := b.operate("PUT", "/admin/devices/P1/cam-1/plan", map[string]any{"cs_type": 2}); r.status != http.StatusInternalServerError {
		t.Errorf("plan: %d", r.status)
	}
	b.cloud.vault = nil // for the clean-up
}

func TestWhatIsOlderThanTheRetentionIsForgotten(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		opts := []Option{WithRetention(time.Hour)}
		if dir != "" {
			opts = append(opts, WithData(dir))
		}
		b := newBench(t, opts...).service()
		old := b.grant(segment("r1", 1, 0, 1000))
		b.put(old, media(0, 1000))
		b.ask("POST", "events", map[string]any{"report_id": "e1", "event_id": 3, "state": EventStarted, "start_utc_s": epoch.Unix()})
		b.clock.Advance(30 * time.Minute)
		b.put(b.grant(segment("r1", 201, 10, 1000)), media(1, 1000))
		b.clock.Advance(29 * time.Minute)
		if n := len(b.device.Segments()); n != 2 {
			t.Fatalf("%d segments after 59 minutes", n)
		}
		b.clock.Advance(time.Minute)
		if n := len(b.device.Segments()); n != 1 || len(b.device.Timeline(time.Time{}, time.Time{})) != 1 || len(b.device.Events()) != 0 {
			t.Errorf("after an hour: %d segments, events %v", n, b.device.Events())
		}
		if b.cloud.objects.has("P1/cam-1/segments/" + old.UploadID + ".ts") {
			t.Error("the object is still in the store")
		}
		if dir != "" {
			if r := b.restarted(opts...).cloud.Recovery(); r.Segments != 1 || r.Events != 0 {
				t.Errorf("recovered %+v", r)
			}
		}
	}
}

func TestTheJournalKeepsToItsLimit(t *testing.T) {
	c, err := New(WithJournalLimit(10), WithClock(new(clock.Clock)))
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		res, err := http.Get(c.Endpoint() + "/v1/time")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	journal := c.Journal()
	if n := len(journal); n > 11 || journal[n-1].Seq != 40 {
		t.Errorf("%d entries", n)
	}
	last := 0
	for e := range c.Follow(t.Context()) {
		last = e.Seq
	}
	if last != 40 {
		t.Errorf("the journal was followed to %d", last)
	}
}

func TestAnObjectRemovedMeanwhileIsNotListed(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, WithData(dir)).service()
	gone := b.grant(segment("r1", 1, 0, 1000))
	b.put(gone, media(0, 1000))
	b.put(b.grant(segment("r1", 201, 10, 1000)), media(1, 1000))
	b.ask("POST", "events", map[string]any{"report_id": "e1", "event_id": 3, "state": EventStarted, "start_utc_s": at(12).Unix()})
	if err := os.Remove(filepath.Join(dir, "objects", "P1", "cam-1", "segments", gone.UploadID+".ts")); err != nil {
		t.Fatal(err)
	}
	list := string(b.view("/play/P1/cam-1/timeshift.m3u8").body)
	if strings.Count(list, "#EXTINF") != 1 || strings.Contains(list, gone.UploadID) || !strings.Contains(list, "\n"+b.cloud.Endpoint()+"/ivcs/") {
		t.Errorf("playlist:\n%s", list)
	}
	var view struct{ Events []viewedEvent }
	if err := json.Unmarshal(b.view("/v1/viewer/devices/P1/cam-1/events").body, &view); err != nil || len(view.Events) != 1 {
		t.Fatalf("events %+v, %v", view, err)
	}
	link := strings.TrimPrefix(view.Events[0].PlaylistURL, b.cloud.Endpoint())
	if list := string(b.view(link).body); strings.Count(list, "#EXTINF") != 1 {
		t.Errorf("the event's playlist %s:\n%s", link, list)
	}
}
