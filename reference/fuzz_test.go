package reference

import (
	"net/http"
	"sync/atomic"
	"testing"
)

// FuzzAudio: whatever a pack holds, it is refused or stored, and nothing breaks.
func FuzzAudio(f *testing.F) {
	f.Add([]byte{0xff, 0xf1, 0x60, 0x40, 1, 0x1f, 0xfc, 0, 0}, []byte{0xff, 0xf1, 0x50, 0x80, 1, 0x1f, 0xfc, 0, 0})
	f.Add([]byte{}, []byte{0xff})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a := audioInput{}
		if err := a.open(AVDataInfo{AudioType: AudioAAC, SampleRate: 16000, SampleNumPerFrame: 1024}); err != nil {
			t.Fatal(err)
		}
		defer a.close()
		for _, data := range [][]byte{first, second} {
			if out, code := a.accept(data); code == ErrNone && len(out) != len(data) {
				t.Errorf("%d bytes became %d", len(data), len(out))
			}
		}
	})
}

// FuzzControlAnswer: whatever the cloud answers to a plan query or a request for
// a grant, the device makes a plan or a grant of it that can be used, or an error.
func FuzzControlAnswer(f *testing.F) {
	f.Add(200, []byte(`{"rev":3,"cs_switch":1,"cs_type":2}`))
	f.Add(201, []byte(`{"upload_id":"a","method":"PUT","url":"http://127.0.0.1/x","headers":{"Content-Type":"video/mp2t"},"expires_in_ms":1000}`))
	f.Add(200, []byte(`{"rev":1e30,"cs_switch":2,"cs_type":-1}`))
	f.Add(401, []byte(`{"error":"clock_skew","message":"","utc_ms":-1}`))
	f.Add(403, []byte(`<html>`))
	f.Add(200, []byte{})
	cloud := newCloud(f, PlanEvent)
	cam := newCamera(f, cloud)
	type reply struct {
		status int
		body   []byte
	}
	var next atomic.Pointer[reply]
	cloud.setFault(func(_ string, w http.ResponseWriter, _ *http.Request) bool {
		r := next.Load()
		if r == nil {
			return false
		}
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body)
		return true
	})
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 || status == 204 || status == 304 {
			return // net/http sends no body with them
		}
		next.Store(&reply{status, body})
		defer next.Store(nil)
		s := cam.current()
		if p, _, err := s.net.plan(t.Context(), "", false); err == nil && (!p.known || p.Type < PlanNone || p.Type > PlanEvent) {
			t.Errorf("%q made the plan %+v", body, p)
		}
		if g, _, err := s.askGrant(t.Context(), segmentRequest{}); err == nil && !g.Stored && g.URL == "" {
			t.Errorf("%q made the grant %+v", body, g)
		}
	})
}
