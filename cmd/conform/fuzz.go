package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"pgregory.net/rapid"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/sequence"
	"github.com/ivcs/conform/conformance/verdict"
)

// fuzzCommand looks for a sequence of calls that breaks the library.
func fuzzCommand() *cobra.Command {
	o := defaults()
	var checks int
	var seed uint64
	var replay string
	cmd := &cobra.Command{
		Use:   "fuzz",
		Short: "generate sequences of calls, plans, faults and clock corrections, and hold the library to a model",
		Example: `  conform fuzz --target ./libivcs.so --checks 10000
  conform fuzz --target ./libivcs.so --seed 42        the same sequences again
  conform fuzz --target ./libivcs.so --replay steps.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			cfg, err := fuzzConfig(o)
			if err != nil {
				return err
			}
			if replay != "" {
				return replaySequence(cmd.OutOrStdout(), cfg, replay)
			}
			return fuzz(cmd.OutOrStdout(), cfg, checks, seed)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.library.Path, "target", o.library.Path, `library to judge: a path, or "reference"`)
	f.StringVar(&o.library.Shim, "shim", "", "ready-made shim `FILE` instead of one compiled here")
	f.StringVar(&o.library.CC, "cc", "", "`COMMAND` that compiles the shim (default $CC, else cc)")
	f.StringVar(&o.library.Exec, "exec", "", "`COMMAND` to run the shim under")
	f.StringVar(&o.clock, "clock", o.clock, "how time passes: auto, virtual, scaled or real")
	f.Float64Var(&o.rate, "rate", o.rate, "domain seconds a second with --clock scaled")
	f.IntVar(&checks, "checks", 1000, "`N` sequences")
	f.Uint64Var(&seed, "seed", 0, "begin with this `SEED`; 0 draws one")
	f.StringVar(&replay, "replay", "", "carry out the steps of `FILE` instead, one a line")
	return cmd
}

func fuzzConfig(o *options) (scenario.Config, error) {
	t, err := o.library.open()
	if err != nil {
		return scenario.Config{}, err
	}
	mode, err := chooseClock(o.clock, t.Describe())
	if err != nil {
		return scenario.Config{}, err
	}
	catalogue, err := rules.Load()
	if err != nil {
		return scenario.Config{}, err
	}
	return scenario.Config{
		Target: t, Mode: mode, Rate: o.rate, Catalogue: catalogue, Watchdog: o.watchdog,
		Missing: func(rules.Capability) string { return "" },
	}, nil
}

// fuzz lets rapid draw sequences until one fails, and shrink that one.
func fuzz(w io.Writer, cfg scenario.Config, checks int, seed uint64) error {
	testing.Init() // rapid reads the flags of package testing
	if err := flag.CommandLine.Parse(nil); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"rapid.checks": strconv.Itoa(checks), "rapid.seed": strconv.FormatUint(seed, 10), "rapid.nofailfile": "true", "rapid.shrinktime": "60s",
	} {
		if err := flag.Set(name, value); err != nil {
			return err
		}
	}
	tb := &fuzzTB{}
	var shortest []sequence.Op
	var wrong []string
	done := make(chan struct{})
	go func() { // rapid ends a failed check as a test ends, with its goroutine
		defer close(done)
		rapid.Check(tb, func(t *rapid.T) {
			ops := sequence.Ops().Draw(t, "sequence")
			if bad := sequence.Run(cfg, ops); len(bad) > 0 {
				shortest, wrong = ops, bad
				t.Fatalf("%s", bad[0])
			}
		})
	}()
	<-done
	if !tb.failed {
		fmt.Fprintf(w, "%d sequences, nothing wrong\n", checks)
		return nil
	}
	fmt.Fprintf(w, "the shortest sequence found that goes wrong; --replay takes it:\n\n%s\n%s\n", sequence.Text(shortest), strings.Join(wrong, "\n"))
	if s := tb.seed(); s != "" {
		fmt.Fprintf(w, "\nagain: conform fuzz --target %s --seed %s\n", cfg.Target.Name(), s)
	}
	return exitCode(verdict.ExitNotConformant)
}

func replaySequence(w io.Writer, cfg scenario.Config, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--replay: %w", err)
	}
	ops, err := sequence.Parse(string(text))
	if err != nil {
		return fmt.Errorf("--replay %s: %w", path, err)
	}
	wrong := sequence.Run(cfg, ops)
	if len(wrong) == 0 {
		fmt.Fprintf(w, "%d steps, nothing wrong\n", len(ops))
		return nil
	}
	fmt.Fprintln(w, strings.Join(wrong, "\n"))
	return exitCode(verdict.ExitNotConformant)
}

// fuzzTB is the test that rapid reports to.
type fuzzTB struct {
	failed bool
	said   strings.Builder
}

func (*fuzzTB) Helper()                           {}
func (*fuzzTB) Name() string                      { return "conform fuzz" }
func (t *fuzzTB) Logf(format string, args ...any) { fmt.Fprintf(&t.said, format+"\n", args...) }
func (t *fuzzTB) Log(args ...any)                 { fmt.Fprintln(&t.said, args...) }
func (t *fuzzTB) Skipf(string, ...any)            { t.SkipNow() }
func (t *fuzzTB) Skip(...any)                     { t.SkipNow() }
func (*fuzzTB) SkipNow()                          { runtime.Goexit() }
func (t *fuzzTB) Errorf(format string, args ...any) {
	t.Logf(format, args...)
	t.Fail()
}
func (t *fuzzTB) Error(args ...any) {
	t.Log(args...)
	t.Fail()
}
func (t *fuzzTB) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	t.FailNow()
}
func (t *fuzzTB) Fatal(args ...any) {
	t.Error(args...)
	t.FailNow()
}
func (t *fuzzTB) FailNow() {
	t.failed = true
	runtime.Goexit()
}
func (t *fuzzTB) Fail()        { t.failed = true }
func (t *fuzzTB) Failed() bool { return t.failed }

// seed is the one that rapid names in its message.
func (t *fuzzTB) seed() string {
	_, after, found := strings.Cut(t.said.String(), "-rapid.seed=")
	if !found {
		return ""
	}
	return after[:strings.IndexFunc(after+" ", func(r rune) bool { return r < '0' || r > '9' })]
}
