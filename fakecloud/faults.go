package fakecloud

import (
	"slices"
	"time"

	"github.com/ivcs/conform/clock"
)

// Fault is how the cloud misbehaves towards one class of requests. Its zero
// value is an honest cloud. Fields may be combined; they act in the order in
// which they stand here. A fault acts on requests that are authentic; one with a
// bad signature is refused as ever and does not count. A person writes the same
// in YAML (ParseScript, docs/faults.md).
type Fault struct {
	// From lets so much time pass first, on the cloud's clock, since it was set;
	// For then ends it, 0 means never. Requests outside do not count.
	From, For time.Duration

	// Skip lets so many requests pass first; Times then strikes so many,
	// 0 means all.
	Skip, Times int

	// Bandwidth takes the request's body at so many bytes per second of the
	// cloud's clock.
	Bandwidth int64
	// ResetAfter cuts the connection after so many bytes: those of the request's
	// body count first, then those of the answer's. -1 cuts it at once. A cut
	// in the request means that nothing was done.
	ResetAfter int64
	// TakePercent is ResetAfter in percent of the request's body (1 to 100), at
	// least one byte of it; a request without a body is cut at once.
	TakePercent int
	// Hang takes the request and never answers: until the fault is cleared (the
	// connection is then cut), the device gives up, or the cloud is closed.
	// Nothing is done.
	Hang bool
	// Status answers this status instead of doing the work.
	Status int
	// Body answers this text instead of the proper one, and without doing the
	// work: with Status, or with 200.
	Body string
	// RetryAfter adds the header, in whole seconds rounded up.
	RetryAfter time.Duration
	// Truncate keeps so many bytes of an object (-1: none) and answers 200
	// with the ETag of what was kept. Such an object does not count as stored.
	Truncate int64
	// KeepPercent is Truncate in percent of the object (1 to 99).
	KeepPercent int
	// Delay does the work and answers so much later, on the cloud's clock.
	Delay time.Duration
	// LoseReply does the work and cuts the connection instead of answering.
	LoseReply bool
}

// of is the fault as it acts on a request with a body of so many bytes.
func (f Fault) of(size int64) Fault {
	if f.TakePercent > 0 {
		f.ResetAfter = max(1, size*int64(f.TakePercent)/100)
		if size <= 0 {
			f.ResetAfter = -1
		}
	}
	if f.KeepPercent > 0 {
		if f.Truncate = size * int64(f.KeepPercent) / 100; f.Truncate == 0 {
			f.Truncate = -1
		}
	}
	return f
}

// Faults are the faults in force, by class. Of several that a request meets the
// one set first acts.
type Faults struct {
	c      *Cloud
	of     string                   // product/name of the device that they are for; "": all
	active map[Class][]*activeFault // guarded by c.mu
}

type activeFault struct {
	fault   Fault
	since   time.Duration // when it was set, on the cloud's monotonic clock
	seen    int           // requests of the class since it was set
	struck  int           // of these met it
	cleared chan struct{} // closed by Clear and after For: releases what hangs, waits or trickles
	end     *clock.Timer  // closes cleared after For; nil: never
}

// Set puts a fault in force for a class, from the next request on, in place of
// the one before it (which is cleared).
func (f *Faults) Set(class Class, fault Fault) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.clear(class)
	f.add(class, fault)
}

// Add puts a fault in force for a class beside those there are.
func (f *Faults) Add(class Class, fault Fault) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.add(class, fault)
}

// add is Add with c.mu held.
func (f *Faults) add(class Class, fault Fault) *activeFault {
	if f.active == nil {
		f.active = make(map[Class][]*activeFault)
	}
	a := &activeFault{fault: fault, since: f.c.clock.Mono(), cleared: make(chan struct{})}
	f.active[class] = append(f.active[class], a)
	f.c.did(Deed{Device: f.of, Class: class, Fault: &fault})
	if fault.For > 0 {
		a.end = f.c.clock.AfterFunc(fault.From+fault.For, func() { f.expire(class, a) })
	}
	return a
}

// expire ends a fault whose time is over.
func (f *Faults) expire(class Class, a *activeFault) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	if i := slices.Index(f.active[class], a); i >= 0 {
		f.active[class] = slices.Delete(slices.Clone(f.active[class]), i, i+1)
		close(a.cleared)
	}
}

// SetAll puts the same fault in force for several classes, each counting its
// own requests; without classes for all that devices ask for.
func (f *Faults) SetAll(fault Fault, classes ...Class) {
	if len(classes) == 0 {
		classes = DeviceClasses
	}
	for _, class := range classes {
		f.Set(class, fault)
	}
}

// Clear ends the fault for a class. Of the requests that have met it, those that
// hang are cut, those that wait or trickle go on at once.
func (f *Faults) Clear(class Class) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.clear(class)
}

// ClearAll ends all faults of this set.
func (f *Faults) ClearAll() {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	for class := range f.active {
		f.clear(class)
	}
}

func (f *Faults) clear(class Class) {
	if len(f.active[class]) > 0 {
		f.c.did(Deed{Device: f.of, Class: class})
	}
	for _, a := range f.active[class] {
		if a.end != nil {
			a.end.Stop()
		}
		close(a.cleared)
	}
	delete(f.active, class)
}

// strikes counts one request of the class and returns the fault it meets, nil
// for none; c.mu is held.
func (f *Faults) strikes(class Class) *activeFault {
	now := f.c.clock.Mono()
	var met *activeFault
	for _, a := range f.active[class] {
		age := now - a.since
		if age < a.fault.From || a.fault.For > 0 && age >= a.fault.From+a.fault.For {
			continue
		}
		a.seen++
		n := a.seen - a.fault.Skip
		if n > 0 && (a.fault.Times == 0 || n <= a.fault.Times) && met == nil {
			met = a
			a.struck++
		}
	}
	return met
}

// Struck tells how many requests the faults in force for a class have met so far.
func (f *Faults) Struck(class Class) int {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	n := 0
	for _, a := range f.active[class] {
		n += a.struck
	}
	return n
}

// fault returns what a request of d (nil: unknown) meets: the device's own fault
// if one strikes, else that for all devices.
func (c *Cloud) fault(d *Device, class Class) *activeFault {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d != nil {
		if a := d.faults.strikes(class); a != nil {
			return a
		}
	}
	return c.faults.strikes(class)
}

// stop keeps faults from ending by themselves; c.mu is held.
func (f *Faults) stop() {
	for _, active := range f.active {
		for _, a := range active {
			if a.end != nil {
				a.end.Stop()
			}
		}
	}
}
