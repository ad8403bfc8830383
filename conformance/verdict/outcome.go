package verdict

import (
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
)

// Finding is one thing that a scenario noticed.
type Finding struct {
	Severity Severity `json:"severity"`
	// Text says what was expected and what was observed.
	Text string `json:"text"`
	// At is the line of the spec: "specs/init.go:12".
	At string `json:"at,omitempty"`
}

// Breaks reports whether a finding is the word of a rule's own spec that the
// rule is broken: an expectation at a line of it, which an invariant has not. What
// only warns does not break a MUST.
func (f Finding) Breaks(level rules.Level) bool {
	switch f.Severity {
	case Plain, Hard:
		return f.At != ""
	case Soft:
		return f.At != "" && level != rules.Must
	}
	return false
}

// Record is an observation of which the specification leaves the choice, or the
// figure, to the library.
type Record struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	// Figure: a measurement, which another run may give otherwise, and not a
	// reading of the text.
	Figure bool `json:"figure,omitempty"`
}

// Outcome is the end of one scenario of a rule.
type Outcome struct {
	Rule     string    `json:"rule"`
	Scenario string    `json:"scenario"`
	Status   Status    `json:"status"`
	Findings []Finding `json:"findings,omitempty"`
	Records  []Record  `json:"records,omitempty"`
	// DomainMS is the time that passed for the library, RealMS for the machine.
	DomainMS int64 `json:"domain_ms"`
	RealMS   int64 `json:"real_ms"`
	Worker   int   `json:"worker,omitempty"`
	// Trace is the time line around what was found; only where something was.
	Trace []Moment `json:"trace,omitempty"`
	// Artifacts are the files that the scenario left in the folder asked for.
	Artifacts []string `json:"artifacts,omitempty"`
}

// Conclude sets the status that the findings amount to for the rule.
func (o *Outcome) Conclude(r rules.Rule) {
	o.Status = clean(r.Level)
	if has := func(s Severity) bool {
		return slices.ContainsFunc(o.Findings, func(f Finding) bool { return f.Severity == s })
	}; has(Harness) && !has(Crash) {
		o.Status = Error
		return
	}
	for _, f := range o.Findings {
		o.Status = worst(o.Status, weigh(r.Level, f.Severity))
	}
}

// LeftOut reports whether the scenario did not run because the target lacks a
// capability.
func (o Outcome) LeftOut() bool {
	return len(o.Findings) > 0 && !slices.ContainsFunc(o.Findings, func(f Finding) bool { return f.Severity != Lacking })
}

// Text lists the findings; what belongs to one is indented below it.
func (o Outcome) Text() string {
	var b strings.Builder
	for i, f := range o.Findings {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(string(f.Severity) + ": " + strings.ReplaceAll(strings.TrimSpace(f.Text), "\n", "\n  "))
		if f.At != "" {
			b.WriteString("\n  at " + f.At)
		}
	}
	return b.String()
}
