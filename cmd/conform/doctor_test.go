package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

func TestDoctorTellsByItsExitCode(t *testing.T) {
	lib := wrong(t, "-DWITHOUT_TRANS_TIME", "-DRESULT=-600")
	code, stdout, stderr := conform(t, "doctor", "--target", lib, "--include", "../../reference/include", "--json")
	var r struct {
		Target   string
		Findings []struct{ Check, Mark, Text, Remedy string }
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || r.Target != lib || len(r.Findings) < 8 {
		t.Errorf("--json: %v\n%s%s", err, stdout, stderr)
	}
	if code != verdict.ExitTarget {
		t.Errorf("a function is missing: exit code %d, want %d", code, verdict.ExitTarget)
	}
	// A library that refuses is a matter of the rules.
	code, stdout, _ = conform(t, "doctor", "--target", wrong(t, "-DRESULT=-600"), "--include", "../../reference/include")
	if code != verdict.ExitConformant || !strings.Contains(stdout, "Next: conform --target") {
		t.Errorf("nothing bad: exit code %d\n%s", code, stdout)
	}
	for _, args := range [][]string{{"doctor"}, {"doctor", "--target", "./nowhere.so"}, {"doctor", "--target", lib, "--include", "./nowhere"}} {
		if code, _, stderr := conform(t, args...); code != verdict.ExitUsage || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit code %d, want %d and one line: %s", args, code, verdict.ExitUsage, stderr)
		}
	}
}
