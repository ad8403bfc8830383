package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// clause is the rule in both languages and where it stands.
func (w *words) clause(r rules.Rule) string {
	if r.ID == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", r.EN, r.ZH)
	if r.Basis != rules.Field {
		fmt.Fprintf(&b, w.SpecF+"\n", r.Source.Section, r.Source.Line)
	}
	for i, id := range r.Ambiguities {
		if i == 0 {
			b.WriteString(w.RuledIn)
		}
		fmt.Fprintf(&b, " docs/interpretations.md#%s", id)
		if i == len(r.Ambiguities)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// findings lists all mismatches of all scenarios, what was recorded, and, as
// many moments as asked for of, what led to them.
func (w *words) findings(v verdict.Verdict, moments int) string {
	var b strings.Builder
	if len(v.Outcomes) == 0 && v.Reason != "" {
		fmt.Fprintf(&b, "%s\n", v.Reason)
	}
	for _, o := range v.Outcomes {
		if len(o.Findings) == 0 && len(o.Records) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", w.Status[o.Status], o.Scenario)
		if len(o.Findings) > 0 {
			b.WriteString(indent("  ", o.Text()+"\n"))
		}
		for _, r := range o.Records {
			fmt.Fprintf(&b, "  %s %s: %s\n", w.Observed, r.Key, r.Value)
		}
		b.WriteString(indent("  ", w.moments(o.Trace, moments)))
		if len(o.Artifacts) > 0 {
			fmt.Fprintf(&b, "  %s: %s ("+w.FilesF+")\n", w.Artifacts, filepath.Dir(o.Artifacts[0]), len(o.Artifacts))
		}
	}
	return printable(b.String())
}

// moments is the time line, or the part of it that leads to the first finding.
func (w *words) moments(line []verdict.Moment, most int) string {
	if len(line) == 0 || most == 0 {
		return ""
	}
	if len(line) > most {
		end := slices.IndexFunc(line, func(m verdict.Moment) bool {
			return m.Kind == verdict.FindingMoment || m.Kind == verdict.DeathMoment
		}) + 1
		if end == 0 {
			end = len(line)
		}
		line = line[max(0, end-most):end]
	}
	width, kinds := 0, 0
	for _, m := range line {
		width = max(width, len([]rune(m.When())))
		kinds = max(kinds, len([]rune(w.Moment[m.Kind])))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", w.TimeLine)
	for _, m := range line {
		text := m.Text()
		if m.Kind == verdict.GapMoment {
			text = fmt.Sprintf(w.GapF, m.Times)
		}
		when := strings.Repeat(" ", width-len([]rune(m.When()))) + m.When()
		kind := w.Moment[m.Kind]
		fmt.Fprintf(&b, "  %s  %s%s  %s\n", when, kind, strings.Repeat(" ", kinds-len([]rune(kind))), text)
	}
	return b.String()
}

// result is the outcome of a run in words.
func (w *words) result(r *verdict.Run) string {
	var text string
	switch r.ExitCode() {
	case verdict.ExitConformant:
		text = w.Conformant
		switch n := r.Excused(); {
		case n == 1:
			text += fmt.Sprintf(w.WithWaiverF, n)
		case n > 1:
			text += fmt.Sprintf(w.WithWaiversF, n)
		}
	case verdict.ExitNotConformant:
		text = w.NotConformant
	default:
		text = w.IncompleteRun
		if r.Partial() {
			text = w.Partial
		}
	}
	if r.Strict {
		text += w.StrictRun
	}
	return text
}

// gaps says why the run is not complete, one reason a line.
func (w *words) gaps(r *verdict.Run) []string {
	if w == &english {
		return r.Incomplete() // the same, with its plurals
	}
	formats := map[verdict.GapKind]string{verdict.HarnessGap: w.HarnessGapF, verdict.CoreGap: w.CoreGapF, verdict.DeclaredGap: w.DeclaredGapF}
	var why []string
	for _, g := range r.Gaps() {
		if g.Kind == verdict.NothingRan {
			why = append(why, w.NothingRan)
			continue
		}
		why = append(why, fmt.Sprintf(formats[g.Kind], len(g.Rules), verdict.Some(g.Rules)))
	}
	return why
}

// counts lists the statuses that occur, worst first: "1 fail, 14 pass".
func (w *words) counts(n map[verdict.Status]int) string {
	var text []string
	for _, s := range verdict.Statuses() {
		if n[s] > 0 {
			text = append(text, fmt.Sprintf("%d %s", n[s], w.Status[s]))
		}
	}
	if len(text) == 0 {
		return w.NotSelected
	}
	return strings.Join(text, ", ")
}

// excuse says why a rule is waived.
func (w *words) excuse(e *verdict.Excuse) string {
	text := fmt.Sprintf(w.WaivedF, e.Expires, e.Owner, e.Reason)
	if e.Link != "" {
		text += " " + e.Link
	}
	return text
}

// printable keeps what a library wrote on its stderr from moving the reader's
// cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// headline is one line that says what decided.
func headline(v verdict.Verdict) string {
	if v.Reason != "" {
		return v.Reason
	}
	status := v.Status
	if v.Waived != nil {
		status = v.Waived.Was
	}
	if v.Promoted {
		status = verdict.Warn
	}
	i := slices.IndexFunc(v.Outcomes, func(o verdict.Outcome) bool { return o.Status == status && len(o.Findings) > 0 })
	if i < 0 {
		if f := v.Findings(); len(f) > 0 {
			return firstLine(f[0].Text)
		}
		return string(v.Status)
	}
	o := v.Outcomes[i]
	return o.Scenario + ": " + firstLine(o.Findings[0].Text)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return printable(line)
}

// open reports whether nothing but missing ground was found: no scenario has
// anything to say about the library.
func open(v verdict.Verdict) bool {
	if v.Status != verdict.NotJudged && v.Status != verdict.Untestable {
		return false
	}
	return !slices.ContainsFunc(v.Findings(), func(f verdict.Finding) bool {
		return f.Severity != verdict.Blocked && f.Severity != verdict.Lacking
	})
}

// indent puts the prefix before each line.
func indent(prefix, s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(prefix)
		}
		b.WriteString(line)
	}
	return b.String()
}

// EndsSoon says that a waiver is about to expire.
func EndsSoon(w verdict.Waiver, days int, lang Lang) string {
	return fmt.Sprintf(in(lang).ExpiresSoonF, w.Rule, w.Owner, days, w.Expires)
}
