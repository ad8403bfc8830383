package reference

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// testCloud is as much of the cloud as the tests of this package need. It runs
// in real time and answers at once, unless a fault is set.
type testCloud struct {
	t      testing.TB
	server *httptest.Server

	mu      sync.Mutex
	changed chan struct{} // closed at every change
	rev     int
	plan    [2]int32 // switch, type
	objects map[string]*object
	byKey   map[string]*object
	events  []eventReport
	log     []string // "grant segment", "put segment", "events", "plan", …

	// fault may answer in the cloud's place; true: it has.
	fault func(kind string, w http.ResponseWriter, r *http.Request) bool
	life  time.Duration // of a grant
	over  chan struct{} // closed when the test ends
}

type object struct {
	id      string
	kind    string
	segment segmentRequest
	picture pictureRequest
	size    int64
	body    []byte
	stored  bool
	puts    int
}

func newCloud(t testing.TB, kind int32) *testCloud {
	c := &testCloud{t: t, changed: make(chan struct{}), rev: 1, plan: [2]int32{1, kind},
		objects: map[string]*object{}, byKey: map[string]*object{}, life: 10 * time.Minute, over: make(chan struct{})}
	c.server = httptest.NewServer(c)
	t.Cleanup(func() {
		close(c.over)
		c.server.CloseClientConnections()
		c.server.Close()
	})
	return c
}

func (c *testCloud) config() Config {
	return Config{Endpoint: c.server.URL, ProductID: "P1", DeviceName: "cam-1", DeviceSecret: "s3cret"}
}

func (c *testCloud) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

// setPlan changes the plan and returns when the device has seen it: it asks for
// what comes after.
func (c *testCloud) setPlan(sw, kind int32) {
	c.t.Helper()
	var asked string
	c.change(func() {
		c.rev++
		c.plan = [2]int32{sw, kind}
		asked = fmt.Sprintf("poll rev=%d&", c.rev)
	})
	c.wait("the device to ask again", func() bool { return c.count(asked) > 0 })
}

// setFault puts a fault in the way of every request, nil removes it.
func (c *testCloud) setFault(f func(kind string, w http.ResponseWriter, r *http.Request) bool) {
	c.change(func() { c.fault = f })
}

// failing is a fault that answers the kinds given with a status.
func failing(status int, kinds ...string) func(string, http.ResponseWriter, *http.Request) bool {
	return func(kind string, w http.ResponseWriter, r *http.Request) bool {
		for _, k := range kinds {
			if strings.HasPrefix(kind, k) {
				_, _ = io.Copy(io.Discard, r.Body) // else net/http keeps the connection 500 ms
				w.WriteHeader(status)
				return true
			}
		}
		return false
	}
}

// silent is a fault that takes requests of the kinds given and never answers.
func silent(kinds ...string) func(string, http.ResponseWriter, *http.Request) bool {
	return func(kind string, w http.ResponseWriter, r *http.Request) bool {
		for _, k := range kinds {
			if strings.HasPrefix(kind, k) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				return true
			}
		}
		return false
	}
}

func (c *testCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	kind := "put"
	if strings.HasPrefix(r.URL.Path, "/v1/devices/P1/cam-1/") {
		kind = strings.TrimPrefix(r.URL.Path, "/v1/devices/P1/cam-1/")
		if kind == "plan" && r.URL.RawQuery != "" {
			kind = "poll " + r.URL.RawQuery
		}
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		c.checkSignature(r, body)
		if kind == "uploads" {
			var k struct{ Kind string }
			_ = json.Unmarshal(body, &k)
			kind = "grant " + k.Kind
		}
	} else if o := c.object(r.URL.Path); o != nil {
		kind += " " + o.kind
	}
	var fault func(string, http.ResponseWriter, *http.Request) bool
	c.change(func() { c.log, fault = append(c.log, kind), c.fault })
	if fault != nil && fault(kind, w, r) {
		return
	}
	switch {
	case kind == "plan":
		c.answerPlan(w)
	case strings.HasPrefix(kind, "poll"):
		c.poll(w, r)
	case strings.HasPrefix(kind, "grant"):
		c.grant(w, body)
	case kind == "events":
		var e eventReport
		if err := json.Unmarshal(body, &e); err != nil {
			c.t.Errorf("an event report that is no JSON: %s", body)
		}
		c.change(func() { c.events = append(c.events, e) })
		c.answer(w, 200, map[string]any{"report_id": e.ReportID, "event_id": e.EventID, "state": e.State})
	default:
		c.put(w, r)
	}
}

// checkSignature recomputes what "Signature of a control request" asks for.
func (c *testCloud) checkSignature(r *http.Request, body []byte) {
	cfg := c.config()
	again, _ := http.NewRequest(r.Method, r.URL.String(), nil)
	var stamp int64
	_, _ = fmt.Sscan(r.Header.Get("X-IV-Timestamp"), &stamp)
	cfg.sign(again, body, time.Unix(stamp, 0))
	if got := r.Header.Get("Authorization"); got != again.Header.Get("Authorization") {
		c.t.Errorf("%s %s: signature %q", r.Method, r.URL, got)
	}
}

func (c *testCloud) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (c *testCloud) answerPlan(w http.ResponseWriter) {
	c.mu.Lock()
	v := map[string]any{"rev": c.rev, "cs_switch": c.plan[0], "cs_type": c.plan[1]}
	c.mu.Unlock()
	c.answer(w, 200, v)
}

// poll answers when the plan is another one than the device knows.
func (c *testCloud) poll(w http.ResponseWriter, r *http.Request) {
	for {
		c.mu.Lock()
		changed, same := c.changed, r.URL.Query().Get("rev") == fmt.Sprint(c.rev)
		c.mu.Unlock()
		if !same {
			c.answerPlan(w)
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

func (c *testCloud) object(path string) *object {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.objects[strings.TrimPrefix(path, "/store/")]
}

func (c *testCloud) grant(w http.ResponseWriter, body []byte) {
	var o object
	var kind struct {
		Kind string
		Size int64
	}
	if err := json.Unmarshal(body, &kind); err != nil {
		c.t.Errorf("a grant request that is no JSON: %s", body)
	}
	o.kind, o.size = kind.Kind, kind.Size
	key := string(body)
	if kind.Kind == "segment" {
		_ = json.Unmarshal(body, &o.segment)
		s := o.segment
		key = fmt.Sprint(s.Recording, s.FirstSeq, s.StartUTC)
	} else {
		_ = json.Unmarshal(body, &o.picture)
	}
	c.mu.Lock()
	p := c.byKey[key]
	if p == nil {
		p = &o
		p.id = fmt.Sprintf("u%d", len(c.objects)+1)
		c.objects[p.id], c.byKey[key] = p, p
	}
	v := map[string]any{"upload_id": p.id, "method": "PUT", "url": c.server.URL + "/store/" + p.id, "headers": map[string]string{"X-Granted": p.id},
		"expires_utc_ms": 0, "expires_in_ms": c.life.Milliseconds(), "stored": p.stored}
	c.mu.Unlock()
	c.answer(w, 201, v)
}

func (c *testCloud) put(w http.ResponseWriter, r *http.Request) {
	o := c.object(r.URL.Path)
	body, err := io.ReadAll(r.Body)
	if o == nil || err != nil || r.Header.Get("X-Granted") != o.id {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if int64(len(body)) != o.size {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	status := http.StatusOK
	c.change(func() {
		o.puts++
		if o.stored {
			status = http.StatusConflict
			return
		}
		o.body, o.stored = body, true
	})
	sum := md5.Sum(body)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	w.WriteHeader(status)
}

// stored are the objects of a kind in the order of their grants.
func (c *testCloud) stored(kind string) []*object {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*object
	for i := 1; i <= len(c.objects); i++ {
		if o := c.objects[fmt.Sprintf("u%d", i)]; o.kind == kind && o.stored {
			out = append(out, o)
		}
	}
	return out
}

// count is how many requests of a kind have come.
func (c *testCloud) count(kind string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.log {
		if strings.HasPrefix(k, kind) {
			n++
		}
	}
	return n
}

func (c *testCloud) reports() []eventReport {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]eventReport(nil), c.events...)
}

// wait blocks until the condition holds, and says what was missing after 5 s.
func (c *testCloud) wait(what string, condition func() bool) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	over := make(chan struct{})
	go func() {
		_ = clock.Machine(ctx, 5*time.Second)
		close(over)
	}()
	for {
		c.mu.Lock()
		changed := c.changed
		c.mu.Unlock()
		if condition() {
			return
		}
		select {
		case <-changed:
		case <-over:
			c.t.Fatalf("the cloud waited 5 s for %s", what)
		}
	}
}
