package verdict

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Update brings the file in step with a complete run: it removes waivers that
// no finding needs, and adds one for each finding that none excuses, like fresh
// in all but rule and message. It changes whole entries alone, so that comments
// and the form of the rest stay. The changes are told, one line each.
func (f *WaiverFile) Update(run *Run, fresh Waiver) (text string, changes []string, err error) {
	run = run.clone()
	run.unwaive()
	used := make([]bool, len(f.Waivers))
	var added []Waiver
	for _, v := range run.all() {
		if v.Status != Fail && v.Status != Warn {
			continue
		}
		for _, finding := range v.broken() {
			if finding.Severity == Crash || finding.Severity == Harness {
				changes = append(changes, fmt.Sprintf("cannot be waived: %s: %s", v.Rule, oneLine(finding.Text)))
				continue
			}
			excused := false
			for i, w := range f.Waivers {
				if w.Rule == v.Rule && w.Matches(finding) {
					used[i], excused = true, true
				}
			}
			// A warning needs no waiver; it may have one.
			if excused || v.Status == Warn || !v.decides(finding) {
				continue
			}
			w := fresh
			w.Rule, w.Message = v.Rule, general(finding.Text)
			if !slices.Contains(added, w) {
				added = append(added, w)
			}
		}
	}
	var stale []int
	for i, w := range f.Waivers {
		if used[i] {
			continue
		}
		stale = append(stale, i)
		changes = append(changes, fmt.Sprintf("removed: %s %q", w.Rule, w.Message))
	}
	for _, w := range added {
		changes = append(changes, fmt.Sprintf("added: %s %q", w.Rule, w.Message))
	}
	text = f.rewrite(stale, added)
	return text, changes, f.verify(text, stale, added)
}

// verify reads the new text back: a form of YAML that rewrite does not know
// must not spoil a file.
func (f *WaiverFile) verify(text string, stale []int, added []Waiver) error {
	var want []Waiver
	for i, w := range f.Waivers {
		if !slices.Contains(stale, i) {
			want = append(want, w)
		}
	}
	want = append(want, added...)
	back, err := ParseWaivers(f.Name, []byte(text))
	if err == nil && slices.EqualFunc(back.Waivers, want, func(a, b Waiver) bool { a.Line = b.Line; return a == b }) {
		return nil
	}
	return fmt.Errorf("%s cannot be rewritten in its form: begin each waiver on a line of its own, as - rule: …", f.Name)
}

// clone copies what unwaive changes.
func (r *Run) clone() *Run {
	c := *r
	c.Verdicts, c.InPassing = slices.Clone(r.Verdicts), slices.Clone(r.InPassing)
	return &c
}

// measured is what another run will give otherwise: times, addresses.
var measured = regexp.MustCompile(`0x[0-9a-fA-F]{4,}|\+?\b[0-9]+(?:\.[0-9]+)?(?:ns|µs|ms|s|m|h)\b|\b[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?`)

// general is a finding as a waiver quotes it: on one line, … for what was measured.
func general(text string) string {
	const most = 200
	text = measured.ReplaceAllString(oneLine(text), "…")
	if r := []rune(text); len(r) > most {
		text = string(r[:most])
	}
	return strings.TrimSpace(text)
}

// rewrite gives the text without the items that are stale, and with those that
// are new at the end of the list.
func (f *WaiverFile) rewrite(stale []int, added []Waiver) string {
	lines := strings.Split(strings.TrimRight(f.text, "\n"), "\n")
	drop := make([]bool, len(lines))
	for _, i := range stale {
		from, to := f.span(i, lines)
		for line := from; line < to; line++ {
			drop[line] = true
		}
	}
	var out []string
	for i, line := range lines {
		if !drop[i] {
			out = append(out, line)
		}
	}
	if f.text == "" {
		out = nil
	}
	indent := "  "
	if len(f.items) > 0 {
		line := lines[f.Waivers[0].Line-1]
		indent = line[:depth(line)]
	}
	body := entries(indent, added)
	switch {
	case len(f.items) == 0:
		// No list yet, or an empty one.
		out = slices.DeleteFunc(out, func(line string) bool { return strings.HasPrefix(line, "waivers:") })
		if len(added) == 0 {
			break
		}
		out = append(append(out, "waivers:"), body...)
	case len(stale) == len(f.items) && len(added) == 0:
		for i, line := range out {
			if strings.HasPrefix(line, "waivers:") {
				out[i] = "waivers: []"
			}
		}
	default:
		out = append(out, body...)
	}
	return strings.Join(out, "\n") + "\n"
}

// span is the lines of an item: with the comment right above it, up to what is
// indented no deeper than its dash.
func (f *WaiverFile) span(i int, lines []string) (from, to int) {
	from = f.Waivers[i].Line - 1
	deeper := func(line string) bool { return depth(line) > depth(lines[from]) }
	for to = from + 1; to < len(lines) && (strings.TrimSpace(lines[to]) == "" || deeper(lines[to])); {
		to++
	}
	for strings.TrimSpace(lines[to-1]) == "" {
		to--
	}
	for from > 0 && strings.HasPrefix(strings.TrimSpace(lines[from-1]), "#") {
		from--
	}
	return from, to
}

func depth(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func entries(indent string, waivers []Waiver) []string {
	var out []string
	for _, w := range waivers {
		out = append(out, indent+"- rule: "+w.Rule)
		for _, field := range []struct{ name, value string }{
			{"message", w.Message}, {"reason", w.Reason}, {"owner", w.Owner}, {"link", w.Link},
		} {
			out = append(out, fmt.Sprintf("%s  %s: %s", indent, field.name, strconv.Quote(field.value)))
		}
		out = append(out, fmt.Sprintf("%s  expires: %q", indent, w.Expires))
	}
	return out
}
