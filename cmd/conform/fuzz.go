package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
	var shrink time.Duration
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
			if checks < 1 {
				return fmt.Errorf("--checks %d: give a number of at least 1", checks)
			}
			return fuzz(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), cfg, search{checks, seed, shrink})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.library.Path, "target", o.library.Path, `library to judge: a path, or "reference"`)
	f.StringVar(&o.library.Shim, "shim", "", "ready-made shim `FILE` instead of one compiled here")
	f.StringVar(&o.library.CC, "cc", "", "`COMMAND` that compiles the shim (default $CC, else cc)")
	f.StringVar(&o.library.Exec, "exec", "", "`COMMAND` to run the shim under")
	f.StringVar(&o.clock, "clock", o.clock, "how time passes: auto, virtual, scaled or real")
	f.Float64Var(&o.rate, "rate", o.rate, "domain seconds a second with --clock scaled")
	f.DurationVar(&o.watchdog, "watchdog", o.watchdog, "machine time after which a library call counts as hung")
	f.IntVar(&checks, "checks", 1000, "`N` sequences")
	f.Uint64Var(&seed, "seed", 0, "begin with this `SEED`; 0 draws one")
	f.DurationVar(&shrink, "shrink", time.Minute, "how long to look for a shorter sequence that goes wrong")
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
func fuzz(ctx context.Context, stdout, stderr io.Writer, cfg scenario.Config, s search) error {
	if s.seed == 0 {
		s.seed = rand.Uint64N(1e9) + 1
	}
	bar := newProgress(stderr, false)
	bar.total(s.checks, "sequences")
	f := &fuzzer{ctx: ctx, cfg: cfg, bar: bar}
	said, err := rapidly(f.check, s)
	bar.done()
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		fmt.Fprintf(stdout, "interrupted after %d sequences from seed %d\n", f.ran, s.seed)
		return exitCode(verdict.ExitIncomplete)
	case said == "":
		fmt.Fprintf(stdout, "%d sequences from seed %d, nothing wrong\n", s.checks, s.seed)
		return nil
	case len(f.shortest) == 0: // it is rapid that has failed
		return &driveError{errors.New(said)}
	}
	fmt.Fprintf(stdout, "the shortest sequence found that goes wrong; --replay takes it:\n\n%s\n", sequence.Text(f.shortest))
	if _, after, found := strings.Cut(said, "-rapid.seed="); found {
		_, _ = fmt.Sscan(after, &s.seed)
	}
	code := tell(stdout, f.result)
	fmt.Fprintf(stdout, "\nagain: conform fuzz --target %s --seed %d\n", cfg.Target.Name(), s.seed)
	return code
}

// search is how long to look, and from where.
type search struct {
	checks int
	seed   uint64
	shrink time.Duration
}

// fuzzer is the property that rapid looks for a counterexample to.
type fuzzer struct {
	ctx      context.Context
	cfg      scenario.Config
	bar      *progress
	ran      int
	shortest []sequence.Op
	result   sequence.Result // of shortest
}

func (f *fuzzer) check(t *rapid.T) {
	ops := sequence.Ops().Draw(t, "sequence")
	if f.ctx.Err() != nil {
		t.Fatalf("interrupted")
	}
	r := sequence.Run(f.cfg, ops)
	f.ran++
	f.bar.step()
	if r.OK() {
		return
	}
	f.shortest, f.result = ops, r
	// Rapid takes a shorter sequence for the same failure if the text is the same.
	t.Fatalf("%s", r.Kind())
}

// rapidly lets rapid check a property and returns what it says of a failure; ""
// if there was none.
func rapidly(property func(*rapid.T), s search) (string, error) {
	testing.Init() // rapid reads the flags of package testing
	if err := flag.CommandLine.Parse(nil); err != nil {
		return "", err
	}
	for name, value := range map[string]string{
		"rapid.checks": strconv.Itoa(s.checks), "rapid.seed": strconv.FormatUint(s.seed, 10), "rapid.nofailfile": "true", "rapid.shrinktime": s.shrink.String(),
	} {
		if err := flag.Set(name, value); err != nil {
			return "", err
		}
	}
	tb := &fuzzTB{}
	done := make(chan struct{})
	go func() { // rapid ends a failed check as a test ends, with its goroutine
		defer close(done)
		rapid.Check(tb, property)
	}()
	<-done
	if !tb.failed {
		return "", nil
	}
	return tb.said.String(), nil
}

// tell prints what a sequence came to and returns the exit code; nil for success.
func tell(w io.Writer, r sequence.Result) error {
	fmt.Fprintln(w, strings.Join(append(slices.Clone(r.Wrong), r.Broken...), "\n"))
	if len(r.Broken) > 0 {
		fmt.Fprintln(w, "incomplete: the harness could not judge")
		return exitCode(verdict.ExitIncomplete)
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
	r := sequence.Run(cfg, ops)
	if r.OK() {
		fmt.Fprintf(w, "%d steps, nothing wrong\n", len(ops))
		return nil
	}
	return tell(w, r)
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
