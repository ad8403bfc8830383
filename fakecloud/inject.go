package fakecloud

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/ivcs/conform/clock"
)

// scripted is an entry of a script in force.
type scripted struct {
	Misbehaviour
	id     int // in the cloud, from 1
	on     *Faults
	active map[Class]*activeFault
	turns  []*clock.Timer // begin and end of a disturbance
}

// enlist puts an entry on the list of those in force; c.mu is held.
func (c *Cloud) enlist(s *scripted) *scripted {
	c.scripts++
	s.id = c.scripts
	c.script = append(c.script, s)
	c.notify()
	return s
}

// ErrNoNetwork is the answer to a script that disturbs a network which is not
// there.
var ErrNoNetwork = errors.New("the cloud runs without a network of its own (WithNetwork; conform cloud --network)")

// Inject puts the faults of a script in force beside those there are. A script
// that cannot be followed changes nothing.
func (c *Cloud) Inject(s Script) error {
	targets := make([]*Faults, len(s.Faults))
	for i, m := range s.Faults {
		targets[i] = c.faults
		if m.Network != "" && c.network == nil {
			return fmt.Errorf("fault %d: %w", i+1, ErrNoNetwork)
		}
		if m.Device == "" {
			continue
		}
		known := c.Devices()
		j := slices.IndexFunc(known, func(d *Device) bool { return d.id() == m.Device })
		if j < 0 {
			return fmt.Errorf("fault %d: no device %q is registered", i+1, m.Device)
		}
		targets[i] = known[j].faults
	}
	for i, m := range s.Faults {
		c.inject(m, targets[i])
	}
	return nil
}

func (c *Cloud) inject(m Misbehaviour, f *Faults) {
	if m.Network != "" {
		c.shake(m)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.enlist(&scripted{Misbehaviour: m, on: f, active: make(map[Class]*activeFault)})
	classes := []Class(m.On)
	if len(classes) == 0 {
		classes = DeviceClasses
	}
	for _, class := range classes {
		entry.active[class] = f.add(class, m.fault)
	}
}

// shake lets the network be disturbed when the time has come.
func (c *Cloud) shake(m Misbehaviour) {
	begin, end := c.turn(m, (*Link).begin), c.turn(m, (*Link).end)
	if m.fault.From == 0 {
		begin()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.enlist(&scripted{Misbehaviour: m})
	if m.fault.From > 0 {
		entry.turns = append(entry.turns, c.clock.AfterFunc(m.fault.From, begin))
	}
	if m.fault.For > 0 {
		entry.turns = append(entry.turns, c.clock.AfterFunc(m.fault.From+m.fault.For, end))
	}
}

// turn returns what disturbs the planes that m names, or stops that.
func (c *Cloud) turn(m Misbehaviour, shake func(*Link, disturbance)) func() {
	return func() {
		if !c.enter() {
			return
		}
		defer c.working.Done()
		for name, l := range map[string]*Link{"control": c.network.Control, "storage": c.network.Storage} {
			if m.Network == "all" || m.Network == name {
				shake(l, m.quake)
			}
		}
	}
}

// stop keeps the network from being disturbed, or healed, when the time has
// come; c.mu is held.
func (s *scripted) stop() {
	for _, t := range s.turns {
		t.Stop()
	}
}

// begin adds what d says to the link's disturbances.
func (l *Link) begin(d disturbance) {
	if d.refuse {
		_ = l.Refuse() // a listener that cannot be closed is closed already
	}
	if d.blackhole {
		l.Blackhole()
	}
	if d.resets {
		l.Reset(d.reset)
	}
	if d.latency > 0 {
		l.Latency(d.latency)
	}
	if d.bandwidth > 0 {
		l.Bandwidth(d.bandwidth)
	}
}

// end takes what d says off the link's disturbances.
func (l *Link) end(d disturbance) {
	l.disturb(func(s *disturbance) {
		s.refuse, s.blackhole = s.refuse && !d.refuse, s.blackhole && !d.blackhole
		s.resets = s.resets && !d.resets
		if d.latency > 0 {
			s.latency = 0
		}
		if d.bandwidth > 0 {
			s.bandwidth = 0
		}
	})
	if d.refuse {
		_ = l.startListening() // the port is held; nobody else can have taken it
	}
}

// ClearFaults makes the cloud and its network honest again, whatever was
// injected and by whom.
func (c *Cloud) ClearFaults() error {
	c.mu.Lock()
	for _, s := range c.script {
		s.stop()
	}
	c.script = nil
	c.notify()
	all := []*Faults{c.faults}
	for _, d := range c.devices {
		all = append(all, d.faults)
	}
	c.mu.Unlock()
	for _, f := range all {
		f.ClearAll()
	}
	if c.network == nil {
		return nil
	}
	return c.network.Heal()
}

// Withdraw ends one entry of a script, by its ID. What it says of the network is
// taken back, even if another entry says the same.
func (c *Cloud) Withdraw(id int) error {
	c.mu.Lock()
	i := slices.IndexFunc(c.script, func(s *scripted) bool { return s.id == id })
	if i < 0 {
		c.mu.Unlock()
		return fmt.Errorf("no fault %d is in force", id)
	}
	s := c.script[i]
	c.script = slices.Delete(c.script, i, i+1)
	s.stop()
	c.notify()
	c.mu.Unlock()
	for class, a := range s.active {
		s.on.expire(class, a)
	}
	if s.Network != "" {
		c.turn(s.Misbehaviour, (*Link).end)()
	}
	return nil
}

// ScriptedFault is an entry of a script in force and how many requests it has met.
type ScriptedFault struct {
	ID int `json:"id"`
	Misbehaviour
	Struck int `json:"struck"`
}

// Scripted returns what was injected by script, in that order, entries whose
// time is over included.
func (c *Cloud) Scripted() []ScriptedFault {
	return locked(c, func() []ScriptedFault {
		all := make([]ScriptedFault, len(c.script))
		for i, s := range c.script {
			all[i].ID, all[i].Misbehaviour = s.id, s.Misbehaviour
			for _, a := range s.active {
				all[i].Struck += a.struck
			}
		}
		return all
	})
}

type faultList struct {
	Faults []ScriptedFault `json:"faults"`
}

// readFaults answers GET /admin/faults.
func (a *admin) readFaults() answer { return jsonAnswer(http.StatusOK, faultList{a.c.Scripted()}) }

// addFaults answers POST /admin/faults: a script in YAML or JSON.
func (a *admin) addFaults() answer {
	s, err := ParseScript(a.body)
	if err == nil {
		err = a.c.Inject(s)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "bad_request", "%v", err)
	}
	return a.readFaults()
}

// withdrawFault answers DELETE /admin/faults/{id}.
func (a *admin) withdrawFault() answer {
	id, err := strconv.Atoi(a.r.PathValue("id"))
	if err == nil {
		err = a.c.Withdraw(id)
	}
	if err != nil {
		return refuse(http.StatusNotFound, "not_found", "%v", err)
	}
	return a.readFaults()
}

// clearFaults answers DELETE /admin/faults.
func (a *admin) clearFaults() answer {
	if err := a.c.ClearFaults(); err != nil {
		return refuse(http.StatusInternalServerError, "fault", "%v", err)
	}
	return a.readFaults()
}
