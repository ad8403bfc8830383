package page

import (
	"fmt"
	"time"

	"github.com/ivcs/conform/fakecloud"
)

// A bar lies on the time line from X on, both in percent of its width.
type bar struct {
	X, W  float64
	Title string
	Mark  string  // class: recorded, gap, hidden, event, finding
	Link  address // of an event: its window
	From  int64   // ms: where playing begins; of an event
}

// tick is a line of the scale.
type tick struct {
	X     float64
	Label string
}

// timeline is what the SVG shows.
type timeline struct {
	From, To                         time.Time
	Events, Recorded, Hidden         []bar
	Ticks                            []tick
	Day, Fit, In, Out, Before, After address
}

const (
	moment = "2006-01-02 15:04:05"
	// minBar is the width in percent below which neighbours are drawn as one.
	minBar = 0.1
	// smallestWindow bounds zooming in, largestWindow zooming out.
	smallestWindow, largestWindow = 2 * time.Second, 7 * 24 * time.Hour
)

// x is where t lies, in percent.
func (l *timeline) x(t time.Time) float64 {
	return 100 * float64(t.Sub(l.From)) / float64(l.To.Sub(l.From))
}

// place cuts [from, to) to the window; false if nothing of it is within.
func (l *timeline) place(from, to time.Time, mark, title string) (bar, bool) {
	a, b := max(0, l.x(from)), min(100, l.x(to))
	return bar{X: a, W: max(0, b-a), Title: title, Mark: mark}, a <= 100 && b >= 0
}

// timeline draws the window of the address.
func (p *page) timeline(a address, d *fakecloud.Device, events []fakecloud.Event, bad map[string]int) timeline {
	l := timeline{From: a.from, To: a.to}
	width := a.to.Sub(a.from)
	center := a.from.Add(width / 2)
	window := func(w time.Duration) address {
		w = min(max(w, smallestWindow), largestWindow)
		return a.At(center.Add(-w/2), center.Add(w/2))
	}
	l.In, l.Out = window(width/4), window(width*4)
	l.Before, l.After = a.At(a.from.Add(-width/2), a.to.Add(-width/2)), a.At(a.from.Add(width/2), a.to.Add(width/2))
	day := center.Truncate(24 * time.Hour)
	l.Day = a.At(day, day.Add(24*time.Hour))
	l.Fit = l.Day
	spans := d.Timeline(day, day.Add(24*time.Hour))
	if len(spans) > 0 {
		first, last := spans[0].From, spans[len(spans)-1].To
		margin := last.Sub(first)/20 + time.Second
		l.Fit = a.At(first.Add(-margin), last.Add(margin))
	}
	l.record(d.Timeline(a.from, a.to), bad, a)
	for _, o := range d.Overwrites() {
		title := fmt.Sprintf("%s: %s ◀ %s", a.T("overwritten"), o.Hidden, o.By)
		if b, ok := l.place(o.From, o.To, "hidden", title); ok {
			l.Hidden = append(l.Hidden, b)
		}
	}
	for _, e := range events {
		end := lastOf(e)
		b, ok := l.place(e.Start, end, "event", fmt.Sprintf("%s %d, %s", a.T("event"), e.EventID, e.Start.Format(moment)))
		if ok {
			b.Link, b.From = a.At(around(e)), e.Start.UnixMilli()
			l.Events = append(l.Events, b)
		}
	}
	l.scale()
	return l
}

// record draws what shows and the gaps between. Neighbours that the eye could
// not part are one bar.
func (l *timeline) record(spans []fakecloud.Span, bad map[string]int, a address) {
	for i, s := range spans {
		mark, title := "recorded", fmt.Sprintf("%s – %s UTC", s.From.Format(moment), s.To.Format("15:04:05"))
		if n := bad[s.UploadID]; n > 0 {
			mark, title = "finding", fmt.Sprintf("%s, %d %s", title, n, a.T("verdict"))
		}
		b, ok := l.place(s.From, s.To, mark, title)
		if !ok {
			continue
		}
		if i > 0 && s.From.After(spans[i-1].To) {
			pause := s.From.Sub(spans[i-1].To)
			gap, _ := l.place(spans[i-1].To, s.From, "gap", fmt.Sprintf("%s: %v", a.T("gap"), pause))
			if gap.W >= minBar {
				l.Recorded = append(l.Recorded, gap)
			}
		}
		if n := len(l.Recorded); n > 0 {
			last := &l.Recorded[n-1]
			if last.Mark == mark && b.X-(last.X+last.W) < minBar && (b.W < minBar || last.W < minBar) {
				last.W = b.X + b.W - last.X
				continue
			}
		}
		l.Recorded = append(l.Recorded, b)
	}
}

// steps are the distances between the lines of a scale.
var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// scale chooses about six lines.
func (l *timeline) scale() {
	step := steps[len(steps)-1]
	for _, s := range steps {
		if l.To.Sub(l.From)/s <= 7 {
			step = s
			break
		}
	}
	format := "15:04"
	if step < time.Minute {
		format = "15:04:05"
	} else if step >= 24*time.Hour {
		format = "01-02"
	}
	for t := l.From.Truncate(step); !t.After(l.To); t = t.Add(step) {
		if x := l.x(t); x >= 0 && x <= 97 {
			l.Ticks = append(l.Ticks, tick{x, t.Format(format)})
		}
	}
}
