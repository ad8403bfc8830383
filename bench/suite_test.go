package bench

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// BenchmarkSuite is the suite itself, as ./do bench has built it: wall clock, and
// processor time of all processes. A library that is not conformant fails it.
func BenchmarkSuite(b *testing.B) {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"reference in this process", []string{"--target", "reference"}},
		{"reference, C ABI", []string{"--target", "../out/libivcs.so"}},
		{"port, hooks", []string{"--target", "../out/port-c/libivcs.so"}},
		{"port, no hooks, scaled", []string{"--target", "../out/port-c/libivcs.so", "--clock", "scaled"}},
		{"port, no hooks, real", []string{"--target", "../out/port-c/libivcs.so", "--clock", "real"}},
	} {
		b.Run("library="+c.name, func(b *testing.B) {
			if _, err := os.Stat("../out/port-c/libivcs.so"); errors.Is(err, os.ErrNotExist) {
				b.Skip("nothing is built: run ./do bench")
			}
			for b.Loop() {
				cmd := exec.Command("../out/conform", append(c.args, "--include", "../reference/include", "--durations", "10")...)
				out, err := cmd.CombinedOutput()
				if err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				if _, slowest, ok := strings.Cut(string(out), "slowest scenarios"); ok {
					b.Log("slowest scenarios" + slowest)
				}
				used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				b.ReportMetric(b.Elapsed().Seconds(), "s")
				b.ReportMetric(used.Seconds(), "cpu-s")
			}
		})
	}
}
