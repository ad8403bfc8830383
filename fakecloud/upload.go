package fakecloud

import (
	"sync"
	"time"
)

// Kinds of object that a grant is given for.
const (
	kindSegment = "segment"
	kindPicture = "picture"
)

// UploadState is how far a grant has come.
type UploadState string

const (
	UploadGranted UploadState = "granted" // may be used
	UploadStored  UploadState = "stored"  // used: the object is complete
	UploadExpired UploadState = "expired" // its time is over and nothing was stored
)

// Upload is one grant and what became of it.
type Upload struct {
	ID       string
	Kind     string // "segment" or "picture"
	State    UploadState
	Size     int64 // as granted
	Received int64 // bytes of the PUT under way, or of the last one
	Puts     int   // PUTs begun with a good signature
	Grants   int   // how often it was asked for: 1, and once more for each repetition
	At       time.Time
	Expires  time.Time
	Segment  *SegmentInfo // of a segment
	Picture  *PictureInfo // of a picture
	// Inspected tells that the inspector has judged the segment, in this run.
	Inspected bool
}

// upload is an Upload with what the cloud needs to take the object.
type upload struct {
	Upload
	device      *Device
	key         string
	contentType string
	serial      int
	storedAt    time.Time
	storedOrder int        // in the whole cloud
	commit      sync.Mutex // held by the one PUT that stores; before c.mu
}

// Uploads returns every grant in the order of granting.
func (d *Device) Uploads() []Upload {
	return locked(d.c, func() []Upload {
		now := d.c.clock.Now()
		all := make([]Upload, len(d.uploads))
		for i, u := range d.uploads {
			all[i] = u.Upload
			if u.State == UploadGranted && !now.Before(u.Expires) {
				all[i].State = UploadExpired
			}
		}
		return all
	})
}

// segmentKey is what makes a segment's grant idempotent (ruling 4 of the binding).
type segmentKey struct {
	recording string
	firstSeq  uint32
	start     int64
}

// SegmentInfo is what a device says about a segment when it asks for the grant.
type SegmentInfo struct {
	Recording         string
	Start, End        time.Time
	FirstPTS, LastPTS uint64
	FirstSeq, LastSeq uint32
}

// PictureInfo is what a device says about a picture when it asks for the grant.
type PictureInfo struct {
	EventID   int32
	EventTime time.Time
	Direct    bool
	ReportID  string // empty if the device did not say
}

// Segment is a stored segment. Body is shared: read it only; nil with WithData.
type Segment struct {
	UploadID, Recording string
	Start, End          time.Time
	FirstPTS, LastPTS   uint64
	FirstSeq, LastSeq   uint32
	ContentType         string
	Size                int64
	StoredAt            time.Time
	StoredMono          time.Duration // CLOCK_MONOTONIC of the machine
	Body                []byte
}

// Picture is a stored picture. Body is shared: read it only.
type Picture struct {
	UploadID    string
	ReportID    string
	EventID     int32
	EventTime   time.Time
	Direct      bool
	ContentType string
	Size        int64
	StoredAt    time.Time
	StoredMono  time.Duration // CLOCK_MONOTONIC of the machine
	Body        []byte
}

// stored notes that the object of u is complete; c.mu is held.
func (u *upload) stored(body []byte) {
	c := u.device.c
	c.storedOrder++
	u.State, u.Received = UploadStored, int64(len(body))
	u.storedAt, u.storedOrder = c.clock.Now(), c.storedOrder
	if c.vault != nil {
		body = nil // it lies on the disk; memory is not the place for weeks of video
	}
	u.list(body, machineMono())
	u.save()
	c.armRetention()
	c.notify()
}

// list puts a stored object on the device's lists; c.mu is held.
func (u *upload) list(body []byte, mono time.Duration) {
	d, now := u.device, u.storedAt
	switch u.Kind {
	case kindSegment:
		i := u.Segment
		d.segments = append(d.segments, Segment{
			UploadID: u.ID, Recording: i.Recording, Start: i.Start, End: i.End,
			FirstPTS: i.FirstPTS, LastPTS: i.LastPTS, FirstSeq: i.FirstSeq, LastSeq: i.LastSeq,
			ContentType: u.contentType, Size: u.Size, StoredAt: now, StoredMono: mono, Body: body,
		})
		d.cover(Span{From: i.Start, To: i.End, UploadID: u.ID, Recording: i.Recording}, now)
	case kindPicture:
		i := u.Picture
		d.pictures = append(d.pictures, Picture{
			UploadID: u.ID, ReportID: i.ReportID, EventID: i.EventID, EventTime: i.EventTime, Direct: i.Direct,
			ContentType: u.contentType, Size: u.Size, StoredAt: now, StoredMono: mono, Body: body,
		})
	}
}
