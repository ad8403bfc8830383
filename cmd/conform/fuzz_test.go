package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/mutants"
	"github.com/ivcs/conform/conformance/verdict"
)

// TestTheReferenceSurvivesSequences is a sample; `./do fuzz` takes thousands.
func TestTheReferenceSurvivesSequences(t *testing.T) {
	code, stdout, stderr := conform(t, "fuzz", "--checks", "300", "--seed", "7")
	if code != verdict.ExitConformant || stdout != "300 sequences from seed 7, nothing wrong\n" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

// TestAPlantedFaultIsFoundAndShrunk plants a fault in the reference that only
// several steps bring to light, in an order that no scenario of the suite has:
// the end of one event ends all that run.
func TestAPlantedFaultIsFoundAndShrunk(t *testing.T) {
	tree, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := mutants.Mutant{
		Name: "planted", File: "reference/event.go",
		Old: "s.events.table[e.id] = nil", New: "s.events.table = [maxEventID + 1]*event{}",
	}.Build(t.Context(), tree, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	code, found, stderr := conform(t, "fuzz", "--target", lib, "--checks", "50", "--seed", "3332", "--shrink", "2m")
	steps := sequenceOf(found)
	if code != verdict.ExitNotConformant || steps == "" {
		t.Fatalf("exit code %d\n%s%s", code, found, stderr)
	}
	if n := strings.Count(steps, "\n"); n > 8 || !strings.Contains(steps, "iv_cs_event_stop") {
		t.Errorf("%d steps, want a stop among at most 8:\n%s", n, found)
	}
	file := filepath.Join(t.TempDir(), "steps.txt")
	if err := os.WriteFile(file, []byte(steps), 0o644); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]int{lib: verdict.ExitNotConformant, inProcess: verdict.ExitConformant} {
		if code, stdout, _ := conform(t, "fuzz", "--target", target, "--replay", file); code != want {
			t.Errorf("%s: exit code %d, want %d\n%s", target, code, want, stdout)
		}
	}
}

// TestALibraryThatAcceptsEverythingIsFound: from seed 7 the second sequence goes
// wrong, and its own seed gives the same again.
func TestALibraryThatAcceptsEverythingIsFound(t *testing.T) {
	lib := wrong(t)
	const want = `the shortest sequence found that goes wrong; --replay takes it:

init 0           # iv_cs_init, event_report_opt 0
start 0          # iv_cs_event_start(0)

MODEL: step 2, start 0: expected an error IV_ERR_*, got IV_ERR_NONE

again: conform fuzz --target LIB --seed 8
`
	for _, seed := range []string{"7", "8"} {
		code, stdout, stderr := conform(t, "fuzz", "--target", lib, "--checks", "50", "--seed", seed, "--shrink", "5m")
		if got := strings.ReplaceAll(stdout, lib, "LIB"); code != verdict.ExitNotConformant || got != want {
			t.Errorf("from seed %s: exit code %d\n%s%s", seed, code, stdout, stderr)
		}
	}
}

// sequenceOf takes the steps out of what fuzz prints.
func sequenceOf(text string) string {
	m := regexp.MustCompile(`(?s)--replay takes it:\n\n(.*?\n)\n`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}
