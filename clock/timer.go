package clock

import (
	"container/heap"
	"context"
	"time"
)

// Timer is a pending AfterFunc.
type Timer struct {
	clock   *Clock
	f       func()
	at      time.Duration // monotonic time at which it is due
	serial  uint64        // timers due at the same time run in the order of their making
	index   int           // place in the queue, -1 when not in it
	machine *time.Timer   // real and scaled mode
}

// AfterFunc calls f once d has passed on the monotonic clock. In real and
// scaled mode f runs on a goroutine of its own. In virtual mode it runs on the
// goroutine of Advance, so it must not block: work goes to another goroutine,
// and Settle knows of it before f returns. A d of zero or less is due at once
// (in virtual mode: at the next Advance).
func (c *Clock) AfterFunc(d time.Duration, f func()) *Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
	c.serial++
	t := &Timer{clock: c, f: f, at: c.mono() + max(d, 0), serial: c.serial, index: -1}
	if c.mode == virtual {
		heap.Push(&c.queue, t)
		return t
	}
	c.real[t] = struct{}{}
	t.machine = time.AfterFunc(time.Duration(float64(max(d, 0))/c.rate), t.expire)
	return t
}

// expire is the end of a timer in machine time.
func (t *Timer) expire() {
	t.clock.mu.Lock()
	_, live := t.clock.real[t]
	delete(t.clock.real, t)
	t.clock.mu.Unlock()
	if live {
		t.run()
	}
}

func (t *Timer) run() { t.f() }

// Stop cancels the timer and reports whether that kept it from running.
func (t *Timer) Stop() bool {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.index >= 0 {
		heap.Remove(&c.queue, t.index)
		return true
	}
	if _, live := c.real[t]; live {
		delete(c.real, t)
		t.machine.Stop()
		return true
	}
	return false
}

// Sleep waits until d has passed or ctx is done, and returns ctx's error in the
// second case.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	done := make(chan struct{})
	t := c.AfterFunc(d, func() { close(done) })
	defer t.Stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WithTimeout is context.WithTimeout on this clock: the context ends with
// context.DeadlineExceeded as its cause once d has passed.
func (c *Clock) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	t := c.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })
	return ctx, func() {
		t.Stop()
		cancel(context.Canceled)
	}
}

// Machine waits for d of machine time or until ctx is done, whatever the mode.
// It bounds waits for things that virtual time cannot move: another process, a
// socket.
func Machine(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Elapsed starts a stopwatch on machine time; the function it returns reads it.
func Elapsed() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// queue is a heap of timers by due time, then by order of making.
type queue []*Timer

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].serial < q[j].serial
}
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *queue) Push(x any) {
	t := x.(*Timer)
	t.index = len(*q)
	*q = append(*q, t)
}
func (q *queue) Pop() any {
	old := *q
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	t.index = -1
	return t
}
