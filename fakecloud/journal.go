package fakecloud

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"time"
)

// Class says what a request asks for. Faults are set by class.
type Class string

const (
	ClassTime         Class = "time"          // GET /v1/time
	ClassPlan         Class = "plan"          // GET …/plan, with or without long poll
	ClassGrantSegment Class = "grant-segment" // POST …/uploads, kind segment
	ClassGrantPicture Class = "grant-picture" // POST …/uploads, kind picture
	ClassSegmentPUT   Class = "segment-put"   // PUT of a segment to the storage plane
	ClassPicturePUT   Class = "picture-put"   // PUT of a picture to the storage plane
	ClassEvent        Class = "event"         // POST …/events

	ClassViewer Class = "viewer" // what a viewer asks for: lists, playlist, stored objects
	ClassOther  Class = "other"  // no request of the binding
)

// DeviceClasses are the classes of what devices ask for.
var DeviceClasses = []Class{ClassTime, ClassPlan, ClassGrantSegment, ClassGrantPicture, ClassSegmentPUT, ClassPicturePUT, ClassEvent}

// Entry is one request that has reached the cloud, and its answer.
type Entry struct {
	Seq     int           // order of arrival in the whole cloud, from 1
	At      time.Time     // arrival, cloud clock
	Mono    time.Duration // arrival, CLOCK_MONOTONIC of the machine
	Device  string        // product/name by path; empty for time, viewers and unknown devices
	Class   Class
	Method  string
	Path    string // the request-target, with its query
	Header  http.Header
	Request []byte // JSON body; never media

	Done    bool          // answered, or cut
	Took    time.Duration // cloud clock (monotonic) from arrival to Done
	Status  int           // 0: no answer was given
	Reply   http.Header
	Answer  []byte // body of the answer; never media
	BytesIn int64  // bytes of the request's body that have arrived
	Err     string // why it was refused, or how it ended without an answer
	Fault   *Fault // the fault it met, if any
}

// record opens an entry for r.
func (c *Cloud) record(r *http.Request, class Class, device string) *Entry {
	e := &Entry{
		At: c.clock.Now(), Mono: machineMono(), Device: device, Class: class,
		Method: r.Method, Path: r.RequestURI, Header: r.Header.Clone(),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lies(LieForgetRequest) && class == ClassSegmentPUT {
		return e
	}
	c.begun++
	e.Seq = c.begun
	c.journal = append(c.journal, e)
	c.trimJournal()
	c.notify()
	return e
}

// trimJournal forgets the oldest entries beyond the limit, a tenth of it at once;
// c.mu is held.
func (c *Cloud) trimJournal() {
	limit := c.settings.journalLimit
	if limit == 0 || len(c.journal) <= limit+limit/10 {
		return
	}
	c.journal = slices.Clone(c.journal[len(c.journal)-limit:])
	c.finished = slices.Clone(c.finished[max(0, len(c.finished)-limit):])
}

// Journal returns every request to the cloud in the order of arrival.
func (c *Cloud) Journal() []Entry {
	return locked(c, func() []Entry {
		all := make([]Entry, len(c.journal))
		for i, e := range c.journal {
			all[i] = *e
		}
		return all
	})
}

// Journal returns this device's requests in the order of arrival, those under
// way included.
func (d *Device) Journal() []Entry {
	return locked(d.c, func() []Entry {
		var own []Entry
		for _, e := range d.c.journal {
			if e.Device == d.id() {
				own = append(own, *e)
			}
		}
		return own
	})
}

// Follow yields every entry once, when it is done, in the order in which they
// were done and beginning with the first. It ends when ctx is done, or after the
// last entry of a closed cloud. It never loses an entry, but for those beyond
// WithJournalLimit, and holds no lock while
// the caller looks at one.
func (c *Cloud) Follow(ctx context.Context) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for next := 0; ; {
			c.mu.Lock()
			batch := c.answered(next)
			next = c.over
			changed, over := c.watch(), c.closed && c.over == c.begun
			c.mu.Unlock()
			for _, e := range batch {
				if ctx.Err() != nil || !yield(e) {
					return
				}
			}
			if over {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Answered returns the entries that were done since an earlier call, which gave
// next, in the order in which they were done. A negative next asks for the last
// -next of them; 0 for all there are.
func (c *Cloud) Answered(next int) ([]Entry, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if next < 0 {
		next = max(0, c.over+next)
	}
	return c.answered(next), c.over
}

// answered returns the entries from the next-th done on, without those that the
// journal has forgotten; c.mu is held.
func (c *Cloud) answered(next int) []Entry {
	forgotten := c.over - len(c.finished)
	var batch []Entry
	for _, e := range c.finished[max(0, next-forgotten):] {
		batch = append(batch, *e)
	}
	return batch
}

// lastSeen sums the journal up for the error of a wait that failed.
func (c *Cloud) lastSeen() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.journal) == 0 {
		return "no request has reached the cloud; is the device given its endpoint?"
	}
	e := c.journal[len(c.journal)-1]
	state := "under way"
	if e.Done {
		state = fmt.Sprintf("answered %d", e.Status)
	}
	if e.Err != "" {
		state += ", " + e.Err
	}
	return fmt.Sprintf("%d requests so far, the last: %s %s, %s", c.begun, e.Method, e.Path, state)
}
