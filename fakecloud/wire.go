package fakecloud

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// wire is one connection through a link: two pipes, one for each direction.
//
//	device ──reader──▶ pipe ──writer──▶ cloud
//	device ◀──writer── pipe ◀──reader── cloud
type wire struct {
	link   *Link
	device *net.TCPConn
	cloud  *net.TCPConn
	gone   chan struct{} // closed by abort
	once   sync.Once

	mu    sync.Mutex
	epoch int   // of the link's state that left belongs to
	left  int64 // bytes until a reset
}

const (
	upward   = 0 // device to cloud
	downward = 1
)

// chunk is bytes on their way, with the time at which they came in. A chunk
// without bytes is the end of the stream.
type chunk struct {
	data []byte
	at   time.Duration
}

func (w *wire) run() {
	defer w.link.work.Done()
	var pipes sync.WaitGroup
	pipes.Go(func() { w.pipe(upward, w.device, w.cloud) })
	pipes.Go(func() { w.pipe(downward, w.cloud, w.device) })
	pipes.Wait()
	_ = w.device.Close()
	_ = w.cloud.Close()
	w.link.mu.Lock()
	defer w.link.mu.Unlock()
	delete(w.link.wires, w)
}

// abort resets both ends.
func (w *wire) abort() {
	w.once.Do(func() {
		close(w.gone)
		abort(w.device)
		abort(w.cloud)
	})
}

// abort closes a connection with a reset.
func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// pipe carries bytes from one end to the other. Reading and writing are apart,
// so that latency delays bytes without making them fewer; the queue between them
// is the network's capacity (at most 1 MB).
func (w *wire) pipe(direction int, from, to *net.TCPConn) {
	queue := make(chan chunk, 64)
	var writer sync.WaitGroup
	writer.Go(func() {
		for c := range queue {
			if !w.pass(direction, c, to) {
				w.abort()
			}
		}
	})
	w.read(from, queue)
	close(queue)
	writer.Wait()
}

// read fills the queue until the stream ends. An end in good order is handed on
// behind the bytes before it; any other resets the whole wire.
func (w *wire) read(from *net.TCPConn, queue chan<- chunk) {
	for {
		data := make([]byte, 16<<10)
		n, err := from.Read(data)
		at := w.link.clock.Mono()
		if n > 0 {
			select {
			case queue <- chunk{data[:n], at}:
			case <-w.gone:
				return
			}
		}
		switch state, _ := w.link.now(); {
		case err == nil:
			continue
		case err != io.EOF || state.blackhole:
			w.abort() // nobody would hear of an end within a black hole
			return
		}
		select {
		case queue <- chunk{at: at}:
		case <-w.gone:
		}
		return
	}
}

// pass writes a chunk as the link's state allows; false when the wire is dead.
func (w *wire) pass(direction int, c chunk, to *net.TCPConn) bool {
	if len(c.data) == 0 {
		return w.held(c.at) && to.CloseWrite() == nil
	}
	for len(c.data) > 0 {
		if !w.held(c.at) {
			return false
		}
		n, ok := w.allowance(direction, c)
		if !ok {
			return false
		}
		if n == 0 {
			continue // the state has changed while it waited
		}
		if k, err := to.Write(c.data[:n]); err != nil || !w.spend(int64(k)) {
			return false
		}
		c.data = c.data[n:]
	}
	return true
}

// held waits while the link lets nothing pass, and out the latency of a chunk
// that came in at the given time; false when the wire is dead.
func (w *wire) held(at time.Duration) bool {
	for {
		state, changed := w.link.now()
		late := at + state.latency - w.link.clock.Mono()
		switch {
		case state.blackhole:
			if !w.wait(changed, nil) {
				return false
			}
		case state.latency > 0 && late > 0:
			if !w.sleep(changed, late) {
				return false
			}
		default:
			return w.alive()
		}
	}
}

// allowance tells how many bytes of c may be written now: so many as no reset
// and no bandwidth forbids, after the wait that the bandwidth asks for. 0 means
// to look again.
func (w *wire) allowance(direction int, c chunk) (n int, ok bool) {
	l := w.link
	n = len(c.data)
	l.mu.Lock()
	state, changed := l.state, l.changed
	if w.mu.Lock(); w.epoch != l.epoch {
		w.epoch, w.left = l.epoch, state.reset
	}
	left := w.left
	w.mu.Unlock()
	if state.resets {
		n = int(min(int64(n), max(left, 0)))
	}
	var wait time.Duration
	if state.bandwidth > 0 && n > 0 {
		n = min(n, max(1, int(state.bandwidth/10))) // steps of 0.1 s
		// Time in which the bytes lay here already counts as used, so that a
		// frozen clock that jumps lets as much pass as one that runs.
		now := l.clock.Mono()
		wait = max(l.due[direction], c.at) - now
		l.due[direction] = max(l.due[direction], c.at) + time.Duration(n)*time.Second/time.Duration(state.bandwidth)
	}
	l.mu.Unlock()
	switch {
	case state.resets && left <= 0:
		return 0, false
	case wait > 0 && !w.sleep(changed, wait):
		return 0, false
	case wait > 0:
		if now, _ := l.now(); now != state {
			return 0, true
		}
	}
	return n, true
}

// spend takes n bytes off what may pass before a reset; false when that was the
// last of it.
func (w *wire) spend(n int64) bool {
	state, _ := w.link.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left -= n
	return !state.resets || w.left > 0
}

func (w *wire) alive() bool {
	select {
	case <-w.gone:
		return false
	default:
		return true
	}
}

// sleep waits for d on the cloud's clock or for a change of state.
func (w *wire) sleep(changed <-chan struct{}, d time.Duration) bool {
	over, cancel := w.link.clock.WithTimeout(context.Background(), d)
	defer cancel()
	return w.wait(changed, over.Done())
}

// wait returns at the first of the two, false when the wire is dead.
func (w *wire) wait(changed, over <-chan struct{}) bool {
	select {
	case <-changed:
	case <-over:
	case <-w.gone:
		return false
	}
	return w.alive()
}
