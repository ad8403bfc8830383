package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/verdict"
)

// TestAKilledWorkerIsNoVerdict kills workers in the middle of a scenario, as the
// kernel does when memory runs out. What they were in is an error, the rest
// still runs, and the run is not green.
func TestAKilledWorkerIsNoVerdict(t *testing.T) {
	for _, c := range []struct {
		name           string
		workers, kills int
		signal         syscall.Signal
		code           int
		says           string
	}{
		{"one of two", 2, 1, syscall.SIGKILL, verdict.ExitIncomplete, "died in this scenario: signal: killed\n"},
		{"all of them", 2, 2, syscall.SIGKILL, verdict.ExitIncomplete, "died in this scenario: signal: killed\n"},
		{"the command is interrupted", 1, 0, syscall.SIGINT, verdict.ExitIncomplete, "it was not carried out to its end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hold := filepath.Join(t.TempDir(), "hold")
			lib := wrong(t, fmt.Sprintf("-DWAIT_WHILE=%q", hold))
			cmd := exec.Command(command, "--target", lib, "--rules", "EXIT-001,INIT-001", "--workers", strconv.Itoa(c.workers))
			var stdout strings.Builder
			cmd.Stdout = &stdout
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// The probe is over when the number of scenarios is told.
			if line, err := bufio.NewReader(stderr).ReadString('\n'); err != nil || !strings.Contains(line, "scenarios") {
				t.Fatalf("stderr begins with %q, %v", line, err)
			}
			if err := os.WriteFile(hold, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			workers := waiting(t, hold, c.workers)
			for _, pid := range workers[:c.kills] {
				if err := syscall.Kill(pid, c.signal); err != nil {
					t.Fatal(err)
				}
			}
			if c.kills == 0 {
				if err := cmd.Process.Signal(c.signal); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Remove(hold); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its exit code is what is looked at
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			says := stdout.String()
			if !strings.Contains(says, c.says) || !strings.Contains(says, "incomplete: the harness could not judge") {
				t.Errorf("does not say %q, or that it is incomplete:\n%s", c.says, says)
			}
			if n := strings.Count(says, "died in this scenario"); n != c.kills {
				t.Errorf("%d scenarios were died in, want %d:\n%s", n, c.kills, says)
			}
		})
	}
}

// waiting returns the workers whose library waits in iv_cs_init, when there are
// n of them. The library leaves a file with the number of its shim's parent.
func waiting(t *testing.T, hold string, n int) []int {
	t.Helper()
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		files, _ := filepath.Glob(hold + ".*")
		if len(files) >= n {
			pids := make([]int, len(files))
			for i, f := range files {
				pids[i], _ = strconv.Atoi(strings.TrimPrefix(filepath.Ext(f), "."))
			}
			return pids
		}
		if err := clock.Machine(ctx, 5*time.Millisecond); err != nil {
			t.Fatalf("%d of %d workers are in a scenario after a minute", len(files), n)
		}
	}
}

func TestAScenarioWithoutAnOutcomeIsAnError(t *testing.T) {
	all := []claim{{"INIT-001", "one"}, {"INIT-001", "two"}}
	got := unfinished(all, []verdict.Outcome{{Rule: "INIT-001", Scenario: "one"}})
	if len(got) != 1 || got[0].Scenario != "two" || got[0].Status != verdict.Error {
		t.Errorf("got %+v", got)
	}
}
