package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

func TestACrashUnderGDBIsToldWithItsBacktrace(t *testing.T) {
	lib := wrong(t, "-g", "-DCRASH_IN_INIT")
	code, stdout, stderr := conform(t, "--target", lib, "--rules", "INIT-001", "--gdb", "--watchdog", "60s")
	for _, want := range []string{"SIGSEGV", "at address 0x10", "#0  ", "iv_cs_init (parm=", "wrong.c:"} {
		if code != verdict.ExitNotConformant || !strings.Contains(stdout, want) {
			t.Fatalf("exit code %d, does not say %q\n%s%s", code, want, stdout, stderr)
		}
	}
	if code, stdout, _ := conform(t, "--target", wrong(t), "--rules", "ABI-002", "--gdb", "--watchdog", "60s"); code != verdict.ExitConformant {
		t.Errorf("without a crash: exit code %d\n%s", code, stdout)
	}
}

func TestRepeatsUntilSomethingFails(t *testing.T) {
	if code, _, stderr := conform(t, "--rules", "FLOW-003", "--repeat-until-failure", "2"); code != verdict.ExitConformant || !strings.Contains(stderr, "2 runs, none failed") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	code, stdout, stderr := conform(t, "--target", wrong(t), "--rules", "INIT-004", "--repeat-until-failure", "5", "--seed", "3")
	if code != verdict.ExitNotConformant || !strings.Contains(stderr, "run 1 of 5") || !strings.Contains(stdout, "seed 3") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

func order(t *testing.T, seed string) string {
	_, stdout, stderr := conform(t, "--target", wrong(t), "--rules", "ABI-00*", "--workers", "1", "-v", "--seed", seed)
	found := regexp.MustCompile(`(?m)^\w+ +ABI-00\d +.*? \(`).FindAllString(stderr+stdout, -1)
	if len(found) < 9 {
		t.Fatalf("%d scenarios:\n%s", len(found), stderr)
	}
	return strings.Join(found, "\n")
}

func TestASeedIsAnOrder(t *testing.T) {
	plain, one, again := order(t, "0"), order(t, "5"), order(t, "5")
	if one != again || one == plain {
		t.Errorf("seed 5 twice:\n%s\n\n%s\n\nseed 0:\n%s", one, again, plain)
	}
}
