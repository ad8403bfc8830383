package page

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
)

const (
	// shownRequests of the past are sent first.
	shownRequests = 60
	// pace is the shortest time between two messages, of the machine.
	pace = 250 * time.Millisecond
)

// requestRow is a request in the journal.
type requestRow struct {
	address
	At, Device, Method, Path, Error string
	Class                           fakecloud.Class
	Status                          int
	Took                            string
	Fault, Bad                      bool
}

// live answers GET /page/live with server-sent events until the client leaves:
// "requests" with rows of the journal, in HTML, as they are done (for the
// operator alone), and "changed" whenever the page may show something else.
func (p *page) live(w http.ResponseWriter, r *http.Request) {
	a, operator, next := readAddress(r), p.c.Trusts(r), -shownRequests
	if d := p.chosen(a); d != nil {
		a.device = d.ID()
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for seen := -1; ; {
		if p.c.Wait(r.Context(), "a change", func() bool { return p.c.Changes() != seen }) != nil {
			return
		}
		seen = p.c.Changes()
		var done []fakecloud.Entry
		done, next = p.c.Answered(next)
		if rows := p.rows(a, done); operator && len(rows) > 0 {
			fmt.Fprint(w, "event: requests\n")
			for line := range bytes.Lines(rows) {
				fmt.Fprintf(w, "data: %s\n", bytes.TrimRight(line, "\r\n"))
			}
			fmt.Fprint(w, "\n")
		}
		if _, err := fmt.Fprint(w, "event: changed\ndata:\n\n"); err != nil || out.Flush() != nil {
			return
		}
		if clock.Machine(r.Context(), pace) != nil {
			return
		}
	}
}

// rows renders the requests of one device, and those of which the cloud does not
// know the device, the newest first; what viewers ask for would drown them.
func (p *page) rows(a address, done []fakecloud.Entry) []byte {
	var b bytes.Buffer
	for _, e := range slices.Backward(done) {
		if e.Class == fakecloud.ClassViewer || e.Device != "" && e.Device != a.device {
			continue
		}
		row := requestRow{
			address: a, At: e.At.UTC().Format("15:04:05.000"), Device: e.Device, Class: e.Class, Method: e.Method, Path: bare(e.Path),
			Status: e.Status, Error: e.Err, Took: fmt.Sprintf("%.0f ms", e.Took.Seconds()*1000), Fault: e.Fault != nil, Bad: e.Status == 0 || e.Status >= 400,
		}
		if err := pages.ExecuteTemplate(&b, "request", row); err != nil {
			panic("page: a row always renders: " + err.Error())
		}
	}
	return b.Bytes()
}

// bare is a request-target without a signature.
func bare(target string) string {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return target
	}
	if u.Query().Has("X-Amz-Signature") {
		u.RawQuery = ""
	}
	return u.RequestURI()
}
