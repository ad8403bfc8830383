package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

func TestInspectTellsByItsExitCode(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.ts")
	if err := os.WriteFile(broken, make([]byte, 1880), 0o644); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "page.html")
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"inspect", broken, "--html", page, "--svg", filepath.Join(dir, "line.svg")}, verdict.ExitNotConformant},
		{[]string{"inspect", broken, "--html", "/nowhere/page.html"}, verdict.ExitUsage},
		{[]string{"inspect", filepath.Join(dir, "none.ts")}, verdict.ExitUsage},
		{[]string{"inspect"}, verdict.ExitUsage},
	} {
		if code, stdout, stderr := conform(t, c.args...); code != c.code {
			t.Errorf("%v: exit code %d, want %d\n%s%s", c.args, code, c.code, stdout, stderr)
		}
	}
	if b, err := os.ReadFile(page); err != nil || len(b) < 1000 {
		t.Errorf("--html: %d bytes, %v", len(b), err)
	}
}
