package page

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
)

// epoch is where the clocks of these tests stand.
var epoch = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const token = "operator-token"

// bench is a cloud with its page and one device, on a frozen clock.
type bench struct {
	t      *testing.T
	clock  *clock.Clock
	cloud  *fakecloud.Cloud
	device *fakecloud.Device
}

func newBench(t *testing.T, opts ...fakecloud.Option) *bench {
	t.Helper()
	k := new(clock.Clock)
	k.Freeze(epoch)
	c, err := fakecloud.New(append([]fakecloud.Option{fakecloud.WithClock(k), fakecloud.WithToken(token), fakecloud.WithRoot(Handler)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := c.Register("P1", "cam-1", "secret-1")
	if err != nil {
		t.Fatal(err)
	}
	d.SetPlan(fakecloud.Plan{Switch: 1, Type: fakecloud.PlanFullTime})
	return &bench{t, k, c, d}
}

func (b *bench) do(req *http.Request) (int, string) {
	b.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (b *bench) request(method, path, body string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequest(method, b.cloud.Endpoint()+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	return req
}

// page reads the page as the operator.
func (b *bench) page(query string) string {
	b.t.Helper()
	req := b.request("GET", "/?"+query, "")
	req.Header.Set("Authorization", "Bearer "+token)
	status, body := b.do(req)
	if status != http.StatusOK {
		b.t.Fatalf("the page: %d %s", status, body)
	}
	return body
}

// post sends a form as the operator.
func (b *bench) post(path string, form url.Values) (int, string) {
	b.t.Helper()
	req := b.request("POST", path, form.Encode())
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req)
}

// ask sends what the device signs and reads the answer into v.
func (b *bench) ask(below string, body map[string]any, v any) {
	b.t.Helper()
	payload, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	path, stamp := "/v1/devices/P1/cam-1/"+below, strconv.FormatInt(b.clock.Now().Unix(), 10)
	req := b.request("POST", path, string(payload))
	req.Header.Set("X-IV-Timestamp", stamp)
	req.Header.Set("Authorization", "IV-HMAC-SHA256 P1/cam-1:"+fakecloud.Signature("secret-1", "POST", path, stamp, payload))
	status, answer := b.do(req)
	if status/100 != 2 {
		b.t.Fatalf("%s: %d %s", below, status, answer)
	}
	if err := json.Unmarshal([]byte(answer), v); err != nil {
		b.t.Fatal(err)
	}
}

type grant struct {
	UploadID string            `json:"upload_id"`
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers"`
}

func (b *bench) put(ask map[string]any, body []byte) string {
	b.t.Helper()
	ask["size"] = len(body)
	var g grant
	b.ask("uploads", ask, &g)
	req, err := http.NewRequest("PUT", g.URL, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, value := range g.Headers {
		req.Header.Set(name, value)
	}
	if status, answer := b.do(req); status != http.StatusOK {
		b.t.Fatalf("PUT: %d %s", status, answer)
	}
	return g.UploadID
}

// record stores ten seconds from the given second on.
func (b *bench) record(recording string, second int, body []byte) string {
	b.t.Helper()
	start := epoch.Add(time.Duration(second) * time.Second).UnixMilli()
	return b.put(map[string]any{
		"kind": "segment", "start_utc_ms": start, "end_utc_ms": start + 10_000, "first_pts_ms": second * 1000, "last_pts_ms": second*1000 + 9950,
		"first_seq": second*20 + 1, "last_seq": second*20 + 200, "content_type": "video/mp2t", "recording": recording,
	}, body)
}

// event reports one of 5 s with a picture.
func (b *bench) event(id, second int, picture []byte) {
	b.t.Helper()
	at := epoch.Add(time.Duration(second) * time.Second).Unix()
	report := fmt.Sprint("report-", id)
	upload := b.put(map[string]any{
		"kind": "picture", "event_id": id, "event_utc_s": at, "content_type": "image/jpeg", "report_id": report, "direct": false,
	}, picture)
	b.ask("events", map[string]any{
		"report_id": report, "event_id": id, "direct": false, "state": "finished", "complete": true, "start_utc_s": at, "end_utc_s": at + 5,
		"picture_upload_id": upload, "ai_type": 0,
	}, &struct{}{})
}

// wait waits for holds, at most 20 s of the machine's time.
func (b *bench) wait(what string, holds func() bool) {
	b.t.Helper()
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := b.cloud.Wait(ctx, what, holds); err != nil {
		b.t.Fatal(err)
	}
}
