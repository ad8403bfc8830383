package fakecloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/ivcs/conform/clock"
)

// FuzzControlJSON sends signed bodies to the control plane: each is taken, and
// then openapi.yaml describes it, or it is refused and has changed nothing.
func FuzzControlJSON(f *testing.F) {
	for _, body := range []any{segment("r1", 1, 0, 1000), picture("e1", 50, false), report("e1", EventFinished), report("e2", EventStarted)} {
		b, err := json.Marshal(body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Contains(b, []byte(`"state"`)), b)
	}
	for _, text := range []string{"", "{", "null", "[]", `{"kind":"segment"}`, `{"kind":"picture","size":1e99}`, `{"report_id":"\ud800","event_id":3}`} {
		f.Add(false, []byte(text))
		f.Add(true, []byte(text))
	}
	k := new(clock.Clock)
	k.Freeze(epoch)
	var c *Cloud
	var d *Device
	f.Cleanup(func() { c.Close() })
	fresh := func() (err error) {
		if c != nil {
			c.Close()
		}
		if c, err = New(WithClock(k)); err != nil {
			return err
		}
		if d, err = c.Register("P1", "cam-1", "secret-1"); err == nil {
			d.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
		}
		return err
	}
	requests := 0
	f.Fuzz(func(t *testing.T, event bool, body []byte) {
		if requests++; requests%1000 == 1 { // a journal of millions is no use to anybody
			if err := fresh(); err != nil {
				t.Fatal(err)
			}
		}
		path := "/v1/devices/P1/cam-1/uploads"
		if event {
			path = "/v1/devices/P1/cam-1/events"
		}
		before := state(d)
		r := httptest.NewRequest(http.MethodPost, c.Endpoint()+path, bytes.NewReader(body))
		r.RequestURI = path
		stamp := strconv.FormatInt(k.Now().Unix(), 10)
		r.Header.Set("X-IV-Timestamp", stamp)
		r.Header.Set("Authorization", "IV-HMAC-SHA256 P1/cam-1:"+Signature("secret-1", http.MethodPost, path, stamp, body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		c.control.server.Handler.ServeHTTP(w, r)
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("answered %d %q", w.Code, w.Body)
		}
		switch {
		case w.Code < 300:
			if err := isDescribed(r, body); err != nil {
				t.Errorf("%q was answered %d, and openapi.yaml does not know it: %v", body, w.Code, err)
			}
		case w.Code >= 500:
			t.Errorf("answered %d %s", w.Code, w.Body)
		case state(d) != before:
			t.Errorf("refused with %d, and something has changed", w.Code)
		}
	})
}

func state(d *Device) string { return fmt.Sprint(len(d.Uploads()), len(d.Events())) }

// isDescribed holds a request against openapi.yaml.
func isDescribed(r *http.Request, body []byte) error {
	router, err := described()
	if err != nil {
		return err
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
}

// FuzzPresignedURL: no query but the one that was presigned opens the store.
func FuzzPresignedURL(f *testing.F) {
	s := signer{accessKey: "A", secretKey: "secret", region: "local"}
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	headers := objectHeaders("video/mp2t", 1000)
	genuine := s.presign(http.MethodPut, "127.0.0.1:1", "/ivcs/P1/c/segments/s.ts", headers, at, time.Minute)
	f.Add(genuine.Encode())
	for name := range genuine {
		other, _ := url.ParseQuery(genuine.Encode())
		other.Set(name, other.Get(name)+"0")
		f.Add(other.Encode())
		other.Del(name)
		f.Add(other.Encode())
	}
	f.Add("X-Amz-Expires=-1&X-Amz-Date=20260301T090000Z")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		_, ok := s.verify(http.MethodPut, "127.0.0.1:1", "/ivcs/P1/c/segments/s.ts", q, headers)
		// A value that is said twice counts once, and signed is the first.
		if same := q.Encode() == genuine.Encode(); ok && !same && len(q["X-Amz-Signature"]) < 2 {
			t.Errorf("%q opens the store", query)
		} else if same && !ok {
			t.Errorf("the presigned query is refused")
		}
	})
}
