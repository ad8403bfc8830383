package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// mark is where in the trace a finding was made.
type mark struct {
	events int
	text   string
}

// mark notes the place of a finding for the time line.
func (e *Env) mark(text string) {
	if e.session != nil {
		e.marks = append(e.marks, mark{len(e.session.Trace()), text})
	}
}

// placed is a moment and its place on the machine's monotonic clock, which the
// library's process and the cloud share.
type placed struct {
	verdict.Moment
	mono time.Duration
}

// timeline merges calls, callbacks, requests and findings into one line, equal
// calls in a row as one moment.
func (e *Env) timeline() []verdict.Moment {
	if e.session == nil {
		return nil
	}
	trace := e.session.Trace()
	all := e.happened(trace)
	for _, entry := range e.Cloud.Journal() {
		if entry.Class != fakecloud.ClassViewer { // the suite's own look
			all = append(all, placed{e.request(entry), entry.Mono})
		}
	}
	for _, m := range e.marks {
		at := placed{Moment: verdict.Moment{Kind: verdict.FindingMoment, What: brief(m.text)}}
		if m.events > 0 {
			last := trace[m.events-1]
			at.AtMS, at.mono = e.since(last.Domain), last.Mono
		}
		all = append(all, at)
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.mono, b.mono) })
	var line []verdict.Moment
	for _, p := range all {
		if n := len(line); n > 0 && same(line[n-1], p.Moment) {
			line[n-1].Times = max(line[n-1].Times, 1) + 1
			line[n-1].UntilMS = max(p.AtMS, p.UntilMS)
			line[n-1].Detail = span(line[n-1].Detail, p.Detail)
			continue
		}
		line = append(line, p.Moment)
	}
	return line
}

// same reports whether two moments are told as one: the same thing with the
// same end, whatever the details.
func same(a, b verdict.Moment) bool {
	return a.Kind == b.Kind && a.What == b.What && a.Result == b.Result &&
		(a.Kind == verdict.CallMoment || a.Kind == verdict.RequestMoment) && (a.Detail == "") == (b.Detail == "")
}

// span joins the details of the first and the last of equal moments.
func span(first, last string) string {
	first, _, _ = strings.Cut(first, " … ")
	if first == last {
		return first
	}
	return first + " … " + last
}

// happened turns the library's events into moments: a call and its return are
// one, where it began.
func (e *Env) happened(trace []target.Event) []placed {
	var all []placed
	calls, callbacks := make(map[uint32]int), make(map[uint32]int)
	add := func(ev target.Event, m verdict.Moment) {
		m.AtMS = e.since(ev.Domain)
		all = append(all, placed{m, ev.Mono})
	}
	end := func(i int, ev target.Event, result string) {
		if at := e.since(ev.Domain); at > all[i].AtMS {
			all[i].UntilMS = at
		}
		all[i].Result = result
	}
	for _, ev := range trace {
		switch ev.Kind {
		case target.CallBegun:
			if slices.Contains(target.Hooks(), ev.Call.Func) {
				continue // the harness's own doing: it is the time axis
			}
			calls[ev.ID] = len(all)
			m := verdict.Moment{Kind: verdict.CallMoment, Result: "did not return"}
			m.What, m.Detail = callText(ev.Call)
			add(ev, m)
		case target.CallReturned:
			if i, ok := calls[ev.ID]; ok {
				end(i, ev, ev.Return.Code.String())
			}
		case target.CallbackEntered:
			callbacks[ev.ID] = len(all)
			m := verdict.Moment{Kind: verdict.CallbackMoment, What: ev.Callback.String(), Result: "did not return"}
			m.Detail = argsText(ev.Callback, ev.Args)
			add(ev, m)
		case target.CallbackLeft:
			if i, ok := callbacks[ev.ID]; ok {
				end(i, ev, fmt.Sprint(ev.Answered.Return))
			}
		case target.Stdout, target.Stderr:
			stream := map[target.Kind]string{target.Stdout: "stdout:", target.Stderr: "stderr:"}[ev.Kind]
			add(ev, verdict.Moment{Kind: verdict.OutputMoment, What: stream, Detail: ev.Text})
		case target.Died:
			add(ev, verdict.Moment{Kind: verdict.DeathMoment, What: firstLine(ev.Err.Error())})
		}
	}
	return all
}

func (e *Env) request(r fakecloud.Entry) verdict.Moment {
	path, _, _ := strings.Cut(r.Path, "?") // what follows is a signature
	m := verdict.Moment{
		AtMS: e.since(r.At), Kind: verdict.RequestMoment,
		What: fmt.Sprintf("%s %s", r.Method, path), Result: "no answer",
	}
	if r.Class == fakecloud.ClassSegmentPUT || r.Class == fakecloud.ClassPicturePUT {
		m.Detail = fmt.Sprintf("%d bytes", r.BytesIn)
	}
	if r.Done {
		m.UntilMS = e.since(r.At.Add(r.Took))
	}
	if m.UntilMS == m.AtMS {
		m.UntilMS = 0
	}
	if r.Status != 0 {
		m.Result = fmt.Sprint(r.Status)
	}
	switch {
	case r.Err != "" && r.Status == 0:
		m.Result = firstLine(r.Err)
	case r.Err != "":
		m.Result += " " + firstLine(r.Err)
	}
	return m
}

// since is a place on the scenario's time axis.
func (e *Env) since(t time.Time) int64 {
	if e.began.IsZero() || t.Before(e.began) {
		return 0
	}
	return t.Sub(e.began).Milliseconds()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// brief is a finding on one line of the time line.
func brief(s string) string {
	const most = 160
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > most {
		r = append(r[:most], '…')
	}
	return string(r)
}

// How much of a time line a page shows: its beginning, its end, and what stands
// around each finding. All of it is among the artefacts.
const (
	headMoments  = 6
	tailMoments  = 10
	beforeMoment = 12
	afterMoment  = 3
	mostMoments  = 90
)

// abridge leaves out what is far from every finding, and says how much.
func abridge(line []verdict.Moment) []verdict.Moment {
	keep := make([]bool, len(line))
	left := mostMoments
	around := func(from, to int) {
		for i := max(0, from); i < min(to, len(line)) && left > 0; i++ {
			if !keep[i] {
				keep[i] = true
				left--
			}
		}
	}
	around(0, headMoments)
	around(len(line)-tailMoments, len(line))
	for i, m := range line {
		if m.Kind == verdict.FindingMoment || m.Kind == verdict.DeathMoment {
			around(i-beforeMoment, i+afterMoment+1)
		}
	}
	var out []verdict.Moment
	for i, m := range line {
		switch n := len(out); {
		case keep[i]:
			out = append(out, m)
		case n > 0 && out[n-1].Kind == verdict.GapMoment:
			out[n-1].Times++
			out[n-1].UntilMS = m.AtMS
		default:
			out = append(out, verdict.Moment{Kind: verdict.GapMoment, AtMS: m.AtMS, Times: 1})
		}
	}
	return out
}
