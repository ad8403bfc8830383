package target

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// cache is shared by all tests, so that the shim is compiled once.
var cache string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ivcs-shim-")
	if err != nil {
		panic(err)
	}
	cache = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// build compiles a miniature library.
func build(t testing.TB, source string, flags ...string) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "lib"+strings.TrimSuffix(source, ".c")+".so")
	args := append([]string{"-shared", "-fPIC", "-O1", "-g", "-pthread", "-w", "-o", lib, filepath.Join("testdata", source)}, flags...)
	if out, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("%s cannot be compiled: %v\n%s", source, err, out)
	}
	return lib
}

// wrong is a library with one fault: "INIT=abort()".
func wrong(t *testing.T, faults ...string) string {
	t.Helper()
	var flags []string
	for _, f := range faults {
		flags = append(flags, "-D"+strings.ReplaceAll(f, "\n", " ")) // a definition ends with its line
	}
	return build(t, "wrong.c", flags...)
}

func load(t *testing.T, lib string) Target {
	t.Helper()
	target, err := Library(lib, LibraryOptions{Cache: cache})
	if err != nil {
		t.Fatalf("the library cannot be loaded: %v", err)
	}
	return target
}

func open(t *testing.T, target Target, o Options) *Session {
	t.Helper()
	s, err := target.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("no session: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// wait waits for something in the trace, at most 10 s of machine time.
func wait(t *testing.T, s *Session, what string, cond func([]Event) bool) {
	t.Helper()
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Wait(ctx, what, cond); err != nil {
		t.Fatal(err)
	}
}

// alive reports whether a process runs; an orphan that is dead stays a zombie
// until somebody else reaps it.
func alive(pid int) bool {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(b), ") Z ")
}
