package mutants

import (
	"fmt"
	"strings"

	"github.com/ivcs/conform/conformance/verdict"
)

// Fate is what became of a mutant.
type Fate string

const (
	Killed   Fate = "killed"
	Survived Fate = "survived"
	Broken   Fate = "broken" // it does not apply, does not build, or could not be judged
)

// Result is a mutant's fate and the evidence.
type Result struct {
	Mutant Mutant
	Fate   Fate
	// KilledBy is the spec's line and what it said.
	At, Text string
	// Besides are other rules of the chapter that were broken too.
	Besides []string
	Err     error
}

// Judge tells a mutant's fate by the run of its rule's chapter.
func (m Mutant) Judge(run *verdict.Run) Result {
	r := Result{Mutant: m, Fate: Survived}
	for _, v := range append(append([]verdict.Verdict(nil), run.Verdicts...), run.InPassing...) {
		if v.Rule != m.Rule {
			if v.Status == verdict.Fail || v.Status == verdict.Warn {
				r.Besides = append(r.Besides, v.Rule)
			}
			continue
		}
		for _, f := range v.Findings() {
			if m.kills(f) {
				first, _, _ := strings.Cut(strings.TrimSpace(f.Text), "\n")
				r.Fate, r.At, r.Text = Killed, f.At, first
				break
			}
		}
		if r.Fate == Survived && v.Status == verdict.Error {
			r.Fate, r.Err = Broken, fmt.Errorf("the harness could not judge %s: %s", m.Rule, v.Reason)
		}
	}
	return r
}

// kills reports whether a finding is the spec's own word: an expectation at a
// line of the spec. An invariant has no such line; a death counts only for a
// mutant that is meant to die.
func (m Mutant) kills(f verdict.Finding) bool {
	switch f.Severity {
	case verdict.Plain, verdict.Hard, verdict.Soft:
		return f.At != ""
	case verdict.Crash:
		return m.Dies
	}
	return false
}
