package reference

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// dispatcher calls the caller's functions: one goroutine, one callback at a
// time, no lock held. What happens first is told first.
type dispatcher struct {
	rest sleeper
	// caller is the number of the goroutine that is inside a callback, 0 while
	// none is: the calls of everybody else need not find out who they are.
	caller *atomic.Int64

	mu     sync.Mutex
	queue  []func()
	closed bool
}

// post lets f run on the dispatcher's goroutine, after all that was posted before.
func (d *dispatcher) post(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, f)
	d.rest.wake()
}

// close lets the dispatcher end once everything posted so far has run.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.rest.wake()
}

// run is the dispatcher's goroutine; it holds a token while it is awake.
func (d *dispatcher) run() {
	self := goroutine()
	for {
		f, more := d.next()
		switch {
		case f != nil:
			d.caller.Store(self)
			f()
			d.caller.Store(0)
		case more:
			d.rest.park()
		default:
			return
		}
	}
}

func (d *dispatcher) next() (f func(), more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) == 0 {
		return nil, !d.closed
	}
	f = d.queue[0]
	d.queue[0] = nil
	d.queue = d.queue[1:]
	return f, true
}

// goroutine returns the number of the calling goroutine, which is how a call
// made from inside a callback is told from others: C code that a callback runs
// calls back on the goroutine that called it.
func goroutine() int64 {
	var b [64]byte
	text := b[:runtime.Stack(b[:], false)] // "goroutine 17 [running]:…"
	text = bytes.TrimPrefix(text, []byte("goroutine "))
	if end := bytes.IndexByte(text, ' '); end > 0 {
		id, _ := strconv.ParseInt(string(text[:end]), 10, 64)
		return id
	}
	return 0
}
