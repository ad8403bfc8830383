package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/ivcs/conform/fakecloud"
)

type (
	// readyRow is a ready fault and whether it is on.
	readyRow struct {
		Key, Name string
		ID        int // in force under this number; 0: off
	}
	// faultRow is a fault in force.
	faultRow struct {
		ID     int
		Text   string
		Struck int // requests it has met
	}
)

// faults lists the ready faults for a device, and what is in force for all.
func (p *page) faults(a address) (ready []readyRow, force []faultRow) {
	id := make(map[string]int)
	for _, s := range p.c.Scripted() {
		text := wording(s.Misbehaviour)
		id[text] = s.ID
		force = append(force, faultRow{s.ID, plain.Replace(text), s.Struck})
	}
	for _, f := range readyFaults {
		ready = append(ready, readyRow{f.key, f.name[a.lang], id[wording(f.read(a.device).Faults[0])]})
	}
	return ready, force
}

// plain leaves out of JSON what YAML does not need.
var plain = strings.NewReplacer(`":`, ": ", `"`, "", ",", ", ", `\u003c`, "<", `\u003e`, ">")

// wording is an entry of a script as JSON, by which two are told apart.
func wording(m fakecloud.Misbehaviour) string {
	b, err := json.Marshal(m)
	if err != nil {
		panic("page: a script always marshals: " + err.Error())
	}
	return string(b)
}

// setFaults carries out a form about faults: ready=KEY or script=YAML switches
// on, off=ID or off=all switches off.
func (p *page) setFaults(r *http.Request) error {
	if off := r.PostForm.Get("off"); off == "all" {
		return p.c.ClearFaults()
	} else if off != "" {
		id, err := strconv.Atoi(off)
		if err != nil {
			return fmt.Errorf("off=%q: must be all or a number", off)
		}
		return p.c.Withdraw(id)
	}
	if key := r.PostForm.Get("ready"); key != "" {
		for _, f := range readyFaults {
			if f.key == key {
				return p.c.Inject(f.read(p.chosen(readAddress(r)).ID()))
			}
		}
		return fmt.Errorf("ready=%q: there is no such fault", key)
	}
	s, err := fakecloud.ParseScript([]byte(r.PostForm.Get("script")))
	if err != nil {
		return err
	}
	return p.c.Inject(s)
}
