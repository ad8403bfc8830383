package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
)

// Judge gives each selected rule its verdict, from the outcomes of the run.
func Judge(cat *rules.Catalogue, selected []rules.Rule, outcomes []Outcome, about About) *Run {
	run := &Run{Schema: Schema, About: about, Verdicts: []Verdict{}}
	run.Versions = maps.Clone(about.Versions)
	if run.Versions == nil {
		run.Versions = make(map[string]string)
	}
	run.Versions["catalogue"] = cat.Digest()
	if len(about.Selection) == 0 {
		run.Selection = []string{}
		for _, r := range selected {
			run.Selection = append(run.Selection, r.ID)
		}
	}
	byRule := make(map[string][]Outcome)
	for _, o := range outcomes {
		byRule[o.Rule] = append(byRule[o.Rule], o)
	}
	for _, r := range selected {
		run.Verdicts = append(run.Verdicts, run.judge(r, byRule[r.ID]))
		delete(byRule, r.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(byRule)) {
		r, known := cat.Rule(id)
		if !known {
			run.InPassing = append(run.InPassing, Verdict{
				Rule: id, Level: rules.Info, Status: Error, Outcomes: byRule[id],
				Reason: "the catalogue does not have this rule: mend the id in the spec, or add the rule",
			})
			continue
		}
		if v := run.judge(r, byRule[id]); v.Status == Fail || v.Status == Warn || v.Status == Error {
			run.InPassing = append(run.InPassing, v)
		}
	}
	return run
}

// judge gives one rule its verdict.
func (run *Run) judge(r rules.Rule, outcomes []Outcome) Verdict {
	v := Verdict{Rule: r.ID, Digest: r.Digest(), Level: r.Level, Core: r.Core, Outcomes: outcomes}
	for i := range v.Outcomes {
		v.Outcomes[i].Conclude(r)
	}
	// Workers end in any order; the report must not depend on it.
	slices.SortStableFunc(v.Outcomes, func(a, b Outcome) int { return strings.Compare(a.Scenario, b.Scenario) })
	v.settle(r.Testable(), run.lacking(r), run.Strict)
	v.Inapplicable = v.Status == NotJudged && slices.ContainsFunc(r.Needs, func(c rules.Capability) bool {
		return run.Target.Missing[c] != "" && !c.AppliesTo(run.Target.Kind)
	})
	v.DeclaredAway = v.Status == NotJudged && slices.ContainsFunc(r.Needs, func(c rules.Capability) bool {
		return slices.Contains(run.Target.Undeclared, c)
	})
	return v
}

// settle merges the outcomes, worst first.
func (v *Verdict) settle(testable bool, lacking string, strict bool) {
	var judged []Status
	for _, o := range v.Outcomes {
		if !o.LeftOut() {
			judged = append(judged, o.Status)
		}
	}
	switch {
	case len(judged) > 0:
		v.Status = judged[0]
		for _, s := range judged[1:] {
			v.Status = worst(v.Status, s)
		}
	case lacking != "":
		v.Status, v.Reason = NotJudged, lacking
	case len(v.Outcomes) > 0:
		v.Status = NotJudged
	case !testable:
		v.Status, v.Reason = Untestable, "an INFO rule without a scenario"
	default:
		v.Status, v.Reason = Error, "no scenario of this rule ran: write one in conformance/specs, or see why it was not reached"
	}
	if v.Status == NotJudged && v.Reason == "" {
		v.Reason = v.firstText(Blocked, Lacking)
	}
	if v.Status == Warn && strict {
		v.Status, v.Promoted = Fail, true
	}
}

// firstText is the first line of the first finding of one of the severities.
func (v *Verdict) firstText(of ...Severity) string {
	for _, f := range v.Findings() {
		if slices.Contains(of, f.Severity) {
			line, _, _ := strings.Cut(strings.TrimSpace(f.Text), "\n")
			return line
		}
	}
	return ""
}

// lacking says what the rule needs and the target does not have.
func (run *Run) lacking(r rules.Rule) string {
	var all []string
	for _, c := range r.Needs {
		if why := run.Target.Missing[c]; why != "" {
			all = append(all, fmt.Sprintf("needs %s: %s", c, why))
		}
	}
	return strings.Join(all, "; ")
}
