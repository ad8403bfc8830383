package fakecloud

import (
	"slices"
	"time"
)

// Span is a stretch of the time line and the segment that shows there.
type Span struct {
	From, To            time.Time // [From, To)
	UploadID, Recording string
}

// Overwrite records that a segment stored later has hidden a stretch of one
// stored before (note 15).
type Overwrite struct {
	From, To time.Time
	Hidden   string // upload id that showed there until then
	By       string // upload id that shows there now
	At       time.Time
}

// Timeline returns what shows between from and to, in order of time and clipped
// to that range. A zero time leaves that side open.
func (d *Device) Timeline(from, to time.Time) []Span {
	return locked(d.c, func() []Span {
		var seen []Span
		for _, s := range d.spans {
			if !from.IsZero() && s.From.Before(from) {
				s.From = from.UTC()
			}
			if !to.IsZero() && s.To.After(to) {
				s.To = to.UTC()
			}
			if s.From.Before(s.To) {
				seen = append(seen, s)
			}
		}
		return seen
	})
}

// cover lays s over the time line: what it overlaps is hidden from now on. The
// spans stay sorted and free of overlap. c.mu is held.
func (d *Device) cover(s Span, at time.Time) {
	if !s.From.Before(s.To) {
		return // covers nothing
	}
	first, _ := slices.BinarySearchFunc(d.spans, s.From, func(o Span, t time.Time) int {
		if o.To.After(t) {
			return 1
		}
		return -1
	})
	var left []Span // what takes the place of the spans that s touches
	last := first
	var after []Span
	for ; last < len(d.spans) && d.spans[last].From.Before(s.To); last++ {
		o := d.spans[last]
		hidden := Overwrite{From: o.From, To: o.To, Hidden: o.UploadID, By: s.UploadID, At: at}
		if o.From.Before(s.From) {
			rest := o
			rest.To, hidden.From = s.From, s.From
			left = append(left, rest)
		}
		if s.To.Before(o.To) {
			rest := o
			rest.From, hidden.To = s.To, s.To
			after = append(after, rest)
		}
		d.overwrites = append(d.overwrites, hidden)
	}
	d.spans = slices.Replace(d.spans, first, last, append(append(left, s), after...)...)
}
