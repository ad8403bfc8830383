package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ivcs/conform/clock"
)

// A vendor's folder: a library, its headers, and a Makefile that has nothing
// left to do.
func vendor(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"cp", wrong(t), filepath.Join(dir, "libivcs.so")},
		{"cp", "-r", "../../reference/include", filepath.Join(dir, "include")},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "Makefile"), []byte("all: ;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// shell runs one step as a pipeline does, and returns its exit code.
func shell(t *testing.T, dir, script string, env ...string) (code int, out string) {
	t.Helper()
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append([]string{"NO_COLOR=1", "PATH=" + filepath.Dir(command) + ":" + os.Getenv("PATH")}, env...)...)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", script, err)
	}
	return cmd.ProcessState.ExitCode(), string(b)
}

func decode(t *testing.T, path string, into ...any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	for _, v := range into {
		if err := d.Decode(v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
}

// step is a script of a pipeline; verdict marks the one whose exit code is the
// pipeline's.
type step struct {
	script  string
	env     []string
	verdict bool
}

func github(t *testing.T) (steps []step) {
	type job struct {
		Env      map[string]string
		Strategy struct{ Matrix struct{ Shard []string } }
		Steps    []struct{ Name, Run string }
	}
	var file struct {
		Env  map[string]string
		Jobs struct{ Judge, Verdict job }
	}
	decode(t, "../../ci/github/conform.yml", &file)
	if len(file.Jobs.Judge.Strategy.Matrix.Shard) != 4 || file.Jobs.Judge.Env["SHARD"] == "" {
		t.Fatalf("the matrix is %+v", file.Jobs.Judge.Strategy)
	}
	for _, shard := range file.Jobs.Judge.Strategy.Matrix.Shard {
		for _, s := range file.Jobs.Judge.Steps {
			steps = append(steps, step{s.Run, append(variables(file.Env), "SHARD="+shard, "GITHUB_OUTPUT=output"), false})
		}
	}
	for _, s := range file.Jobs.Verdict.Steps {
		steps = append(steps, step{s.Run, variables(file.Env), true})
	}
	return steps
}

func gitlab(t *testing.T) (steps []step) {
	type job struct {
		Parallel int
		Script   []string
	}
	var file struct {
		Variables             map[string]string
		Build, Judge, Verdict job
	}
	decode(t, "../../ci/gitlab/.gitlab-ci.yml", &file)
	for _, s := range file.Build.Script {
		steps = append(steps, step{s, variables(file.Variables), false})
	}
	for i := range file.Judge.Parallel {
		for _, s := range file.Judge.Script {
			steps = append(steps, step{s, append(variables(file.Variables), fmt.Sprint("CI_NODE_INDEX=", i+1), fmt.Sprint("CI_NODE_TOTAL=", file.Judge.Parallel)), false})
		}
	}
	for _, s := range file.Verdict.Script {
		steps = append(steps, step{s, variables(file.Variables), true})
	}
	return steps
}

func kubernetes(t *testing.T) (steps []step) {
	type job struct {
		Kind string
		Spec struct {
			Completions int
			Template    struct {
				Spec struct {
					Containers []struct {
						Env           []struct{ Name, Value string }
						Command, Args []string
					}
				}
			}
		}
	}
	var shards, verdict job
	decode(t, "../../ci/kubernetes/conform.yaml", &shards, &verdict)
	for i := range shards.Spec.Completions {
		steps = append(steps, step{env: []string{fmt.Sprint("JOB_COMPLETION_INDEX=", i)}})
	}
	steps = append(steps, step{verdict: true})
	for i := range steps {
		j := shards
		if steps[i].verdict {
			j = verdict
		}
		c := j.Spec.Template.Spec.Containers[0]
		if !slices.Equal(c.Command, []string{"bash", "-ec"}) || len(c.Args) != 1 {
			t.Fatalf("the command is %q %q", c.Command, c.Args)
		}
		steps[i].script = c.Args[0]
		for _, e := range c.Env {
			if e.Name == "OUT" {
				e.Value = "."
			}
			if e.Name == "SHARDS" && e.Value != fmt.Sprint(shards.Spec.Completions) {
				t.Errorf("SHARDS is %s, completions %d", e.Value, shards.Spec.Completions)
			}
			steps[i].env = append(steps[i].env, e.Name+"="+e.Value)
		}
	}
	return steps
}

func jenkins(t *testing.T) (steps []step) {
	b, err := os.ReadFile("../../ci/jenkins/Jenkinsfile")
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, m := range regexp.MustCompile(`(?m)^    (\w+) = '(.*)'$`).FindAllStringSubmatch(string(b), -1) {
		env = append(env, m[1]+"="+m[2])
	}
	scripts := regexp.MustCompile(`\bsh '(.*)'`).FindAllStringSubmatch(string(b), -1)
	for i, m := range scripts {
		steps = append(steps, step{m[1], env, i == len(scripts)-1})
	}
	return steps
}

func variables(m map[string]string) []string {
	var out []string
	for name, value := range m {
		out = append(out, name+"="+value)
	}
	return out
}

// has reports whether the command knows what a step asks of it: until the run's
// own flags are there, those steps cannot be tried.
func has(t *testing.T, flags ...string) bool {
	_, help, _ := conform(t, "--help")
	return !slices.ContainsFunc(flags, func(f string) bool { return !strings.Contains(help, f) })
}

// Every command of every pipeline is executed; a library with faults must make
// its last step fail, with 1, and one without must not.
func TestThePipelinesDoWhatTheySay(t *testing.T) {
	if !has(t, "--shard", "--html") {
		t.Skip("this conform has no --shard and --html yet")
	}
	for name, pipeline := range map[string]func(*testing.T) []step{"github": github, "gitlab": gitlab, "kubernetes": kubernetes, "jenkins": jenkins} {
		for rules, want := range map[string]int{"ABI-002,ABI-003": 0, "ABI-002,INIT-004": 1} {
			t.Run(name+" "+rules, func(t *testing.T) {
				t.Parallel()
				dir := vendor(t)
				verdicts := 0
				for _, s := range pipeline(t) {
					if s.script == "" {
						continue // an action of the service
					}
					code, out := shell(t, dir, s.script, append(s.env, "RULES="+rules)...)
					expected := 0
					if s.verdict {
						verdicts++
						expected = want
					}
					if code != expected {
						t.Errorf("exit code %d, want %d:\n%s\n%s", code, expected, s.script, out)
					}
				}
				if page, err := os.Stat(filepath.Join(dir, "conform.html")); verdicts != 1 || err != nil || page.Size() == 0 {
					t.Errorf("%d steps give a verdict; conform.html: %v", verdicts, err)
				}
			})
		}
	}
}

// The guide is tried as a new user would: its commands, one after the other.
func TestThePortingGuideLeadsThere(t *testing.T) {
	blocks := func(path string) []string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(b), -1) {
			out = append(out, strings.TrimSpace(m[1]))
		}
		return out
	}
	guide := blocks("../../docs/porting.md")
	if chinese := blocks("../../docs/porting.zh-CN.md"); len(guide) < 4 || !slices.Equal(guide, chinese) {
		t.Errorf("the commands differ:\n%q\n%q", guide, chinese)
	}
	dir := vendor(t)
	pages := has(t, "--html")
	for _, script := range guide {
		if strings.Contains(script, "--html") && !pages {
			t.Log("not tried, this conform writes no page yet: " + script)
			continue
		}
		want := 0
		if strings.HasSuffix(script, "# exits 1") {
			want = 1
		}
		if code, out := shell(t, dir, script); code != want {
			t.Errorf("exit code %d, want %d:\n%s\n%s", code, want, script, out)
		}
	}
}
