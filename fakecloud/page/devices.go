package page

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/ivcs/conform/fakecloud"
)

// deviceRow is a device in the list.
type deviceRow struct {
	address                    // that shows it
	ID                         string
	Plan, Switch, Rev          int
	Expires                    string // empty: never
	Segments, Pictures, Events int
	Shown                      bool // is the one that the page shows
}

func (p *page) devices(a address) []deviceRow {
	var rows []deviceRow
	for _, d := range p.c.Devices() {
		plan, rev := d.Plan()
		row := deviceRow{
			address: a.Of(d.ID()), ID: d.ID(), Plan: plan.Type, Switch: plan.Switch, Rev: rev,
			Segments: len(d.Segments()), Pictures: len(d.Pictures()), Events: len(d.Events()), Shown: d.ID() == a.device,
		}
		if !plan.Expires.IsZero() {
			row.Expires = plan.Expires.UTC().Format(moment)
		}
		rows = append(rows, row)
	}
	return rows
}

// chosen is the device that the address names, else the first; nil: none at all.
func (p *page) chosen(a address) *fakecloud.Device {
	all := p.c.Devices()
	for _, d := range all {
		if d.ID() == a.device {
			return d
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// setPlan carries out a form about a plan: device=ID with type=N, switch=N or
// expire=1. What is not said stays; a plan that had run out begins anew.
func (p *page) setPlan(r *http.Request) error {
	of := r.PostForm
	d := p.chosen(address{device: of.Get("device")})
	if d == nil || d.ID() != of.Get("device") {
		return fmt.Errorf("no device %q is registered", of.Get("device"))
	}
	plan, _ := d.Plan()
	number := func(name string, most int) (int, error) {
		n, err := strconv.Atoi(of.Get(name))
		if err != nil || n < 0 || n > most {
			return 0, fmt.Errorf("%s=%q: must be 0 to %d", name, of.Get(name), most)
		}
		return n, nil
	}
	var err error
	switch {
	case of.Has("expire"):
		plan = fakecloud.Plan{Switch: plan.Switch}
	case of.Has("type"):
		plan.Type, err = number("type", fakecloud.PlanEvent)
	case of.Has("switch"):
		plan.Switch, err = number("switch", 1)
	default:
		err = fmt.Errorf("one of type, switch, expire must be said")
	}
	if err == nil {
		d.SetPlan(plan)
	}
	return err
}
