package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

// wrong compiles a miniature library that is wrong in the way of the macros.
func wrong(t *testing.T, macros ...string) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "libwrong.so")
	args := append([]string{"-Wall", "-Werror", "-shared", "-fPIC", "-pthread", "-o", lib}, macros...)
	out, err := exec.Command("cc", append(args, "testdata/wrong.c")...).CombinedOutput()
	if err != nil {
		t.Fatalf("compile testdata/wrong.c: %v\n%s", err, out)
	}
	return lib
}

// wrongGo builds a library that brings a Go runtime with it.
func wrongGo(t *testing.T) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "libwrong.so")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-o", lib, "testdata/wrong.go")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build testdata/wrong.go: %v\n%s", err, out)
	}
	return lib
}

// TestEachWrongLibraryIsToldWhatIsWrong compares exit code, status and message
// of whole runs with testdata/wrong.txt; the rules are chosen so that the fault
// shows soon.
func TestEachWrongLibraryIsToldWhatIsWrong(t *testing.T) {
	const golden = "testdata/wrong.txt"
	cases := []struct {
		name   string
		macros []string
		args   []string
	}{
		{"0 for everything", nil, []string{"--rules", "INIT-004,FLOW-003,EXIT-001"}},
		{"an error for everything", []string{"-DRESULT=-1"}, []string{"--rules", "INIT-001,EXIT-001,ABI-045"}},
		{"crashes in init", []string{"-DCRASH_IN_INIT"}, []string{"--rules", "INIT-001,ABI-045"}},
		{"crashes in a callback", []string{"-DCRASH_IN_A_CALLBACK"}, []string{"--rules", "INIT-001,ABI-045"}},
		{"crashes on a thread of its own", []string{"-DCRASH_ON_A_THREAD"}, []string{"--rules", "INIT-001"}},
		{"crashes when the process ends", []string{"-DCRASH_AT_THE_END"}, []string{"--rules", "INIT-001"}},
		{"hangs in exit", []string{"-DHANG_IN_EXIT"}, []string{"--rules", "EXIT-001,ABI-045", "--watchdog", "1s"}},
		{"ends the process", []string{"-DEXIT_IN_INIT"}, []string{"--rules", "INIT-001"}},
		{"writes to stdout", []string{"-DPRINT_IN_INIT"}, []string{"--rules", "ROB-026,INIT-001"}},
		{"writes to stdout, strictly", []string{"-DPRINT_IN_INIT"}, []string{"--rules", "ROB-026", "--strict"}},
		{"calls back after exit", []string{"-DNOTIFY_AFTER_EXIT"}, []string{"--rules", "EXIT-001"}},
		{"calls back on many threads", []string{"-DSTART_ON_MANY_THREADS"}, []string{"--rules", "EXIT-001"}},
		{"a symbol is missing", []string{"-DWITHOUT_TRANS_TIME"}, []string{"--rules", "ABI-012,ABI-045,TRANS-001,ABI-002"}},
		{"a struct of the wrong size", []string{"-DPARM_SIZE=152", "-DSTART_IN_INIT"}, []string{"--rules", "INIT-001"}},
		{"32 bit", []string{"-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"}, []string{"--rules", "INIT-001"}},
		{"a Go runtime inside", nil, []string{"--rules", "INIT-004,MEM-003,ROB-025"}},
		{"a Go runtime inside, on a scaled clock", nil, []string{"--rules", "INIT-004", "--clock", "scaled"}},
	}
	var all strings.Builder
	goLibrary := wrongGo(t)
	for _, c := range cases {
		lib := goLibrary
		if !strings.HasPrefix(c.name, "a Go runtime") {
			lib = wrong(t, c.macros...)
		}
		fmt.Fprintf(&all, "== %s: conform --target LIB %s\n%s\n", c.name, strings.Join(c.args, " "), verdicts(t, lib, c.args...))
	}
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.SplitAfter(string(want), "\n\n")
	for i, got := range strings.SplitAfter(all.String(), "\n\n") {
		if i >= len(sections) || sections[i] != got {
			t.Errorf("%s has another text than\n%s\n(go test ./cmd/conform -run EachWrong -update writes it anew)", golden, got)
		}
	}
}

// verdicts is what a run says: its exit code, what its stderr says if it was not
// carried out, and each rule with what was found, without what another day or an
// edit of a spec would change.
func verdicts(t *testing.T, lib string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.json")
	code, _, stderr := conform(t, append([]string{"--target", lib, "--json", file}, args...)...)
	var b strings.Builder
	fmt.Fprintf(&b, "exit code %d\n", code)
	defer func() {
		if t.Failed() {
			t.Log(stderr)
		}
	}()
	text, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintf(&b, "%s", strings.ReplaceAll(stderr, lib, "LIB"))
		return b.String()
	}
	run, err := verdict.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range run.Incomplete() {
		fmt.Fprintf(&b, "incomplete: %s\n", why)
	}
	for _, v := range run.Verdicts {
		tellRule(&b, v, "")
	}
	for _, v := range run.InPassing {
		tellRule(&b, v, " in passing")
	}
	return strings.ReplaceAll(b.String(), lib, "LIB")
}

// moment is a place on a scenario's time axis.
var moment = regexp.MustCompile(`at \+[0-9.ms]+`)

func tellRule(b *strings.Builder, v verdict.Verdict, how string) {
	fmt.Fprintf(b, "%s %s%s\n", v.Status, v.Rule, how)
	var last string
	for _, f := range v.Findings() {
		if f.Severity == verdict.Lacking {
			continue
		}
		text := moment.ReplaceAllString(strings.ReplaceAll(f.Text, "\n", "\n\t"), "at +…")
		if line := fmt.Sprintf("\t%s: %s\n", f.Severity, text); line != last {
			b.WriteString(line)
			last = line
		}
	}
	if v.Status == verdict.NotJudged || v.Status == verdict.Error {
		fmt.Fprintf(b, "\t%s\n", v.Reason)
	}
}
