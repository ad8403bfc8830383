package fakecloud

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// operates sends a request with the operator's cookie, as a browser does.
func (b *bench) operates(method, path, body string, header ...string) int {
	b.t.Helper()
	req, err := http.NewRequest(method, b.cloud.Endpoint()+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: tokenCookie, Value: operatorToken})
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	// Past the transport that knows openapi.yaml: the page is not in it.
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// A cookie goes along with what another site on this machine sends, too: another
// port is the same site.
func TestAForeignSiteCannotOperate(t *testing.T) {
	done := 0
	root := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			done++
		}
	})
	b := newBench(t, WithToken(operatorToken), WithRoot(func(*Cloud) http.Handler { return root }))
	const fault = "faults: [{on: plan, status: 503}]"
	for _, c := range []struct {
		name   string
		header []string
		denied bool
	}{
		{"another port", []string{"Origin", "http://127.0.0.1:1"}, true},
		{"another site", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, true},
		{"no origin, by the browser's word", []string{"Sec-Fetch-Site", "same-site"}, true},
		{"the page itself", []string{"Origin", b.cloud.Endpoint(), "Sec-Fetch-Site", "same-origin"}, false},
		{"no browser", nil, false},
	} {
		for _, path := range []string{"/page/plan", "/admin/faults"} {
			if got := b.operates("POST", path, fault, c.header...); (got == http.StatusForbidden) != c.denied {
				t.Errorf("POST %s from %s: %d", path, c.name, got)
			}
		}
	}
	if n := len(b.cloud.Scripted()); n != 2 || done != 2 {
		t.Errorf("%d faults were injected, the page was told %d times; 2 each had leave", n, done)
	}
}

func TestWhatIsNeitherPageNorBindingIsEvidence(t *testing.T) {
	root := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the page") })
	b := newBench(t, WithRoot(func(*Cloud) http.Handler { return root }))
	if got := b.operates("GET", "/v2/devices/P1/cam-1/plan", ""); got != http.StatusNotFound {
		t.Errorf("a path that nobody knows: %d", got)
	}
	if j := b.cloud.Journal(); len(j) != 1 || j[0].Class != ClassOther {
		t.Errorf("journal %+v", j)
	}
	for _, path := range []string{"/", "/page/style.css"} {
		if got := b.operates("GET", path, ""); got != http.StatusOK {
			t.Errorf("%s: %d", path, got)
		}
	}
}
