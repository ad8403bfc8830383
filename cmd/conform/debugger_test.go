package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/verdict"
)

// TestARunWaitsForADebugger attaches gdb to each process that waits and lets it go on:
// the run then passes, and the library was called under the debugger.
func TestARunWaitsForADebugger(t *testing.T) {
	lib := wrong(t, "-g")
	cmd := exec.Command(command, "--target", lib, "--rules", "INIT-001", "--wait-for-debugger")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = cmd.Wait() // its exit code is what is looked at
	}()
	ctx, cancel := new(clock.Clock).WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	said, attached := attachToEach(ctx, t, lib, over)
	if ctx.Err() != nil {
		_ = cmd.Process.Kill()
		<-over
		t.Fatalf("not over after two minutes; gdb: %s\nconform: %s", said, out.String())
	}
	if code := cmd.ProcessState.ExitCode(); code != verdict.ExitConformant || attached < 2 {
		t.Errorf("exit code %d after gdb was attached %d times, want one a scenario of two or more\n%s\ngdb: %s", code, attached, out.String(), said)
	}
	if !strings.Contains(said, "Breakpoint 1, iv_cs_init (parm=") {
		t.Errorf("gdb has not stopped in iv_cs_init:\n%s", said)
	}
}

// attachToEach lets gdb go on in each process of the library that waits, until the
// run is over.
func attachToEach(ctx context.Context, t *testing.T, lib string, over <-chan struct{}) (said string, attached int) {
	t.Helper()
	var all strings.Builder
	for {
		select {
		case <-over:
			return all.String(), attached
		default:
		}
		pid := waitingShim(lib)
		if pid == "" {
			if clock.Machine(ctx, 20*time.Millisecond) != nil {
				return all.String(), attached
			}
			continue
		}
		gdb := exec.CommandContext(ctx, "gdb", "-nx", "-q", "-batch", "-p", pid,
			"-ex", "set breakpoint pending on", "-ex", "handle SIGPIPE nostop noprint pass", "-ex", "break iv_cs_init", "-ex", "continue", "-ex", "delete", "-ex", "continue")
		out, err := gdb.CombinedOutput()
		all.Write(out)
		if strings.Contains(string(out), "Operation not permitted") {
			t.Skipf("this machine lets nobody attach a debugger: %v", err)
		}
		attached++
	}
}

// waitingShim is the number of a shim of the library that nobody traces; "" for none.
func waitingShim(lib string) string {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range all {
		line, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(line, []byte("\x003\x004\x00"+lib)) {
			continue
		}
		dir := filepath.Dir(path)
		env, _ := os.ReadFile(filepath.Join(dir, "environ"))
		status, _ := os.ReadFile(filepath.Join(dir, "status"))
		if bytes.Contains(env, []byte(waitVariable+"=1")) && bytes.Contains(status, []byte("TracerPid:\t0\n")) {
			return filepath.Base(dir)
		}
	}
	return ""
}
