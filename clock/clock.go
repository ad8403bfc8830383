package clock

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Clock tells the time and wakes what waits for it. The zero value is ready to
// use and runs in real time. All methods may be called from any goroutine.
type Clock struct {
	// Settle, if set, is called by Advance before it moves on from a point in
	// time: it returns when everything that was due has run. It is called
	// without a lock and must not call Advance.
	Settle func()

	mu      sync.Mutex
	started bool
	mode    mode
	rate    float64 // domain seconds per machine second, in the scaled mode
	// origin is the machine time at which mono had the value base: in real and
	// scaled mode the domain time is base + (machine - origin) * rate.
	origin time.Time
	base   time.Duration
	wall   time.Time // wall clock at mono == 0; moved by Step
	queue  queue     // virtual mode: the timers not yet due
	real   map[*Timer]struct{}
	serial uint64

	advancing sync.Mutex // one Advance at a time
}

type mode int

const (
	realTime mode = iota
	scaled
	virtual
)

// start gives the zero Clock its origin; c.mu is held.
func (c *Clock) start() {
	if c.started {
		return
	}
	c.started = true
	c.origin = time.Now()
	c.wall = c.origin
	c.rate = 1
	c.real = make(map[*Timer]struct{})
}

// mono is Mono with c.mu held.
func (c *Clock) mono() time.Duration {
	if c.mode == virtual {
		return c.base
	}
	return c.base + time.Duration(float64(time.Since(c.origin))*c.rate)
}

// Now returns the wall clock, UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
	return c.wall.Add(c.mono()).UTC().Round(0)
}

// Mono returns the monotonic time since the clock was first used.
func (c *Clock) Mono() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
	return c.mono()
}

// Virtual reports whether the clock is frozen, so that time moves by Advance alone.
func (c *Clock) Virtual() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mode == virtual
}

// Freeze stops the clock at the wall time utc. From now on only Advance and
// Step move it. Timers under way keep what is left of their time.
func (c *Clock) Freeze(utc time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
	now := c.mono()
	c.mode, c.base = virtual, now
	c.wall = utc.Add(-now)
	for t := range c.real {
		if t.machine.Stop() {
			heap.Push(&c.queue, t)
		}
		delete(c.real, t)
	}
}

// Scale makes the clock run at rate times machine time, beginning at the wall
// time utc. It is meant to be called before the clock is used: timers under way
// keep their machine time.
func (c *Clock) Scale(utc time.Time, rate float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
	now := c.mono()
	c.mode, c.base, c.origin, c.rate = scaled, now, time.Now(), rate
	c.wall = utc.Add(-now)
}

// Step moves the wall clock alone by d, which may be negative: a time correction.
func (c *Clock) Step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
	c.wall = c.wall.Add(d)
}

// Advance moves a frozen clock by d. It stops at each due timer in order, runs
// it, and lets Settle return before it goes on. Advance(0) runs what is due and
// settles. On a clock that is not frozen it waits until d has passed.
func (c *Clock) Advance(d time.Duration) {
	if !c.Virtual() {
		_ = c.Sleep(context.Background(), d)
		return
	}
	c.advancing.Lock()
	defer c.advancing.Unlock()
	c.settle()
	target := c.Mono() + d
	for {
		due := c.due(target)
		if due == nil {
			return
		}
		for _, t := range due {
			t.run()
		}
		c.settle()
	}
}

// due moves the clock to the next point in time at or before target at which
// timers are due and takes them out of the queue; nil when there is none, with
// the clock at target.
func (c *Clock) due(target time.Duration) []*Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.queue.Len() == 0 || c.queue[0].at > target {
		c.base = max(c.base, target)
		return nil
	}
	c.base = max(c.base, c.queue[0].at)
	var due []*Timer
	for c.queue.Len() > 0 && c.queue[0].at <= c.base {
		due = append(due, heap.Pop(&c.queue).(*Timer))
	}
	return due
}

func (c *Clock) settle() {
	if c.Settle != nil {
		c.Settle()
	}
}
