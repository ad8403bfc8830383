package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// The shape that Jenkins, GitLab and their like read: suites, suites' cases,
// and in a case one of failure, error and skipped. There is no warning in it: a
// rule that warns is a case that passed and has something to say.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`

	ms int64
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitTrouble `xml:"failure"`
	Error     *junitTrouble `xml:"error"`
	Skipped   *junitTrouble `xml:"skipped"`
	Output    string        `xml:"system-out,omitempty"`
}

type junitTrouble struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the run as JUnit XML: a suite for each chapter, a case for each
// rule.
func JUnit(w io.Writer, cat *rules.Catalogue, run *verdict.Run) error {
	doc := junitSuites{Name: "conform " + run.Target.Name}
	var ms int64
	add := func(s junitSuite) {
		if len(s.Cases) == 0 {
			return
		}
		s.Time = seconds(s.ms)
		s.Properties = properties(run)
		doc.Suites = append(doc.Suites, s)
		doc.Tests += s.Tests
		doc.Failures += s.Failures
		doc.Errors += s.Errors
		doc.Skipped += s.Skipped
		ms += s.ms
	}
	for _, ch := range cat.Chapters() {
		s := junitSuite{Name: ch.ID + " " + ch.TitleEN}
		for _, v := range run.Verdicts {
			if r, ok := cat.Rule(v.Rule); ok && r.Chapter == ch.ID {
				s.add(junitOf(run, r, v), v)
			}
		}
		add(s)
	}
	s := junitSuite{Name: "seen in passing"}
	for _, v := range run.InPassing {
		r, _ := cat.Rule(v.Rule)
		s.add(junitOf(run, r, v), v)
	}
	add(s)
	add(grievances(run))
	doc.Time = seconds(ms)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	return nil
}

func (s *junitSuite) add(c junitCase, v verdict.Verdict) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.ms += machineTime(v)
}

// grievances is a suite of what is wrong with the waivers: a run that fails for
// them alone must not look green.
func grievances(run *verdict.Run) junitSuite {
	s := junitSuite{Name: "waivers"}
	for _, why := range run.Grievances {
		s.add(junitCase{
			Name: why, ClassName: "conform.waivers", Time: seconds(0),
			Failure: &junitTrouble{Message: why, Type: "waiver", Text: why},
		}, verdict.Verdict{})
	}
	return s
}

func junitOf(run *verdict.Run, r rules.Rule, v verdict.Verdict) junitCase {
	c := junitCase{
		Name:      strings.TrimSpace(v.Rule + " " + r.EN),
		ClassName: "conform." + r.Chapter,
		Time:      seconds(machineTime(v)),
	}
	detail := english.findings(v, allMoments) + "again: " + run.Rerun(v.Rule) + "\n"
	switch v.Status {
	case verdict.Fail:
		c.Failure = &junitTrouble{Message: headline(v), Type: string(v.Level), Text: english.clause(r) + detail}
	case verdict.Error:
		c.Error = &junitTrouble{Message: headline(v), Type: "harness", Text: english.clause(r) + detail}
	case verdict.NotJudged, verdict.Untestable:
		c.Skipped = &junitTrouble{Message: string(v.Status) + ": " + headline(v)}
	case verdict.Warn:
		c.Output = "warning\n" + english.clause(r) + detail
	case verdict.Waived:
		c.Output = english.excuse(v.Waived) + "\n" + english.clause(r) + detail
	case verdict.Recorded, verdict.Pass:
		for _, rec := range v.Records() {
			c.Output += fmt.Sprintf("observed %s: %s\n", rec.Key, rec.Value)
		}
	}
	return c
}

func properties(run *verdict.Run) []junitProperty {
	p := []junitProperty{
		{"target", run.Target.Name}, {"kind", run.Target.Kind}, {"clock", clockOf(run)}, {"seed", fmt.Sprint(run.Seed)},
	}
	for _, name := range slices.Sorted(maps.Keys(run.Versions)) {
		p = append(p, junitProperty{"version." + name, run.Versions[name]})
	}
	return p
}

func machineTime(v verdict.Verdict) (ms int64) {
	for _, o := range v.Outcomes {
		ms += o.RealMS
	}
	return ms
}

// allMoments: CI servers keep the failure's text, and nothing else of it.
const allMoments = 1000

func seconds(ms int64) string { return fmt.Sprintf("%.3f", float64(ms)/1000) }
