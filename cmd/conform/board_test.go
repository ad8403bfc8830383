package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

// board starts the shim as on a board, and returns its address.
func board(t *testing.T, library string) string {
	t.Helper()
	shim := filepath.Join(t.TempDir(), "shim")
	if code, _, stderr := conform(t, "shim", "-o", shim); code != 0 {
		t.Fatalf("conform shim: %s", stderr)
	}
	cmd := exec.Command(shim, "--listen", "0", library)
	cmd.Env = append(os.Environ(), "IVCS_ENDPOINT=http://nowhere.invalid") // a run's own must win
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, _ := bufio.NewReader(errs).ReadString('\n')
	m := regexp.MustCompile(`waiting on port (\d+)`).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("the shim says %q", line)
	}
	return "tcp://127.0.0.1:" + m[1]
}

func TestALibraryOnABoardIsJudgedAsHere(t *testing.T) {
	for _, c := range []struct {
		macros []string
		rules  string
		says   []string
	}{
		{nil, "ABI-002,INIT-004", []string{"pass ABI-002", "FAIL INIT-004"}},
		{[]string{"-DCRASH_IN_INIT"}, "INIT-001", []string{"FAIL INIT-001", "SIGSEGV", "iv_cs_init", "at address 0x10"}},
		{[]string{"-DHANG_IN_EXIT"}, "EXIT-001", []string{"iv_cs_exit did not return"}},
		{[]string{"-DEND_IN_INIT"}, "INIT-001", []string{"exit code 7"}},
		{[]string{"-DKILLED_IN_INIT"}, "INIT-001", []string{"SIGKILL"}},
	} {
		lib := wrong(t, c.macros...)
		_, stdout, stderr := conform(t, "--target", board(t, lib), "--rules", c.rules, "--watchdog", "2s", "-v")
		for _, want := range c.says {
			if !strings.Contains(stdout, want) {
				t.Errorf("%v: does not say %q\n%s%s", c.macros, want, stdout, stderr)
			}
		}
	}
}

func TestTheDoctorGoesToTheBoard(t *testing.T) {
	at := board(t, wrong(t, "-DRESULT=-600"))
	if code, stdout, _ := conform(t, "doctor", "--target", at); code != verdict.ExitConformant || !strings.Contains(stdout, "1000 of 1000") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
	if code, _, stderr := conform(t, "--target", "tcp://127.0.0.1:1"); code != verdict.ExitTarget || !strings.Contains(stderr, "--listen PORT LIBRARY") {
		t.Errorf("no board: exit code %d: %s", code, stderr)
	}
	if code, _, stderr := conform(t, "--target", "tcp://board"); code != verdict.ExitUsage {
		t.Errorf("no port: exit code %d: %s", code, stderr)
	}
}
