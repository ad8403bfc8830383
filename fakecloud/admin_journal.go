package fakecloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// maxJournalPage bounds one answer of GET /admin/journal.
const maxJournalPage = 1000

// journalEntry is an Entry as the operator reads it. Headers stay out: they
// carry signatures.
type journalEntry struct {
	Seq     int             `json:"seq"`
	AtUTCms int64           `json:"at_utc_ms"`
	Device  string          `json:"device"`
	Class   Class           `json:"class"`
	Method  string          `json:"method"`
	Path    string          `json:"path"`
	Done    bool            `json:"done"`
	Status  int             `json:"status"` // 0: no answer was given
	TookMS  float64         `json:"took_ms"`
	BytesIn int64           `json:"bytes_in"`
	Request json.RawMessage `json:"request,omitempty"`
	Answer  json.RawMessage `json:"answer,omitempty"`
	Error   string          `json:"error,omitempty"`
	Fault   bool            `json:"fault"`
}

func viewEntry(e Entry) journalEntry {
	return journalEntry{
		Seq: e.Seq, AtUTCms: e.At.UnixMilli(), Device: e.Device, Class: e.Class, Method: e.Method, Path: e.Path,
		Done: e.Done, Status: e.Status, TookMS: float64(e.Took) / float64(time.Millisecond), BytesIn: e.BytesIn,
		Request: asJSON(e.Request), Answer: asJSON(e.Answer), Error: e.Err, Fault: e.Fault != nil,
	}
}

// asJSON is a body that is JSON as it is, any other as a string of it.
func asJSON(body []byte) json.RawMessage {
	if len(body) == 0 || json.Valid(body) {
		return body
	}
	text, err := json.Marshal(string(body))
	if err != nil {
		panic("fakecloud: strings always marshal: " + err.Error())
	}
	return text
}

// journal answers GET /admin/journal?device=&after=&limit=: entries with a
// higher seq than after, those under way included.
func (a *admin) journal() answer {
	after, err := count(a.r, "after", 0)
	limit, err2 := count(a.r, "limit", maxJournalPage)
	if err == nil {
		err = err2
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "%v", err)
	}
	device := a.r.URL.Query().Get("device")
	list := struct {
		Entries []journalEntry `json:"entries"`
	}{[]journalEntry{}}
	for _, e := range a.c.Journal() {
		if e.Seq > after && (device == "" || e.Device == device) && len(list.Entries) < min(limit, maxJournalPage) {
			list.Entries = append(list.Entries, viewEntry(e))
		}
	}
	return jsonAnswer(http.StatusOK, list)
}

// streamJournal answers GET /admin/journal/stream?device=&after=&limit= with
// server-sent events: each entry once, as soon as it is done. The id of an
// event is the entry's seq. It ends after limit entries, else with the client.
func (c *Cloud) streamJournal(w http.ResponseWriter, r *http.Request) {
	if !c.enter() {
		panic(http.ErrAbortHandler)
	}
	defer c.working.Done()
	after, err := count(r, "after", 0)
	limit, err2 := count(r, "limit", 0)
	if err == nil {
		err = err2
	}
	if err != nil {
		write(w, refuse(http.StatusBadRequest, "bad_request", "%v", err))
		return
	}
	device := r.URL.Query().Get("device")
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	_ = out.Flush() // an error here shows at the first write, too
	sent := 0
	for e := range c.Follow(r.Context()) {
		if e.Seq <= after || device != "" && e.Device != device {
			continue
		}
		b, err := json.Marshal(viewEntry(e))
		if err != nil {
			panic("fakecloud: own types always marshal: " + err.Error())
		}
		if _, err := fmt.Fprintf(w, "id: %d\nevent: request\ndata: %s\n\n", e.Seq, b); err != nil || out.Flush() != nil {
			return
		}
		if sent++; sent == limit {
			return
		}
	}
}
