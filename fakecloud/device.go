package fakecloud

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/ivcs/conform/clock"
)

// Device is what the cloud knows about one device.
type Device struct {
	c       *Cloud
	product string
	name    string
	secret  string
	faults  *Faults

	// All below is guarded by c.mu.
	grantLifetime time.Duration

	plan        Plan
	rev         int
	plans       map[int]Plan // by revision
	expiry      *clock.Timer
	serviceEnd  time.Time     // wall time at which the last plan in force ended
	serviceMono time.Duration // the same moment on the monotonic clock
	polledRev   int           // highest rev the device has asked with
	polls       int           // plan requests so far

	uploads    []*upload
	byID       map[string]*upload
	bySegment  map[segmentKey]*upload
	byPicture  map[string]*upload // by report_id
	segments   []Segment
	pictures   []Picture
	events     []*Event
	byReport   map[string]*Event
	spans      []Span
	overwrites []Overwrite
}

// Names as cloud-binding.md, "What a device is given", allows them.
var (
	productPattern = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)
	namePattern    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,48}$`)
)

// Register makes a device known. It has no plan: SetPlan gives it one.
func (c *Cloud) Register(productID, name, secret string) (*Device, error) {
	switch {
	case !productPattern.MatchString(productID):
		return nil, fmt.Errorf("product id %q: must match %s", productID, productPattern)
	case !namePattern.MatchString(name):
		return nil, fmt.Errorf("device name %q: must match %s", name, namePattern)
	case secret == "":
		return nil, fmt.Errorf("device %s/%s: the secret is empty; give it one to sign with", productID, name)
	}
	d := newDevice(c, productID, name, secret)
	if err := d.enter(); err != nil {
		return nil, err
	}
	if err := c.commit(); err != nil {
		return nil, fmt.Errorf("register %s: %w", d.id(), err)
	}
	return d, nil
}

func newDevice(c *Cloud, productID, name, secret string) *Device {
	return &Device{
		c: c, product: productID, name: name, secret: secret,
		faults:        &Faults{c: c, of: productID + "/" + name},
		grantLifetime: c.settings.grantLifetime,
		rev:           1,
		plans:         map[int]Plan{1: {}},
		byID:          make(map[string]*upload),
		bySegment:     make(map[segmentKey]*upload),
		byPicture:     make(map[string]*upload),
		byReport:      make(map[string]*Event),
	}
}

// enter makes the cloud know d.
func (d *Device) enter() error {
	c := d.c
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return fmt.Errorf("register %s: the cloud is closed", d.id())
	case c.devices[d.id()] != nil:
		return fmt.Errorf("register %s: the device exists already", d.id())
	}
	c.devices[d.id()] = d
	d.save()
	return nil
}

func (d *Device) id() string { return d.product + "/" + d.name }

// ID is the device's name in the whole cloud, product/name.
func (d *Device) ID() string { return d.id() }

// Device returns a registered device, nil if there is none.
func (c *Cloud) Device(productID, name string) *Device {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.devices[productID+"/"+name]
}

// Faults are the faults for this device alone.
func (d *Device) Faults() *Faults { return d.faults }

// SetGrantLifetime sets how long grants given from now on may be used, in whole
// seconds of at least one.
func (d *Device) SetGrantLifetime(life time.Duration) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.grantLifetime = life
}

// Segments returns what is stored, in the order of storing.
func (d *Device) Segments() []Segment {
	return locked(d.c, func() []Segment { return slices.Clone(d.segments) })
}

// Pictures returns the stored pictures, in the order of storing.
func (d *Device) Pictures() []Picture {
	return locked(d.c, func() []Picture { return slices.Clone(d.pictures) })
}

// Object reads what is stored under a grant.
func (d *Device) Object(uploadID string) ([]byte, error) {
	d.c.mu.Lock()
	u := d.byID[uploadID]
	stored := u != nil && u.State == UploadStored
	d.c.mu.Unlock()
	if !stored {
		return nil, fmt.Errorf("%s has stored nothing under %q", d.id(), uploadID)
	}
	return d.c.objects.read(u.key)
}

// Overwrites returns every overwrite of the time line, in the order they
// happened (note 15).
func (d *Device) Overwrites() []Overwrite {
	return locked(d.c, func() []Overwrite { return slices.Clone(d.overwrites) })
}

func locked[T any](c *Cloud, f func() T) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f()
}
