package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/report"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/containers"
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
	waivers, err := readWaivers(o.waivers, catalogue, ids(selected))
	if err != nil {
		return err
	}
	mine, shard, err := o.dealt(selected)
	if err != nil {
		return err
	}
	outputs, err := o.out.open()
	if err != nil {
		return err
	}
	defer outputs.abandon()
	store, endStore, err := o.s3.start(ctx, stderr)
	if err != nil {
		return &driveError{err}
	}
	defer endStore()
	t, err := o.library.open()
	if errors.Is(err, containers.ErrNoEngine) {
		// The rest can be judged all the same.
		fmt.Fprintf(stderr, "conform: %v; the scenarios that need one are not judged\n", err)
		o.library.Isolation = isolation{why: err.Error()}
		t, err = o.library.open()
	}
	if err != nil {
		return err
	}
	defer shut(t)
	info := t.Describe()
	mode, err := chooseClock(o.clock, info)
	if err != nil {
		return err
	}
	if mode != scenario.Virtual && !o.declared.lacks(rules.CloudBinding) {
		fmt.Fprintf(stderr, "conform: seeing whether %s reaches the cloud (up to %v)\n", t.Name(), scenario.ProbeWithin)
	}
	missing, err := missingCapabilities(ctx, o, t, mode)
	if err != nil {
		return err
	}
	undeclared, err := o.declared.apply(missing, info)
	if err != nil {
		return err
	}

	refused, notes := detect(o, t, mode, missing)
	for _, n := range notes {
		fmt.Fprintln(stderr, "conform:", n)
	}

	bar := newProgress(stderr, o.out.verbose)
	p := &pool{
		job: job{
			Porter: o.porter, Library: o.library, Clock: string(mode), Rate: o.rate, Rules: ids(mine),
			Missing: missing, Refused: refused, Seconds: int(o.watchdog.Seconds()), Include: o.include,
			Artifacts: o.artifacts, S3: store,
		},
		size: o.workerCount(mode), started: bar.started, finished: bar.finished,
	}
	all := due(catalogue, mine, t)
	if o.failFast {
		p.enough = func(out verdict.Outcome) bool { return broken(selected, out) }
	}
	bar.total(len(all), "scenarios")
	outcomes, err := p.run(ctx)
	bar.done()
	if err != nil && ctx.Err() == nil {
		return &driveError{err}
	}
	if !o.failFast {
		outcomes = append(outcomes, unfinished(all, outcomes)...)
	}
	run := verdict.Judge(catalogue, mine, outcomes, verdict.About{
		Target: verdict.TargetInfo{
			Name: cmp.Or(o.title, t.Name()), Kind: info.Kind, Machine: info.Machine, Missing: capabilities(missing, refused),
			Undeclared: undeclared, Notes: append(slices.Clone(info.Notes), notes...),
		},
		Selection: ids(selected), Shard: shard, Waivers: waivers,
		Clock: string(mode), Rate: rateOf(mode, o.rate), Strict: o.strict, Seed: o.porter.Seed,
		Versions: map[string]string{"conform": version()}, Args: o.reproduce(),
	})
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "conform: interrupted; what had ended by then is reported")
	}
	now := new(clock.Clock).Now()
	run.Waive(now)
	if err := outputs.write(catalogue, run); err != nil {
		return err
	}
	return o.out.tell(stdout, stderr, catalogue, run, endingSoon(run.Waivers, now, report.Lang(o.out.lang)))
}

// unfinished are the outcomes of the scenarios that have none: a run that was
// interrupted, or that lost one, is not complete, whatever its others say.
func unfinished(all []claim, outcomes []verdict.Outcome) []verdict.Outcome {
	ended := make(map[claim]bool)
	for _, o := range outcomes {
		ended[claim{o.Rule, o.Scenario}] = true
	}
	var missing []verdict.Outcome
	for _, c := range all {
		if !ended[c] {
			missing = append(missing, verdict.Outcome{
				Rule: c.Rule, Scenario: c.Title, Status: verdict.Error,
				Findings: []verdict.Finding{{Severity: verdict.Harness, Text: "it was not carried out to its end: the run ended before; run the rule again"}},
			})
		}
	}
	return missing
}

// broken reports whether a scenario of a selected rule has seen that rule broken.
func broken(selected []rules.Rule, out verdict.Outcome) bool {
	i := slices.IndexFunc(selected, func(r rules.Rule) bool { return r.ID == out.Rule })
	return i >= 0 && slices.ContainsFunc(out.Findings, func(f verdict.Finding) bool { return f.Breaks(selected[i].Level) })
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

func capabilities(all ...map[string]string) map[rules.Capability]string {
	out := make(map[rules.Capability]string)
	for _, missing := range all {
		for name, why := range missing {
			out[rules.Capability(name)] = why
		}
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
