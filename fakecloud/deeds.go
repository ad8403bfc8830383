package fakecloud

import (
	"fmt"
	"strconv"
	"sync"
	"time"
)

// Deed is one thing that was done to a cloud, so that it can be done to another
// one again. Exactly one of Plan, Class and Link is set.
type Deed struct {
	At     time.Time     // cloud clock
	Mono   time.Duration // CLOCK_MONOTONIC of the machine
	Device string        // product/name; "": all

	// Plan came into force, by an operator or because the one before had expired.
	Plan *Plan
	// Class of requests meets Fault from now on, beside those there are; nil: it
	// is treated honestly again.
	Class Class
	Fault *Fault
	// Link (control or storage) is disturbed as this says from now on; nil: not at all.
	Link    string
	Weather *Misbehaviour
}

// WithDeeds keeps what is done to the cloud, for Cloud.Deeds.
func WithDeeds() Option { return func(s *settings) { s.deeds = true } }

// Deeds returns what was done to a cloud WithDeeds, in order.
func (c *Cloud) Deeds() []Deed {
	c.deeds.mu.Lock()
	defer c.deeds.mu.Unlock()
	return append([]Deed(nil), c.deeds.all...)
}

// diary has a lock of its own: deeds are done under several.
type diary struct {
	mu  sync.Mutex
	all []Deed
}

func (c *Cloud) did(d Deed) {
	if !c.settings.deeds {
		return
	}
	c.deeds.mu.Lock()
	defer c.deeds.mu.Unlock()
	d.At, d.Mono = c.clock.Now(), machineMono()
	c.deeds.all = append(c.deeds.all, d)
}

func (c *Cloud) watchLinks() {
	for name, l := range map[string]*Link{"control": c.network.Control, "storage": c.network.Storage} {
		l.told = func(s disturbance) { c.did(Deed{Link: name, Weather: s.written(name)}) }
	}
}

// written is the disturbance as a script says it; nil: none.
func (d disturbance) written(link string) *Misbehaviour {
	if d == (disturbance{}) {
		return nil
	}
	m := &Misbehaviour{Network: link, Refuse: d.refuse, Blackhole: d.blackhole, Bandwidth: decimal(d.bandwidth), Latency: span(d.latency)}
	if d.resets {
		m.Take, m.Reset = decimal(d.reset), d.reset == 0
	}
	return m
}

// Written is the fault as a script says it (docs/faults.md), for classes of
// requests of a device; "" is all.
func (f Fault) Written(device string, on ...Class) Misbehaviour {
	m := Misbehaviour{
		Device: device, On: on, From: span(f.From), For: span(f.For), Bandwidth: decimal(f.Bandwidth),
		Take: decimal(max(0, f.ResetAfter)), Reset: f.ResetAfter < 0, Blackhole: f.Hang, Status: f.Status, Body: f.Body,
		RetryAfter: span(f.RetryAfter), Keep: decimal(max(0, f.Truncate)), Late: span(f.Delay), LostReply: f.LoseReply,
	}
	if f.TakePercent > 0 {
		m.Take = fmt.Sprintf("%d%%", f.TakePercent)
	}
	switch {
	case f.KeepPercent > 0:
		m.Keep = fmt.Sprintf("%d%%", f.KeepPercent)
	case f.Truncate < 0:
		m.Keep = "0"
	}
	switch {
	case f.Times == 1:
		m.Nth = strconv.Itoa(f.Skip + 1)
	case f.Times > 1:
		m.Nth = fmt.Sprintf("%d-%d", f.Skip+1, f.Skip+f.Times)
	case f.Skip > 0:
		m.Nth = fmt.Sprintf("%d-", f.Skip+1)
	}
	return m
}

func decimal(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// YAML writes the script as ParseScript reads it.
func (s Script) YAML() string {
	var b []byte
	b = append(b, "faults:\n"...)
	for _, m := range s.Faults {
		mark := "  - "
		for _, field := range m.fields() {
			b = append(b, mark+field.key+": "+field.value+"\n"...)
			mark = "    "
		}
	}
	return string(b)
}

type written struct{ key, value string }

// fields are the keys that are set, in the order of docs/faults.md.
func (m Misbehaviour) fields() (all []written) {
	text := func(key, value string) {
		if value != "" {
			all = append(all, written{key, value})
		}
	}
	truth := func(key string, set bool) {
		if set {
			text(key, "true")
		}
	}
	quoted := func(key, value string) {
		if value != "" {
			text(key, strconv.Quote(value))
		}
	}
	quoted("device", m.Device)
	switch {
	case len(m.On) == 1:
		text("on", string(m.On[0]))
	case len(m.On) > 1:
		list := ""
		for i, class := range m.On {
			if i > 0 {
				list += ", "
			}
			list += string(class)
		}
		text("on", "["+list+"]")
	}
	text("network", m.Network)
	quoted("nth", m.Nth)
	text("from", m.From)
	text("for", m.For)
	text("bandwidth", m.Bandwidth)
	text("take", m.Take)
	truth("reset", m.Reset)
	truth("blackhole", m.Blackhole)
	if m.Status != 0 {
		text("status", strconv.Itoa(m.Status))
	}
	quoted("body", m.Body)
	text("retry_after", m.RetryAfter)
	text("keep", m.Keep)
	text("late", m.Late)
	truth("lost_reply", m.LostReply)
	truth("refuse", m.Refuse)
	text("latency", m.Latency)
	return all
}
