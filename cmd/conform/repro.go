package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/repro"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/verdict"
)

// reproCommand writes red scenarios down as programs in C.
func reproCommand() *cobra.Command {
	o := defaults()
	o.library.Path = ""
	var part, dir string
	cmd := &cobra.Command{
		Use:   "repro RULE --target LIBRARY",
		Short: "write a red scenario down as a C program of its own, with the cloud it had",
		Long: `repro runs the scenarios of a rule and writes each that is red into a folder: a
standalone program in C with the calls that were made, in order, and what each
returned; the media it pushes; the faults and the plan of its cloud, for
conform cloud; and a README.md that says how to build and run it. Whoever mends
the library needs no harness then, only a compiler and a debugger.

Exit codes: 0 written, or nothing is red and nothing was written; 2 wrong usage;
3 the library cannot be loaded or driven; 4 a scenario could not be judged.`,
		Example: `  conform repro INIT-004 --target ./libivcs.so --include ./include
  conform repro UPL-003 --target ./libivcs.so --scenario 'cut twice' -o upl-003
  conform repro FLOW-003 --target ./libivcs.so --scenario 'full-time plan'    also if it passes`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.configure(cmd.Flags()); err != nil {
				return err
			}
			switch {
			case o.library.Path == "" || o.library.Path == inProcess:
				return errors.New("--target: give the shared object that the program is to be linked with: conform repro RULE --target ./libivcs.so")
			case o.library.onBoard():
				return errors.New("--target: the program is linked with a library of this machine; on a board, compile it there")
			}
			if err := o.check(); err != nil {
				return err
			}
			if dir == "" {
				dir = filepath.Join("repro", args[0])
			}
			return writeRepros(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o, args[0], reproJob{Dir: dir, Part: part})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.library.Path, "target", "", "`LIBRARY` that breaks the rule: the path of a shared object")
	f.StringVar(&part, "scenario", "", "only the scenarios whose name has this `PART` in it; they are written also if they pass")
	f.StringVarP(&dir, "output", "o", "", "write to `DIR`, a folder a scenario (default: repro/RULE)")
	f.StringVar(&o.include, "include", "", "`DIR` of the vendor's headers, to be named in the instructions")
	f.StringVar(&o.library.CC, "cc", "", "`COMMAND` that compiles the shim (default $CC, else cc)")
	f.StringVar(&o.library.Shim, "shim", "", "ready-made shim `FILE` instead of one compiled here")
	f.StringVar(&o.library.Exec, "exec", "", "`COMMAND` to run the shim under")
	f.StringVar(&o.clock, "clock", o.clock, "how time passes: auto, virtual, scaled or real")
	f.Float64Var(&o.rate, "rate", o.rate, "domain seconds a second with --clock scaled")
	f.DurationVar(&o.watchdog, "watchdog", o.watchdog, "machine time after which a library call counts as hung")
	f.StringVar(&o.config, "config", "", "YAML `FILE` of flags and capabilities (default: conform.yaml beside the library)")
	return cmd
}

// reproJob is what a worker is told of the programs to write.
type reproJob struct {
	Dir  string // "": none
	Part string // of the names of the scenarios; "": all
}

// wants reports whether a scenario is to be run.
func (j reproJob) wants(title string) bool { return strings.Contains(title, j.Part) }

// folder is where a scenario is written down.
func (j reproJob) folder(title string) string { return filepath.Join(j.Dir, scenario.Slug(title)) }

// write keeps a recording, if it is red or was asked for. One that was written
// before, at a higher rate, goes.
func (j reproJob) write(r scenario.Recording, o repro.Options) error {
	dir := j.folder(r.Outcome.Scenario)
	if !r.Called() || !r.Red() && j.Part == "" {
		return repro.Remove(dir)
	}
	return repro.Write(dir, r, o)
}

// writeRepros runs the rule in workers, which write the programs, and tells where they are.
func writeRepros(ctx context.Context, stdout, stderr io.Writer, o *options, id string, j reproJob) error {
	catalogue, err := rules.Load()
	if err != nil {
		return err
	}
	rule, ok := catalogue.Rule(id)
	if !ok {
		return fmt.Errorf("there is no rule %q; conform --list names them", id)
	}
	t, err := o.library.open()
	if err != nil {
		return err
	}
	mode, err := chooseClock(o.clock, t.Describe())
	if err != nil {
		return err
	}
	all := slices.DeleteFunc(due(catalogue, []rules.Rule{rule}, t), func(c claim) bool { return !j.wants(c.Title) })
	if len(all) == 0 {
		return fmt.Errorf("--scenario %q: no scenario of %s has this in its name; conform --list --rules %s names them", j.Part, id, id)
	}
	missing, err := missingCapabilities(ctx, o, t, mode)
	if err != nil {
		return err
	}
	if _, err := o.declared.apply(missing, t.Describe()); err != nil {
		return err
	}
	for _, c := range all {
		if err := repro.Check(j.folder(c.Title)); err != nil {
			return fmt.Errorf("-o: %w", err)
		}
	}
	refused, _ := detect(o, t, mode, missing)
	bar := newProgress(stderr, false)
	bar.total(len(all), "scenarios")
	p := &pool{
		job: job{
			Library: o.library, Clock: string(mode), Rate: o.rate, Rules: []string{id}, Missing: missing, Refused: refused,
			Seconds: int(o.watchdog.Seconds()), Include: o.include, Repro: j,
		},
		size: min(len(all), o.workerCount(mode)), started: bar.started, finished: bar.finished,
	}
	outcomes, err := p.run(ctx)
	bar.done()
	if err != nil {
		return &driveError{err}
	}
	return tellRepros(stdout, id, j, outcomes)
}

// tellRepros says what is red, and where it was written down.
func tellRepros(w io.Writer, id string, j reproJob, outcomes []verdict.Outcome) error {
	slices.SortFunc(outcomes, func(a, b verdict.Outcome) int { return strings.Compare(a.Scenario, b.Scenario) })
	written, broken := 0, false
	for _, o := range outcomes {
		if o.Rule != id {
			continue
		}
		broken = broken || o.Status == verdict.Error
		dir := j.folder(o.Scenario)
		_, err := os.Stat(filepath.Join(dir, "repro.c"))
		switch {
		case err == nil:
			written++
			fmt.Fprintf(w, "%s %s: %s\n  %s\n", o.Status, id, o.Scenario, filepath.Join(dir, "README.md"))
		case o.Status == verdict.Fail || o.Status == verdict.Warn || o.Status == verdict.Error:
			fmt.Fprintf(w, "%s %s: %s\n  no call of the library led here: there is no program to write\n", o.Status, id, o.Scenario)
		case o.LeftOut():
			fmt.Fprintf(w, "%s %s: %s\n  %s\n", o.Status, id, o.Scenario, o.Findings[0].Text)
		}
	}
	if written == 0 && !broken {
		fmt.Fprintf(w, "%s: nothing was written, no scenario is red; --scenario PART-OF-NAME writes one that passes\n", id)
	}
	if broken {
		return exitCode(verdict.ExitIncomplete)
	}
	return nil
}
