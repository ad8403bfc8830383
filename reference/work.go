package reference

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivcs/conform/clock"
)

// work knows whether the device has anything left to do at the present moment
// of its clock. ClockAdvance asks it before it moves on.
//
// Whoever computes holds a token (begin, end). A goroutine gives its token up
// while it waits: in a sleeper, where the one who wakes it takes a token on its
// behalf before the sleeper runs, so that nothing is ever under way uncounted;
// or in a transfer, where bytes on the wire count instead.
type work struct {
	machine func() time.Duration // stopwatch on machine time
	byteAt  atomic.Int64         // on it: when a byte last moved on any connection

	mu        sync.Mutex
	busy      int
	transfers int
	wake      context.CancelFunc // of a settle that waits, nil when none does
	conns     map[*conn]struct{}
}

func newWork() *work {
	return &work{machine: clock.Elapsed(), conns: make(map[*conn]struct{})}
}

// begin takes a token.
func (w *work) begin() {
	w.mu.Lock()
	w.busy++
	w.mu.Unlock()
}

// end gives it back.
func (w *work) end() {
	w.mu.Lock()
	w.busy--
	w.changed()
	w.mu.Unlock()
}

// changed wakes a settle; w.mu is held.
func (w *work) changed() {
	if w.busy == 0 && w.wake != nil {
		w.wake()
		w.wake = nil
	}
}

// touch notes that a byte has moved.
func (w *work) touch() { w.byteAt.Store(int64(w.machine())) }

// watch and forget say which connections there are.
func (w *work) watch(c *conn) {
	w.touch()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns[c] = struct{}{}
}

func (w *work) forget(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
}

// transfer is an exchange with the cloud under way.
type transfer struct {
	w       *work
	counted bool
	due     bool // its end is due: a time-out has run
}

// transfer puts the caller's token aside for the time of an exchange. One that
// is not counted, the plan's long poll, is never waited for.
func (w *work) transfer(counted bool) *transfer {
	w.touch()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	if counted {
		w.transfers++
	}
	w.changed()
	return &transfer{w: w, counted: counted}
}

// expire says that the exchange is about to end by a time-out: from here on it
// is computing again.
func (t *transfer) expire() {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	if !t.due {
		t.due = true
		t.w.busy++
	}
}

// done gives the caller its token back.
func (t *transfer) done() {
	t.expire()
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	if t.counted {
		t.w.transfers--
	}
}

// stall is how long no byte may move before a transfer counts as held by a
// fault: only virtual time can end it then ("Optional hooks" of the binding).
const stall = 500 * time.Millisecond

// settle returns once nothing is left to do but what waits for time to pass:
// true; or when limit of machine time is over: false. A transfer that is held
// already is given grace to come alive again.
func (w *work) settle(limit, grace time.Duration) bool {
	used := clock.Elapsed()
	unread := clock.Elapsed() // since when something lies unread in a socket
	for {
		w.mu.Lock()
		wait := limit - used()
		if w.busy == 0 {
			silent := w.machine() - time.Duration(w.byteAt.Load())
			switch {
			case !w.unread():
				unread = clock.Elapsed()
				left := max(stall-silent, grace-used())
				if w.transfers == 0 || left <= 0 {
					w.mu.Unlock()
					return true
				}
				wait = min(wait, left)
			case unread() >= stall && silent >= stall:
				w.mu.Unlock()
				return true
			default:
				wait = min(wait, 200*time.Microsecond)
			}
		}
		if used() >= limit {
			w.mu.Unlock()
			return false
		}
		ctx, cancel := context.WithCancel(context.Background())
		w.wake = cancel
		w.mu.Unlock()
		_ = clock.Machine(ctx, wait)
		cancel()
	}
}

// unread reports whether an answer lies in a socket that nobody has taken yet:
// it has arrived at the present moment and must have its effect before time
// moves on. w.mu is held.
func (w *work) unread() bool {
	for c := range w.conns {
		if c.unread() {
			return true
		}
	}
	return false
}
