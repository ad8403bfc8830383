package report_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// catalogue is a small one of its own, so that the golden files do not change
// with every rule.
func catalogue(t *testing.T) *rules.Catalogue {
	t.Helper()
	cat, err := rules.LoadFS(os.DirFS("testdata/catalogue"))
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func judge(t *testing.T, cat *rules.Catalogue, globs string, about verdict.About, outcomes ...verdict.Outcome) *verdict.Run {
	t.Helper()
	selected, err := cat.Select(globs)
	if err != nil {
		t.Fatal(err)
	}
	return verdict.Judge(cat, selected, outcomes, about)
}

func scenario(rule, title string, findings ...verdict.Finding) verdict.Outcome {
	return verdict.Outcome{Rule: rule, Scenario: title, Findings: findings, RealMS: 1250}
}

// library is a run of a library with a bit of everything.
func library(t *testing.T) *verdict.Run {
	cat := catalogue(t)
	took := scenario("ROB-002", "which comes first")
	took.Records = []verdict.Record{{Key: "first callback", Value: "capture_cb"}}
	refused := scenario("INIT-002", "819201 is refused",
		verdict.Finding{Severity: verdict.Plain, Text: "expected an error IV_ERR_*, got IV_ERR_NONE (0)", At: "specs/init.go:40"},
		verdict.Finding{Severity: verdict.Soft, Text: "Expected\n    <string>: a|b\nto equal\n    <string>: a<b", At: "specs/init.go:44"})
	refused.Trace = []verdict.Moment{
		{Kind: verdict.CallMoment, What: "iv_cs_init", Detail: "u32MaxGopSize 819201", Result: "IV_ERR_NONE (0)", UntilMS: 40},
		{AtMS: 45, Kind: verdict.RequestMoment, What: "GET /v1/devices/PRODUCT01/camera-01/plan", Result: "200"},
		{AtMS: 100, Kind: verdict.CallbackMoment, What: "iv_cs_push_stream_start_cb", Result: "0"},
		{AtMS: 140, UntilMS: 1580, Kind: verdict.CallMoment, What: "iv_cs_push_stream(video)", Detail: "seq 0, PTS 0 ms … seq 36, PTS 1440 ms", Result: "IV_ERR_NONE (0)", Times: 37},
		{AtMS: 1600, UntilMS: 4000, Kind: verdict.GapMoment, Times: 12},
		{AtMS: 4000, Kind: verdict.OutputMoment, What: "stderr:", Detail: "late <again>"},
		{AtMS: 4000, Kind: verdict.FindingMoment, What: "expected an error IV_ERR_*, got IV_ERR_NONE (0)"},
	}
	refused.Artifacts = []string{"out/artifacts/INIT-002/819201-is-refused/timeline.txt", "out/artifacts/INIT-002/819201-is-refused/journal.json"}
	run := judge(t, cat, "INIT-*,CB-*,ROB-002", verdict.About{
		Target: verdict.TargetInfo{
			Name: "./libivcs.so", Kind: rules.KindLibrary,
			Notes: []string{"exports iv_cs_resource_destroy"},
		},
		Clock: "scaled", Rate: 20, Seed: 7,
		Versions: map[string]string{"conform": "v0.1.0"},
		Args:     []string{"--target", "./libivcs.so", "--clock", "scaled"},
	},
		scenario("INIT-001", "a minimal struct is accepted"),
		refused,
		scenario("INIT-002", "819200 is accepted"),
		scenario("INIT-003", "init; init", verdict.Finding{Severity: verdict.Plain, Text: "the second init returned 0", At: "specs/init.go:50"}),
		scenario("CB-START-001", "a plan opens", verdict.Finding{Severity: verdict.Harness, Text: "start the fake cloud: address in use"}),
		scenario("CB-START-002", "slot one", verdict.Finding{Severity: verdict.Blocked, Text: "blocked by CB-START-001: no start_cb"}),
		scenario("CB-START-003", "push", verdict.Finding{Severity: verdict.Blocked, Text: "blocked by CB-START-001: no start_cb"}),
		scenario("ROB-001", "invariant, seen in INIT-002: 819201 is refused", verdict.Finding{Severity: verdict.Crash, Text: "SIGSEGV (signal 11)\x00\nstderr: double free"}),
		took,
	)
	return withoutDigest(run)
}

// reference is a run of the reference in this process: no C ABI, no cloud.
func reference(t *testing.T) *verdict.Run {
	cat := catalogue(t)
	return judge(t, cat, "*", verdict.About{
		Target: verdict.TargetInfo{Name: "reference", Kind: rules.KindReference, Missing: map[rules.Capability]string{
			rules.CABI: "Go code in this process", rules.CloudBinding: "it was not reached",
		}},
		Clock: "virtual", Strict: true,
		Args: []string{"--target", "reference"},
	},
		scenario("INIT-001", "a minimal struct is accepted"),
		scenario("INIT-002", "819201 is refused"),
		scenario("INIT-003", "init; init", verdict.Finding{Severity: verdict.Plain, Text: "the second init returned 0"}),
		scenario("CB-START-001", "a plan opens", verdict.Finding{Severity: verdict.Lacking, Text: "needs cloud-binding: it was not reached"}),
		scenario("ROB-001", "exit in mid segment"),
		scenario("ROB-002", "which comes first"),
	)
}

// waived is a run whose one failure is known, and which has a waiver too many.
func waived(t *testing.T) *verdict.Run {
	run := judge(t, catalogue(t), "INIT-*", verdict.About{
		Target: verdict.TargetInfo{Name: "./libivcs.so", Kind: rules.KindLibrary}, Clock: "virtual",
		Args: []string{"--target", "./libivcs.so"},
		Waivers: []verdict.Waiver{
			{Rule: "INIT-002", Message: "expected an error", Reason: "rounded up", Owner: "camera team", Link: "https://tracker.example/1", Expires: "2027-01-31", Line: 2},
			{Rule: "INIT-001", Message: "long mended", Reason: "old", Owner: "camera team", Expires: "2027-01-31", Line: 8},
		},
	},
		scenario("INIT-001", "a minimal struct is accepted"),
		scenario("INIT-002", "819201 is refused", verdict.Finding{Severity: verdict.Plain, Text: "expected an error IV_ERR_*, got IV_ERR_NONE (0)", At: "specs/init.go:40"}),
		scenario("INIT-003", "init; init"),
	)
	run.Waive(time.Date(2027, 1, 20, 0, 0, 0, 0, time.UTC))
	return withoutDigest(run)
}

func withoutDigest(run *verdict.Run) *verdict.Run {
	run.Versions["catalogue"] = "0123456789ab" // changes with every rule
	return run
}

// passed is a run without a flaw.
func passed(t *testing.T) *verdict.Run {
	return judge(t, catalogue(t), "INIT-001", verdict.About{Target: verdict.TargetInfo{Name: "reference", Kind: rules.KindReference}, Clock: "virtual"},
		scenario("INIT-001", "a minimal struct is accepted"))
}

// unseen is a run that no spec took part in.
func unseen(t *testing.T) *verdict.Run {
	return judge(t, catalogue(t), "INIT-001", verdict.About{Target: verdict.TargetInfo{Name: "reference", Kind: rules.KindReference}, Clock: "virtual"})
}

func TestReportsAreAsTheGoldenFiles(t *testing.T) {
	cat := catalogue(t)
	t.Setenv("NO_COLOR", "")
	for _, c := range []struct {
		name  string // of the golden file
		write func(io.Writer) error
	}{
		{"report.md", func(w io.Writer) error { return report.Markdown(w, cat, nil, report.English, reference(t), library(t)) }},
		{"library.junit.xml", func(w io.Writer) error { return report.JUnit(w, cat, library(t)) }},
		{"library.html", func(w io.Writer) error { return report.HTML(w, cat, library(t), report.English, "out") }},
		{"waived.txt", func(w io.Writer) error {
			run := waived(t)
			return report.Text(w, cat, run, report.Style{Soon: []string{report.EndsSoon(run.Waivers[0], 11, report.English)}})
		}},
		{"waived.junit.xml", func(w io.Writer) error { return report.JUnit(w, cat, waived(t)) }},
		{"waived.md", func(w io.Writer) error { return report.Markdown(w, cat, nil, report.English, waived(t)) }},
		{"waived.zh.html", func(w io.Writer) error { return report.HTML(w, cat, waived(t), report.Chinese, ".") }},
		{"summary.md", func(w io.Writer) error { return report.Summary(w, cat, library(t), report.English) }},
		{"annotations.txt", func(w io.Writer) error { return report.Annotations(w, library(t)) }},
		{"durations.txt", func(w io.Writer) error { return report.Durations(w, library(t), 2, report.English) }},
		{"library.zh.txt", func(w io.Writer) error {
			return report.Text(w, cat, library(t), report.Style{Lang: report.Chinese})
		}},
		{"report.zh.md", func(w io.Writer) error {
			return report.Markdown(w, cat, nil, report.Chinese, reference(t), library(t))
		}},
		{"passed.md", func(w io.Writer) error { return report.Markdown(w, cat, nil, report.English, passed(t)) }},
		{"reference.junit.xml", func(w io.Writer) error { return report.JUnit(w, cat, withoutDigest(reference(t))) }},
		{"unseen.txt", func(w io.Writer) error { return report.Text(w, cat, unseen(t), report.Style{}) }},
		{"library.txt", func(w io.Writer) error { return report.Text(w, cat, library(t), report.Style{}) }},
		{"library.color.txt", func(w io.Writer) error { return report.Text(w, cat, library(t), report.Style{Color: true}) }},
		{"reference.verbose.txt", func(w io.Writer) error {
			return report.Text(w, cat, reference(t), report.Style{Verbose: true})
		}},
		{"passed.txt", func(w io.Writer) error { return report.Text(w, cat, passed(t), report.Style{}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := c.write(&got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", c.name)
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("differs from %s; if this is meant, run go test -update:\n%s", golden, got.String())
			}
		})
	}
}

func TestMarkdownTellsNothingThatAnotherRunWouldTellOtherwise(t *testing.T) {
	cat := catalogue(t)
	write := func(run *verdict.Run) string {
		var b bytes.Buffer
		if err := report.Markdown(&b, cat, nil, report.English, run); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	again := library(t)
	again.Versions["go"] = "go9.99"
	again.Seed = 99
	again.Target.Machine = "another"
	for i := range again.Verdicts {
		for j := range again.Verdicts[i].Outcomes {
			o := &again.Verdicts[i].Outcomes[j]
			o.RealMS, o.DomainMS, o.Worker = o.RealMS+17, o.DomainMS+3, 4
			for k := range o.Findings {
				o.Findings[k].Text = "took 17.3 ms"
			}
		}
	}
	if a, b := write(library(t)), write(again); a != b {
		t.Errorf("the second run's report differs:\n%s", b)
	}
}

func TestMarkdownTablesHaveOneWidth(t *testing.T) {
	cat := catalogue(t)
	var b bytes.Buffer
	if err := report.Markdown(&b, cat, nil, report.English, reference(t), library(t)); err != nil {
		t.Fatal(err)
	}
	width := 0
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "|") {
			width = 0
			continue
		}
		n := strings.Count(line, "|") - strings.Count(line, `\|`)
		if width != 0 && n != width {
			t.Errorf("%d bars, the table has %d: %s", n, width, line)
		}
		width = n
	}
}

func TestJUnitCountsWhatItHolds(t *testing.T) {
	var b bytes.Buffer
	if err := report.JUnit(&b, catalogue(t), library(t)); err != nil {
		t.Fatal(err)
	}
	type suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Cases    []struct {
			Name      string    `xml:"name,attr"`
			ClassName string    `xml:"classname,attr"`
			Failure   *struct{} `xml:"failure"`
			Error     *struct{} `xml:"error"`
			Skipped   *struct{} `xml:"skipped"`
		} `xml:"testcase"`
	}
	var doc struct {
		suite
		Suites []suite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatalf("not well-formed: %v\n%s", err, b.String())
	}
	var sum suite
	for _, s := range doc.Suites {
		var n suite
		for _, c := range s.Cases {
			if c.Name == "" || !strings.HasPrefix(c.ClassName, "conform.") {
				t.Errorf("a case is called %q in %q", c.Name, c.ClassName)
			}
			n.Tests++
			if c.Failure != nil {
				n.Failures++
			}
			if c.Error != nil {
				n.Errors++
			}
			if c.Skipped != nil {
				n.Skipped++
			}
		}
		if n.Tests != s.Tests || n.Failures != s.Failures || n.Errors != s.Errors || n.Skipped != s.Skipped {
			t.Errorf("a suite says %d/%d/%d/%d and holds %d/%d/%d/%d", s.Tests, s.Failures, s.Errors, s.Skipped, n.Tests, n.Failures, n.Errors, n.Skipped)
		}
		sum.Tests += n.Tests
		sum.Failures += n.Failures
		sum.Errors += n.Errors
		sum.Skipped += n.Skipped
	}
	if sum.Tests != doc.Tests || sum.Failures != doc.Failures || sum.Errors != doc.Errors || sum.Skipped != doc.Skipped {
		t.Errorf("the document says %d/%d/%d/%d and holds %d/%d/%d/%d", doc.Tests, doc.Failures, doc.Errors, doc.Skipped, sum.Tests, sum.Failures, sum.Errors, sum.Skipped)
	}
	if want := (suite{Tests: 9, Failures: 2, Errors: 1, Skipped: 3}); sum.Tests != want.Tests || sum.Failures != want.Failures || sum.Errors != want.Errors || sum.Skipped != want.Skipped {
		t.Errorf("%+v, want %+v", sum, want)
	}
}

func TestNoColorHasTheLastWord(t *testing.T) {
	cat := catalogue(t)
	for _, c := range []struct {
		name    string
		noColor string
		asked   bool
		want    bool
	}{
		{"colour when it is asked for", "", true, true},
		{"no colour when it is not asked for", "", false, false},
		{"no colour with NO_COLOR, even if it is asked for", "1", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", c.noColor)
			var b bytes.Buffer
			if err := report.Text(&b, cat, library(t), report.Style{Color: c.asked}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(b.String(), "\x1b["); got != c.want {
				t.Errorf("painted: %v, want %v", got, c.want)
			}
		})
	}
	t.Run("a file is no terminal", func(t *testing.T) {
		t.Setenv("NO_COLOR", "")
		f, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if report.Colorful(f) {
			t.Error("a file is to be painted")
		}
	})
}

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAWriterThatFailsIsReported(t *testing.T) {
	cat := catalogue(t)
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"Markdown", func(w io.Writer) error { return report.Markdown(w, cat, nil, report.English, library(t)) }},
		{"JUnit", func(w io.Writer) error { return report.JUnit(w, cat, library(t)) }},
		{"Text", func(w io.Writer) error { return report.Text(w, cat, library(t), report.Style{}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.write(broken{}); err == nil || !strings.Contains(err.Error(), io.ErrClosedPipe.Error()) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestEachRuleTellsHowManyMutantsItKills: of a rule that kills none nothing is said.
func TestEachRuleTellsHowManyMutantsItKills(t *testing.T) {
	var b bytes.Buffer
	if err := report.Markdown(&b, catalogue(t), map[string]int{"INIT-002": 3}, report.English, library(t)); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(b.String(), "\n") {
		told := strings.Contains(line, "kills&nbsp;3")
		if want := strings.HasPrefix(line, `| <a id="INIT-002"></a>`); told != want {
			t.Errorf("kills told: %v, want %v: %s", told, want, line)
		}
	}
	if !strings.Contains(b.String(), "docs/kill-matrix.md") {
		t.Error("the legend does not say where the mutants stand")
	}
}
