package fakecloud

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestARequestThatIsNotTheDevicesOwnIsRefusedAndChangesNothing(t *testing.T) {
	resign := func(b *bench, req *http.Request, secret, path string, at time.Time) {
		stamp := strconv.FormatInt(at.Unix(), 10)
		body, err := req.GetBody()
		if err != nil {
			b.t.Fatal(err)
		}
		payload := make([]byte, req.ContentLength)
		if _, err := body.Read(payload); err != nil {
			b.t.Fatal(err)
		}
		req.Header.Set("X-IV-Timestamp", stamp)
		req.Header.Set("Authorization", "IV-HMAC-SHA256 "+b.device.id()+":"+Signature(secret, req.Method, path, stamp, payload))
	}
	cases := []struct {
		name   string
		spoil  func(b *bench, req *http.Request)
		status int
		code   string
	}{
		{"without a signature", func(_ *bench, r *http.Request) { r.Header.Del("Authorization") }, 401, "bad_signature"},
		{"with another scheme", func(_ *bench, r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 401, "bad_signature"},
		{"with an empty signature", func(b *bench, r *http.Request) {
			r.Header.Set("Authorization", "IV-HMAC-SHA256 "+b.device.id()+":")
		}, 401, "bad_signature"},
		{"of an unknown device", func(_ *bench, r *http.Request) {
			r.Header.Set("Authorization", "IV-HMAC-SHA256 P1/nobody:00")
		}, 401, "unknown_device"},
		{"signed with another secret", func(b *bench, r *http.Request) {
			resign(b, r, "secret-2", r.URL.Path, b.clock.Now())
		}, 401, "bad_signature"},
		{"signed for another path", func(b *bench, r *http.Request) {
			resign(b, r, "secret-1", "/v1/devices/P1/cam-1/events", b.clock.Now())
		}, 401, "bad_signature"},
		{"signed for another time", func(b *bench, r *http.Request) {
			r.Header.Set("X-IV-Timestamp", strconv.FormatInt(b.clock.Now().Unix()+1, 10))
		}, 401, "bad_signature"},
		{"with a query that was not signed", func(_ *bench, r *http.Request) { r.URL.RawQuery = "x=1" }, 401, "bad_signature"},
		{"from a clock 15 min 1 s fast", func(b *bench, r *http.Request) {
			resign(b, r, "secret-1", r.URL.Path, b.clock.Now().Add(15*time.Minute+time.Second))
		}, 401, "clock_skew"},
		{"from a clock that stands at 1970", func(b *bench, r *http.Request) {
			resign(b, r, "secret-1", r.URL.Path, time.Unix(0, 0))
		}, 401, "clock_skew"},
		{"to another device's path", func(b *bench, r *http.Request) {
			r.URL.Path = "/v1/devices/P1/cam-2/uploads"
			resign(b, r, "secret-1", r.URL.Path, b.clock.Now())
		}, 403, "other_device"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t).service()
			if _, err := b.cloud.Register("P1", "cam-2", "secret-2"); err != nil {
				t.Fatal(err)
			}
			before := b.state()
			req := wrong(b.signed(b.device, "POST", "/v1/devices/P1/cam-1/uploads", segment("r1", 1, 0, 100)))
			c.spoil(b, req)
			r := b.must(req)
			if r.status != c.status || r.code(t) != c.code {
				t.Errorf("answered %d %s, want %d %s", r.status, r.body, c.status, c.code)
			}
			if after := b.state(); after != before {
				t.Errorf("a refused request has changed the cloud:\n%s\nto\n%s", before, after)
			}
		})
	}
}

func TestAChangedBodyBreaksTheSignature(t *testing.T) {
	b := newBench(t).service()
	req := b.signed(b.device, "POST", "/v1/devices/P1/cam-1/uploads", segment("r1", 1, 0, 100))
	other := b.signed(b.device, "POST", "/v1/devices/P1/cam-1/uploads", segment("r1", 1, 0, 101))
	req.Body, req.ContentLength = other.Body, other.ContentLength
	if r := b.must(wrong(req)); r.status != 401 || len(b.device.Uploads()) != 0 {
		t.Errorf("answered %d %s with %d uploads", r.status, r.body, len(b.device.Uploads()))
	}
}

func TestClockSkewTellsTheTimeAndFifteenMinutesAreAllowed(t *testing.T) {
	for _, off := range []time.Duration{-20 * time.Minute, -15 * time.Minute, 0, 15 * time.Minute, 20 * time.Minute} {
		b := newBench(t)
		stamp := fmt.Sprint(epoch.Add(off).Unix())
		req := b.signed(b.device, "GET", "/v1/devices/P1/cam-1/plan", nil)
		req.Header.Set("X-IV-Timestamp", stamp)
		req.Header.Set("Authorization", "IV-HMAC-SHA256 P1/cam-1:"+Signature("secret-1", "GET", "/v1/devices/P1/cam-1/plan", stamp, nil))
		r := b.must(req)
		if off.Abs() <= MaxClockSkew {
			if r.status != 200 {
				t.Errorf("clock off by %v: %d %s", off, r.status, r.body)
			}
			continue
		}
		var e refusal
		r.json(t, &e)
		if r.status != 401 || e.Error != "clock_skew" || e.UTCms != epoch.UnixMilli() {
			t.Errorf("clock off by %v: %d %+v, want 401 clock_skew with the time", off, r.status, e)
		}
	}
}

func TestTimeIsToldWithoutASignature(t *testing.T) {
	b := newBench(t)
	b.clock.Advance(90 * time.Second)
	req, err := http.NewRequest("GET", b.cloud.Endpoint()+"/v1/time", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got timeAnswer
	b.must(req).json(t, &got)
	if want := epoch.Add(90 * time.Second).UnixMilli(); got.UTCms != want {
		t.Errorf("utc_ms %d, want %d", got.UTCms, want)
	}
}

func TestNamesAreAsTheBindingAllows(t *testing.T) {
	b := newBench(t)
	cases := []struct {
		name, product, device, secret string
		ok                            bool
	}{
		{"letters, digits, dash and underline", "P2", "a_B-9", "s", true},
		{"a product with a dash", "P-2", "a", "s", false},
		{"a device with a slash", "P2", "a/b", "s", false},
		{"a device of 49 characters", "P2", "0123456789012345678901234567890123456789012345678", "s", false},
		{"no secret", "P2", "c", "", false},
		{"a device that exists", "P1", "cam-1", "s", false},
	}
	for _, c := range cases {
		if _, err := b.cloud.Register(c.product, c.device, c.secret); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
