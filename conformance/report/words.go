package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// clause is the rule in both languages and where it stands.
func clause(r rules.Rule) string {
	if r.ID == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", r.EN, r.ZH)
	if r.Basis != rules.Field {
		fmt.Fprintf(&b, "specification: %s, line %d\n", r.Source.Section, r.Source.Line)
	}
	for i, id := range r.Ambiguities {
		if i == 0 {
			b.WriteString("ruled in:")
		}
		fmt.Fprintf(&b, " docs/interpretations.md#%s", id)
		if i == len(r.Ambiguities)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// findings lists all mismatches of all scenarios, and what was recorded.
func findings(v verdict.Verdict) string {
	var b strings.Builder
	if len(v.Outcomes) == 0 && v.Reason != "" {
		fmt.Fprintf(&b, "%s\n", v.Reason)
	}
	for _, o := range v.Outcomes {
		if len(o.Findings) == 0 && len(o.Records) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", o.Status, o.Scenario)
		if len(o.Findings) > 0 {
			b.WriteString(indent("  ", o.Text()+"\n"))
		}
		for _, r := range o.Records {
			fmt.Fprintf(&b, "  observed %s: %s\n", r.Key, r.Value)
		}
	}
	return printable(b.String())
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
	i := slices.IndexFunc(v.Outcomes, func(o verdict.Outcome) bool { return o.Status == v.Status && len(o.Findings) > 0 })
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
