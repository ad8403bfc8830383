package fakecloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// PlanGrace is how long after the end of a plan the cloud still grants what
	// belongs to the time before it (ruling 3 of the binding).
	PlanGrace = 60 * time.Second
	// PlanGraceLate is how far such a segment may reach beyond the plan's end: a
	// device learns of the end by its long poll, after the fact.
	PlanGraceLate = 2 * time.Second
	// MaxObjectSize bounds one object; ROB-024 pushes single frames of 8 MB.
	MaxObjectSize = 64 << 20
)

// grantRequest is the body of POST …/uploads. What must be there is a pointer,
// so that a missing member is told from a zero.
type grantRequest struct {
	Kind        string  `json:"kind"`
	Size        *int64  `json:"size"`
	ContentType string  `json:"content_type"`
	StartUTCms  *int64  `json:"start_utc_ms"`
	EndUTCms    *int64  `json:"end_utc_ms"`
	FirstPTSms  *uint64 `json:"first_pts_ms"`
	LastPTSms   *uint64 `json:"last_pts_ms"`
	FirstSeq    *uint32 `json:"first_seq"`
	LastSeq     *uint32 `json:"last_seq"`
	Recording   string  `json:"recording"`
	EventID     *int32  `json:"event_id"`
	EventUTCs   *int64  `json:"event_utc_s"`
	Direct      bool    `json:"direct"`
	ReportID    string  `json:"report_id"`
}

type grantAnswer struct {
	UploadID     string            `json:"upload_id"`
	Method       string            `json:"method"`
	URL          string            `json:"url"`
	Headers      map[string]string `json:"headers"`
	ExpiresUTCms int64             `json:"expires_utc_ms"`
	ExpiresInMS  int64             `json:"expires_in_ms"`
	Stored       bool              `json:"stored"`
}

// check names the first thing that is wrong with the request.
func (g *grantRequest) check() error {
	missing := func(name string, there bool) error {
		if there {
			return nil
		}
		return fmt.Errorf("%s is missing in a grant request for a %s", name, g.Kind)
	}
	checks := []error{
		missing("size", g.Size != nil),
		missing("content_type", g.ContentType != ""),
	}
	switch g.Kind {
	case kindSegment:
		checks = append(checks,
			missing("start_utc_ms", g.StartUTCms != nil), missing("end_utc_ms", g.EndUTCms != nil),
			missing("first_pts_ms", g.FirstPTSms != nil), missing("last_pts_ms", g.LastPTSms != nil),
			missing("first_seq", g.FirstSeq != nil), missing("last_seq", g.LastSeq != nil),
			missing("recording", g.Recording != ""))
	case kindPicture:
		checks = append(checks, missing("event_id", g.EventID != nil), missing("event_utc_s", g.EventUTCs != nil))
	default:
		return fmt.Errorf("kind %q: must be %q or %q", g.Kind, kindSegment, kindPicture)
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	switch {
	case *g.Size < 1 || *g.Size > MaxObjectSize:
		return fmt.Errorf("size %d: must be 1 to %d bytes", *g.Size, MaxObjectSize)
	case len(g.Recording) > 128 || len(g.ReportID) > 128:
		return fmt.Errorf("recording and report_id must not exceed 128 bytes")
	case g.Kind == kindSegment && *g.EndUTCms < *g.StartUTCms:
		return fmt.Errorf("end_utc_ms %d lies before start_utc_ms %d", *g.EndUTCms, *g.StartUTCms)
	}
	return nil
}

// grant answers POST …/uploads.
func (x *exchange) grant() answer {
	var g grantRequest
	if err := json.Unmarshal(x.body, &g); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "the body is no grant request: %v", err)
	}
	if err := g.check(); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "%v", err)
	}
	d := x.device
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.refresh()
	u := d.known(&g)
	if (u == nil || u.State != UploadStored) && !d.serves(&g) {
		return refuse(http.StatusForbidden, "no_service", "%s has no plan for this %s", d.id(), g.Kind)
	}
	if u == nil {
		u = d.open(&g)
	}
	return d.give(u, &g, x.r.Host)
}

// known returns the upload that was granted to the same request before; c.mu is
// held. A picture is known by its report only: two direct reports of one event
// may fall into one second.
func (d *Device) known(g *grantRequest) *upload {
	if g.Kind == kindSegment && d.c.lies(LieGrantTwice) && len(d.uploads) > 0 {
		return d.uploads[0]
	}
	if g.Kind == kindSegment {
		return d.bySegment[g.segmentKey()]
	}
	return d.byPicture[g.ReportID]
}

func (g *grantRequest) segmentKey() segmentKey {
	return segmentKey{recording: g.Recording, firstSeq: *g.FirstSeq, start: *g.StartUTCms}
}

// serves tells whether there is a plan for what is asked; c.mu is held.
func (d *Device) serves(g *grantRequest) bool {
	if d.plan.Type != PlanNone || g.Kind == kindPicture && g.Direct {
		return true
	}
	if d.serviceEnd.IsZero() || d.c.clock.Mono()-d.serviceMono > PlanGrace {
		return false
	}
	var end time.Time
	if g.Kind == kindSegment {
		end = time.UnixMilli(*g.EndUTCms)
	} else {
		end = time.Unix(*g.EventUTCs, 0)
	}
	return !end.After(d.serviceEnd.Add(PlanGraceLate))
}

// open makes a new upload; c.mu is held.
func (d *Device) open(g *grantRequest) *upload {
	d.c.serial++
	u := &upload{device: d, serial: d.c.serial}
	u.ID, u.Kind, u.State = fmt.Sprintf("%s-%06d", g.Kind, d.c.serial), g.Kind, UploadGranted
	suffix := ".ts"
	if g.Kind == kindPicture {
		suffix = ".jpg"
	}
	u.key = d.id() + "/" + g.Kind + "s/" + u.ID + suffix
	u.describe(g)
	d.enlist(u)
	return u
}

// enlist makes a grant known by all its names; c.mu is held.
func (d *Device) enlist(u *upload) {
	switch {
	case u.Segment != nil:
		d.bySegment[u.segmentKey()] = u
	case u.Picture != nil && u.Picture.ReportID != "":
		d.byPicture[u.Picture.ReportID] = u
	}
	d.uploads = append(d.uploads, u)
	d.byID[u.ID] = u
	d.c.uploads[u.key] = u
}

// delist is the inverse of enlist but for d.uploads; c.mu is held.
func (d *Device) delist(u *upload) {
	switch {
	case u.Segment != nil:
		delete(d.bySegment, u.segmentKey())
	case u.Picture != nil && u.Picture.ReportID != "":
		delete(d.byPicture, u.Picture.ReportID)
	}
	delete(d.byID, u.ID)
	delete(d.c.uploads, u.key)
}

func (u *upload) segmentKey() segmentKey {
	return segmentKey{recording: u.Segment.Recording, firstSeq: u.Segment.FirstSeq, start: u.Segment.Start.UnixMilli()}
}

// give makes a URL for u. An upload not yet stored takes over what the request
// says now: a device may have cut the segment anew. c.mu is held.
func (d *Device) give(u *upload, g *grantRequest, host string) answer {
	now := d.c.clock.Now()
	life := max(d.grantLifetime.Truncate(time.Second), time.Second)
	u.Grants++
	if u.State != UploadStored {
		u.describe(g)
		u.At, u.Expires = now, now.Truncate(time.Second).Add(life)
	}
	u.save()
	link, headers := d.c.store.grant(d.c.storageHost(host), u.key, u.contentType, u.Size, life)
	d.c.notify()
	return jsonAnswer(http.StatusCreated, grantAnswer{
		UploadID: u.ID, Method: http.MethodPut, URL: link, Headers: headers,
		ExpiresUTCms: u.Expires.UnixMilli(), ExpiresInMS: max(0, u.Expires.Sub(now).Milliseconds()),
		Stored: u.State == UploadStored,
	})
}

func (u *upload) describe(g *grantRequest) {
	u.Size, u.contentType = *g.Size, g.ContentType
	switch u.Kind {
	case kindSegment:
		u.Segment = &SegmentInfo{
			Recording: g.Recording,
			Start:     time.UnixMilli(*g.StartUTCms).UTC(), End: time.UnixMilli(*g.EndUTCms).UTC(),
			FirstPTS: *g.FirstPTSms, LastPTS: *g.LastPTSms, FirstSeq: *g.FirstSeq, LastSeq: *g.LastSeq,
		}
	case kindPicture:
		u.Picture = &PictureInfo{
			EventID: *g.EventID, EventTime: time.Unix(*g.EventUTCs, 0).UTC(), Direct: g.Direct, ReportID: g.ReportID,
		}
	}
}
