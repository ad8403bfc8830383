package fakecloud

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

// linkLifetime is how long a link to a stored object may be used by a viewer.
const linkLifetime = time.Hour

type viewedSegment struct {
	UploadID    string `json:"upload_id"`
	Recording   string `json:"recording"`
	StartUTCms  int64  `json:"start_utc_ms"`
	EndUTCms    int64  `json:"end_utc_ms"`
	FirstPTSms  uint64 `json:"first_pts_ms"`
	LastPTSms   uint64 `json:"last_pts_ms"`
	FirstSeq    uint32 `json:"first_seq"`
	LastSeq     uint32 `json:"last_seq"`
	Size        int64  `json:"size"`
	StoredUTCms int64  `json:"stored_utc_ms"`
	URL         string `json:"url"`
}

type viewedSpan struct {
	FromUTCms int64  `json:"from_utc_ms"`
	ToUTCms   int64  `json:"to_utc_ms"`
	UploadID  string `json:"upload_id"`
}

type viewedOverwrite struct {
	FromUTCms int64  `json:"from_utc_ms"`
	ToUTCms   int64  `json:"to_utc_ms"`
	Hidden    string `json:"hidden_upload_id"`
	By        string `json:"by_upload_id"`
	AtUTCms   int64  `json:"at_utc_ms"`
}

type viewedEvent struct {
	ReportID         string `json:"report_id"`
	EventID          int32  `json:"event_id"`
	Direct           bool   `json:"direct"`
	State            string `json:"state"`
	Complete         bool   `json:"complete"`
	StartUTCs        int64  `json:"start_utc_s"`
	EndUTCs          *int64 `json:"end_utc_s"`
	StreamStartUTCms int64  `json:"stream_start_utc_ms"`
	StreamEndUTCms   int64  `json:"stream_end_utc_ms"`
	AIType           int    `json:"ai_type"`
	PictureURL       string `json:"picture_url,omitempty"`
	PlaylistURL      string `json:"playlist_url"` // of its time range, or of a moment around its start
}

// viewed looks up the device of a viewer's path and the range it asks for.
func (x *exchange) viewed(from, to string, unit time.Duration) (d *Device, start, end time.Time, refused *answer) {
	d = x.c.Device(x.r.PathValue("product"), x.r.PathValue("device"))
	if d == nil {
		a := refuse(http.StatusNotFound, "not_found", "no device %s/%s is registered", x.r.PathValue("product"), x.r.PathValue("device"))
		return nil, start, end, &a
	}
	q := x.r.URL.Query()
	bound := func(name string) (t time.Time) {
		if q.Get(name) == "" {
			return t
		}
		n, err := strconv.ParseInt(q.Get(name), 10, 64)
		if err != nil {
			a := refuse(http.StatusBadRequest, "bad_request", "%s=%q: must be a whole number", name, q.Get(name))
			refused = &a
		}
		if unit == time.Second {
			return time.Unix(n, 0)
		}
		return time.UnixMilli(n)
	}
	start, end = bound(from), bound(to)
	return d, start, end, refused
}

// overlaps tells whether [a, b) and [from, to) share a moment; zero bounds are open.
func overlaps(a, b, from, to time.Time) bool {
	return (to.IsZero() || a.Before(to)) && (from.IsZero() || b.After(from))
}

// viewSegments answers GET …/segments?from=&to= (unix milliseconds): what is
// stored, what of it shows, and what was overwritten.
func (x *exchange) viewSegments() answer {
	d, from, to, refused := x.viewed("from", "to", time.Millisecond)
	if refused != nil {
		return *refused
	}
	view := struct {
		Segments   []viewedSegment   `json:"segments"`
		Timeline   []viewedSpan      `json:"timeline"`
		Overwrites []viewedOverwrite `json:"overwrites"`
	}{[]viewedSegment{}, []viewedSpan{}, []viewedOverwrite{}}
	for _, s := range d.Segments() {
		if overlaps(s.Start, s.End, from, to) {
			view.Segments = append(view.Segments, viewedSegment{
				UploadID: s.UploadID, Recording: s.Recording,
				StartUTCms: s.Start.UnixMilli(), EndUTCms: s.End.UnixMilli(),
				FirstPTSms: s.FirstPTS, LastPTSms: s.LastPTS, FirstSeq: s.FirstSeq, LastSeq: s.LastSeq,
				Size: s.Size, StoredUTCms: s.StoredAt.UnixMilli(), URL: x.link(d, s.UploadID),
			})
		}
	}
	for _, s := range d.Timeline(from, to) {
		view.Timeline = append(view.Timeline, viewedSpan{s.From.UnixMilli(), s.To.UnixMilli(), s.UploadID})
	}
	for _, o := range d.Overwrites() {
		if overlaps(o.From, o.To, from, to) {
			view.Overwrites = append(view.Overwrites, viewedOverwrite{o.From.UnixMilli(), o.To.UnixMilli(), o.Hidden, o.By, o.At.UnixMilli()})
		}
	}
	return jsonAnswer(http.StatusOK, view)
}

// viewEvents answers GET …/events?from=&to= (unix milliseconds). An event
// without an end reaches as far as its start.
func (x *exchange) viewEvents() answer {
	d, from, to, refused := x.viewed("from", "to", time.Millisecond)
	if refused != nil {
		return *refused
	}
	view := struct {
		Events []viewedEvent `json:"events"`
	}{[]viewedEvent{}}
	for _, e := range d.Events() {
		last := e.Start
		v := viewedEvent{
			ReportID: e.ReportID, EventID: e.EventID, Direct: e.Direct, State: e.State, Complete: e.Complete,
			StartUTCs: e.Start.Unix(), StreamStartUTCms: unixMilli(e.StreamStart), StreamEndUTCms: unixMilli(e.StreamEnd),
			AIType: e.AIType,
		}
		if !e.End.IsZero() {
			last = e.End
			s := e.End.Unix()
			v.EndUTCs = &s
		}
		v.PlaylistURL = fmt.Sprintf("%s://%s/play/%s/timeshift.m3u8?starttime_epoch=%d&endtime_epoch=%d",
			d.c.scheme, x.r.Host, d.id(), e.Start.Unix(), last.Unix()+1)
		if e.PictureUploadID != "" {
			v.PictureURL = x.link(d, e.PictureUploadID)
		}
		if overlaps(e.Start, last.Add(time.Second), from, to) {
			view.Events = append(view.Events, v)
		}
	}
	return jsonAnswer(http.StatusOK, view)
}

// unixMilli is the inverse of millis.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// link is a URL from which a viewer may read the object of an upload; empty if
// it is not stored. It leads to the viewer's own host, so that a browser needs
// no leave of another origin.
func (x *exchange) link(d *Device, id string) string {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	u := d.byID[id]
	if u == nil || u.State != UploadStored {
		return ""
	}
	if d.c.vault != nil {
		if _, err := os.Stat(d.c.objectFile(u.key)); err != nil {
			return "" // somebody has removed it
		}
	}
	return d.c.store.link(x.r.Host, u.key, linkLifetime)
}
