package reference

import (
	"context"
	"sync"
	"time"

	"github.com/ivcs/conform/clock"
)

// session is the module between iv_cs_init and iv_cs_exit.
type session struct {
	device *Device
	parm   InitParm
	clock  *clock.Clock
	work   *work
	net    *network
	jitter *jitter
	calls  *dispatcher

	// ctx ends when nothing may be waited for any more; live already when
	// iv_cs_exit begins: the plan's poll and the calls that block.
	ctx, live       context.Context
	cancel, endLive context.CancelFunc
	joined          sync.WaitGroup // every goroutine but the dispatcher
	dispatcherDone  chan struct{}
	blockedCalls    sync.WaitGroup
	planKnown       context.Context // ends when the plan is known
	planIsKnown     context.CancelFunc
	upload          uploader
	pushing         sync.Mutex // one push at a time (iv_cs_push_stream forbids more)
	audio           audioInput
	video           videoInput

	mu      sync.Mutex
	closing bool
	plan    plan
	stream  stream
	marks   watermarks
	link    link
	slices  []SliceInfo // results not told yet
	ai      [maxEventID + 1]int32
	events  events
}

// start starts a goroutine of the session. It begins with a token, which it gives
// back when it ends.
func (s *session) start(f func(rest *sleeper)) {
	s.work.begin()
	s.joined.Add(1)
	go func() {
		defer s.joined.Done()
		defer s.work.end()
		f(&sleeper{work: s.work})
	}()
}

// bound is a context that ends after d of the device's time or of machine time,
// whichever comes first: how long a call may block its caller (ruling 10). The
// caller holds a token.
func bound(ctx context.Context, c *clock.Clock, w *work, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	var mu sync.Mutex
	var ended, due bool
	timer := c.AfterFunc(d, func() {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			due = true
			w.begin() // until the caller has seen it
			cancel()
		}
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		if clock.Machine(ctx, d) == nil {
			cancel()
		}
	}()
	return ctx, func() {
		timer.Stop()
		cancel()
		<-done
		mu.Lock()
		defer mu.Unlock()
		if due {
			w.end()
		}
		ended = true
	}
}
