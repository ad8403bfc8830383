package mutants

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

func catalogue(t *testing.T) *rules.Catalogue {
	t.Helper()
	cat, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// TestEveryMutantAppliesToThisTree: a fault whose place has moved proves nothing.
func TestEveryMutantAppliesToThisTree(t *testing.T) {
	m, err := Load(catalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Mutants) == 0 {
		t.Fatal("there are no mutants")
	}
	for _, mutant := range m.Mutants {
		if _, err := mutant.Apply("../.."); err != nil {
			t.Error(err)
		}
	}
}

// TestEveryTestableRuleHasAMutant: a rule without one has a spec that nobody has
// seen fail.
func TestEveryTestableRuleHasAMutant(t *testing.T) {
	cat := catalogue(t)
	m, err := Load(cat)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range m.Owed(cat) {
		rule, _ := cat.Rule(id)
		t.Errorf("%s %s has no mutant: write one to data/, such as: %s; or say under unseen why there can be none", id, rule.Level, rule.Mutant)
	}
}

func TestASurvivorDoesNotPayWhatItsRuleOwes(t *testing.T) {
	cat := catalogue(t)
	page := "mutants:\n  - rule: INIT-004\n    file: reference/init.go\n    old: a\n    new: b\n    why: c\n"
	for survives, want := range map[string]bool{"": false, "    survives: d\n": true} {
		m, err := LoadFS(cat, fstest.MapFS{"03-init.yaml": {Data: []byte(page + survives)}})
		if err != nil {
			t.Fatal(err)
		}
		if owed := slices.Contains(m.Owed(cat), "INIT-004"); owed != want {
			t.Errorf("survives %q: owed %v, want %v", survives, owed, want)
		}
		if kills := m.Kills()["INIT-004"]; (kills == 0) != want {
			t.Errorf("survives %q: %d kills", survives, kills)
		}
	}
}

func TestDataThatProvesNothingIsRefused(t *testing.T) {
	const good = "rule: INIT-004\n    file: reference/init.go\n    old: a\n    new: b\n    why: c\n"
	for _, c := range []struct{ name, page, says string }{
		{"an unknown rule", strings.Replace("mutants:\n  - "+good, "INIT-004", "INIT-999", 1), "does not have this rule"},
		{"no reason", strings.Replace("mutants:\n  - "+good, "why: c", "why: ''", 1), "why must be given"},
		{"no change", strings.Replace("mutants:\n  - "+good, "new: b", "new: a", 1), "the same"},
		{"a file outside the reference", strings.Replace("mutants:\n  - "+good, "reference/init.go", "conformance/rules/rule.go", 1), "not in the reference"},
		{"a path that leaves the tree", strings.Replace("mutants:\n  - "+good, "reference/init.go", "reference/../../x.go", 1), "not in the reference"},
		{"an unknown field", "mutants:\n  - " + good + "    wy: typo\n", "wy"},
		{"an unseen rule without a reason", "unseen:\n  - rule: INIT-004\n    why: ''\n", "say why"},
		{"an unseen rule that has a mutant", "mutants:\n  - " + good + "unseen:\n  - rule: INIT-004\n    why: c\n", "drop one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadFS(catalogue(t), fstest.MapFS{"03-init.yaml": {Data: []byte(c.page)}})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error with %q", err, c.says)
			}
		})
	}
}

func TestAMutantThatIsNotExactIsAnError(t *testing.T) {
	tree := t.TempDir()
	if err := os.Mkdir(filepath.Join(tree, "reference"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tree, "reference/x.go"), []byte("one two two"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, got, says string }{
		{"one", "1 two two", ""},
		{"two", "", "2 times"},
		{"three", "", "no longer applies"},
	} {
		got, err := Mutant{Name: "X-001", File: "reference/x.go", Old: c.old, New: "1"}.Apply(tree)
		if string(got) != c.got || (c.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %q, %v", c.old, got, err)
		}
	}
}

func TestOnlyTheSpecsOwnWordIsAKill(t *testing.T) {
	finding := func(s verdict.Severity, at string) verdict.Finding {
		return verdict.Finding{Severity: s, Text: "text", At: at}
	}
	level := rules.Should
	run := func(rule string, status verdict.Status, f ...verdict.Finding) *verdict.Run {
		return &verdict.Run{Verdicts: []verdict.Verdict{
			{Rule: rule, Level: level, Status: status, Outcomes: []verdict.Outcome{{Rule: rule, Status: status, Findings: f}}},
			{Rule: "INIT-005", Status: verdict.Fail},
			{Rule: "INIT-006", Status: verdict.Pass},
		}}
	}
	saidToSurvive := map[Fate]Fate{Killed: Broken, Survived: Explained, Broken: Broken}
	must := run("INIT-004", verdict.Warn, finding(verdict.Soft, "specs/init.go:1"))
	must.Verdicts[0].Level = rules.Must
	for _, c := range []struct {
		name string
		dies bool
		run  *verdict.Run
		want Fate
	}{
		{"an expectation of its own", false, run("INIT-004", verdict.Fail, finding(verdict.Plain, "specs/init.go:1")), Killed},
		{"a soft part of its own", false, run("INIT-004", verdict.Warn, finding(verdict.Soft, "specs/init.go:1")), Killed},
		{"a soft part of a MUST", false, must, Survived},
		{"an invariant alone", false, run("INIT-004", verdict.Fail, finding(verdict.Plain, "")), Survived},
		{"a crash that was not meant", false, run("INIT-004", verdict.Fail, finding(verdict.Crash, "specs/init.go:1")), Survived},
		{"a crash that was meant", true, run("INIT-004", verdict.Fail, finding(verdict.Crash, "specs/init.go:1")), Killed},
		{"nothing", false, run("INIT-004", verdict.Pass), Survived},
		{"a state that was not reached", false, run("INIT-004", verdict.NotJudged, finding(verdict.Blocked, "specs/init.go:1")), Survived},
		{"a harness that failed", false, run("INIT-004", verdict.Error, finding(verdict.Harness, "")), Broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Mutant{Rule: "INIT-004", Dies: c.dies}.Judge(c.run)
			if said := (Mutant{Rule: "INIT-004", Dies: c.dies, Survives: "reason"}).Judge(c.run).Fate; said != saidToSurvive[c.want] {
				t.Errorf("fate %s of one that is said to survive, want %s", said, saidToSurvive[c.want])
			}
			if got.Fate != c.want {
				t.Errorf("fate %s, want %s", got.Fate, c.want)
			}
			if !slices.Equal(got.Besides, []string{"INIT-005"}) {
				t.Errorf("besides %v, want INIT-005", got.Besides)
			}
		})
	}
}

// TestThePageIsTheSameAfterEveryRun: CI compares it with the one that is committed.
func TestThePageIsTheSameAfterEveryRun(t *testing.T) {
	page := func(line, figure string) string {
		killed := Result{Mutant: Mutant{Rule: "INIT-004", Name: "INIT-004", Why: "a | b"}, Fate: Killed,
			Scenario: "16 is refused", At: "specs/init.go:" + line, Text: "after " + figure + " ms", Besides: []string{figure}}
		explained := Result{Mutant: Mutant{Rule: "INIT-004", Name: "INIT-004/2", Survives: "the wire is the same"}, Fate: Explained}
		unseen := &Matrix{Unseen: []Unseen{{Rule: "MEM-002", Why: "no heap"}}}
		var b strings.Builder
		if err := Markdown(&b, catalogue(t), unseen, []Result{killed, explained}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	once := page("1", "17")
	if again := page("2", "18"); again != once {
		t.Errorf("two pages of one matrix differ:\n%s\n%s", once, again)
	}
	for _, want := range []string{
		`| INIT-004 | a \| b | killed | specs/init.go: 16 is refused |`,
		"| INIT-004/2 |  | explained | the wire is the same |",
		"| MEM-002 | no heap |",
		"2 mutants: 1 killed, 1 survived, 1 of them for a reason; 0 broken.",
	} {
		if !strings.Contains(once, want) {
			t.Errorf("the page has no %q:\n%s", want, once)
		}
	}
}
