package mutants

import (
	"fmt"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// Fate is what became of a mutant.
type Fate string

const (
	Killed   Fate = "killed"
	Survived Fate = "survived"
	Broken   Fate = "broken" // it does not apply, does not build, or could not be judged
	// Explained has survived, and its data say why no black box can see it.
	Explained Fate = "explained"
)

// Result is a mutant's fate and the evidence.
type Result struct {
	Mutant Mutant
	Fate   Fate
	// What killed it: the scenario, the spec's line and what it said.
	Scenario, At, Text string
	// Besides are other rules that were broken too: of the scenarios that ran.
	Besides []string
	Err     error
}

// Judge tells a mutant's fate by a run with its rule in it.
func (m Mutant) Judge(run *verdict.Run) Result {
	r := Result{Mutant: m, Fate: Survived}
	for _, v := range append(append([]verdict.Verdict(nil), run.Verdicts...), run.InPassing...) {
		if v.Rule != m.Rule {
			if v.Status == verdict.Fail || v.Status == verdict.Warn {
				r.Besides = append(r.Besides, v.Rule)
			}
			continue
		}
		if by, f, killed := m.killer(v); killed {
			first, _, _ := strings.Cut(strings.TrimSpace(f.Text), "\n")
			r.Fate, r.Scenario, r.At, r.Text = Killed, by, f.At, first
		}
		if r.Fate == Survived && v.Status == verdict.Error {
			r.Fate, r.Err = Broken, fmt.Errorf("the harness could not judge %s: %s", m.Rule, v.Reason)
		}
	}
	if m.Warns != "" {
		for _, v := range run.Verdicts {
			if v.Rule == m.Rule && v.Status == verdict.Fail {
				r.Fate, r.Err = Broken, fmt.Errorf("%s is said to be warned of only (%s), and fails the rule: drop warns", m.Name, m.Warns)
			}
		}
	}
	if m.Survives != "" {
		switch r.Fate {
		case Survived:
			r.Fate = Explained
		case Killed:
			r.Fate, r.Err = Broken, fmt.Errorf("%s is said to survive and is killed at %s (%s): drop survives", m.Name, r.At, r.Text)
		}
	}
	return r
}

// killer finds the first scenario that kills the mutant.
func (m Mutant) killer(v verdict.Verdict) (scenario string, f verdict.Finding, found bool) {
	for _, o := range v.Outcomes {
		for _, f := range o.Findings {
			if m.kills(f, v.Level) && m.Warns == "" || m.warns(f, v.Level) {
				return o.Scenario, f, true
			}
		}
	}
	return "", verdict.Finding{}, false
}

// warns reports whether a finding is the warning that a ruling makes of the fault.
func (m Mutant) warns(f verdict.Finding, level rules.Level) bool {
	return m.Warns != "" && f.Severity == verdict.Soft && f.At != "" && !f.Breaks(level)
}

// kills reports whether a finding is the spec's own word that the rule is broken.
// A death counts only for a mutant that is meant to die.
func (m Mutant) kills(f verdict.Finding, level rules.Level) bool {
	return f.Breaks(level) || f.Severity == verdict.Crash && m.Dies
}
