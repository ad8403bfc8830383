package page

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/ivcs/conform/fakecloud"
)

//go:embed page.html page.js style.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "page.html"))

// policy lets the page load from its own origin alone: what a device has put
// into a name or a picture cannot fetch, run or frame anything.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// page is the page of one cloud.
type page struct {
	c     *fakecloud.Cloud
	kinds kinds
}

// Handler serves the page of c: / and /page/….
func Handler(c *fakecloud.Cloud) http.Handler {
	p := &page{c: c}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { p.show(w, r, http.StatusOK, slip{}) })
	mux.HandleFunc("POST /page/plan", p.operated(p.setPlan))
	mux.HandleFunc("POST /page/faults", p.operated(p.setFaults))
	mux.HandleFunc("GET /page/live", p.live)
	mux.HandleFunc("GET /page/picture/{product}/{device}/{upload}", p.picture)
	mux.HandleFunc("GET /page/recording/{product}/{device}", p.recording)
	for path, kind := range map[string]string{"page.js": "text/javascript", "style.css": "text/css"} {
		mux.HandleFunc("GET /page/"+path, func(w http.ResponseWriter, _ *http.Request) {
			b, err := files.ReadFile(path)
			if err != nil {
				panic("page: embedded: " + err.Error())
			}
			w.Header().Set("Content-Type", kind+"; charset=utf-8")
			_, _ = w.Write(b) // who has hung up wants no answer
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// slip is what was wrong with a form, and the text that was sent.
type slip struct{ Problem, Text string }

// operated serves a form: do carries it out, and the page is shown again. The
// token stands before it (fakecloud.WithRoot).
func (p *page) operated(do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		err := r.ParseForm()
		if err == nil {
			err = do(r)
		}
		if err != nil {
			p.show(w, r, http.StatusBadRequest, slip{err.Error(), r.PostForm.Get("script")})
			return
		}
		http.Redirect(w, r, "/?"+r.URL.RawQuery, http.StatusSeeOther)
	}
}

// show renders the page for what the address asks for.
func (p *page) show(w http.ResponseWriter, r *http.Request, status int, wrong slip) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "page", p.view(r, wrong)); err != nil {
		http.Error(w, "the page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
