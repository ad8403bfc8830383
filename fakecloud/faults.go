package fakecloud

import "time"

// Fault is how the cloud misbehaves towards one class of requests. Its zero
// value is an honest cloud. Fields may be combined; they act in the order in
// which they stand here. A fault acts on requests that are authentic; one with a
// bad signature is refused as ever and does not count.
type Fault struct {
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
	// Delay does the work and answers so much later, on the cloud's clock.
	Delay time.Duration
	// LoseReply does the work and cuts the connection instead of answering.
	LoseReply bool
}

// Faults are the faults in force, one for each class.
type Faults struct {
	c      *Cloud
	active map[Class]*activeFault // guarded by c.mu
}

type activeFault struct {
	fault   Fault
	seen    int           // requests of the class since it was set
	cleared chan struct{} // closed by Clear: releases what hangs, waits or trickles
}

// Set puts a fault in force for a class, from the next request on, in place of
// the one before it (which is cleared).
func (f *Faults) Set(class Class, fault Fault) {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.clear(class)
	if f.active == nil {
		f.active = make(map[Class]*activeFault)
	}
	f.active[class] = &activeFault{fault: fault, cleared: make(chan struct{})}
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
	if a := f.active[class]; a != nil {
		close(a.cleared)
		delete(f.active, class)
	}
}

// strikes counts one request of the class and returns the fault it meets, nil
// for none; c.mu is held.
func (f *Faults) strikes(class Class) *activeFault {
	a := f.active[class]
	if a == nil {
		return nil
	}
	a.seen++
	n := a.seen - a.fault.Skip
	if n <= 0 || a.fault.Times > 0 && n > a.fault.Times {
		return nil
	}
	return a
}

// Struck tells how many requests the fault in force for a class has met so far.
func (f *Faults) Struck(class Class) int {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	a := f.active[class]
	if a == nil {
		return 0
	}
	n := max(0, a.seen-a.fault.Skip)
	if a.fault.Times > 0 {
		n = min(n, a.fault.Times)
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
