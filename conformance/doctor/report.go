package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Mark is how grave a finding is.
type Mark string

// The marks. A bad finding makes the verdict of a run worth nothing.
const (
	OK   Mark = "ok"
	Warn Mark = "warn"
	Bad  Mark = "bad"
)

// Finding is one thing that was looked at.
type Finding struct {
	Check  string `json:"check"` // file, symbols, headers, layout, dialect, load, protocol, hooks, clock, cloud
	Mark   Mark   `json:"mark"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"` // what to do; never empty unless the mark is ok
}

// Report is what was found, in the order of looking.
type Report struct {
	Target   string    `json:"target"`
	Findings []Finding `json:"findings"`
	Next     string    `json:"next"` // the command to go on with
}

// Count is how many findings have the mark.
func (r *Report) Count(m Mark) int {
	n := 0
	for _, f := range r.Findings {
		if f.Mark == m {
			n++
		}
	}
	return n
}

func (r *Report) add(mark Mark, check, remedy, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{Check: check, Mark: mark, Text: fmt.Sprintf(format, args...), Remedy: remedy})
}

func (r *Report) ok(check, format string, args ...any) { r.add(OK, check, "", format, args...) }

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// Text writes the report for people; color paints the marks.
func (r *Report) Text(w io.Writer, color bool) error {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s  %-9s %s\n", paint(f.Mark, color), f.Check, indent(f.Text, 16))
		if f.Remedy != "" {
			fmt.Fprintf(&b, "%16s-> %s\n", "", indent(f.Remedy, 19))
		}
	}
	bad, warn := r.Count(Bad), r.Count(Warn)
	switch {
	case bad > 0:
		fmt.Fprintf(&b, "\n%s: %d bad, %d to be looked at. Mend what is bad first: until then a verdict says nothing.\n", r.Target, bad, warn)
	case warn > 0:
		fmt.Fprintf(&b, "\n%s can be judged; %d to be looked at.\n", r.Target, warn)
	default:
		fmt.Fprintf(&b, "\n%s can be judged.\n", r.Target)
	}
	fmt.Fprintf(&b, "Next: %s\n", r.Next)
	_, err := io.WriteString(w, b.String())
	return err
}

func indent(s string, n int) string {
	return strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", n))
}

func paint(m Mark, color bool) string {
	text := fmt.Sprintf("%-4s", m)
	if !color {
		return text
	}
	return map[Mark]string{OK: "\x1b[32m", Warn: "\x1b[33m", Bad: "\x1b[31m"}[m] + text + "\x1b[0m"
}
