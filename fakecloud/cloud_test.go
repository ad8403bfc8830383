package fakecloud

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// epoch is where the clocks of these tests stand.
var epoch = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// bench is a cloud with one device on a frozen clock.
type bench struct {
	t      testing.TB
	clock  *clock.Clock
	cloud  *Cloud
	device *Device
	client *http.Client
}

func newBench(t testing.TB, opts ...Option) *bench {
	t.Helper()
	k := new(clock.Clock)
	k.Freeze(epoch)
	c, err := New(append([]Option{WithClock(k)}, opts...)...)
	if err != nil {
		t.Fatalf("start the cloud: %v", err)
	}
	d, err := c.Register("P1", "cam-1", "secret-1")
	if err != nil {
		t.Fatalf("register: %v", err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b := &bench{t: t, clock: k, cloud: c, device: d, client: &http.Client{Transport: held{t, transport}}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := c.Close(); err != nil {
			t.Errorf("close the cloud: %v", err)
		}
	})
	return b
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) json(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		t.Fatalf("answer %d %q: %v", r.status, r.body, err)
	}
}

func (r reply) code(t testing.TB) string {
	t.Helper()
	var e refusal
	r.json(t, &e)
	return e.Error
}

func (b *bench) do(req *http.Request) (reply, error) {
	res, err := b.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, body}, err
}

// signed makes the request that a device would.
func (b *bench) signed(d *Device, method, path string, body any) *http.Request {
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
	stamp := strconv.FormatInt(b.clock.Now().Unix(), 10)
	req.Header.Set("X-IV-Timestamp", stamp)
	req.Header.Set("Authorization", fmt.Sprintf("IV-HMAC-SHA256 %s:%s", d.id(), Signature(d.secret, method, path, stamp, payload)))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// ask sends a signed request of the bench's device to a path below its own.
func (b *bench) ask(method, below string, body any) reply {
	b.t.Helper()
	r, err := b.do(b.signed(b.device, method, "/v1/devices/"+b.device.id()+"/"+below, body))
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, below, err)
	}
	return r
}

// segment is a grant request for n bytes, from the given second on for 10 s.
func segment(recording string, firstSeq, second, n int) map[string]any {
	start := epoch.Add(time.Duration(second) * time.Second).UnixMilli()
	return map[string]any{
		"kind": "segment", "start_utc_ms": start, "end_utc_ms": start + 10_000,
		"first_pts_ms": second * 1000, "last_pts_ms": second*1000 + 9950,
		"first_seq": firstSeq, "last_seq": firstSeq + 199, "size": n,
		"content_type": "video/mp2t", "recording": recording,
	}
}

func (b *bench) grant(request map[string]any) grantAnswer {
	b.t.Helper()
	r := b.ask("POST", "uploads", request)
	if r.status != http.StatusCreated {
		b.t.Fatalf("grant: %d %s", r.status, r.body)
	}
	var g grantAnswer
	r.json(b.t, &g)
	return g
}

func (b *bench) putRequest(g grantAnswer, body []byte) *http.Request {
	b.t.Helper()
	req, err := http.NewRequest(g.Method, g.URL, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, value := range g.Headers {
		req.Header.Set(name, value)
	}
	return req
}

func (b *bench) put(g grantAnswer, body []byte) reply {
	b.t.Helper()
	r, err := b.do(b.putRequest(g, body))
	if err != nil {
		b.t.Fatalf("PUT: %v", err)
	}
	return r
}

// media is n bytes that no other seed gives.
func media(seed byte, n int) []byte { return []byte(strings.Repeat(string(rune('a'+seed%26)), n)) }

func TestASegmentIsGrantedStoredAndShownOnTheTimeLine(t *testing.T) {
	b := newBench(t)
	b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
	g := b.grant(segment("r1", 1, 0, 1000))
	if r := b.put(g, media(0, 1000)); r.status != http.StatusOK {
		t.Fatalf("PUT: %d %s", r.status, r.body)
	}
	stored := b.device.Segments()
	if len(stored) != 1 || !bytes.Equal(stored[0].Body, media(0, 1000)) || stored[0].UploadID != g.UploadID {
		t.Fatalf("stored: %+v", stored)
	}
	line := b.device.Timeline(time.Time{}, time.Time{})
	want := Span{From: epoch, To: epoch.Add(10 * time.Second), UploadID: g.UploadID, Recording: "r1"}
	if len(line) != 1 || line[0] != want {
		t.Errorf("time line %+v, want %+v", line, want)
	}
	for _, e := range b.device.Journal() {
		if !e.Done || e.Err != "" {
			t.Errorf("journal: %+v", e)
		}
	}
}

// wrong marks a request as broken on purpose.
func wrong(req *http.Request) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), wrongKey{}, true))
}

// must sends a request that has to be answered.
func (b *bench) must(req *http.Request) reply {
	b.t.Helper()
	r, err := b.do(req)
	if err != nil {
		b.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	return r
}

// state is all that a refused request must leave as it was.
func (b *bench) state() string {
	var s strings.Builder
	for _, d := range []*Device{b.device, b.cloud.Device("P1", "cam-2")} {
		if d == nil {
			continue
		}
		plan, rev := d.Plan()
		fmt.Fprintf(&s, "%s plan %v rev %d\n", d.id(), plan, rev)
		for _, u := range d.Uploads() {
			fmt.Fprintf(&s, "%s %s\n", u.ID, u.State)
		}
		for _, g := range d.Segments() {
			fmt.Fprintf(&s, "segment %s %x\n", g.UploadID, md5.Sum(g.Body))
		}
		for _, p := range d.Pictures() {
			fmt.Fprintf(&s, "picture %s %x\n", p.UploadID, md5.Sum(p.Body))
		}
		fmt.Fprintf(&s, "%v\n%v\n%v\n", d.Events(), d.Timeline(time.Time{}, time.Time{}), d.Overwrites())
	}
	b.cloud.mu.Lock()
	for _, key := range slices.Sorted(maps.Keys(b.cloud.uploads)) {
		fmt.Fprintf(&s, "object %s: %v\n", key, b.cloud.objects.has(key))
	}
	b.cloud.mu.Unlock()
	return s.String()
}

// has asks gofakes3 itself, past everything that guards it.
func (s *embeddedStore) has(key string) bool {
	r, err := http.NewRequest(http.MethodHead, objectPath(key), nil)
	if err != nil {
		panic(err)
	}
	w := &recorder{header: make(http.Header), status: http.StatusOK}
	s.s3.ServeHTTP(w, r)
	return w.status == http.StatusOK
}

// service gives the bench's device a full-time plan.
func (b *bench) service() *bench {
	b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
	return b
}
