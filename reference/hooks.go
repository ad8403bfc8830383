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

	mu   sync.Mutex
	used func() time.Duration // machine time since it began; nil when none is under way
	late bool                 // it has used it up
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
	d.advance.set(clock.Elapsed())
	d.clock.Advance(time.Duration(ms) * time.Millisecond)
	if d.advance.set(nil) {
		return 1
	}
	return 0
}

// set begins an advance, or ends it and reports whether it was late.
func (a *advance) set(used func() time.Duration) (late bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	late = a.late
	a.used, a.late = used, false
	return late
}

// left is how long an advance may still wait.
func (a *advance) left() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used == nil {
		return advanceLimit
	}
	return advanceLimit - a.used()
}

func (a *advance) expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.late = true
}

// settle is what the clock calls before it moves on.
func (d *Device) settle() {
	if !d.work.settle(d.advance.left()) {
		d.advance.expire()
	}
}
