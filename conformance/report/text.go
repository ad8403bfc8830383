package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/mattn/go-isatty"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// Style is how the terminal text looks.
type Style struct {
	// Color paints the statuses. A NO_COLOR in the environment has the last word.
	Color bool
	// Verbose also lists the rules that passed, and what was recorded.
	Verbose bool
	// Lang is the language of all but clauses and findings; English when empty.
	Lang Lang
	// Soon lists the waivers that end soon.
	Soon []string
}

// leading is how many moments before a finding the terminal shows; the page of
// --html has all that was kept.
const leading = 8

// Colorful reports whether text for f should be painted: f is a terminal, and
// the user has not set NO_COLOR (https://no-color.org).
func Colorful(f *os.File) bool {
	return os.Getenv("NO_COLOR") == "" && isatty.IsTerminal(f.Fd())
}

// Text writes the run for a terminal: each rule that did not pass with its
// clause, all its mismatches and the command that judges it again; then the
// counts and the result.
func Text(w io.Writer, cat *rules.Catalogue, run *verdict.Run, style Style) error {
	p := printer{cat: cat, run: run, style: style, words: in(style.Lang)}
	p.head()
	for _, v := range run.Verdicts {
		switch {
		case v.Status == verdict.Pass || v.Status == verdict.Recorded:
			if style.Verbose {
				p.line(v)
			}
		case !open(v):
			p.trouble(v)
		}
	}
	for _, v := range run.InPassing {
		p.trouble(v)
	}
	p.unjudged()
	p.foot()
	if _, err := w.Write(p.b.Bytes()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

type printer struct {
	b     bytes.Buffer
	cat   *rules.Catalogue
	run   *verdict.Run
	style Style
	words *words
}

func (p *printer) head() {
	t := p.run.Target
	name := t.Name
	if t.Kind != name { // the reference is its own kind
		name += " (" + t.Kind + ")"
	}
	fmt.Fprintf(&p.b, "%s, %s %s, %s %d", name, p.words.Clock, clockOf(p.run), p.words.Seed, p.run.Seed)
	if s := p.run.Shard; s != nil {
		fmt.Fprintf(&p.b, ", %s %d/%d", p.words.Shard, s.Index, s.Count)
	}
	p.b.WriteByte('\n')
	for _, note := range t.Notes {
		fmt.Fprintf(&p.b, "%s: %s\n", p.words.Note, note)
	}
	p.b.WriteByte('\n')
}

// trouble shows a rule that did not pass.
func (p *printer) trouble(v verdict.Verdict) {
	r, _ := p.cat.Rule(v.Rule)
	title := fmt.Sprintf("%s %s %s", p.paint(v.Status, strings.ToUpper(p.words.Status[v.Status])), v.Rule, v.Level)
	if v.Promoted {
		title += " (" + p.words.Promoted + ")"
	}
	if slices.ContainsFunc(p.run.InPassing, func(o verdict.Verdict) bool { return o.Rule == v.Rule }) {
		title += " (" + p.words.SeenInPassing + ")"
	}
	fmt.Fprintf(&p.b, "%s\n%s", title, indent("  ", p.words.clause(r)))
	if v.Waived != nil {
		fmt.Fprintf(&p.b, "  %s\n", p.words.excuse(v.Waived))
	}
	p.b.WriteString(indent("  ", p.words.findings(v, leading)))
	fmt.Fprintf(&p.b, "  %s: %s\n\n", p.words.Again, p.run.Rerun(v.Rule))
}

// line shows a rule that passed, or was recorded.
func (p *printer) line(v verdict.Verdict) {
	fmt.Fprintf(&p.b, "%s %s\n", p.paint(v.Status, p.words.Status[v.Status]), v.Rule)
	p.b.WriteString(indent("  ", p.words.findings(v, 0)))
}

// unjudged lists the rules that are open, by the reason: one missing capability
// leaves a hundred of them.
func (p *printer) unjudged() {
	byReason := make(map[string][]string)
	var reasons []string
	for _, v := range p.run.Verdicts {
		if !open(v) {
			continue
		}
		reason := fmt.Sprintf("%s, %s", p.paint(v.Status, p.words.Status[v.Status]), headline(v))
		if v.Inapplicable {
			reason += " (" + p.words.DoesNotApply + ")"
		}
		if byReason[reason] == nil {
			reasons = append(reasons, reason)
		}
		byReason[reason] = append(byReason[reason], v.Rule)
	}
	for _, reason := range reasons {
		fmt.Fprintf(&p.b, "%s\n  %d: %s\n", reason, len(byReason[reason]), strings.Join(byReason[reason], " "))
	}
	if len(reasons) > 0 {
		p.b.WriteByte('\n')
	}
}

func (p *printer) foot() {
	fmt.Fprintf(&p.b, p.words.SelectedF+"\n", len(p.run.Verdicts), p.words.counts(p.run.Count()))
	for _, why := range p.words.gaps(p.run) {
		fmt.Fprintf(&p.b, "%s: %s\n", p.words.Incomplete, why)
	}
	for _, why := range append(slices.Clone(p.run.Grievances), p.style.Soon...) {
		fmt.Fprintf(&p.b, "%s: %s\n", p.words.WaiverTrouble, why)
	}
	s := verdict.Error
	switch p.run.ExitCode() {
	case verdict.ExitConformant:
		s = verdict.Pass
	case verdict.ExitNotConformant:
		s = verdict.Fail
	}
	fmt.Fprintf(&p.b, "%s\n", p.paint(s, p.words.result(p.run)))
}

// paint colours text by a status.
func (p *printer) paint(s verdict.Status, text string) string {
	attributes := map[verdict.Status]color.Attribute{
		verdict.Pass: color.FgGreen, verdict.Recorded: color.FgCyan, verdict.Warn: color.FgYellow, verdict.Waived: color.FgYellow,
		verdict.Fail: color.FgRed, verdict.Error: color.FgMagenta,
	}
	c := color.New(attributes[s], color.Bold)
	if p.style.Color && os.Getenv("NO_COLOR") == "" {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(text)
}
