package repro

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// program is repro.c on its way.
type program struct {
	r     scenario.Recording
	media *media
	cloud weather

	parms   []string // bodies of structures for iv_cs_init
	above   []string // functions and answers above main
	main    []string
	pushes  []push
	jobs    int
	limits  []string // what cannot be said in C
	wait    int64    // ms that have passed since the last line
	waited  bool
	entered [7]int // callbacks so far, and those that main has waited for
	synced  [7]int
	last    time.Time // domain time of the last line, where time passes by itself
	run     int       // first push of the run that is being gathered; -1: none
	end     int       // behind its last
	fresh   bool      // the cloud's faults have changed since the last line
}

// item is something of the recording and its place.
type item struct {
	mono    time.Duration
	event   *target.Event
	setting *target.Setting
	deed    *fakecloud.Deed
	remark  string
}

// items puts the recording in one order.
func (p *program) items() []item {
	var all []item
	trace := p.r.Trace
	var floor time.Duration
	for i := range trace {
		// Those that ended the process stand where they were seen.
		floor = max(floor, trace[i].Mono)
		all = append(all, item{mono: floor, event: &trace[i]})
	}
	for i := range p.r.Settings {
		all = append(all, item{mono: p.r.Settings[i].Mono, setting: &p.r.Settings[i]})
	}
	for i := range p.r.Deeds {
		all = append(all, item{mono: p.r.Deeds[i].Mono, deed: &p.r.Deeds[i]})
	}
	for _, m := range p.r.Remarks {
		at := time.Duration(0)
		if n := min(m.After, len(trace)); n > 0 {
			at = trace[n-1].Mono
		}
		all = append(all, item{mono: at, remark: m.Text})
	}
	slices.SortStableFunc(all, func(a, b item) int { return cmp.Compare(a.mono, b.mono) })
	return all
}

// interval is a call by the places of its begin and its end.
type interval struct {
	begun, returned int
	ret             *target.Return
	job             string // of one that goes on while others are made
}

// intervals pairs the calls that no callback has made.
func intervals(trace []target.Event) map[uint32]*interval {
	all := make(map[uint32]*interval)
	var order []*interval
	for i, ev := range trace {
		if ev.Call == nil || ev.Inside != 0 {
			continue
		}
		switch ev.Kind {
		case target.CallBegun:
			all[ev.ID] = &interval{begun: i, returned: len(trace)}
			order = append(order, all[ev.ID])
		case target.CallReturned:
			if c := all[ev.ID]; c != nil {
				c.returned, c.ret = i, ev.Return
			}
		}
	}
	for i, c := range order {
		if i+1 < len(order) && order[i+1].begun < c.returned {
			c.job = "later"
		}
	}
	return all
}

// translate makes C of the recording.
func (p *program) translate() {
	p.run, p.last = -1, p.r.Began
	p.cloud.before, p.cloud.files = true, make(map[string]string)
	calls := intervals(p.r.Trace)
	for _, it := range p.items() {
		switch {
		case it.event != nil:
			p.event(it.event, calls)
		case it.setting != nil:
			p.setting(it.setting)
		case it.deed != nil:
			p.deed(it.deed)
		default:
			p.line("finding(" + cString(p.r.Rule.ID+": "+it.remark) + ");")
		}
	}
	p.weather()
	p.flush()
	for _, c := range calls {
		if c.job != "" && c.job != "later" && c.ret == nil {
			p.main = append(p.main, fmt.Sprintf("join(&%s);", c.job))
		}
	}
	if p.r.Guarded {
		p.cannot("in the recorded run frames ended at a page without access: run the program under valgrind, or build it and the library with -fsanitize=address")
	}
}

func (p *program) event(ev *target.Event, calls map[uint32]*interval) {
	switch ev.Kind {
	case target.CallBegun:
		c := calls[ev.ID]
		if c == nil || ev.Inside != 0 || ev.Call.Func == target.FnConfigure || ev.Call.Func == target.FnClockFreeze {
			return
		}
		p.begun(ev, c)
	case target.CallReturned:
		var missing *target.MissingError
		if ev.Return != nil && errors.As(ev.Return.Err, &missing) {
			p.line(fmt.Sprintf("/* %s: the library does not export it */", missing.Func))
			return
		}
		if c := calls[ev.ID]; c != nil && c.job != "" && c.job != "later" {
			p.line(fmt.Sprintf("join(&%s);", c.job))
		}
		p.last = later(p.last, ev.Domain)
	case target.CallbackEntered:
		p.entered[ev.Callback]++
	case target.Died:
		p.line("finding(" + cString(ev.Err.Error()) + ");")
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// begun writes a call where it began.
func (p *program) begun(ev *target.Event, c *interval) {
	p.timeTo(ev.Domain)
	if ev.Call.Func == target.FnClockAdvance && c.job == "" {
		p.wait += ev.Call.Millis
		p.waited = true
		return
	}
	p.weather()
	p.cloud.before = false
	ret := c.ret
	if ret == nil {
		ret = &target.Return{Code: target.NoReturn}
	}
	if ret.Code == target.NoReturn {
		p.line("finding(" + cString(fmt.Sprintf("the next call, of %s, did not return", ev.Call.Func)) + ");")
	}
	if c.job == "" && ordinary(ev.Call) {
		p.push(ev.Call, then(ret))
		return
	}
	if c.job == "" {
		p.line(p.call(ev.Call, ret)...)
		return
	}
	p.jobs++
	name := fmt.Sprintf("job_%d", p.jobs)
	c.job = name
	p.above = append(p.above, fmt.Sprintf("static void %s_call(void)\n{\n%s}\nstatic struct job %s;\n", name, indent(p.call(ev.Call, ret)), name))
	p.line(fmt.Sprintf("go(&%s, %s_call); /* goes on while others are made */", name, name))
}

// timeTo lets time pass where it passes by itself.
func (p *program) timeTo(t time.Time) {
	if p.r.Mode == scenario.Virtual {
		return
	}
	if d := t.Sub(p.last); d >= time.Millisecond {
		p.wait += d.Milliseconds()
		p.waited = true
		p.last = t
	}
}

// push adds a pack to the run that is being gathered, or begins one.
func (p *program) push(c *target.Call, then string) {
	if p.run < 0 || p.behind() {
		p.flush()
		p.run = len(p.pushes)
	}
	p.pushes = append(p.pushes, push{p.wait, c, then})
	p.wait, p.waited, p.end = 0, false, len(p.pushes)
}

// behind reports whether callbacks have come that main has not waited for.
func (p *program) behind() bool { return p.entered != p.synced }

// line writes lines of main, when time has passed and callbacks have come as far
// as they had.
func (p *program) line(lines ...string) {
	p.flush()
	p.main = append(p.main, lines...)
}

// flush writes what has been gathered.
func (p *program) flush() {
	if p.run >= 0 {
		p.main = append(p.main, fmt.Sprintf("play(pushes + %d, %d);", p.run, p.end-p.run))
		p.run = -1
	}
	if p.waited {
		p.main = append(p.main, fmt.Sprintf("pass(%d);", p.wait))
		p.wait, p.waited = 0, false
	}
	for i, n := range p.entered {
		if n != p.synced[i] {
			p.main = append(p.main, fmt.Sprintf("seen(%s, %d);", slots[i], n))
		}
	}
	p.synced = p.entered
}

// deed is something that was done to the cloud.
func (p *program) deed(d *fakecloud.Deed) {
	p.timeTo(d.At)
	switch ask := p.cloud.change(*d); ask {
	case "faults":
		p.fresh = true // several at once are one script
	default:
		p.weather()
		p.line(fmt.Sprintf("cloud(%q);", ask))
	}
}

// weather writes the cloud's faults, if they have changed.
func (p *program) weather() {
	if !p.fresh {
		return
	}
	p.fresh = false
	restarts := slices.ContainsFunc(p.cloud.faults, func(f fault) bool {
		return !p.cloud.before && (f.fault.Skip > 0 || f.fault.Times > 0 || f.fault.From > 0 || f.fault.For > 0)
	})
	if ask := p.cloud.file(); ask != "" {
		if restarts {
			p.cannot("faults that count requests or time begin to count anew when another script is given")
		}
		p.line(fmt.Sprintf("cloud(%q);", ask))
	}
}

// setting is how a callback answers from now on.
func (p *program) setting(s *target.Setting) {
	if s.Other != "" {
		p.cannot("%s", s.Other)
		p.line("/* in the recorded run: " + strings.ReplaceAll(s.Other, "*/", "* /") + " */")
		return
	}
	slot := slots[s.Callback]
	if len(s.Answers) == 0 {
		p.line(fmt.Sprintf("answer(%s, NULL, 0);", slot))
		return
	}
	name := fmt.Sprintf("answers_%d", len(p.above)+1)
	var rows strings.Builder
	for i, a := range s.Answers {
		calls := "NULL"
		if len(a.Calls) > 0 {
			calls = fmt.Sprintf("%s_inside_%d", name, i+1)
			p.above = append(p.above, fmt.Sprintf("static void %s(void)\n{\n%s}\n", calls, indent(p.inside(a.Calls))))
		}
		fmt.Fprintf(&rows, "\t{.returns = %d, .delay_ms = %d, .calls = %s%s},\n", a.Return, a.Delay.Milliseconds(), calls, p.picture(a))
	}
	p.above = append(p.above, fmt.Sprintf("static const struct answer %s[] = {\n%s};\n", name, rows.String()))
	p.line(fmt.Sprintf("answer(%s, %s, %d);", slot, name, len(s.Answers)))
}

// inside writes calls made from inside a callback, with what the first of each returned.
func (p *program) inside(calls []target.Call) []string {
	var lines []string
	for i := range calls {
		var ret *target.Return
		for _, ev := range p.r.Trace {
			if ev.Kind == target.CallReturned && ev.Call == &calls[i] {
				ret = ev.Return
				break
			}
		}
		lines = append(lines, p.call(&calls[i], ret)...)
	}
	return lines
}

// picture is what an answer of the capture callback hands over.
func (p *program) picture(a target.Answer) string {
	raw := a.PictureRaw
	switch {
	case raw == nil && len(a.Picture) > 0:
		return fmt.Sprintf(", .picture = PICTURE_BYTES, .offset = %d, .length = %d", p.media.place(a.Picture), len(a.Picture))
	case raw == nil:
		return ""
	case raw.Untouched:
		return ", .picture = PICTURE_UNTOUCHED"
	case raw.Null:
		return fmt.Sprintf(", .picture = PICTURE_NULL, .size = %d", raw.Size)
	case raw.Garbage:
		p.cannot("a capture callback left an address that nobody may touch, with an error code; here it leaves NULL")
		return fmt.Sprintf(", .picture = PICTURE_NULL, .size = %d", raw.Size)
	}
	return fmt.Sprintf(", .picture = PICTURE_PAGE, .size = %d", raw.Size)
}

// cannot notes what the program does not repeat, each thing once.
func (p *program) cannot(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(p.limits, text) {
		p.limits = append(p.limits, text)
	}
}

func indent(lines []string) string {
	return "\t" + strings.Join(lines, "\n\t") + "\n"
}

// cString writes text as a string of C, on one line.
func cString(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const most = 400
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	q := strconv.Quote(text) // the escapes that Go writes for printable text are those of C
	return strings.ReplaceAll(q, "??", `?\?`)
}
