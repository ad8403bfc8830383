package fakecloud

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const operatorToken = "operator-token"

// operate sends a request of the operator.
func (b *bench) operate(method, path string, body any) reply {
	b.t.Helper()
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			b.t.Fatal(err)
		}
	}
	req, err := http.NewRequest(method, b.cloud.Endpoint()+path, bytes.NewReader(payload))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return b.must(req)
}

func TestTheOperatorRegistersADeviceThatMaySign(t *testing.T) {
	b := newBench(t, WithToken(operatorToken))
	r := b.operate("POST", "/admin/devices", map[string]any{"product_id": "P2", "device_name": "door"})
	if r.status != http.StatusCreated {
		t.Fatalf("register: %d %s", r.status, r.body)
	}
	var given Credentials
	r.json(t, &given)
	d := b.cloud.Device("P2", "door")
	if d == nil || given != d.Credentials() || len(given.DeviceSecret) < 20 {
		t.Fatalf("given %+v", given)
	}
	if r := b.must(b.signed(d, "GET", "/v1/devices/P2/door/plan", nil)); r.status != http.StatusOK {
		t.Errorf("its plan: %d %s", r.status, r.body)
	}
	if r := b.operate("GET", "/admin/devices/P2/door", nil); !bytes.Contains(r.body, []byte(given.DeviceSecret)) {
		t.Errorf("its credentials: %d %s", r.status, r.body)
	}
	if r := b.operate("POST", "/admin/devices", map[string]any{"product_id": "P2", "device_name": "door"}); r.status != http.StatusConflict || r.code(t) != "exists" {
		t.Errorf("again: %d %s", r.status, r.body)
	}
	var list struct{ Devices []adminDevice }
	b.operate("GET", "/admin/devices", nil).json(t, &list)
	if len(list.Devices) != 2 || list.Devices[1].DeviceName != "door" {
		t.Errorf("devices %+v", list.Devices)
	}
}

func TestTheOperatorSetsAndExpiresAPlan(t *testing.T) {
	b := newBench(t, WithToken(operatorToken))
	const plan = "/admin/devices/P1/cam-1/plan"
	if r := b.operate("PUT", plan, map[string]any{"cs_switch": 1, "cs_type": 2, "expires_in_s": 60}); r.status != http.StatusOK {
		t.Fatalf("set: %d %s", r.status, r.body)
	}
	want := Plan{Switch: 1, Type: PlanEvent, Expires: epoch.Add(time.Minute)}
	if got, rev := b.device.Plan(); got != want || rev != 2 {
		t.Errorf("plan %+v rev %d", got, rev)
	}
	b.clock.Advance(time.Minute)
	if got, _ := b.device.Plan(); got.Type != PlanNone {
		t.Errorf("a minute later: %+v", got)
	}
	b.operate("PUT", plan, map[string]any{"cs_type": 1})
	if got, _ := b.device.Plan(); got != (Plan{Switch: 1, Type: PlanFullTime}) {
		t.Errorf("set anew: %+v", got)
	}
	if r := b.operate("DELETE", plan, nil); r.status != http.StatusOK {
		t.Errorf("expire: %d %s", r.status, r.body)
	}
	if r := b.ask("POST", "uploads", segment("r1", 1, 100, 10)); r.status != http.StatusForbidden {
		t.Errorf("a grant after the plan has expired: %d", r.status)
	}
}

func TestTheOperatorSideWantsItsToken(t *testing.T) {
	b := newBench(t, WithToken(operatorToken))
	for _, header := range []string{"", "Bearer wrong", "Basic " + operatorToken} {
		for _, path := range []string{"/admin/devices", "/admin/journal", "/admin/journal/stream", "/admin/findings"} {
			req, err := http.NewRequest("GET", b.cloud.Endpoint()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", header)
			if r := b.must(wrong(req)); r.status != http.StatusUnauthorized || r.code(t) != "bad_token" {
				t.Errorf("%s with %q: %d %s", path, header, r.status, r.body)
			}
		}
	}
	bare := newBench(t)
	req, err := http.NewRequest("GET", bare.cloud.Endpoint()+"/admin/devices", nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := bare.must(wrong(req)); r.status != http.StatusNotFound {
		t.Errorf("a cloud without a token has an operator side: %d", r.status)
	}
}

func TestAGuardedCloudShowsNothingWithoutTheToken(t *testing.T) {
	shown := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the page") })
	b := newBench(t, WithToken(operatorToken), WithGuardedViewer(), WithRoot(func(*Cloud) http.Handler { return shown })).service()
	get := func(path, token string) *http.Response {
		req, err := http.NewRequest("GET", b.cloud.Endpoint()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		// Past the transport that knows openapi.yaml: the page is not in it.
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res
	}
	for _, path := range []string{"/", "/v1/viewer/devices/P1/cam-1/segments", "/v1/viewer/devices/P1/cam-1/events", "/play/P1/cam-1/timeshift.m3u8"} {
		if res := get(path, ""); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("GET %s without a token: %d", path, res.StatusCode)
		}
		if res := get(path, operatorToken); res.StatusCode != http.StatusOK {
			t.Errorf("GET %s with the token: %d", path, res.StatusCode)
		}
	}
	if res := get("/play/P1/cam-1/timeshift.m3u8?token="+operatorToken, ""); res.StatusCode != http.StatusOK {
		t.Errorf("a player that brings the token in the query: %d", res.StatusCode)
	}
	res := get("/page/day?token="+operatorToken+"&d=1", "")
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/page/day?d=1" || !strings.Contains(res.Header.Get("Set-Cookie"), "SameSite=Strict") {
		t.Errorf("signing in: %d %v", res.StatusCode, res.Header)
	}
	if r := b.ask("GET", "plan", nil); r.status != http.StatusOK {
		t.Errorf("a device that signs: %d", r.status)
	}
}

func TestTheJournalIsReadAndStreamed(t *testing.T) {
	b := newBench(t, WithToken(operatorToken)).service()
	b.put(b.grant(segment("r1", 1, 0, 100)), media(0, 100))
	var page struct{ Entries []journalEntry }
	b.operate("GET", "/admin/journal?device=P1/cam-1&after=1", nil).json(t, &page)
	if len(page.Entries) != 1 || page.Entries[0].Class != ClassSegmentPUT || page.Entries[0].Status != http.StatusOK || page.Entries[0].BytesIn != 100 {
		t.Errorf("journal %+v", page.Entries)
	}
	b.ask("GET", "plan", nil)
	r := b.operate("GET", "/admin/journal/stream?after=1&limit=2", nil)
	events := strings.Split(strings.TrimSpace(string(r.body)), "\n\n")
	if len(events) != 2 || !strings.HasPrefix(events[0], "id: 2\nevent: request\ndata: {") || !strings.Contains(events[1], `"class":"plan"`) {
		t.Errorf("stream: %q", r.body)
	}
	for _, path := range []string{"/admin/journal?after=x", "/admin/journal/stream?limit=-1"} {
		req, err := http.NewRequest("GET", b.cloud.Endpoint()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+operatorToken)
		if r := b.must(wrong(req)); r.status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}

func TestAStoredSegmentIsInspected(t *testing.T) {
	b := newBench(t, WithToken(operatorToken), WithInspector(func(body []byte) []Finding {
		if body[0] == 'b' {
			panic("of a damaged segment")
		}
		return []Finding{{Code: "length", Text: "too short", Soft: true}}
	})).service()
	first := b.grant(segment("r1", 1, 0, 100))
	b.put(first, media(0, 100))
	b.put(b.grant(segment("r1", 201, 10, 100)), media(1, 100))
	b.wait("two findings", func() bool { return len(b.cloud.Findings()) == 2 })
	var list struct{ Findings []Finding }
	b.operate("GET", "/admin/findings?device=P1/cam-1", nil).json(t, &list)
	found := 0
	for _, f := range list.Findings {
		if f == (Finding{Device: "P1/cam-1", UploadID: first.UploadID, Code: "length", Text: "too short", Soft: true}) {
			found++
		}
		if f.Code == "inspector" && strings.Contains(f.Text, "of a damaged segment") {
			found++
		}
	}
	if found != 2 || len(list.Findings) != 2 {
		t.Errorf("findings %+v", list.Findings)
	}
}

func TestTheOperatorStepsTheClock(t *testing.T) {
	b := newBench(t, WithToken(operatorToken))
	if r := b.operate("POST", "/admin/clock", map[string]any{"step_ms": -5000}); r.status != http.StatusOK {
		t.Fatalf("step: %d %s", r.status, r.body)
	}
	if got := b.clock.Now(); !got.Equal(epoch.Add(-5 * time.Second)) {
		t.Errorf("the clock shows %v", got)
	}
}

// wait waits for holds, at most 20 s of the machine's time.
func (b *bench) wait(what string, holds func() bool) {
	b.t.Helper()
	if err := b.cloud.Wait(within(b.t, 20*time.Second), what, holds); err != nil {
		b.t.Fatal(err)
	}
}
