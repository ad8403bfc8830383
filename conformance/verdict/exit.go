package verdict

import (
	"fmt"
	"slices"
	"strings"
)

// Exit codes of the command.
const (
	ExitConformant    = 0
	ExitNotConformant = 1
	ExitUsage         = 2 // wrong usage or configuration; also: no rule was selected
	ExitTarget        = 3 // the target cannot be loaded or driven; decided before a Run exists
	ExitIncomplete    = 4 // nothing ran, an error, or a core rule was not judged
)

// ExitCode is what the run amounts to. What is proven broken outweighs what
// could not be judged.
func (r *Run) ExitCode() int {
	switch {
	case len(r.Selection) == 0:
		return ExitUsage
	case r.broken():
		return ExitNotConformant
	case len(r.Incomplete()) > 0:
		return ExitIncomplete
	default:
		return ExitConformant
	}
}

func (r *Run) all() []Verdict {
	return append(r.Verdicts[:len(r.Verdicts):len(r.Verdicts)], r.InPassing...)
}

func (r *Run) broken() bool {
	return len(r.Grievances) > 0 || slices.ContainsFunc(r.all(), func(v Verdict) bool { return v.Status == Fail })
}

// Excused counts the rules that a waiver excuses: a conformant run is only
// conformant with so many waivers.
func (r *Run) Excused() int {
	n := 0
	for _, v := range r.all() {
		if v.Status == Waived {
			n++
		}
	}
	return n
}

// GapKind is why a run is not complete.
type GapKind string

const (
	NothingRan  GapKind = "nothing ran"
	HarnessGap  GapKind = "harness"  // the harness could not judge
	CoreGap     GapKind = "core"     // a core rule was not judged
	DeclaredGap GapKind = "declared" // a core rule needs what the vendor says the library lacks
)

// Gap is a reason why the run is not complete, and the rules behind it.
type Gap struct {
	Kind  GapKind
	Rules []string
}

// Gaps says why the run is not complete; nothing when it is.
func (r *Run) Gaps() []Gap {
	var failed, open, declared []string
	ran := false
	for _, v := range r.all() {
		ran = ran || v.ran()
		switch {
		case v.Status == Error:
			failed = append(failed, v.Rule)
		case v.Status != NotJudged || !v.Core || v.Inapplicable:
		case v.DeclaredAway:
			declared = append(declared, v.Rule)
		default:
			open = append(open, v.Rule)
		}
	}
	var gaps []Gap
	// A shard may be dealt no rule at all; the merged run tells.
	if !ran && !(r.Shard != nil && len(r.Verdicts) == 0) {
		gaps = append(gaps, Gap{NothingRan, nil})
	}
	for _, g := range []Gap{{HarnessGap, failed}, {CoreGap, open}, {DeclaredGap, declared}} {
		if len(g.Rules) > 0 {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

// Partial reports whether nothing is open but core rules that the vendor has
// declared away: what was judged conforms, and it is not all.
func (r *Run) Partial() bool {
	gaps := r.Gaps()
	return len(gaps) == 1 && gaps[0].Kind == DeclaredGap
}

// Incomplete says why the run is not complete, one reason a line; nothing when
// it is.
func (r *Run) Incomplete() []string {
	var why []string
	for _, g := range r.Gaps() {
		switch g.Kind {
		case NothingRan:
			why = append(why, "nothing ran: no scenario of a selected rule was carried out")
		case HarnessGap:
			why = append(why, fmt.Sprintf("the harness could not judge %d %s: %s", len(g.Rules), plural(g.Rules), Some(g.Rules)))
		case CoreGap:
			why = append(why, fmt.Sprintf("%d core %s not judged: %s", len(g.Rules), plural(g.Rules), Some(g.Rules)))
		case DeclaredGap:
			why = append(why, fmt.Sprintf("%d core %s declared away: %s", len(g.Rules), plural(g.Rules), Some(g.Rules)))
		}
	}
	return why
}

func plural(ids []string) string {
	if len(ids) == 1 {
		return "rule"
	}
	return "rules"
}

// Some names the first ids and counts the others.
func Some(ids []string) string {
	const most = 8
	if len(ids) <= most {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
}
