package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

// conform builds the command once and runs it.
func conform(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(command, args...)
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("conform %s: %v", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// command is the built command.
var command string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "conform")
	if err != nil {
		panic(err)
	}
	command = filepath.Join(dir, "conform")
	build := exec.Command("go", "build", "-o", command, ".")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// otherMachine turns a library into one for another machine, as its header says.
func otherMachine(t *testing.T) string {
	t.Helper()
	lib := wrong(t)
	b, err := os.ReadFile(lib)
	if err != nil {
		t.Fatal(err)
	}
	const machine, s390 = 18, 22 // e_machine
	b[machine], b[machine+1] = s390, 0
	if err := os.WriteFile(lib, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return lib
}

func TestWhatCannotRunSaysWhyInOneLine(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a file that is not there", []string{"--target", "./nowhere.so"}, verdict.ExitUsage, "no such file"},
		{"a file that is no ELF library", []string{"--target", text}, verdict.ExitTarget, "ELF"},
		{"a library for another machine", []string{"--target", otherMachine(t)}, verdict.ExitTarget, "S390"},
		{"a pattern that matches nothing", []string{"--rules", "NOPE-*"}, verdict.ExitUsage, "NOPE-*"},
		{"a report that cannot be written", []string{"--report", "/nowhere/REPORT.md", "--rules", "INIT-001"}, verdict.ExitUsage, "/nowhere/REPORT.md"},
		{"an unknown clock", []string{"--clock", "sundial"}, verdict.ExitUsage, "sundial"},
		{"an unknown flag", []string{"--colour"}, verdict.ExitUsage, "--help"},
		{"a stray argument", []string{"libivcs.so"}, verdict.ExitUsage, "libivcs.so"},
		{"no compiler for the shim", []string{"--target", wrong(t), "--cc", "no-such-cc"}, verdict.ExitTarget, "no-such-cc"},
		{"a worker started by hand", []string{"worker"}, verdict.ExitUsage, "started by conform"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := conform(t, c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if lines := strings.Split(strings.TrimSpace(stderr), "\n"); len(lines) != 1 || !strings.Contains(lines[0], c.says) {
				t.Errorf("stderr is %q, want one line with %q", stderr, c.says)
			}
			if stdout != "" {
				t.Errorf("stdout is %q, want nothing", stdout)
			}
		})
	}
}

func TestListNamesRulesAndScenarios(t *testing.T) {
	code, stdout, _ := conform(t, "--list", "--rules", "FLOW-003")
	if code != verdict.ExitConformant || !strings.Contains(stdout, "FLOW-003") || !strings.Contains(stdout, "with a full-time plan start_cb comes by itself") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
}

func TestReportsAreWritten(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"--report": "REPORT.md", "--junit": "conform.xml", "--json": "conform.json"}
	args := []string{"--rules", "FLOW-003"}
	for flag, name := range files {
		args = append(args, flag, filepath.Join(dir, name))
	}
	code, stdout, stderr := conform(t, args...)
	if code != verdict.ExitConformant {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, name := range files {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Contains(b, []byte("FLOW-003")) {
			t.Errorf("%s does not hold the verdict: %v", name, err)
		}
	}
	if rest, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
}

// TestFailFastEndsAtTheFirstBrokenScenario: a rule of many scenarios has
// fewer outcomes then, and is broken all the same.
func TestFailFastEndsAtTheFirstBrokenScenario(t *testing.T) {
	lib := wrong(t)
	outcomes := func(args ...string) int {
		out := filepath.Join(t.TempDir(), "run.json")
		code, _, stderr := conform(t, append(args, "--target", lib, "--rules", "INIT-004", "--workers", "1", "--json", out)...)
		if code != verdict.ExitNotConformant {
			t.Fatalf("exit code %d, want %d: %s", code, verdict.ExitNotConformant, stderr)
		}
		run, err := readRun(out)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := run.Verdict("INIT-004")
		return len(v.Outcomes)
	}
	if all, first := outcomes(), outcomes("--fail-fast"); first >= all {
		t.Errorf("%d outcomes with --fail-fast and %d without, want fewer", first, all)
	}
}

func TestAPageOfSomeMutantsIsNotWritten(t *testing.T) {
	page := filepath.Join(t.TempDir(), "kill-matrix.md")
	code, _, stderr := conform(t, "mutants", "--every", "10", "--page", page)
	if code != verdict.ExitUsage || !strings.Contains(stderr, "leave --rules and --every out") {
		t.Errorf("exit code %d, want %d: %s", code, verdict.ExitUsage, stderr)
	}
	if _, err := os.Stat(page); err == nil {
		t.Error("it has been written")
	}
}
