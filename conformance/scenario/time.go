package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/target"
)

// Epoch is where domain time begins in the virtual and the scaled mode: 09:00
// on an ordinary day, the hour of note 15's example.
var Epoch = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)

// The steps in which virtual time moves. Callbacks are stamped at the end of
// the step they came in, so a step is also the resolution of a time stamp.
const (
	fine   = 100 * time.Millisecond
	coarse = time.Second
	// longest is the longest step that the cloud may be ahead (ruling 10 of the
	// cloud binding): for waits of hours.
	longest = 10 * time.Second
	hours   = 10 * time.Minute
)

// Now is domain time.
func (e *Env) Now() time.Time { return e.clock.Now() }

// Since is the domain time that has passed since t.
func (e *Env) Since(t time.Time) time.Duration { return e.clock.Now().Sub(t) }

// Advance lets d of domain time pass, for the cloud and the library alike. In
// virtual time it returns when everything that was due has run.
func (e *Env) Advance(d time.Duration) { e.advance(d, coarse) }

// Settle lets what is under way end without letting time pass: in virtual time
// at once, else for as long as one request on the loopback may take.
func (e *Env) Settle() {
	if e.cfg.Mode == Virtual {
		e.advance(0, coarse)
		return
	}
	e.advance(fine, fine)
}

// advance moves time in steps: the cloud's clock first, then the library's, so
// that an answer due at the cloud is under way when the library looks (binding,
// ruling 10).
func (e *Env) advance(d, step time.Duration) {
	if e.cfg.Mode != Virtual {
		if err := e.clock.Sleep(context.Background(), d); err != nil {
			e.broken(err)
		}
		e.checkAlive()
		return
	}
	for {
		if d >= hours {
			step = longest
		}
		move := min(d, step)
		e.clock.Advance(move)
		e.showPlan()
		if err := e.session.Advance(move); err != nil {
			e.stuck(err)
		}
		d -= move
		if d <= 0 {
			return
		}
	}
}

// mostUnsettled is how many steps of a scenario may end without everything
// having settled; each has cost 10 s of machine time.
const mostUnsettled = 6

// stuck decides what a step that failed means. The hook may give up waiting
// because a callback or a transfer holds on; time has moved all the same. Where
// that goes on and on, the library hangs.
func (e *Env) stuck(err error) {
	var hook *target.HookError
	if !errors.As(err, &hook) || hook.Hook != target.FnClockAdvance || hook.Code != 1 {
		e.died(err)
	}
	if e.unsettled++; e.unsettled > mostUnsettled {
		e.died(fmt.Errorf("the library hangs: %d times ivcs_conform_clock_advance gave up waiting for its callbacks and transfers after 10 s", e.unsettled))
	}
}

// Await lets domain time pass until met holds, for at most within, and reports
// whether it came to hold. In virtual time it looks every 100 ms of the first
// ten seconds and every second after that.
func (e *Env) Await(within time.Duration, met func() bool) bool {
	if e.cfg.Mode != Virtual {
		return e.awaitMachine(within, met)
	}
	e.advance(0, fine)
	for passed := time.Duration(0); !met(); {
		if passed >= within {
			return false
		}
		step := fine
		if passed >= 10*time.Second {
			step = coarse
		}
		step = min(step, within-passed)
		e.advance(step, step)
		passed += step
	}
	return true
}

// awaitMachine is Await where time passes by itself: it looks whenever the
// library or the cloud did something, and at least every 100 domain ms.
func (e *Env) awaitMachine(within time.Duration, met func() bool) bool {
	ctx, cancel := e.clock.WithTimeout(context.Background(), within)
	defer cancel()
	for {
		e.checkAlive()
		if met() {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		look, done := e.clock.WithTimeout(ctx, fine)
		n := len(e.session.Trace())
		_ = e.session.Wait(look, "anything new", func(ev []target.Event) bool { return len(ev) != n })
		done()
	}
}

// AwaitCallback waits until the n-th callback of this kind since the start of
// the scenario has begun, and returns it; nil when it has not within the span.
func (e *Env) AwaitCallback(cb target.Callback, n int, within time.Duration) *target.Event {
	var found *target.Event
	e.Await(within, func() bool {
		if got := e.Callbacks(cb); len(got) >= n {
			found = &got[n-1]
		}
		return found != nil
	})
	return found
}

// Step corrects the library's wall clock by d, as a time synchronisation does;
// the cloud keeps its own time.
func (e *Env) Step(d time.Duration) {
	if err := e.session.Step(d); err != nil {
		e.broken(fmt.Errorf("step the library's wall clock by %v: %w", d, err))
	}
	e.stepped += d
}

// DeviceNow is the library's wall clock: domain time and what Step has added.
func (e *Env) DeviceNow() time.Time { return e.clock.Now().Add(e.stepped) }

// Machine bounds a wait in machine time, for what virtual time cannot move.
func (e *Env) machine(d time.Duration) (context.Context, context.CancelFunc) {
	return new(clock.Clock).WithTimeout(context.Background(), d)
}

// Entered waits until a callback has been entered n times, without waiting for
// its return: in virtual time a step ends when callbacks have returned, so here
// the step runs beside the wait.
func (e *Env) Entered(cb target.Callback, n int, within time.Duration) bool {
	if e.cfg.Mode != Virtual {
		return e.AwaitCallback(cb, n, within) != nil
	}
	ctx, cancel := e.context()
	defer cancel()
	for passed := time.Duration(0); passed <= within; passed += fine {
		e.clock.Advance(fine)
		e.showPlan()
		step := e.session.GoAdvance(fine)
		_ = e.session.Wait(ctx, "the callback or the end of the step", func(ev []target.Event) bool {
			return target.Entered(ev, cb) >= n || isDone(step.Done())
		})
		e.checkAlive()
		if target.Entered(e.session.Trace(), cb) >= n {
			return true
		}
	}
	return false
}

func isDone(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
