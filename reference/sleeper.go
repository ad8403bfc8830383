package reference

import (
	"context"
	"sync"
	"time"

	"github.com/ivcs/conform/clock"
)

// sleeper is how one goroutine waits for something to happen without counting
// as work. A wake that comes while it is awake is kept for the next park.
type sleeper struct {
	work *work

	mu     sync.Mutex
	parked chan struct{} // closed by wake; nil while the goroutine runs
	due    bool
}

// wake lets the goroutine run; its token is taken here.
func (s *sleeper) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parked == nil {
		s.due = true
		return
	}
	s.work.begin()
	close(s.parked)
	s.parked = nil
}

// park waits for a wake. Only the goroutine whose sleeper it is calls it.
func (s *sleeper) park() {
	s.mu.Lock()
	if s.due {
		s.due = false
		s.mu.Unlock()
		return
	}
	parked := make(chan struct{})
	s.parked = parked
	s.mu.Unlock()
	s.work.end()
	<-parked
}

// parkUntil waits for a wake, for the moment at of the clock's monotonic time,
// or for the end of ctx. It may return early: the caller looks at what it waits for.
func (s *sleeper) parkUntil(ctx context.Context, c *clock.Clock, at time.Duration) {
	d := at - c.Mono()
	if d <= 0 || ctx.Err() != nil {
		return
	}
	t := c.AfterFunc(d, s.wake)
	defer t.Stop()
	defer context.AfterFunc(ctx, s.wake)()
	s.park()
}

// sleep waits until d has passed or ctx is done, and returns ctx's error then.
func (s *sleeper) sleep(ctx context.Context, c *clock.Clock, d time.Duration) error {
	for at := c.Mono() + d; ctx.Err() == nil && c.Mono() < at; {
		s.parkUntil(ctx, c, at)
	}
	return ctx.Err()
}
