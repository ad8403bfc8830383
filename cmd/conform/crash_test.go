package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
)

// ledger is what a cloud has acknowledged: what it then owes for ever.
type ledger struct {
	mu       sync.Mutex
	segments map[string][md5.Size]byte // by device/upload id
	events   map[string]string         // by device/report id: the state
	steps    atomic.Int64              // of all devices, parts of bodies included
	due      int64                     // the step at which the cloud dies
	reached  chan struct{}
}

// step counts one step of a device; the one that is due lets the cloud die,
// wherever the other devices are by then.
func (l *ledger) step() {
	if l.steps.Add(1) == l.due {
		close(l.reached)
	}
}

// counted is a body that counts a step every few KB.
type counted struct {
	io.Reader
	step func()
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p[:min(len(p), 4<<10)])
	c.step()
	return n, err
}

// loader is a device that asks for grants, puts segments and reports events
// until its cloud is gone.
type loader struct {
	fakecloud.Credentials
	*ledger
	client *http.Client
	clock  *clock.Clock
	random *rand.Rand
	try    int
}

func (d *loader) id() string { return d.ProductID + "/" + d.DeviceName }

func (d *loader) ask(ctx context.Context, below string, body, into any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	path := "/v1/devices/" + d.id() + "/" + below
	req, err := http.NewRequestWithContext(ctx, "POST", d.Endpoint+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(d.clock.Now().Unix(), 10)
	req.Header.Set("X-IV-Timestamp", stamp)
	req.Header.Set("Authorization", "IV-HMAC-SHA256 "+d.id()+":"+fakecloud.Signature(d.DeviceSecret, "POST", path, stamp, payload))
	return d.send(req, into)
}

// send returns nil when the cloud has acknowledged the request.
func (d *loader) send(req *http.Request, into any) error {
	res, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		answer, _ := io.ReadAll(res.Body) // told as far as it came
		return refused(fmt.Sprintf("%s %s: %d %s", req.Method, req.URL.Path, res.StatusCode, answer))
	}
	d.step()
	if into == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// refused is an answer that an honest cloud never gives.
type refused string

func (r refused) Error() string { return string(r) }

// segment uploads the n-th segment.
func (d *loader) segment(ctx context.Context, n int) error {
	body := make([]byte, 1+d.random.IntN(64<<10))
	for i := range body {
		body[i] = byte(d.random.Uint32())
	}
	start := d.clock.Now().UnixMilli()
	var grant struct {
		UploadID string `json:"upload_id"`
		URL      string
		Headers  map[string]string
	}
	err := d.ask(ctx, "uploads", map[string]any{
		"kind": "segment", "start_utc_ms": start, "end_utc_ms": start + 1000, "first_pts_ms": 0, "last_pts_ms": 960,
		"first_seq": n, "last_seq": n, "size": len(body), "content_type": "video/mp2t", "recording": fmt.Sprint("r", d.try),
	}, &grant)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "PUT", grant.URL, counted{bytes.NewReader(body), d.step})
	if err != nil {
		return err
	}
	req.ContentLength = int64(len(body))
	for name, value := range grant.Headers {
		req.Header.Set(name, value)
	}
	if err := d.send(req, nil); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.segments[d.id()+"/"+grant.UploadID] = md5.Sum(body)
	return nil
}

func (d *loader) event(ctx context.Context, n int) error {
	id := fmt.Sprintf("e%d-%d", d.try, n)
	for _, state := range []string{fakecloud.EventStarted, fakecloud.EventFinished} {
		now := d.clock.Now().Unix()
		err := d.ask(ctx, "events", map[string]any{
			"report_id": id, "event_id": n, "state": state, "start_utc_s": now, "end_utc_s": now + 1, "complete": true,
		}, nil)
		if err != nil {
			return err
		}
		d.mu.Lock()
		d.events[d.id()+"/"+id] = state
		d.mu.Unlock()
	}
	return nil
}

// run goes on until the cloud is gone; it returns what the cloud refused.
func (d *loader) run(ctx context.Context) error {
	for n := 1; ; n++ {
		err := d.segment(ctx, n)
		if err == nil && n%2 == 0 {
			err = d.event(ctx, n)
		}
		if no, ok := err.(refused); ok {
			return no
		}
		if err != nil {
			return nil
		}
	}
}

// owed compares what the cloud has with what it has acknowledged.
func (l *ledger) owed(t *testing.T, c *aCloud, device string, read bool) {
	t.Helper()
	var segments struct {
		Segments []struct {
			UploadID string `json:"upload_id"`
			URL      string
		}
	}
	var events struct {
		Events []struct {
			ReportID string `json:"report_id"`
			State    string
		}
	}
	for name, into := range map[string]any{"segments": &segments, "events": &events} {
		status, body := c.get("/v1/viewer/devices/" + device + "/" + name)
		if err := json.Unmarshal(body, into); status != http.StatusOK || err != nil {
			t.Fatalf("%s: %d %v", name, status, err)
		}
	}
	url, state := make(map[string]string), make(map[string]string)
	for _, s := range segments.Segments {
		url[device+"/"+s.UploadID] = s.URL
	}
	for _, e := range events.Events {
		state[device+"/"+e.ReportID] = e.State
	}
	for id, sum := range l.segments {
		if id[:len(device)] != device {
			continue
		}
		if url[id] == "" {
			t.Errorf("segment %s was acknowledged and is lost", id)
		} else if read {
			res, err := http.Get(url[id])
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err != nil || res.StatusCode != http.StatusOK || md5.Sum(body) != sum {
				t.Errorf("segment %s was acknowledged and reads %d, %d other bytes, %v", id, res.StatusCode, len(body), err)
			}
		}
	}
	for id, want := range l.events {
		if id[:len(device)] == device && state[id] != want && state[id] != fakecloud.EventFinished {
			t.Errorf("event %s was acknowledged as %s and is now %q", id, want, state[id])
		}
	}
}

// TestKilledAtAnyMomentACloudHasLostNothingAcknowledged kills the process, not
// the machine: that each answer waits for fsync is for the eye.
func TestKilledAtAnyMomentACloudHasLostNothingAcknowledged(t *testing.T) {
	tries := 10
	if text := os.Getenv("IVCS_CRASH_TRIES"); text != "" {
		var err error
		if tries, err = strconv.Atoi(text); err != nil {
			t.Fatalf("IVCS_CRASH_TRIES=%s: %v", text, err)
		}
	}
	dir := t.TempDir()
	names := []string{"P1/cam-a", "P1/cam-b", "P1/cam-c"}
	args := []string{"--data", dir}
	for _, name := range names {
		args = append(args, "--device", name+":s3cret")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	l := &ledger{segments: make(map[string][md5.Size]byte), events: make(map[string]string)}
	for try := range tries {
		l.steps.Store(0)
		l.due, l.reached = 1+random.Int64N(300), make(chan struct{})
		c := startCloud(t, args...)
		for _, name := range names {
			l.owed(t, c, name, false)
		}
		ctx, cancel := new(clock.Clock).WithTimeout(t.Context(), 2*time.Minute)
		var devices sync.WaitGroup
		for i, given := range c.Devices {
			transport := &http.Transport{}
			d := &loader{
				Credentials: given, ledger: l, client: &http.Client{Transport: transport}, clock: new(clock.Clock),
				random: rand.New(rand.NewPCG(seed, uint64(try*len(names)+i+1))), try: try,
			}
			devices.Go(func() {
				if err := d.run(ctx); err != nil {
					t.Errorf("an honest cloud has refused: %v", err)
				}
				transport.CloseIdleConnections()
			})
		}
		select {
		case <-l.reached:
		case <-ctx.Done():
			t.Errorf("try %d: %d steps of %d in two minutes", try, l.steps.Load(), l.due)
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.cmd.Wait() // killed
		devices.Wait()
		cancel()
	}
	c := startCloud(t, args...)
	for _, name := range names {
		l.owed(t, c, name, true)
	}
	if len(l.segments) == 0 || len(l.events) == 0 {
		t.Errorf("%d segments and %d events: nothing was tried", len(l.segments), len(l.events))
	}
	t.Logf("%d tries, %d segments and %d events acknowledged", tries, len(l.segments), len(l.events))
}
