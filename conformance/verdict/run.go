package verdict

import (
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
)

// Schema is the version of the JSON form of a Run.
const Schema = 2

// TargetInfo is what was judged.
type TargetInfo struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"` // rules.KindLibrary or rules.KindReference
	Machine string `json:"machine,omitempty"`
	// Missing says why the target lacks a capability; what is not in it is there.
	Missing map[rules.Capability]string `json:"missing,omitempty"`
	// Undeclared are the capabilities that the vendor's conform.yaml declares away.
	Undeclared []rules.Capability `json:"undeclared,omitempty"`
	// Notes are findings about the target as a whole, for people.
	Notes []string `json:"notes,omitempty"`
}

// Shard is the part of a run that one machine took.
type Shard struct {
	Index int `json:"index"` // from 1
	Count int `json:"count"`
}

// About is what is known of a run before it begins.
type About struct {
	Target   TargetInfo        `json:"target"`
	Clock    string            `json:"clock"`
	Rate     float64           `json:"rate,omitempty"` // of a scaled clock
	Seed     int64             `json:"seed"`
	Strict   bool              `json:"strict"`
	Versions map[string]string `json:"versions,omitempty"`
	// Args of the command that reproduce the run, without --rules and --shard.
	Args []string `json:"args,omitempty"`
	// Selection holds the ids of all selected rules, of this shard or another;
	// Judge fills it in when it is empty.
	Selection []string `json:"selection"`
	Shard     *Shard   `json:"shard,omitempty"`
	// Waivers in force; Waive applies them.
	Waivers []Waiver `json:"waivers,omitempty"`
}

// Verdict is what became of a rule.
type Verdict struct {
	Rule string `json:"rule"`
	// Digest of the rule as it was then: another wording has another one.
	Digest string      `json:"digest,omitempty"`
	Level  rules.Level `json:"level"`
	Core   bool        `json:"core"`
	Status Status      `json:"status"`
	// Reason says why there is no other status: not-judged, untestable, error.
	Reason string `json:"reason,omitempty"`
	// Promoted: it is a warning, and the run is strict.
	Promoted bool `json:"promoted,omitempty"`
	// Inapplicable: the rule needs what this kind of target cannot have, and is
	// not judged without any fault of the target.
	Inapplicable bool `json:"inapplicable,omitempty"`
	// DeclaredAway: the rule needs what the vendor says the library lacks.
	DeclaredAway bool `json:"declared_away,omitempty"`
	// Waived is what excuses the rule when its status is Waived.
	Waived   *Excuse   `json:"waived,omitempty"`
	Outcomes []Outcome `json:"outcomes,omitempty"`
}

// Findings lists the findings of all scenarios, those that decide first.
func (v Verdict) Findings() []Finding {
	var all []Finding
	for _, o := range v.Outcomes {
		all = append(all, o.Findings...)
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return slices.Index(severities, a.Severity) - slices.Index(severities, b.Severity)
	})
	return all
}

// Records lists what was recorded, each observation once, in order.
func (v Verdict) Records() []Record {
	var all []Record
	for _, o := range v.Outcomes {
		for _, r := range o.Records {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all
}

// ran reports whether a scenario was carried out.
func (v Verdict) ran() bool {
	return slices.ContainsFunc(v.Outcomes, func(o Outcome) bool { return !o.LeftOut() })
}

// Run is the result of judging one target.
type Run struct {
	Schema int `json:"schema"`
	About
	Verdicts []Verdict `json:"verdicts"`
	// InPassing holds rules that were not selected and yet seen broken.
	InPassing []Verdict `json:"in_passing,omitempty"`
	// Grievances are what is wrong with the waivers: the run is not conformant
	// until they are mended.
	Grievances []string `json:"grievances,omitempty"`
}

// Verdict finds the verdict on a rule.
func (r *Run) Verdict(id string) (Verdict, bool) {
	if i := slices.IndexFunc(r.Verdicts, func(v Verdict) bool { return v.Rule == id }); i >= 0 {
		return r.Verdicts[i], true
	}
	return Verdict{}, false
}

// Count tells how many selected rules have each status.
func (r *Run) Count() map[Status]int {
	n := make(map[Status]int)
	for _, v := range r.Verdicts {
		n[v.Status]++
	}
	return n
}

// Rerun is the command line that judges one rule again.
func (r *Run) Rerun(id string) string {
	words := append([]string{"conform"}, r.Args...)
	words = append(words, "--rules", id)
	for i, w := range words {
		words[i] = quote(w)
	}
	return strings.Join(words, " ")
}

// quote writes a word as a POSIX shell reads it.
func quote(w string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=+./:,@%", r)
	}
	if w != "" && strings.IndexFunc(w, func(r rune) bool { return !plain(r) }) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
