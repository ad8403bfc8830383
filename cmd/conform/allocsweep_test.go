package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

// allocating compiles the miniature library of testdata/alloc.c.
func allocating(t *testing.T, macros ...string) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "liballoc.so")
	args := append([]string{"-g", "-Wall", "-Werror", "-shared", "-fPIC", "-o", lib}, macros...)
	if out, err := exec.Command("cc", append(args, "testdata/alloc.c")...).CombinedOutput(); err != nil {
		t.Fatalf("compile testdata/alloc.c: %v\n%s", err, out)
	}
	return lib
}

func TestASweepFindsTheAllocationThatIsNotChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		macros []string
		args   []string
		code   int
		says   []string
	}{
		{"the third is not checked", nil, nil, verdict.ExitNotConformant, []string{
			"4 allocations", "crash: iv_cs_init\n  the library crashed: SIGSEGV", "alloc.c:", "n = 3\n",
			"error code: iv_cs_init\n  returned IV_ERR_CS_PRM_MALLOC_FAIL (-606)\n  n = 1-2, 4\n"}},
		{"all are checked", []string{"-DCHECKED"}, nil, verdict.ExitConformant, []string{"n = 1-4\n"}},
		{"an error leaves buffers behind", []string{"-DCHECKED", "-DLEAK_IN_ERROR"}, nil, verdict.ExitConformant, []string{
			"leak: iv_cs_init\n  returned IV_ERR_CS_PRM_MALLOC_FAIL (-606); 3 live allocations more", "n = 4\n", "error code: iv_cs_init", "n = 1\n"}},
		{"hangs when it gets none", []string{"-DCHECKED", "-DHANG"}, []string{"--watchdog", "1s"}, verdict.ExitNotConformant, []string{
			"hang: iv_cs_init\n", "did not return within 1s", "n = 1-4\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := conform(t, append([]string{"--target", allocating(t, c.macros...), "--alloc-sweep"}, c.args...)...)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, stderr)
			}
			for _, want := range c.says {
				if !strings.Contains(stdout, want) {
					t.Errorf("does not say %q:\n%s%s", want, stdout, stderr)
				}
			}
		})
	}
}

func TestWhatCannotBeSwept(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"the reference in this process", nil, verdict.ExitUsage, "--target"},
		{"a Go runtime", []string{"--target", wrongGo(t)}, verdict.ExitTarget, "allocator cannot be reached"},
		{"again and again", []string{"--target", wrong(t), "--repeat-until-failure", "2"}, verdict.ExitUsage, "--repeat-until-failure"},
		{"a library that crashes anyway", []string{"--target", wrong(t, "-DCRASH_IN_INIT")}, verdict.ExitTarget, "mend that first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := conform(t, append([]string{"--alloc-sweep"}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, c.code, c.says, stdout, stderr)
			}
		})
	}
}

func TestNumbersInARowAreARange(t *testing.T) {
	if got := ranges([]uint32{1, 3, 4, 5, 9, 10}); got != "1, 3-5, 9-10" {
		t.Errorf("got %s", got)
	}
}
