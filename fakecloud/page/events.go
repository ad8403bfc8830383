package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/ivcs/conform/fakecloud"
)

// maxEvents bounds the list of events.
const maxEvents = 100

// eventRow is an event in the list, the newest first.
type eventRow struct {
	Link                      address // its window
	From                      int64   // ms: where playing begins
	ID                        int32
	AIType                    int
	Start, Length             string // Length is empty while it is under way
	Direct, Running, Complete bool
	Picture                   string // path below /page/picture/; empty: none
}

// lastOf is the end of an event, or its start while it has none, with the last
// of its whole seconds in it.
func lastOf(e fakecloud.Event) time.Time {
	if e.End.IsZero() {
		return e.Start.Add(time.Second)
	}
	return e.End.Add(time.Second)
}

// around is a window that shows an event with something before and after it.
func around(e fakecloud.Event) (from, to time.Time) {
	margin := max(10*time.Second, lastOf(e).Sub(e.Start)/2)
	return e.Start.Add(-margin), lastOf(e).Add(margin)
}

// within selects the events of which something lies in the window.
func within(events []fakecloud.Event, from, to time.Time) []fakecloud.Event {
	return slices.DeleteFunc(events, func(e fakecloud.Event) bool { return !e.Start.Before(to) || !lastOf(e).After(from) })
}

func eventRows(a address, d *fakecloud.Device, events []fakecloud.Event) []eventRow {
	stored := make(map[string]bool)
	for _, p := range d.Pictures() {
		stored[p.UploadID] = true
	}
	var rows []eventRow
	for _, e := range slices.Backward(events) {
		row := eventRow{
			Link: a.At(around(e)), From: e.Start.UnixMilli(), ID: e.EventID, AIType: e.AIType, Start: e.Start.Format(moment),
			Direct: e.Direct, Running: e.State == fakecloud.EventStarted, Complete: e.Complete,
		}
		if !e.End.IsZero() && !e.Direct {
			row.Length = fmt.Sprintf("%.0f s", e.End.Sub(e.Start).Seconds())
		}
		if stored[e.PictureUploadID] {
			row.Picture = d.ID() + "/" + e.PictureUploadID
		}
		if rows = append(rows, row); len(rows) == maxEvents {
			break
		}
	}
	return rows
}
