package fakecloud

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// valueError is an error in the value of one key.
type valueError struct {
	ScriptError
	key string
}

// compile turns what was written into a Fault or a disturbance.
func (m *Misbehaviour) compile() (wrong []valueError) {
	bad := func(key, remedy, format string, args ...any) {
		wrong = append(wrong, valueError{ScriptError{Problem: key + ": " + fmt.Sprintf(format, args...), Remedy: remedy}, key})
	}
	span := func(key, text string) time.Duration {
		d, err := time.ParseDuration(text)
		if text != "" && (err != nil || d < 0) {
			bad(key, "write 500ms, 10s or 2m", "%q is no span of time", text)
		}
		return d
	}
	amount := func(key, text string) (n int64, percent int) {
		if text == "" {
			return 0, 0
		}
		n, percent, err := parseAmount(text)
		if err != nil {
			bad(key, "write 40% or a number of bytes", "%q is neither", text)
		}
		return n, percent
	}
	f := &m.fault
	f.From, f.For = span("from", m.From), span("for", m.For)
	f.Delay, f.RetryAfter = span("late", m.Late), span("retry_after", m.RetryAfter)
	f.ResetAfter, f.TakePercent = amount("take", m.Take)
	f.Truncate, f.KeepPercent = amount("keep", m.Keep)
	if m.Keep != "" && f.Truncate == 0 && f.KeepPercent == 0 {
		f.Truncate = -1
	}
	if m.Reset || m.Take != "" && f.ResetAfter == 0 && f.TakePercent == 0 {
		f.ResetAfter = -1
	}
	f.Hang, f.Status, f.Body, f.LoseReply = m.Blackhole, m.Status, m.Body, m.LostReply
	var err error
	if f.Skip, f.Times, err = parseNth(m.Nth); err != nil {
		bad("nth", "write 3, 3-5 or 3-", "%v", err)
	}
	if f.Bandwidth, err = parseRate(m.Bandwidth); err != nil {
		bad("bandwidth", "write bytes a second: 20000, 20k or 1M", "%v", err)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		bad("status", "write 200 to 599", "%d is no status of HTTP", f.Status)
	}
	for _, class := range m.On {
		if !slices.Contains(scriptClasses, class) {
			bad("on", fmt.Sprintf("did you mean %q? there are: %v", nearest(string(class), words(scriptClasses)), scriptClasses), "%q is no class of requests", class)
		}
	}
	if m.Network != "" {
		m.compileNetwork(bad, span("latency", m.Latency))
		return wrong
	}
	acts := *f
	acts.From, acts.For, acts.Skip, acts.Times = 0, 0, 0, 0
	switch {
	case m.Refuse:
		bad("refuse", "add network: control, storage or all", "connections are refused by the network")
	case m.Latency != "":
		bad("latency", "add network: control, storage or all, or write late", "bytes are held back by the network")
	case acts == Fault{}:
		bad("on", "add one of take, reset, blackhole, status, body, keep, late, lost_reply, bandwidth", "nothing is to go wrong")
	}
	return wrong
}

// compileNetwork is compile for an entry about the network.
func (m *Misbehaviour) compileNetwork(bad func(key, remedy, format string, args ...any), latency time.Duration) {
	f := m.fault
	m.quake = disturbance{refuse: m.Refuse, blackhole: m.Blackhole, latency: latency, bandwidth: f.Bandwidth}
	if m.Take != "" || m.Reset {
		m.quake.resets, m.quake.reset = true, max(0, f.ResetAfter)
	}
	if !slices.Contains([]string{"control", "storage", "all"}, m.Network) {
		bad("network", "write control, storage or all", "%q is no plane", m.Network)
	}
	if f.TakePercent > 0 {
		bad("take", "write a number of bytes", "the network knows no requests, so no percent of one")
	}
	for key, given := range map[string]bool{
		"device": m.Device != "", "on": len(m.On) > 0, "nth": m.Nth != "", "status": m.Status != 0, "body": m.Body != "", "keep": m.Keep != "",
		"late": m.Late != "", "lost_reply": m.LostReply, "retry_after": m.RetryAfter != "",
	} {
		if given {
			bad(key, "remove it, or remove network", "the network knows no requests")
		}
	}
	if m.quake == (disturbance{}) {
		bad("network", "add one of refuse, blackhole, reset, take, latency, bandwidth", "nothing is to go wrong")
	}
}

// scriptClasses are the classes a script may name.
var scriptClasses = append(slices.Clone(DeviceClasses), ClassViewer)

func words(classes []Class) (all []string) {
	for _, c := range classes {
		all = append(all, string(c))
	}
	return all
}

// parseNth reads 3, 3-5 or 3-: which requests of its class, from 1.
func parseNth(text string) (skip, times int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	from, to, ranged := strings.Cut(text, "-")
	first, err := strconv.Atoi(strings.TrimSpace(from))
	if err != nil || first < 1 {
		return 0, 0, fmt.Errorf("%q does not begin with a number from 1", text)
	}
	to = strings.TrimSpace(to)
	if !ranged || to == "" {
		if ranged {
			return first - 1, 0, nil
		}
		return first - 1, 1, nil
	}
	last, err := strconv.Atoi(to)
	if err != nil || last < first {
		return 0, 0, fmt.Errorf("%q does not end with a number from %d", text, first)
	}
	return first - 1, last - first + 1, nil
}

// parseAmount reads 40% or a number of bytes.
func parseAmount(text string) (n int64, percent int, err error) {
	if number, is := strings.CutSuffix(text, "%"); is {
		percent, err = strconv.Atoi(strings.TrimSpace(number))
		if err == nil && (percent < 0 || percent > 100) {
			err = fmt.Errorf("%d%%", percent)
		}
		return 0, percent, err
	}
	n, err = strconv.ParseInt(text, 10, 64)
	if err == nil && n < 0 {
		err = fmt.Errorf("%d", n)
	}
	return n, 0, err
}

// parseRate reads bytes a second: 20000, 20k, 1M, each with B/s or without.
func parseRate(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	number, unit := strings.TrimSuffix(strings.TrimSpace(text), "B/s"), int64(1)
	for suffix, factor := range map[string]int64{"k": 1000, "M": 1_000_000} {
		if cut, is := strings.CutSuffix(number, suffix); is {
			number, unit = cut, factor
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 1 || n > 1<<40 {
		return 0, fmt.Errorf("%q is no rate", text)
	}
	return n * unit, nil
}
