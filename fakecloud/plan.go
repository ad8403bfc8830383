package fakecloud

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Types of plan, as iv_cs_type_e numbers them.
const (
	PlanNone     = 0
	PlanFullTime = 1
	PlanEvent    = 2
)

// Plan is the cloud-storage plan of a device. Switch is the user's switch: the
// cloud tells it and judges nothing by it (AMB-21), so that a library of either
// reading finds the cloud it expects.
type Plan struct {
	Switch, Type int
	// Expires ends the plan on the cloud's clock: Type becomes PlanNone and the
	// revision moves on. Zero means never.
	Expires time.Time
}

// MaxPlanWait is the longest a plan request may wait for a change.
const MaxPlanWait = 60 * time.Second

// SetPlan puts a plan in force and returns its revision. Waiting devices are
// told at once.
func (d *Device) SetPlan(p Plan) (rev int) {
	defer func() { _ = d.c.commit() }() // an error stays: the operator's answer tells it
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.refresh()
	d.stopExpiry()
	d.change(p)
	d.armExpiry()
	return d.rev
}

// Plan returns the plan in force and its revision.
func (d *Device) Plan() (Plan, int) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.refresh()
	return d.plan, d.rev
}

// PlanOf returns the plan that had this revision.
func (d *Device) PlanOf(rev int) (Plan, bool) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	p, ok := d.plans[rev]
	return p, ok
}

// change replaces the plan; c.mu is held.
func (d *Device) change(p Plan) {
	if d.plan.Type != PlanNone && p.Type == PlanNone {
		d.serviceEnd, d.serviceMono = d.c.clock.Now(), d.c.clock.Mono()
		if e := d.plan.Expires; !e.IsZero() && e.Before(d.serviceEnd) {
			d.serviceEnd = e // noticed late: the wall clock was stepped past it
		}
	}
	d.c.did(Deed{Device: d.id(), Plan: &p})
	d.plan = p
	d.rev++
	d.plans[d.rev] = p
	d.save()
	d.c.notify()
}

// refresh ends a plan that has expired; c.mu is held.
func (d *Device) refresh() {
	if e := d.plan.Expires; d.plan.Type != PlanNone && !e.IsZero() && !d.c.clock.Now().Before(e) {
		d.change(Plan{Switch: d.plan.Switch})
	}
}

// armExpiry sets the timer that ends the plan; c.mu is held.
func (d *Device) armExpiry() {
	d.expiry = nil
	if d.plan.Type == PlanNone || d.plan.Expires.IsZero() || d.c.closed {
		return
	}
	d.expiry = d.c.clock.AfterFunc(d.plan.Expires.Sub(d.c.clock.Now()), d.expire)
}

// expire runs when the timer is due. A clock that was stepped back meanwhile
// makes it wait again.
func (d *Device) expire() {
	if !d.c.enter() {
		return
	}
	defer d.c.working.Done()
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.refresh()
	d.armExpiry()
}

func (d *Device) stopExpiry() {
	if d.expiry != nil {
		d.expiry.Stop()
	}
}

// WaitPolled blocks until the device has asked for its plan with revision rev or
// a later one, so that it has seen that plan.
func (d *Device) WaitPolled(ctx context.Context, rev int) error {
	err := d.c.Wait(ctx, fmt.Sprintf("%s to ask for its plan with rev=%d", d.id(), rev), func() bool {
		d.c.mu.Lock()
		defer d.c.mu.Unlock()
		return d.polledRev >= rev
	})
	if err != nil {
		d.c.mu.Lock()
		defer d.c.mu.Unlock()
		return fmt.Errorf("%w; it has asked %d times, at last knowing rev %d", err, d.polls, d.polledRev)
	}
	return nil
}

type planAnswer struct {
	Rev    int `json:"rev"`
	Switch int `json:"cs_switch"`
	Type   int `json:"cs_type"`
}

// plan answers GET …/plan, at once or, as long poll, when rev differs.
func (x *exchange) plan() answer {
	d := x.device
	known, wait, bad := x.planQuery()
	if bad != nil {
		return *bad
	}
	over := make(chan struct{})
	t := d.c.clock.AfterFunc(wait, func() { close(over) })
	defer t.Stop()
	d.c.mu.Lock()
	d.polls++
	d.polledRev = max(d.polledRev, known)
	d.c.notify()
	d.c.mu.Unlock()

	for {
		d.c.mu.Lock()
		d.refresh()
		a := planAnswer{Rev: d.rev, Switch: d.plan.Switch, Type: d.plan.Type}
		changed := d.c.watch()
		d.c.mu.Unlock()
		if d.c.lies(LieStrangePlan) {
			a.Switch = 1 - a.Switch
		}
		if wait == 0 || a.Rev != known {
			return jsonAnswer(http.StatusOK, a)
		}
		select {
		case <-changed:
		case <-over:
			wait = 0
		case <-x.r.Context().Done():
			return answer{note: "the device has hung up"}
		case <-d.c.done:
			return answer{note: errClosed.Error()}
		}
	}
}

// planQuery reads rev and wait; without rev there is nothing to wait for.
func (x *exchange) planQuery() (rev int, wait time.Duration, bad *answer) {
	q := x.r.URL.Query()
	number := func(name string) int {
		if !q.Has(name) {
			return 0
		}
		n, err := strconv.ParseUint(q.Get(name), 10, 31)
		if err != nil {
			a := refuse(http.StatusBadRequest, "bad_request", "%s=%q: must be a whole number", name, q.Get(name))
			bad = &a
		}
		return int(n)
	}
	rev, seconds := number("rev"), number("wait")
	if q.Has("rev") {
		wait = min(time.Duration(seconds)*time.Second, MaxPlanWait)
	}
	return rev, wait, bad
}
