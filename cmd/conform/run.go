package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// judge carries out a run and writes its reports.
func judge(ctx context.Context, stdout, stderr io.Writer, o *options) error {
	catalogue, err := rules.Load()
	if err != nil {
		return err
	}
	selected, err := catalogue.Select(o.rules...)
	if err != nil {
		return fmt.Errorf("--rules: %w", err)
	}
	outputs, err := openOutputs(o)
	if err != nil {
		return err
	}
	defer outputs.abandon()
	t, err := o.library.open()
	if err != nil {
		return err
	}
	info := t.Describe()
	mode, err := chooseClock(o.clock, info)
	if err != nil {
		return err
	}
	if mode != scenario.Virtual {
		fmt.Fprintf(stderr, "conform: seeing whether %s reaches the cloud (up to %v)\n", t.Name(), scenario.ProbeWithin)
	}
	missing, err := missingCapabilities(ctx, o, t, mode)
	if err != nil {
		return err
	}

	bar := newProgress(stderr, o.verbose)
	p := &pool{
		job: job{
			Porter: o.porter, Library: o.library, Clock: string(mode), Rate: o.rate, Rules: ids(selected),
			Missing: missing, Seconds: int(o.watchdog.Seconds()), Include: o.include,
		},
		size: o.workerCount(mode), started: bar.started, finished: bar.finished,
	}
	bar.total(scenarioCount(catalogue, selected, t))
	outcomes, err := p.run(ctx)
	bar.done()
	if err != nil && ctx.Err() == nil {
		return &driveError{err}
	}
	run := verdict.Judge(catalogue, selected, outcomes, verdict.About{
		Target: verdict.TargetInfo{
			Name: cmp.Or(o.title, t.Name()), Kind: info.Kind, Machine: info.Machine, Missing: capabilities(missing), Notes: info.Notes,
		},
		Clock: string(mode), Rate: rateOf(mode, o.rate), Strict: o.strict, Seed: o.porter.Seed,
		Versions: map[string]string{"conform": version()}, Args: o.reproduce(),
	})
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "conform: interrupted; what had ended by then is reported")
	}
	if err := outputs.write(catalogue, run); err != nil {
		return err
	}
	if err := report.Text(stdout, catalogue, run, report.Style{Verbose: o.verbose, Color: colorful(stdout)}); err != nil {
		return err
	}
	if code := run.ExitCode(); code != verdict.ExitConformant {
		return exitCode(code)
	}
	return nil
}

func ids(selected []rules.Rule) []string {
	out := make([]string, len(selected))
	for i, r := range selected {
		out[i] = r.ID
	}
	return out
}

func rateOf(mode scenario.Mode, rate float64) float64 {
	if mode == scenario.Scaled {
		return rate
	}
	return 0
}

func capabilities(missing map[string]string) map[rules.Capability]string {
	out := make(map[rules.Capability]string, len(missing))
	for name, why := range missing {
		out[rules.Capability(name)] = why
	}
	return out
}

// chooseClock takes the first clock that the target supports, or the one asked for.
func chooseClock(want string, info target.Info) (scenario.Mode, error) {
	virtual, scaled := info.Can(target.CapClockHooks), info.Can(target.CapScaledClock)
	switch {
	case want == autoClock && virtual:
		return scenario.Virtual, nil
	case want == autoClock && scaled:
		return scenario.Scaled, nil
	case want == autoClock:
		return scenario.Real, nil
	case want == string(scenario.Virtual) && !virtual:
		return "", fmt.Errorf("--clock virtual: the target does not export the clock hooks of ivcs_conform.h; export them, or use --clock auto")
	case want == string(scenario.Scaled) && !scaled:
		return "", fmt.Errorf("--clock scaled: the target cannot run under libfaketime%s; use --clock real", blockers(info))
	}
	return scenario.Mode(want), nil
}

func blockers(info target.Info) string {
	if len(info.ClockBlockers) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s)", info.ClockBlockers[0])
}

// colorful reports whether w shows colours.
func colorful(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && report.Colorful(f)
}

// version is the module's version as the Go tool stamped it.
func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "unknown"
}

// output is a file that was asked for. It is made before the run, so that a
// path that cannot be written is said at once, and takes its name at the end.
type output struct {
	path  string
	file  *os.File
	write func(io.Writer, *rules.Catalogue, *verdict.Run) error
}

type outputs []*output

func openOutputs(o *options) (outputs, error) {
	var all outputs
	for _, want := range []output{
		{path: o.json, write: func(w io.Writer, _ *rules.Catalogue, r *verdict.Run) error { return r.Encode(w) }},
		{path: o.junit, write: func(w io.Writer, c *rules.Catalogue, r *verdict.Run) error { return report.JUnit(w, c, r) }},
		{path: o.report, write: func(w io.Writer, c *rules.Catalogue, r *verdict.Run) error {
			return report.Markdown(w, c, r)
		}},
	} {
		if want.path == "" {
			continue
		}
		f, err := os.Create(want.path + ".part")
		if err != nil {
			all.abandon()
			return nil, fmt.Errorf("cannot write %s: %w; choose a path in a folder that exists", want.path, err)
		}
		want.file = f
		all = append(all, &want)
	}
	return all, nil
}

// abandon removes the files that were not finished.
func (all outputs) abandon() {
	for _, out := range all {
		if out.file != nil {
			out.file.Close()
			os.Remove(out.path + ".part")
		}
	}
}

// write fills the files and gives them their names.
func (all outputs) write(c *rules.Catalogue, r *verdict.Run) error {
	for _, out := range all {
		err := out.write(out.file, c, r)
		if closed := out.file.Close(); err == nil {
			err = closed
		}
		out.file = nil
		if err == nil {
			err = os.Rename(out.path+".part", out.path)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", out.path, err)
		}
	}
	return nil
}
