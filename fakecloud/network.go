package fakecloud

import (
	"errors"
	"fmt"
	"time"
)

// Network is the network on the way to the cloud, the two planes apart.
//
// It is a TCP proxy of our own. Embedded toxiproxy was measured first: ten
// uploads cut in flight leave 20 to 30 of its goroutines behind for ever, its
// rates and delays know machine time only, and it writes to stderr. A suite that
// counts threads and runs at twenty times real time can live with none of these.
type Network struct {
	Control, Storage *Link
}

func newNetwork(c *Cloud) (*Network, error) {
	n := &Network{}
	var err error
	if n.Control, err = newLink(c.clock, c.settings.listen, c.control.addr()); err != nil {
		return n, fmt.Errorf("before the control plane: %w", err)
	}
	if n.Storage, err = newLink(c.clock, c.settings.storageListen, c.storage.addr()); err != nil {
		return n, fmt.Errorf("before the storage plane: %w", err)
	}
	return n, nil
}

// each does f to both planes' links.
func (n *Network) each(f func(*Link) error) error { return errors.Join(f(n.Control), f(n.Storage)) }

// Refuse does so to both planes; see Link.
func (n *Network) Refuse() error { return n.each((*Link).Refuse) }

// Blackhole does so to both planes; see Link.
func (n *Network) Blackhole() { _ = n.each(func(l *Link) error { l.Blackhole(); return nil }) }

// Heal does so to both planes; see Link.
func (n *Network) Heal() error { return n.each((*Link).Heal) }

func (n *Network) close() error {
	if n == nil {
		return nil
	}
	return n.each((*Link).close)
}

// disturbance is what a link does to its connections; the zero value: nothing.
type disturbance struct {
	refuse    bool
	blackhole bool
	resets    bool
	reset     int64 // bytes before the cut, both directions together
	latency   time.Duration
	bandwidth int64
}

// Refuse makes the network refuse new connections, as a host does on which
// nothing listens, and resets those that exist.
func (l *Link) Refuse() error {
	l.disturb(func(d *disturbance) { d.refuse = true })
	l.resetAll()
	return l.stopListening()
}

// Blackhole lets connections be made and keeps those that exist, and lets
// nothing pass: no byte, no end, until Heal. Nothing is lost by it.
func (l *Link) Blackhole() { l.disturb(func(d *disturbance) { d.blackhole = true }) }

// Reset cuts every connection, old or new, after so many more bytes have passed
// in both directions together. 0 cuts existing ones at once and new ones at
// their first byte.
func (l *Link) Reset(after int64) {
	l.disturb(func(d *disturbance) {
		d.resets, d.reset = true, after
		l.epoch++
	})
	if after <= 0 {
		l.resetAll()
	}
}

// Latency holds every byte back for d of the cloud's clock, in each direction.
func (l *Link) Latency(d time.Duration) { l.disturb(func(s *disturbance) { s.latency = d }) }

// Bandwidth lets so many bytes pass per second of the cloud's clock, in each
// direction and for all connections together; 0 does not limit.
func (l *Link) Bandwidth(bytesPerSecond int64) {
	l.disturb(func(d *disturbance) { d.bandwidth = bytesPerSecond })
}

// Heal ends all disturbances of the link. What was held back goes on.
func (l *Link) Heal() error {
	l.disturb(func(d *disturbance) { *d = disturbance{} })
	return l.startListening()
}
