package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// conformIn runs the command in a folder, in a bare environment and with env besides.
func conformIn(t *testing.T, dir string, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(command, args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"NO_COLOR=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("conform %s: %v", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// The parts of a page that another run, another line in a spec or another build
// give otherwise.
var volatile = []struct {
	what *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`(specs/[a-z_]+\.go):[0-9]+`), "$1:N"},
	{regexp.MustCompile(`(?m)^ +[0-9]+(  end )`), "    N$1"},                                             // a hang is seen in machine time
	{regexp.MustCompile(`(?m)^ +([0-9]{1,4})(  (?:call|callback|request|output|finding) )`), "    $1$2"}, // and the column is as wide as it
	{regexp.MustCompile(`(?s)<style>.*?</style>`), "<style></style>"},
	{regexp.MustCompile(`(?s)<script>.*?</script>`), "<script></script>"},
	{regexp.MustCompile(`<code>(catalogue|conform) [^<]*</code>`), "<code>$1</code>"},
}

func steady(s string) string {
	for _, v := range volatile {
		s = v.what.ReplaceAllString(s, v.to)
	}
	return s
}

func TestFailurePagesAreAsTheGoldenFiles(t *testing.T) {
	for _, c := range []struct {
		name   string // of the golden files
		macros []string
		rules  string
	}{
		{"symbol", []string{"-DWITHOUT_TRANS_TIME"}, "ABI-012"},
		{"crash", []string{"-DCRASH_IN_INIT"}, "INIT-001"},
		{"hang", []string{"-DHANG_IN_EXIT"}, "EXIT-001"},
		{"accepts", nil, "INIT-004"},
		{"refuses", []string{"-DRESULT=-1"}, "INIT-001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lib := wrong(t, c.macros...)
			dir := filepath.Dir(lib)
			code, stdout, stderr := conformIn(t, dir, nil, "--target", "./"+filepath.Base(lib), "--rules", c.rules,
				"--watchdog", "1s", "--html", "page.html", "--artifacts", "red")
			if code != verdict.ExitNotConformant {
				t.Errorf("exit code %d, want %d\n%s", code, verdict.ExitNotConformant, stderr)
			}
			page, err := os.ReadFile(filepath.Join(dir, "page.html"))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, c.name+".txt", steady(stdout))
			if c.name == "crash" {
				golden(t, c.name+".html", steady(string(page)))
			}
			for _, outside := range []string{"src=", "@import", "url(", "<link"} {
				if bytes.Contains(page, []byte(outside)) {
					t.Errorf("the page is not self-contained: %s", outside)
				}
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "pages", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s; if this is meant, run go test -update:\n%s", path, got)
	}
}

// again matches the line of a page that runs a rule again.
var again = regexp.MustCompile(`(?m)^  again: conform (.*)$`)

func TestTheLineThatRunsAgainHasAllFlags(t *testing.T) {
	lib := wrong(t)
	include := t.TempDir()
	args := []string{"--target", lib, "--clock", "real", "--watchdog", "7s", "--strict", "--include", include, "--cc", "cc", "--rules", "INIT-004"}
	code, stdout, stderr := conform(t, args...)
	m := again.FindStringSubmatch(stdout)
	if code != verdict.ExitNotConformant || m == nil {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, want := range []string{"--target " + lib, "--clock real", "--watchdog 7s", "--strict", "--include " + include, "--cc cc", "--rules INIT-004"} {
		if !strings.Contains(m[1], want) {
			t.Errorf("%s lacks %s", m[1], want)
		}
	}
}
