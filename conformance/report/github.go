package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// mostAnnotations: GitHub shows ten errors of a step and drops the rest.
const mostAnnotations = 10

// Annotations writes the workflow commands of GitHub Actions that put failures
// on the page of a run, the worst first.
func Annotations(w io.Writer, run *verdict.Run) error {
	var b bytes.Buffer
	n := 0
	all := append(run.Verdicts[:len(run.Verdicts):len(run.Verdicts)], run.InPassing...)
	slices.SortStableFunc(all, func(a, b verdict.Verdict) int { return weight(a.Status) - weight(b.Status) })
	for _, v := range all {
		command := map[verdict.Status]string{verdict.Fail: "error", verdict.Error: "error", verdict.Warn: "warning", verdict.Waived: "notice"}[v.Status]
		if command == "" {
			continue
		}
		if n++; n > mostAnnotations {
			break
		}
		fmt.Fprintf(&b, "::%s title=%s::%s\n", command, property(v.Rule+" "+string(v.Level)), data(headline(v)+"\n"+run.Rerun(v.Rule)))
	}
	for _, why := range run.Grievances {
		fmt.Fprintf(&b, "::error title=waivers::%s\n", data(why))
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the annotations: %w", err)
	}
	return nil
}

func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}

// Summary writes the run as the Markdown of a CI server's summary page: the
// result, and of each rule that did not pass what a terminal shows.
func Summary(w io.Writer, cat *rules.Catalogue, run *verdict.Run, lang Lang) error {
	words := in(lang)
	var b bytes.Buffer
	fmt.Fprintf(&b, "## conform: %s\n\n**%s** · %s %s · %s\n\n", words.result(run), cell(run.Target.Name), words.Clock, clockOf(run), words.counts(run.Count()))
	for _, why := range words.gaps(run) {
		fmt.Fprintf(&b, "* %s: %s\n", words.Incomplete, cell(why))
	}
	for _, why := range run.Grievances {
		fmt.Fprintf(&b, "* %s: %s\n", words.WaiverTrouble, cell(why))
	}
	for _, v := range append(run.Verdicts[:len(run.Verdicts):len(run.Verdicts)], run.InPassing...) {
		if v.Status == verdict.Pass || v.Status == verdict.Recorded || open(v) {
			continue
		}
		r, _ := cat.Rule(v.Rule)
		fmt.Fprintf(&b, "\n<details><summary>%s <b>%s</b> %s</summary>\n\n", words.Status[v.Status], v.Rule, cell(headline(v)))
		text := words.clause(r)
		if v.Waived != nil {
			text += words.excuse(v.Waived) + "\n"
		}
		text += words.findings(v, leading) + words.Again + ": " + run.Rerun(v.Rule) + "\n"
		fmt.Fprintf(&b, "%s\n</details>\n", fence(text))
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// fence makes a code block that the text cannot end.
func fence(text string) string {
	bar := "```"
	for strings.Contains(text, bar) {
		bar += "`"
	}
	return bar + "text\n" + text + bar + "\n"
}
