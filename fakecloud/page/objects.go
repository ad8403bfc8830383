package page

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// picture serves a stored picture. What is no picture is a download: a device
// must not bring its own pages along.
func (p *page) picture(w http.ResponseWriter, r *http.Request) {
	d := p.c.Device(r.PathValue("product"), r.PathValue("device"))
	if d == nil {
		http.NotFound(w, r)
		return
	}
	body, err := d.Object(r.PathValue("upload"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	kind := http.DetectContentType(body)
	if !strings.HasPrefix(kind, "image/") {
		kind = "application/octet-stream"
		w.Header().Set("Content-Disposition", "attachment")
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	_, _ = w.Write(body) // who has hung up wants no answer
}

// recording serves what shows between from and to (ms) as one transport stream:
// the segments, whole, one after the other.
func (p *page) recording(w http.ResponseWriter, r *http.Request) {
	d := p.c.Device(r.PathValue("product"), r.PathValue("device"))
	if d == nil {
		http.NotFound(w, r)
		return
	}
	var bound [2]time.Time
	for i, name := range []string{"from", "to"} {
		ms, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
		if err != nil {
			http.Error(w, name+": must be a whole number of milliseconds", http.StatusBadRequest)
			return
		}
		bound[i] = time.UnixMilli(ms)
	}
	w.Header().Set("Content-Type", "video/mp2t")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", r.PathValue("device")+bound[0].UTC().Format("-20060102-150405")+".ts"))
	given := make(map[string]bool)
	for _, s := range d.Timeline(bound[0], bound[1]) {
		if given[s.UploadID] {
			continue
		}
		given[s.UploadID] = true
		body, err := d.Object(s.UploadID)
		if err != nil {
			continue // gone from the store, as from the playlist
		}
		if _, err := w.Write(body); err != nil {
			return
		}
	}
}
