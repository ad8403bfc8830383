package rules

import (
	"fmt"
	"slices"
	"strings"
)

// check refuses what is wrong with one rule.
func (l *loader) check(file string, at node, r *Rule) {
	refuse := func(field, problem, remedy string) {
		l.refuse(file, at.line(field), problem, remedy)
	}
	if m := ruleID.FindStringSubmatch(r.ID); m == nil {
		refuse("id", fmt.Sprintf("%q is no id of a rule", r.ID), "write "+r.Chapter+"- and three digits")
	} else if m[1] != r.Chapter {
		refuse("id", fmt.Sprintf("%s is not of chapter %s", r.ID, r.Chapter), "move it to the file of chapter "+m[1]+", or give it an id "+r.Chapter+"-…")
	} else if first, ok := l.first[r.ID]; ok {
		refuse("id", fmt.Sprintf("duplicate id %s (first in %s)", r.ID, first), "give one of the two another number; ids are never used again")
	} else {
		l.first[r.ID] = fmt.Sprintf("%s:%d", file, at.line("id"))
	}
	if !slices.Contains(Levels(), r.Level) {
		refuse("level", fmt.Sprintf("%s has level %q", r.ID, r.Level), "choose one of "+list(Levels()))
	}
	for _, text := range []struct{ field, value string }{
		{"statement_en", r.EN}, {"statement_zh", r.ZH}, {"observe", r.Observe}, {"mutant", r.Mutant}, {"time", r.Time},
	} {
		if blank(text.value) {
			refuse(text.field, r.ID+" has no "+text.field, "write it: a rule stands in English and in Chinese, and says how it is judged")
		}
	}
	if !blank(r.ZH) && !chinese(r.ZH) {
		refuse("statement_zh", r.ID+" has no Chinese in statement_zh", "say the sentence in Chinese")
	}
	if len(r.Scenarios) == 0 || slices.ContainsFunc(r.Scenarios, blank) {
		refuse("scenarios", r.ID+" has no scenarios, or an empty one", `name at least one, "record only" if there is nothing to test`)
	}
	l.checkSource(file, at, r)
	l.checkNeeds(file, at, r)
	for _, id := range r.Ambiguities {
		if !l.known[id] {
			refuse("ambiguities", fmt.Sprintf("%s cites %s, which %s does not have", r.ID, id, ambiguityFile), "rule on it in docs/interpretations.md and list it there, or mend the id")
		}
	}
}

// checkSource: a sentence of the specification says where it stands; a check
// from the field stands nowhere and names what fails all the same.
func (l *loader) checkSource(file string, at node, r *Rule) {
	s := r.Source
	switch r.Basis {
	case Explicit, Derived:
		if blank(s.Section) || blank(s.Quote) || s.Line <= 0 {
			l.refuse(file, at.line("source"), r.ID+" does not say where it stands", "give section, line and quote of the specification")
		}
	case Field:
		if s != (Source{}) {
			l.refuse(file, at.line("source"), r.ID+" comes from the field and has a source", "remove the source, or say basis: explicit")
		}
		if len(r.Hard) == 0 {
			l.refuse(file, at.line("hard"), r.ID+" comes from the field and names no hard part", "list under hard what fails a library all the same: crash at least")
		}
	default:
		l.refuse(file, at.line("basis"), fmt.Sprintf("%s has basis %q", r.ID, r.Basis), "choose one of explicit, derived, field")
	}
	for _, h := range r.Hard {
		if known := []HardPart{CrashPart, HangPart, LostPicturePart, UnboundedMemoryPart}; !slices.Contains(known, h) {
			l.refuse(file, at.line("hard"), fmt.Sprintf("%s has the hard part %q", r.ID, h), "choose of "+list(known))
		}
	}
}

func (l *loader) checkNeeds(file string, at node, r *Rule) {
	for _, field := range []string{"core", "needs", "ambiguities"} {
		if !at.has(field) {
			l.refuse(file, at.line(field), r.ID+" does not say "+field, "write it, be it core: false or an empty list")
		}
	}
	if r.Tier != TierA && r.Tier != TierB {
		l.refuse(file, at.line("tier"), fmt.Sprintf("%s has tier %q", r.ID, r.Tier), "choose A (the library alone) or B (it speaks the cloud binding)")
	} else if cloud := slices.Contains(r.Needs, CloudBinding); cloud != (r.Tier == TierB) {
		l.refuse(file, at.line("tier"), fmt.Sprintf("%s is of tier %s and needs %s", r.ID, r.Tier, list(r.Needs)), "tier B is what needs cloud-binding: mend one of the two")
	}
	for i, c := range r.Needs {
		switch {
		case !c.Known():
			l.refuse(file, at.line("needs"), fmt.Sprintf("%s needs %q, which is no capability", r.ID, c), "choose of "+list(Capabilities())+", or add it to capability.go")
		case slices.Contains(r.Needs[:i], c):
			l.refuse(file, at.line("needs"), fmt.Sprintf("%s needs %s twice", r.ID, c), "remove one")
		case r.Core && c.Optional():
			l.refuse(file, at.line("core"), fmt.Sprintf("%s is core and needs %s, which a port may lack", r.ID, c), "say core: false, or drop the need")
		}
	}
	if r.Core && (r.Level == Should || r.Level == May || r.Level == Info) {
		l.refuse(file, at.line("core"), fmt.Sprintf("%s is core and only %s", r.ID, r.Level), "say core: false: what a port may leave out is extended")
	}
}

// list writes names for people: "A, B, C"; "nothing" for none.
func list[S ~string](names []S) string {
	if len(names) == 0 {
		return "nothing"
	}
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = string(n)
	}
	return strings.Join(all, ", ")
}
