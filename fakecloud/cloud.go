package fakecloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/ivcs/conform/clock"
)

// Cloud is one running cloud. Make it with New, end it with Close.
type Cloud struct {
	clock    *clock.Clock
	settings settings
	scheme   string

	control  *plane
	storage  *plane
	network  *Network
	store    store          // behind the grants
	objects  *embeddedStore // behind the storage plane
	vault    *vault         // nil without WithData
	recovery Recovery

	// done is closed by Close: it ends long polls, hanging faults and delays.
	done chan struct{}
	// working counts handlers and timer callbacks under way; see enter.
	working sync.WaitGroup
	// inspections has room for those under way; see inspect.
	inspections chan struct{}

	mu          sync.Mutex // guards all below and the state of every Device
	closed      bool
	devices     map[string]*Device // by product/name
	faults      *Faults
	journal     []*Entry
	finished    []*Entry           // the journal's entries in the order they were done
	begun, over int                // entries ever begun and done
	uploads     map[string]*upload // by object key
	serial      int                // of uploads
	script      []*scripted        // faults by script, see Inject
	scripts     int                // entries ever
	deeds       diary              // with WithDeeds
	storedOrder int                // of the object stored last
	retiring    *clock.Timer       // ends the retention of the oldest; nil: none runs
	findings    []Finding          // of the inspector, the newest last
	changes     int                // so far, see Changes
	changed     chan struct{}      // closed at the next change; nil when nobody waits
}

// New starts a cloud: when it returns, both planes accept connections.
func New(opts ...Option) (*Cloud, error) {
	s := settings{listen: "127.0.0.1:0", grantLifetime: DefaultGrantLifetime}
	for _, opt := range opts {
		opt(&s)
	}
	c := &Cloud{
		clock:       s.clock,
		settings:    s,
		scheme:      "http",
		done:        make(chan struct{}),
		inspections: make(chan struct{}, inspecting),
		devices:     make(map[string]*Device),
		uploads:     make(map[string]*upload),
	}
	if c.clock == nil {
		c.clock = new(clock.Clock)
	}
	c.faults = &Faults{c: c}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cloud) start() error {
	var err error
	if c.objects, err = newEmbeddedStore(c.clock, c.settings.data); err != nil {
		return err
	}
	if c.settings.objects != nil {
		c.objects.s3 = c.settings.objects
	}
	c.store = c.objects
	if c.settings.data != "" {
		if c.vault, err = openVault(c.settings.data); err != nil {
			return err
		}
		if err := c.recover(); err != nil {
			return err
		}
		c.armRetention()
	}
	host, _, err := net.SplitHostPort(c.settings.listen)
	if err != nil {
		return fmt.Errorf("listen address %q: %w (give host:port)", c.settings.listen, err)
	}
	if c.settings.storageListen == "" {
		c.settings.storageListen = net.JoinHostPort(host, "0")
	}
	tlsConfig, err := c.tlsConfig(host)
	if err != nil {
		return err
	}
	control, storage := c.settings.listen, c.settings.storageListen
	if c.settings.network { // the proxies take the addresses that devices are given
		control, storage = net.JoinHostPort(host, "0"), net.JoinHostPort(host, "0")
	}
	if c.control, err = startPlane(control, tlsConfig, c.controlHandler()); err != nil {
		return fmt.Errorf("control plane: %w", err)
	}
	if c.storage, err = startPlane(storage, tlsConfig, http.HandlerFunc(c.serveStorage)); err != nil {
		return fmt.Errorf("storage plane: %w", err)
	}
	if c.settings.network {
		if c.network, err = newNetwork(c); err != nil {
			return fmt.Errorf("network proxy: %w", err)
		}
		c.watchLinks()
	}
	return nil
}

// Endpoint is the base URL that a device is given (IVCS_ENDPOINT); with
// WithNetwork it leads through the proxy.
func (c *Cloud) Endpoint() string {
	addr := c.control.addr()
	if c.network != nil {
		addr = c.network.Control.addr()
	}
	if name := c.settings.name; name != "" {
		_, port, _ := net.SplitHostPort(addr)
		addr = net.JoinHostPort(name, port)
	}
	return c.scheme + "://" + addr
}

// storageHost is the storage plane's host and port as seen by who has reached
// the control plane under requestHost: a cloud that listens on all addresses
// does not know its own name, the device does.
func (c *Cloud) storageHost(requestHost string) string {
	addr := c.storage.addr()
	if c.network != nil {
		addr = c.network.Storage.addr()
	}
	_, port, _ := net.SplitHostPort(addr)
	host, _, err := net.SplitHostPort(requestHost)
	if err != nil {
		host = strings.Trim(requestHost, "[]")
	}
	return net.JoinHostPort(host, port)
}

// Clock is the clock the cloud lives on.
func (c *Cloud) Clock() *clock.Clock { return c.clock }

// Faults are the faults for all devices. A fault set for one device
// (Device.Faults) goes before them.
func (c *Cloud) Faults() *Faults { return c.faults }

// Network disturbs the network on the way to the cloud; nil without WithNetwork.
func (c *Cloud) Network() *Network { return c.network }

// Close ends the cloud at once, whatever is under way, and returns when
// everything it has started has ended. What was stored can still be read.
func (c *Cloud) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	for _, d := range c.devices {
		d.stopExpiry()
		d.faults.stop()
	}
	c.faults.stop()
	for _, s := range c.script {
		s.stop()
	}
	if c.retiring != nil {
		c.retiring.Stop()
	}
	close(c.done)
	c.notify()
	c.mu.Unlock()

	err := errors.Join(c.network.close(), c.control.close(), c.storage.close())
	c.working.Wait()
	return errors.Join(err, c.vault.close())
}

// enter counts the caller in as work that Close waits for; false when the cloud
// is closed. The caller owes c.working.Done.
func (c *Cloud) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.working.Add(1)
	return true
}

// notify wakes whoever waits for a change; c.mu is held.
func (c *Cloud) notify() {
	c.changes++
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// Changes counts the changes of the cloud's state (see Wait): what shows that
// state is up to date while the number stays.
func (c *Cloud) Changes() int { return locked(c, func() int { return c.changes }) }

// watch returns a channel that is closed at the next change; c.mu is held.
func (c *Cloud) watch() <-chan struct{} {
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

// Wait blocks until holds reports true, asking again after every change of the
// cloud's state: a request begun, bytes received, something stored, a plan
// changed. It ends with an error that names what when ctx is done or the cloud
// is closed. holds is called without a lock and may use every method of the
// cloud and its devices.
func (c *Cloud) Wait(ctx context.Context, what string, holds func() bool) error {
	for {
		c.mu.Lock()
		changed, closed := c.watch(), c.closed
		c.mu.Unlock()
		if holds() {
			return nil
		}
		if closed {
			return fmt.Errorf("waiting for %s: the cloud is closed (%s)", what, c.lastSeen())
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w (%s)", what, context.Cause(ctx), c.lastSeen())
		}
	}
}
