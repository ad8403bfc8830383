package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/containers"
)

// referenceLibrary builds the reference as a library.
func referenceLibrary(t *testing.T) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "libivcs.so")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-o", lib, "./reference/capi")
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return lib
}

// withoutEngine tells whether there is a container engine. Where there is none,
// what the command says of that is judged instead, here as in CI.
func withoutEngine(t *testing.T) bool {
	t.Helper()
	err := containers.Engine(context.Background())
	if err != nil && !errors.Is(err, containers.ErrNoEngine) {
		t.Fatal(err)
	}
	return err != nil
}

func outcome(t *testing.T, run, title string) verdict.Outcome {
	t.Helper()
	b, err := os.ReadFile(run)
	if err != nil {
		t.Fatal(err)
	}
	var r verdict.Run
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Verdicts {
		for _, o := range v.Outcomes {
			if o.Scenario == title {
				return o
			}
		}
	}
	t.Fatalf("the run has no scenario %q", title)
	return verdict.Outcome{}
}

const unplugged = "after a network interface that is gone segments are stored again, twice, without another init"

func TestALibraryInAContainerLosesItsNetwork(t *testing.T) {
	lib, run := referenceLibrary(t), filepath.Join(t.TempDir(), "run.json")
	code, stdout, stderr := conform(t, "--target", lib, "--isolate", "container", "--rules", "NET-003", "--json", run)
	if code != verdict.ExitConformant {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	want := verdict.Pass
	if withoutEngine(t) {
		want = verdict.NotJudged
	}
	if o := outcome(t, run, unplugged); o.Status != want {
		t.Errorf("%s: %s: %s", o.Scenario, o.Status, o.Text())
	}
	if left := remaining(t); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

// remaining lists what runs of conform have left with the engine.
func remaining(t *testing.T) string {
	t.Helper()
	if withoutEngine(t) {
		return ""
	}
	var left strings.Builder
	for _, what := range []string{"container", "network"} {
		args := []string{what, "ls", "-q", "--filter", "label=ivcs-conform.run"}
		out, err := exec.Command("docker", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("docker %v: %v\n%s", args, err, out)
		}
		left.Write(out)
	}
	return left.String()
}

func TestWithoutAnEngineContainerScenariosAreNotJudged(t *testing.T) {
	t.Setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
	lib, run := referenceLibrary(t), filepath.Join(t.TempDir(), "run.json")
	code, stdout, stderr := conform(t, "--target", lib, "--isolate", "container", "--rules", "NET-003", "--json", run)
	if code != verdict.ExitConformant || !strings.Contains(stderr, "no container engine answers") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if o := outcome(t, run, unplugged); o.Status != verdict.NotJudged || !strings.Contains(o.Text(), "no container engine answers") {
		t.Errorf("%s: %s: %s", o.Scenario, o.Status, o.Text())
	}
	if code, _, stderr := conform(t, "--s3", "container", "--rules", "UPL-001"); code != verdict.ExitTarget || !strings.Contains(stderr, "no container engine answers") {
		t.Errorf("--s3 container: exit code %d: %s", code, stderr)
	}
}

// TestTheCutIsReal proves the plug itself: nothing comes from the library while it
// is out.
func TestTheCutIsReal(t *testing.T) {
	if withoutEngine(t) {
		t.Skip("no container engine: TestWithoutAnEngine… judges what is said then")
	}
	lib := referenceLibrary(t)
	shim, err := target.Shim(target.LibraryOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := containers.StartLibrary(t.Context(), "test", shim, lib)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	contained, err := target.Contained(lib, c.Socket(), []string{command, "relay"}, target.LibraryOptions{CloudHost: c.Host()})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := fuzzConfig(defaults())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Target, cfg.Plug = contained, c
	for _, o := range scenario.RunOnce(cfg, rules.Rule{ID: "CUT", Level: rules.Must}, "a cut", func(e *scenario.Env) {
		cam := e.Camera(fixtures.H264(), nil)
		e.StartFullTime(cam)
		cam.Run(25 * time.Second)
		e.Unplug()
		before := len(e.Cloud.Journal())
		cam.Run(40 * time.Second)
		if n := len(e.Cloud.Journal()) - before; n > 0 {
			e.Fail("%d requests came through a network that is gone", n)
		}
		e.Replug()
		cam.Run(2 * time.Minute)
		if len(e.Cloud.Journal()) == before {
			e.Fail("no request in two minutes after the network has come back")
		}
		e.Exit()
	}) {
		for _, f := range o.Findings {
			t.Errorf("%s: %s", o.Rule, f.Text)
		}
	}
}

func TestIsolationIsRefusedWhereItCannotBe(t *testing.T) {
	lib := wrong(t)
	for _, c := range [][]string{
		{"--isolate", "vm", "--target", lib}, {"--isolate", "container"}, {"--isolate", "container", "--target", "tcp://board:7000"},
		{"--isolate", "container", "--target", lib, "--exec", "valgrind"}, {"--isolate", "container", "--target", lib, "--gdb"},
		{"--isolate", "container", "--target", lib, "--wait-for-debugger"},
	} {
		if code, _, stderr := conform(t, c...); code != verdict.ExitUsage || !strings.Contains(stderr, "--isolate") {
			t.Errorf("%v: exit code %d: %s", c, code, stderr)
		}
	}
}

func TestSegmentsAreStoredInARealS3Server(t *testing.T) {
	if withoutEngine(t) {
		t.Skip("no container engine: TestWithoutAnEngine… judges what is said then")
	}
	code, stdout, stderr := conform(t, "--s3", "container", "--repeat-until-failure", "2", "--rules", "UPL-001,UPL-002,TS-001,CB-PIC-001,ROB-022")
	if code != verdict.ExitConformant {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
