package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/mutants"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// statuses runs conform and returns its exit code, what it wrote, and the status of each rule.
func statuses(t *testing.T, args ...string) (code int, says string, of map[string]verdict.Verdict) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.json")
	code, stdout, stderr := conform(t, append(args, "--json", file)...)
	run, err := readRun(file)
	if err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	of = make(map[string]verdict.Verdict)
	for _, v := range run.Verdicts {
		of[v.Rule] = v
	}
	return code, stdout + stderr, of
}

// mutant builds the first mutant of a rule.
func mutant(t *testing.T, rule string) string {
	t.Helper()
	catalogue, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	matrix, err := mutants.Load(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range matrix.Mutants {
		if m.Rule == rule {
			lib, err := m.Build(t.Context(), "../..", t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			return lib
		}
	}
	t.Fatalf("%s has no mutant", rule)
	return ""
}

func TestAMediumThatIsRefusedFailsTheRuleThatStatesItAndNoOther(t *testing.T) {
	lib := mutant(t, "PUSH-012") // H.265 is refused
	code, says, of := statuses(t, "--target", lib, "--rules", "PUSH-012,PUSH-017,PUSH-018,PUSH-015")
	for rule, want := range map[string]verdict.Status{"PUSH-012": verdict.Fail, "PUSH-015": verdict.Pass, "PUSH-017": verdict.NotJudged, "PUSH-018": verdict.NotJudged} {
		if of[rule].Status != want {
			t.Errorf("%s is %s, want %s: %s", rule, of[rule].Status, want, of[rule].Reason)
		}
	}
	if code != verdict.ExitNotConformant || !strings.Contains(says, "the library refuses h265") || !strings.Contains(of["PUSH-017"].Reason, "PUSH-012 judges that") {
		t.Errorf("exit code %d, PUSH-017: %q\n%s", code, of["PUSH-017"].Reason, says)
	}

	// The vendor's word makes it an option that the library lacks.
	config := filepath.Join(t.TempDir(), "conform.yaml")
	if err := os.WriteFile(config, []byte("profiles: [cloud-binding, full-time, event, audio-pcm, hooks]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, says, of = statuses(t, "--target", lib, "--config", config, "--rules", "PUSH-012,PUSH-017")
	if code != verdict.ExitConformant || of["PUSH-012"].Status != verdict.Pass || of["PUSH-017"].Status != verdict.NotJudged {
		t.Errorf("declared away: exit code %d, PUSH-012 %s, PUSH-017 %s\n%s", code, of["PUSH-012"].Status, of["PUSH-017"].Status, says)
	}
}

func TestDetectionWithoutACloud(t *testing.T) {
	for _, c := range []struct {
		name   string
		macros []string
		want   verdict.Status // of INIT-007, which needs audio-pcm
		says   string
	}{
		{"takes everything", nil, verdict.Fail, ""},
		{"refuses PCM", []string{"-DREFUSE_PCM"}, verdict.NotJudged, "the library refuses audio-pcm: iv_cs_init returned IV_ERR_CS_INIT_PRM_RANGE (-602)"},
		{"refuses H.265", []string{"-DREFUSE_H265"}, verdict.Fail, "the library refuses h265"},
		{"refuses everything", []string{"-DRESULT=-1"}, verdict.Fail, ""},
		{"dies", []string{"-DCRASH_IN_INIT"}, verdict.Fail, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, says, of := statuses(t, "--target", wrong(t, c.macros...), "--rules", "INIT-007")
			if of["INIT-007"].Status != c.want {
				t.Errorf("INIT-007 is %s, want %s: %s", of["INIT-007"].Status, c.want, of["INIT-007"].Reason)
			}
			if c.says != "" && !strings.Contains(says, c.says) || c.says == "" && strings.Contains(says, "the library refuses") {
				t.Errorf("want %q:\n%s", c.says, says)
			}
		})
	}
}

// TestAPlanThatIsNotFollowedExcusesNothing: the core rules of events are judged.
func TestAPlanThatIsNotFollowedExcusesNothing(t *testing.T) {
	lib := mutant(t, "FLOW-003")
	_, says, of := statuses(t, "--target", lib, "--rules", "FLOW-003")
	if of["FLOW-003"].Status != verdict.Fail {
		t.Errorf("FLOW-003 is %s: %s\n%s", of["FLOW-003"].Status, of["FLOW-003"].Reason, says)
	}
}
