package fakecloud

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/ivcs/conform/clock"
)

// Link is the proxy before one plane.
type Link struct {
	clock  *clock.Clock
	port   *port
	target string
	done   chan struct{} // closed by close
	work   sync.WaitGroup

	told func(disturbance) // of each change of state; nil: nobody

	switching sync.Mutex // held while the listener is opened or closed

	mu       sync.Mutex
	closed   bool
	listener net.Listener // nil while connections are refused
	state    disturbance
	changed  chan struct{} // closed at the next change of state
	epoch    int           // counts the calls of Reset: each gives the wires a new allowance
	wires    map[*wire]struct{}
	due      [2]time.Duration // by direction: when the next byte may pass at the bandwidth
}

func newLink(k *clock.Clock, listen, target string) (*Link, error) {
	p, err := reservePort(listen)
	if err != nil {
		return nil, err
	}
	l := &Link{
		clock: k, port: p, target: target,
		done:    make(chan struct{}),
		changed: make(chan struct{}),
		wires:   make(map[*wire]struct{}),
	}
	if err := l.startListening(); err != nil {
		return nil, errors.Join(err, p.release())
	}
	return l, nil
}

func (l *Link) addr() string { return l.port.addr }

// disturb changes the state and wakes every wire to look at it.
func (l *Link) disturb(change func(*disturbance)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.state)
	if l.told != nil {
		l.told(l.state)
	}
	close(l.changed)
	l.changed = make(chan struct{})
	l.due = [2]time.Duration{}
}

// now returns the state and a channel that is closed when it changes.
func (l *Link) now() (disturbance, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.changed
}

func (l *Link) startListening() error {
	l.switching.Lock()
	defer l.switching.Unlock()
	l.mu.Lock()
	idle := l.listener == nil && !l.closed
	l.mu.Unlock()
	if !idle {
		return nil
	}
	listener, err := l.port.listen()
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.listener = listener
	l.work.Add(1)
	l.mu.Unlock()
	go l.accept(listener)
	return nil
}

func (l *Link) stopListening() error {
	l.switching.Lock()
	defer l.switching.Unlock()
	l.mu.Lock()
	listener := l.listener
	l.listener = nil
	l.mu.Unlock()
	if listener == nil {
		return nil
	}
	return listener.Close()
}

// accept lets connections in until the listener is closed.
func (l *Link) accept(listener net.Listener) {
	defer l.work.Done()
	for {
		device, err := listener.Accept()
		if err != nil {
			return
		}
		cloud, err := net.Dial("tcp", l.target)
		if err != nil {
			abort(device) // the cloud is being closed
			continue
		}
		w := &wire{link: l, device: device.(*net.TCPConn), cloud: cloud.(*net.TCPConn), gone: make(chan struct{})}
		l.mu.Lock()
		if l.closed || l.state.refuse {
			l.mu.Unlock()
			w.abort()
			continue
		}
		w.epoch, w.left = l.epoch, l.state.reset
		l.wires[w] = struct{}{}
		l.work.Add(1)
		l.mu.Unlock()
		go w.run()
	}
}

// resetAll cuts every connection there is.
func (l *Link) resetAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for w := range l.wires {
		w.abort()
	}
}

// close cuts everything and returns when all has ended.
func (l *Link) close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	l.closed = true
	close(l.done)
	l.mu.Unlock()
	err := l.stopListening()
	l.resetAll()
	l.work.Wait()
	return errors.Join(err, l.port.release())
}
