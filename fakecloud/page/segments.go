package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ivcs/conform/fakecloud"
)

// maxSegments bounds the list of segments.
const maxSegments = 50

// segmentRow is a stored segment, the newest first.
type segmentRow struct {
	UploadID, Start, Day, Length, Size string // Day is Start with its day
	From                               int64  // ms: where playing begins
	Inspected                          bool
	Findings                           []fakecloud.Finding
}

// findingsOf are a device's findings by upload.
func (p *page) findingsOf(device string) map[string][]fakecloud.Finding {
	found := make(map[string][]fakecloud.Finding)
	for _, f := range p.c.Findings() {
		if f.Device == device {
			f.Text = strings.TrimPrefix(f.Text, f.Code+": ") // tscheck says it twice
			found[f.UploadID] = append(found[f.UploadID], f)
		}
	}
	return found
}

// hard counts the findings on which a MUST rests.
func hard(found map[string][]fakecloud.Finding) map[string]int {
	bad := make(map[string]int)
	for id, list := range found {
		for _, f := range list {
			if !f.Soft {
				bad[id]++
			}
		}
	}
	return bad
}

func segmentRows(a address, d *fakecloud.Device, found map[string][]fakecloud.Finding) []segmentRow {
	inspected := make(map[string]bool)
	for _, u := range d.Uploads() {
		inspected[u.ID] = u.Inspected
	}
	format := "15:04:05"
	if a.to.Sub(a.from) > 24*time.Hour {
		format = moment
	}
	var rows []segmentRow
	for _, s := range slices.Backward(d.Segments()) {
		if !s.Start.Before(a.to) || !s.End.After(a.from) {
			continue
		}
		rows = append(rows, segmentRow{
			UploadID: s.UploadID, Start: s.Start.UTC().Format(format), Day: s.Start.UTC().Format(moment), From: s.Start.UnixMilli(),
			Length: fmt.Sprintf("%.2f s", s.End.Sub(s.Start).Seconds()), Size: fmt.Sprintf("%.0f kB", float64(s.Size)/1000),
			Inspected: inspected[s.UploadID], Findings: found[s.UploadID],
		})
		if len(rows) == maxSegments {
			break
		}
	}
	return rows
}
