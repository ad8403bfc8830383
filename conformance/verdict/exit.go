package verdict

import (
	"fmt"
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
	for _, v := range r.all() {
		if v.Status == Fail {
			return true
		}
	}
	return false
}

// Incomplete says why the run is not complete, one reason a line; nothing when
// it is.
func (r *Run) Incomplete() []string {
	var why, failed, open []string
	ran := false
	for _, v := range r.all() {
		ran = ran || v.ran()
		switch {
		case v.Status == Error:
			failed = append(failed, v.Rule)
		case v.Status == NotJudged && v.Core && !v.Inapplicable:
			open = append(open, v.Rule)
		}
	}
	// A shard may be dealt no rule at all; the merged run tells.
	if !ran && !(r.Shard != nil && len(r.Verdicts) == 0) {
		why = append(why, "nothing ran: no scenario of a selected rule was carried out")
	}
	if len(failed) > 0 {
		why = append(why, fmt.Sprintf("the harness could not judge %d %s: %s", len(failed), plural(failed), some(failed)))
	}
	if len(open) > 0 {
		why = append(why, fmt.Sprintf("%d core %s not judged: %s", len(open), plural(open), some(open)))
	}
	return why
}

func plural(ids []string) string {
	if len(ids) == 1 {
		return "rule"
	}
	return "rules"
}

// some names the first ids and counts the others.
func some(ids []string) string {
	const most = 8
	if len(ids) <= most {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
}
