package reference

import (
	"sync"
	"time"

	"github.com/ivcs/conform/clock"
)

// The hooks of ivcs_conform.h ("Optional hooks" of the binding). They may be
// called before iv_cs_init and what they set survives iv_cs_exit.

// Configure is the hook ivcs_conform_configure. It counts from the next Init on.
func (d *Device) Configure(text []byte) error {
	c, err := ConfigFromJSON(text)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.config = c
	return nil
}

// ClockFreeze is the hook ivcs_conform_clock_freeze.
func (d *Device) ClockFreeze(utcMS uint64) { d.clock.Freeze(time.UnixMilli(int64(utcMS))) }

// ClockStep is the hook ivcs_conform_clock_step.
func (d *Device) ClockStep(ms int64) { d.clock.Step(time.Duration(ms) * time.Millisecond) }

// advance is a ClockAdvance under way.
type advance struct {
	turn sync.Mutex // one at a time

	mu    sync.Mutex
	used  func() time.Duration // machine time since it began; nil when none is under way
	grace time.Duration        // for what the cloud has been due to send in the meantime
	late  bool                 // it has used up its time
}

// advanceLimit is how long an advance may wait in all, in machine time.
const advanceLimit = 10 * time.Second

// ClockAdvance is the hook ivcs_conform_clock_advance. It returns 0 when
// everything that came due has run and every callback it caused has returned,
// 1 when that took more than 10 s of machine time; time has moved on all the same.
func (d *Device) ClockAdvance(ms uint32) int {
	if d.inCallback() {
		return 1 // it would wait for the callback that waits for it
	}
	d.advance.turn.Lock()
	defer d.advance.turn.Unlock()
	d.advance.set(clock.Elapsed(), graceFor(ms))
	d.clock.Advance(time.Duration(ms) * time.Millisecond)
	if d.advance.set(nil, 0) {
		return 1
	}
	return 0
}

// graceFor is how long an advance looks at transfers that a fault holds before it
// takes them for held again. The cloud's clock has moved before this one and may
// have let an answer go, which needs a moment of machine time to arrive: 5 ms for
// a second of virtual time, so that a time-out does not overtake it.
func graceFor(ms uint32) time.Duration {
	return min(time.Duration(ms)*5*time.Microsecond, 5*time.Millisecond)
}

// set begins an advance, or ends it and reports whether it was late.
func (a *advance) set(used func() time.Duration, grace time.Duration) (late bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	late = a.late
	a.used, a.grace, a.late = used, grace, false
	return late
}

// left is how long an advance may still wait, and the grace, which is for its
// beginning alone.
func (a *advance) left() (limit, grace time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	grace, a.grace = a.grace, 0
	if a.used == nil {
		return advanceLimit, grace
	}
	return advanceLimit - a.used(), grace
}

func (a *advance) expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.late = true
}

// settle is what the clock calls before it moves on.
func (d *Device) settle() {
	if limit, grace := d.advance.left(); !d.work.settle(limit, grace) {
		d.advance.expire()
	}
}
