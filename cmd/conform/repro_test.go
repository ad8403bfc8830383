package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

const headers = "../../reference/include"

// written runs conform repro and returns the folders that it has written.
func written(t *testing.T, args ...string) (folders []string, stdout string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := conform(t, append([]string{"repro", "-o", dir}, args...)...)
	if code != verdict.ExitConformant {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "repro.c"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		folders = append(folders, filepath.Dir(path))
	}
	return folders, stdout
}

// built compiles the program as its README says, with warnings as errors.
func built(t *testing.T, folder string) {
	t.Helper()
	line := instruction(t, folder, "cc -g ")
	in(t, folder, nil, strings.Replace(line, "cc -g ", "cc -g -Wall -Wextra -Werror ", 1))
}

// instruction is the line of the README that begins so.
func instruction(t *testing.T, folder, prefix string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^` + prefix + `.*$`).FindString(string(text))
	if line == "" {
		t.Fatalf("README.md has no line that begins with %q\n%s", prefix, text)
	}
	return line
}

// in runs a line of shell in the folder and returns what it prints.
func in(t *testing.T, folder string, env []string, line string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

func TestARedRuleBecomesAProgramThatShowsItsFault(t *testing.T) {
	folders, stdout := written(t, "INIT-004", "--target", wrong(t), "--include", headers)
	if len(folders) != 2 || !strings.Contains(stdout, "fail INIT-004: other sizes are refused") {
		t.Fatalf("written: %v\n%s", folders, stdout)
	}
	built(t, folders[0])
	says := in(t, folders[0], nil, "./repro")
	for _, want := range []string{
		"-> iv_cs_init(&parm_1)", "<- iv_cs_init returned 0, as recorded",
		"expected an error IV_ERR_*, got IV_ERR_NONE (0)", "== as in the recorded run: 14 calls, none differs",
	} {
		if !strings.Contains(says, want) {
			t.Errorf("the program does not say %q:\n%s", want, says)
		}
	}
	// The program tells a library that was mended, here put in the place of the other.
	mended := in(t, folders[0], []string{"LD_PRELOAD=" + wrong(t, "-DRESULT=-602")}, "./repro || echo exit code $?")
	if !strings.Contains(mended, "returned -602, recorded: 0   DIFFERS") || !strings.Contains(mended, "exit code 1") {
		t.Errorf("of a library that refuses the program says:\n%s", mended)
	}
}

func TestAProgramThatCrashesHasNamedTheCallBefore(t *testing.T) {
	folders, _ := written(t, "INIT-001", "--target", wrong(t, "-DCRASH_IN_INIT"), "--include", headers, "--scenario", "freed when init")
	built(t, folders[0])
	says := in(t, folders[0], nil, "./repro; echo")
	if !strings.HasSuffix(strings.TrimSpace(strings.Split(says, "Segmentation")[0]), "-> iv_cs_init(&parm_1)") ||
		!strings.Contains(says, "recorded: the next call, of iv_cs_init, did not return") {
		t.Errorf("the program says:\n%s", says)
	}
}

// TestAProgramAgainstTheCloudAlone follows the README of a mutant that tells
// milliseconds where seconds are due.
func TestAProgramAgainstTheCloudAlone(t *testing.T) {
	lib := mutant(t, "UPL-004")
	folders, stdout := written(t, "UPL-004", "--target", lib, "--include", headers)
	if len(folders) == 0 {
		t.Fatalf("no folder: %s", stdout)
	}
	built(t, folders[0])
	words := strings.Fields(strings.TrimSuffix(instruction(t, folders[0], "conform cloud "), " >cloud.env"))
	c := startCloud(t, words[2:]...)
	says := in(t, folders[0], c.Devices[0].Env(), "./repro")
	if !regexp.MustCompile(`frames \d+ to \d+, UTC \d{13} to`).MatchString(says) || !strings.Contains(says, "UPL-004") || !strings.Contains(says, "as in the recorded run") {
		t.Errorf("the program says:\n%s", says)
	}
	_, body := c.get("/admin/devices")
	var list struct {
		Devices []struct {
			Segments int
		}
	}
	if err := json.Unmarshal(body, &list); err != nil || list.Devices[0].Segments == 0 {
		t.Errorf("%v: no segment was stored: %s\n%s", err, body, says)
	}
}

func TestWhatReproSaysWhereNothingIsWritten(t *testing.T) {
	lib, dir := wrong(t), filepath.Join(t.TempDir(), "out")
	full := t.TempDir()
	if err := os.MkdirAll(filepath.Join(full, "other-sizes-are-refused", "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a rule that is green", []string{"ABI-045", "--target", lib, "-o", dir}, verdict.ExitConformant, "no scenario is red"},
		{"no such rule", []string{"INIT-999", "--target", lib}, verdict.ExitUsage, "there is no rule"},
		{"no such scenario", []string{"INIT-004", "--target", lib, "--scenario", "sunshine"}, verdict.ExitUsage, "sunshine"},
		{"no library", []string{"INIT-004"}, verdict.ExitUsage, "--target"},
		{"the reference in this process", []string{"INIT-004", "--target", "reference"}, verdict.ExitUsage, "shared object"},
		{"a library that is none", []string{"INIT-004", "--target", "repro_test.go"}, verdict.ExitTarget, "ELF"},
		{"a folder of other things", []string{"INIT-004", "--target", lib, "-o", full}, verdict.ExitUsage, "other things"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := conform(t, append([]string{"repro"}, c.args...)...)
			if code != c.code || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, c.code, c.says, stdout, stderr)
			}
		})
	}
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s was made for a rule that is green", dir)
	}
}

func TestAScenarioThatPassesIsWrittenWhenItIsNamed(t *testing.T) {
	folders, stdout := written(t, "INIT-001", "--target", wrong(t), "--scenario", "freed")
	if len(folders) != 1 || !strings.Contains(stdout, "pass INIT-001") {
		t.Errorf("written: %v\n%s", folders, stdout)
	}
}
