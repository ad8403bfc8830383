package fakecloud

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// described is openapi.yaml, loaded once.
var described = sync.OnceValues(func() (routers.Router, error) {
	for _, media := range []string{"video/mp2t", "image/jpeg", "application/xml", "application/vnd.apple.mpegurl", "text/event-stream"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.FileBodyDecoder)
	}
	doc, err := openapi3.NewLoader().LoadFromData(OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	if err := doc.Validate(openapi3.NewLoader().Context); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return gorillamux.NewRouter(doc)
})

// held is a transport that holds every request and every answer against
// openapi.yaml. A request that a test makes wrong on purpose is marked with
// wrong; the cloud then owes a refusal, and that is held against the file too.
type held struct {
	t    testing.TB
	next http.RoundTripper
}

type wrongKey struct{}

func (h held) RoundTrip(req *http.Request) (*http.Response, error) {
	router, err := described()
	if err != nil {
		h.t.Error(err)
		return nil, err
	}
	var body []byte
	if req.Body != nil {
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		if len(body) == 0 {
			req.Body = http.NoBody
		}
	}
	wrong := req.Context().Value(wrongKey{}) != nil
	route, params, err := router.FindRoute(req)
	if err != nil && !wrong {
		h.t.Errorf("%s %s is not in openapi.yaml: %v", req.Method, req.URL.Path, err)
	}
	var in *openapi3filter.RequestValidationInput
	if err == nil {
		clone := req.Clone(req.Context())
		clone.Body = io.NopCloser(bytes.NewReader(body))
		in = &openapi3filter.RequestValidationInput{
			Request: clone, PathParams: params, Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
		}
		if err := openapi3filter.ValidateRequest(req.Context(), in); err != nil && !wrong {
			h.t.Errorf("request %s %s: %v", req.Method, req.URL, err)
		}
	}
	res, err := h.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	answered, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answered), failing{err}))
		return res, nil // a cut answer has nothing to be held against
	}
	res.Body = io.NopCloser(bytes.NewReader(answered))
	if in == nil {
		return res, nil
	}
	if wrong && res.StatusCode < 400 {
		h.t.Errorf("a wrong request %s %s was answered %d", req.Method, req.URL, res.StatusCode)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: res.StatusCode, Header: res.Header,
		Body: io.NopCloser(bytes.NewReader(answered)), Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(req.Context(), out); err != nil && res.Header.Get("Content-Type") != "text/html" {
		h.t.Errorf("answer to %s %s: %d %s: %v", req.Method, req.URL, res.StatusCode, answered, err)
	}
	return res, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestEveryRequestOfTheBindingIsDescribed(t *testing.T) {
	router, err := described()
	if err != nil {
		t.Fatal(err)
	}
	wanted := []string{
		"GET /v1/time", "GET /v1/devices/P1/cam/plan", "POST /v1/devices/P1/cam/uploads", "POST /v1/devices/P1/cam/events",
		"PUT /ivcs/P1/cam/segments/x.ts", "GET /ivcs/P1/cam/segments/x.ts", "PUT /ivcs/P1/cam/pictures/x.jpg", "GET /ivcs/P1/cam/pictures/x.jpg",
		"GET /v1/viewer/devices/P1/cam/segments", "GET /v1/viewer/devices/P1/cam/events", "GET /play/P1/cam/timeshift.m3u8", "GET /openapi.yaml",
		"GET /admin/devices", "POST /admin/devices", "GET /admin/devices/P1/cam", "PUT /admin/devices/P1/cam/plan", "DELETE /admin/devices/P1/cam/plan",
		"GET /admin/journal", "GET /admin/journal/stream", "GET /admin/findings", "POST /admin/clock",
		"GET /admin/faults", "POST /admin/faults", "DELETE /admin/faults", "DELETE /admin/faults/1",
	}
	var found []string
	for _, w := range wanted {
		var method, path string
		if _, err := fmt.Sscan(w, &method, &path); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest(method, "http://cloud"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		route, _, err := router.FindRoute(req)
		if err != nil {
			t.Errorf("%s is not described: %v", w, err)
			continue
		}
		found = append(found, method+" "+route.Path)
	}
	doc, err := openapi3.NewLoader().LoadFromData(OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if !slices.Contains(found, method+" "+path) {
				t.Errorf("openapi.yaml describes %s %s, which no test knows", method, path)
			}
		}
	}
}
