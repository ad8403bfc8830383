package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/ivcs/conform/conformance/verdict"
)

// Durations names the n slowest rules and scenarios by the machine's time.
func Durations(w io.Writer, run *verdict.Run, n int, lang Lang) error {
	type took struct {
		name string
		ms   int64
	}
	words := in(lang)
	var byRule, byScenario []took
	var total int64
	for _, v := range run.Verdicts {
		ms := machineTime(v)
		total += ms
		byRule = append(byRule, took{v.Rule, ms})
		for _, o := range v.Outcomes {
			byScenario = append(byScenario, took{v.Rule + " " + o.Scenario, o.RealMS})
		}
	}
	var b bytes.Buffer
	for _, list := range []struct {
		title string
		all   []took
	}{{words.SlowRules, byRule}, {words.SlowScenarios, byScenario}} {
		slices.SortStableFunc(list.all, func(a, b took) int { return cmp.Compare(b.ms, a.ms) })
		fmt.Fprintf(&b, "\n%s\n", list.title)
		for _, t := range list.all[:min(n, len(list.all))] {
			share := 0.0
			if total > 0 {
				share = 100 * float64(t.ms) / float64(total)
			}
			fmt.Fprintf(&b, "%10s s %5.1f%%  %s\n", seconds(t.ms), share, t.name)
		}
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the durations: %w", err)
	}
	return nil
}
