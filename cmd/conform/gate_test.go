package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

// folder holds the library that accepts everything, and files beside it.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Dir(wrong(t))
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const debt = `waivers:
  - rule: INIT-004
    message: "expected an error IV_ERR_*, got IV_ERR_NONE (0)"
    reason: the buffer is rounded up
    owner: camera team
    link: https://tracker.example/1
    expires: 2999-12-31
`

func TestTheGate(t *testing.T) {
	dir := folder(t, map[string]string{
		"debt.yaml":     debt,
		"expired.yaml":  strings.Replace(debt, "2999-12-31", "2020-12-31", 1),
		"other.yaml":    strings.Replace(debt, "got IV_ERR_NONE (0)", "got IV_ERR_CS_INIT_REPEAT", 1),
		"stale.yaml":    strings.Replace(debt, "INIT-004", "INIT-007", 1),
		"unknown.yaml":  strings.Replace(debt, "INIT-004", "INIT-999", 1),
		"wide.yaml":     strings.Replace(debt, "expected an error IV_ERR_*, got IV_ERR_NONE (0)", "…", 1),
		"partial.yaml":  "profiles: [full-time]\nrules: [INIT-001, EVT-001]\ntitle: My camera\n",
		"nonsense.yaml": "profiles: [full-time, holograms]\n",
		"typo.yaml":     "profile: [full-time]\n",
	})
	const lib = "./libwrong.so"
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a known failure", []string{"--rules", "INIT-004", "--waivers", "debt.yaml"}, verdict.ExitConformant, "conformant with 1 waiver"},
		{"without the waiver", []string{"--rules", "INIT-004"}, verdict.ExitNotConformant, "FAIL INIT-004"},
		{"an expired waiver", []string{"--rules", "INIT-004", "--waivers", "expired.yaml"}, verdict.ExitNotConformant, "expired on 2020-12-31"},
		{"another failure", []string{"--rules", "INIT-004", "--waivers", "other.yaml"}, verdict.ExitNotConformant, "fails in another way"},
		{"a waiver that is not selected", []string{"--rules", "INIT-001", "--waivers", "debt.yaml"}, verdict.ExitUsage, "not selected"},
		{"an unknown rule", []string{"--waivers", "unknown.yaml"}, verdict.ExitUsage, "no such rule"},
		{"too wide", []string{"--rules", "INIT-004", "--waivers", "wide.yaml"}, verdict.ExitUsage, "too wide"},
		{"no such file", []string{"--waivers", "nowhere.yaml"}, verdict.ExitUsage, "nowhere.yaml"},
		{"core rules declared away", []string{"--config", "partial.yaml"}, verdict.ExitIncomplete, "partial: what was judged conforms"},
		{"an unknown profile", []string{"--config", "nonsense.yaml"}, verdict.ExitUsage, "holograms"},
		{"an unknown field", []string{"--config", "typo.yaml"}, verdict.ExitUsage, "profile"},
		{"no such config", []string{"--config", "nowhere.yaml"}, verdict.ExitUsage, "nowhere.yaml"},
		{"a flag outweighs the config", []string{"--config", "partial.yaml", "--rules", "INIT-004"}, verdict.ExitNotConformant, "FAIL INIT-004"},
		{"a shard that cannot be", []string{"--shard", "3/2"}, verdict.ExitUsage, "--shard 3/2"},
		{"an unknown language", []string{"--lang", "tlh"}, verdict.ExitUsage, "choose en or zh"},
		{"Chinese", []string{"--rules", "INIT-004", "--lang", "zh"}, verdict.ExitNotConformant, "失败 INIT-004"},
		{"the slowest", []string{"--rules", "INIT-001", "--durations", "3"}, verdict.ExitConformant, "slowest scenarios"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := conformIn(t, dir, nil, append([]string{"--target", lib}, c.args...)...)
			if code != c.code || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, c.code, c.says, stdout, stderr)
			}
		})
	}
}

func TestConfigBesideTheLibraryIsFound(t *testing.T) {
	dir := folder(t, map[string]string{"conform.yaml": "title: My camera\nrules: [INIT-001]\n"})
	code, stdout, stderr := conformIn(t, "/", nil, "--target", filepath.Join(dir, "libwrong.so"))
	if code != verdict.ExitConformant || !strings.Contains(stdout, "My camera") || !strings.Contains(stdout, "selected: 1,") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestShardsMergeAndRunsAreCompared(t *testing.T) {
	dir := folder(t, map[string]string{"debt.yaml": debt})
	run := func(want int, args ...string) string {
		t.Helper()
		code, stdout, stderr := conformIn(t, dir, nil, args...)
		if code != want {
			t.Errorf("conform %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, stdout, stderr)
		}
		return stdout + stderr
	}
	base := []string{"--target", "./libwrong.so", "--rules", "INIT-001,INIT-004,INIT-005", "--waivers", "debt.yaml"}
	with := func(more ...string) []string { return append(append([]string(nil), base...), more...) }
	run(verdict.ExitNotConformant, with("--json", "whole.json")...)
	// Which of the two has the rule that fails is a matter of its duration.
	var codes []int
	for i, out := range []string{"1.json", "2.json"} {
		code, _, _ := conformIn(t, dir, nil, with("--shard", fmt.Sprintf("%d/2", i+1), "--json", out, "--durations-from", "whole.json")...)
		codes = append(codes, code)
	}
	if slices.Sort(codes); !slices.Equal(codes, []int{verdict.ExitConformant, verdict.ExitNotConformant}) {
		t.Errorf("the shards end with %v, want one conformant and one not", codes)
	}
	run(verdict.ExitConformant, "--target", "./libwrong.so", "--rules", "INIT-001", "--shard", "2/2", "--json", "alien.json")

	if got := run(verdict.ExitIncomplete, "merge", "1.json"); !strings.Contains(got, "shard 2/2 is missing") {
		t.Errorf("says %q", got)
	}
	if got := run(verdict.ExitUsage, "merge", "1.json", "alien.json"); !strings.Contains(got, "differs from the first in selection") {
		t.Errorf("says %q", got)
	}
	if got := run(verdict.ExitNotConformant, "merge", "1.json", "2.json", "--json", "merged.json"); !strings.Contains(got, "selected: 3, 1 fail, 1 waived, 1 pass") {
		t.Errorf("says %q", got)
	}
	if got := run(verdict.ExitConformant, "diff", "whole.json", "merged.json"); !strings.Contains(got, "0 worse, 0 changes") {
		t.Errorf("says %q", got)
	}
	run(verdict.ExitNotConformant, "--target", "./libwrong.so", "--rules", "INIT-001,INIT-004,INIT-005", "--json", "bare.json")
	if got := run(verdict.ExitNotConformant, "diff", "whole.json", "bare.json"); !strings.Contains(got, "worse    INIT-004     waived → fail") {
		t.Errorf("says %q", got)
	}
	run(verdict.ExitConformant, "diff", "bare.json", "whole.json")
	run(verdict.ExitUsage, "diff", "bare.json", "built-in")
	if got := run(verdict.ExitUsage, "waive", "bare.json", "--update"); !strings.Contains(got, "run again without --rules") {
		t.Errorf("says %q", got)
	}
}

func TestGitHubIsTold(t *testing.T) {
	dir := folder(t, nil)
	env := []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md")}
	_, stdout, stderr := conformIn(t, dir, env, "--target", "./libwrong.so", "--rules", "INIT-004")
	if !strings.Contains(stdout, "::error title=INIT-004 MUST::") {
		t.Errorf("no annotation\n%s%s", stdout, stderr)
	}
	summary, err := os.ReadFile(filepath.Join(dir, "summary.md"))
	if err != nil || !strings.Contains(string(summary), "## conform: not conformant") || !strings.Contains(string(summary), "--rules INIT-004") {
		t.Errorf("%v\n%s", err, summary)
	}
}
