// Package report shows a judged run to people and to CI servers. The JSON form
// for other programs is the run's own: verdict.Run.Encode.
//
//	verdict.Run ─┬─ Markdown   REPORT.md: the specification as rules, a column per target
//	             ├─ JUnit      for CI servers
//	             ├─ HTML       one self-contained page: of what did not pass all that is known
//	             ├─ Text       for the terminal: what did not pass, and how to run it again
//	             └─ Annotations, Summary   for GitHub Actions
//
// The texts of the rules come from the catalogue, which is embedded in the
// program; a run holds only their ids. All other words stand in lang.go, once for
// each language; findings are the suite's, in English.
//
// Markdown writes nothing that differs between two runs of the same library: no
// dates, no durations, no paths, and of a broken rule the scenarios, not the
// measured values. CI generates it again and fails if it has changed.
package report
