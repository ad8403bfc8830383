package reference

import (
	"sync"
	"sync/atomic"

	"github.com/ivcs/conform/clock"
)

// Device is one module and its whole state: what the C library keeps in
// variables. Its methods are the iv_cs_* functions; they may be called from any
// goroutine.
type Device struct {
	clock *clock.Clock
	work  *work
	skew  atomic.Int64 // ms; what the cloud has taught outlives iv_cs_exit

	advance advance

	callback atomic.Int64 // the goroutine that is inside a callback, 0 while none is

	mu      sync.Mutex
	config  Config
	session *session // between iv_cs_init and iv_cs_exit
	leaving bool     // iv_cs_exit is under way
	cache   balance
}

// New makes a device that is not initialised yet.
func New(c Config) *Device {
	d := &Device{config: c, clock: c.Clock, work: newWork()}
	if d.clock == nil {
		d.clock = new(clock.Clock)
	}
	if d.clock.Settle == nil {
		d.clock.Settle = d.settle
	}
	return d
}

// current is the session, nil before iv_cs_init and after iv_cs_exit.
func (d *Device) current() *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.session
}

// inCallback reports whether the caller is running inside one of the device's
// callbacks. What waits is refused there: it would wait for itself (ROB-003).
func (d *Device) inCallback() bool {
	id := d.callback.Load()
	return id != 0 && id == goroutine()
}
