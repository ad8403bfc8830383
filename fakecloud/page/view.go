package page

import (
	"net/http"
	"time"

	"github.com/ivcs/conform/fakecloud"
)

// view is what the page shows.
type view struct {
	address
	Endpoint string
	Operator bool // may switch, and see the journal
	Wrong    slip
	Devices  []deviceRow
	Known    bool // there is a device, so all below means something
	ID       string
	Line     timeline
	Events   []eventRow
	Segments []segmentRow
	Newest   int64 // ms: start of the newest minute that is recorded; 0: nothing is
	H265     bool
	Ready    []readyRow
	Force    []faultRow
}

func (p *page) view(r *http.Request, wrong slip) view {
	a := readAddress(r)
	v := view{Endpoint: p.c.Endpoint(), Operator: p.c.Trusts(r), Wrong: wrong}
	d := p.chosen(a)
	if d == nil {
		v.address, v.Devices = a, p.devices(a)
		return v
	}
	a.device = d.ID()
	v.address, v.Known, v.ID = a, true, d.ID() // the links keep to what was asked for: a day that is today stays that
	v.Devices = p.devices(a)
	segments := d.Segments()
	var newest fakecloud.Segment
	for _, s := range segments {
		if newest.End.Before(s.End) {
			newest = s
		}
	}
	if newest.UploadID != "" {
		v.Newest = newest.End.Add(-time.Minute).UnixMilli()
		v.H265 = p.kinds.of(d, newest.UploadID) == streamH265
	}
	if a.from.IsZero() {
		day := newest.Start
		if day.IsZero() {
			day = p.c.Clock().Now()
		}
		a.from = day.UTC().Truncate(24 * time.Hour)
		a.to = a.from.Add(24 * time.Hour)
	}
	found := p.findingsOf(d.ID())
	events := within(d.Events(), a.from, a.to)
	v.Line = p.timeline(a, d, events, hard(found))
	v.Events = eventRows(a, d, events)
	v.Segments = segmentRows(a, d, found)
	v.Ready, v.Force = p.faults(a)
	return v
}
