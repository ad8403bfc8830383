package fakecloud

import (
	"net/http"
	"slices"
	"time"
)

// armRetention sets the timer that forgets what is kept longest; c.mu is held.
func (c *Cloud) armRetention() {
	if c.settings.retention <= 0 || c.closed || c.retiring != nil {
		return
	}
	var oldest time.Time
	earliest := func(t time.Time) {
		if oldest.IsZero() || t.Before(oldest) {
			oldest = t
		}
	}
	for _, d := range c.devices {
		for _, s := range d.segments {
			earliest(s.StoredAt)
		}
		for _, p := range d.pictures {
			earliest(p.StoredAt)
		}
		for _, e := range d.events {
			earliest(e.ReceivedAt)
		}
	}
	if !oldest.IsZero() {
		c.retiring = c.clock.AfterFunc(oldest.Add(c.settings.retention).Sub(c.clock.Now()), c.retire)
	}
}

// retire forgets what was stored or reported longer ago than the retention: from
// lists, time line and playlist first, then from the store.
func (c *Cloud) retire() {
	if !c.enter() {
		return
	}
	defer c.working.Done()
	c.mu.Lock()
	until := c.clock.Now().Add(-c.settings.retention)
	var gone []string
	for _, d := range c.devices {
		gone = append(gone, d.forget(until)...)
	}
	c.retiring = nil
	c.armRetention()
	c.notify()
	c.mu.Unlock()
	if c.commit() != nil {
		return // the objects stay, as their records do
	}
	for _, key := range gone {
		c.objects.remove(key)
	}
}

// forget takes what is as old as until off the device and returns the keys of
// its objects; c.mu is held.
func (d *Device) forget(until time.Time) (keys []string) {
	old := func(t time.Time) bool { return !t.After(until) }
	dropped := make(map[string]bool)
	d.segments = slices.DeleteFunc(slices.Clone(d.segments), func(s Segment) bool {
		dropped[s.UploadID] = dropped[s.UploadID] || old(s.StoredAt)
		return old(s.StoredAt)
	})
	d.pictures = slices.DeleteFunc(slices.Clone(d.pictures), func(p Picture) bool {
		dropped[p.UploadID] = dropped[p.UploadID] || old(p.StoredAt)
		return old(p.StoredAt)
	})
	d.spans = slices.DeleteFunc(slices.Clone(d.spans), func(s Span) bool { return dropped[s.UploadID] })
	d.overwrites = slices.DeleteFunc(slices.Clone(d.overwrites), func(o Overwrite) bool { return dropped[o.By] || dropped[o.Hidden] })
	d.uploads = slices.DeleteFunc(slices.Clone(d.uploads), func(u *upload) bool {
		if dropped[u.ID] {
			keys = append(keys, u.key)
			d.delist(u)
			d.c.vault.save(bucketUploads, u.ID, nil)
		}
		return dropped[u.ID]
	})
	d.events = slices.DeleteFunc(slices.Clone(d.events), func(e *Event) bool {
		if old(e.ReceivedAt) {
			delete(d.byReport, e.ReportID)
			d.c.vault.save(bucketEvents, d.id()+"\x00"+e.ReportID, nil)
		}
		return old(e.ReceivedAt)
	})
	return keys
}

// remove deletes an object.
func (s *embeddedStore) remove(key string) {
	r, err := http.NewRequest(http.MethodDelete, objectPath(key), nil)
	if err != nil {
		panic("fakecloud: own keys make good paths: " + err.Error())
	}
	s.s3.ServeHTTP(&recorder{header: make(http.Header)}, r)
}
