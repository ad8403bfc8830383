package fakecloud

import (
	"encoding/json"
	"net/http"
	"time"
)

// maxControlBody bounds the JSON of a control request.
const maxControlBody = 64 << 10

// controlHandler routes the control plane and the viewer side.
func (c *Cloud) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/time", c.open(ClassTime, func(*exchange) answer {
		return jsonAnswer(http.StatusOK, timeAnswer{c.clock.Now().UnixMilli()})
	}))
	const device = " /v1/devices/{product}/{device}/"
	mux.HandleFunc("GET"+device+"plan", c.signed(ClassPlan, (*exchange).plan))
	mux.HandleFunc("POST"+device+"uploads", c.signed(ClassGrantSegment, (*exchange).grant))
	mux.HandleFunc("POST"+device+"events", c.signed(ClassEvent, (*exchange).event))

	const viewer = "GET /v1/viewer/devices/{product}/{device}/"
	mux.Handle(viewer+"segments", c.viewing(c.open(ClassViewer, (*exchange).viewSegments)))
	mux.Handle(viewer+"events", c.viewing(c.open(ClassViewer, (*exchange).viewEvents)))
	mux.Handle("GET /play/{product}/{device}/timeshift.m3u8", c.viewing(c.open(ClassViewer, (*exchange).playlist)))
	mux.HandleFunc("/"+bucket+"/", c.serveStorage) // links of viewers, of one origin with the page
	if c.settings.token != "" {
		mux.Handle("/admin/", c.adminHandler())
	}
	mux.HandleFunc("GET /openapi.yaml", c.open(ClassViewer, func(*exchange) answer {
		return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/yaml"}}, body: OpenAPI()}
	}))
	if c.settings.root != nil {
		root := c.signIn(c.viewing(ownSite(c.settings.root(c))))
		mux.Handle("/{$}", root)
		mux.Handle("/page/", root)
	}
	mux.HandleFunc("/", c.open(ClassOther, func(x *exchange) answer {
		return refuse(http.StatusNotFound, "not_found", "%s %s is no request of cloud binding 1", x.r.Method, x.r.URL.Path)
	}))
	return mux
}

type timeAnswer struct {
	UTCms int64 `json:"utc_ms"`
}

// open serves a request that needs no signature.
func (c *Cloud) open(class Class, do func(*exchange) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x, ok := c.begin(w, r, class, "")
		if !ok {
			panic(http.ErrAbortHandler)
		}
		defer x.end()
		x.meet()
		x.play(faultStatus, func() answer { return do(x) })
	}
}

// signed serves a request of a device. A refused one never reaches do.
func (c *Cloud) signed(class Class, do func(*exchange) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("product") + "/" + r.PathValue("device")
		if c.Device(r.PathValue("product"), r.PathValue("device")) == nil {
			id = ""
		}
		x, ok := c.begin(w, r, class, id)
		if !ok {
			panic(http.ErrAbortHandler)
		}
		defer x.end()
		if err := x.read(maxControlBody, func(int) {}); err != nil {
			x.cut("request not read: " + err.Error())
			return
		}
		if len(x.body) > maxControlBody {
			x.answer(refuse(http.StatusRequestEntityTooLarge, "bad_request", "the body exceeds %d bytes", maxControlBody))
			return
		}
		if class == ClassGrantSegment {
			x.classifyGrant()
		}
		device, refused := c.authenticate(r, x.body)
		if refused != nil {
			x.answer(*refused)
			return
		}
		x.device = device
		x.meet()
		f := x.met()
		if f.ResetAfter > 0 && int64(len(x.body)) >= f.ResetAfter {
			x.cut(errCut.Error())
			return
		}
		if f.Bandwidth > 0 {
			if err := x.pause(time.Duration(len(x.body)) * time.Second / time.Duration(f.Bandwidth)); err != nil {
				x.cut("request not read: " + err.Error())
				return
			}
		}
		x.play(faultStatus, func() answer { return do(x) })
	}
}

// classifyGrant tells a picture's grant from a segment's: they share a path.
func (x *exchange) classifyGrant() {
	var kind struct{ Kind string }
	if json.Unmarshal(x.body, &kind) == nil && kind.Kind == kindPicture {
		x.note(func(e *Entry) { e.Class = ClassGrantPicture })
	}
}

// faultStatus is the control plane's answer to Fault.Status.
func faultStatus(status int) answer {
	if status < 400 {
		return jsonAnswer(status, struct{}{})
	}
	return refuse(status, "fault", "the cloud was told to answer %d", status)
}
