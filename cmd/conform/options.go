package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// options are the command's flags.
type options struct {
	library  librarySpec
	porter   porter
	rules    []string
	list     bool
	untested bool
	clock    string
	rate     float64
	workers  int
	watchdog time.Duration
	include  string
	title    string
	strict   bool
	out      outputOptions

	artifacts     string
	waivers       string
	config        string
	declared      declaration
	shard         string
	durationsFrom string
	failFast      bool
	s3            s3Options
}

// librarySpec says what is judged and how it is run; workers get a copy.
type librarySpec struct {
	Path      string
	Shim      string
	CC        string
	Exec      string
	GDB       bool // gdb before the shim
	Isolation isolation
	// Listen is the address of this machine where the cloud waits; "": loopback,
	// or where a board reaches it.
	Listen string
}

// inProcess is the target that needs no file: the Go reference in this process.
const inProcess = "reference"

const autoClock = "auto"

func defaults() *options {
	return &options{library: librarySpec{Path: inProcess}, clock: autoClock, rate: 20, watchdog: 30 * time.Second}
}

func (o *options) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.library.Path, "target", o.library.Path, `library to judge: a path, tcp://host:port of a board, or "reference"`)
	f.StringVar(&o.library.Listen, "listen-address", "", "`HOST` of this machine where the cloud waits (default: loopback, or what a board reaches)")
	f.StringSliceVar(&o.rules, "rules", nil, "only the rules that match `GLOB`s, comma separated: 'INIT-*,PUSH-019'")
	f.BoolVar(&o.list, "list", false, "list the rules and their scenarios, run nothing")
	f.BoolVar(&o.untested, "untested", false, "list the testable rules that no spec cites, run nothing")
	f.StringVar(&o.clock, "clock", o.clock, "how time passes: auto, virtual, scaled or real")
	f.Float64Var(&o.rate, "rate", o.rate, "domain seconds a second with --clock scaled")
	f.StringVar(&o.title, "title", "", "`NAME` of the library in reports (default: the target as given)")
	f.StringVar(&o.include, "include", "", "`DIR` of the vendor's headers, for the rules on source compatibility")
	f.StringVar(&o.library.Shim, "shim", "", "ready-made shim `FILE` instead of one compiled here")
	f.StringVar(&o.library.CC, "cc", "", "`COMMAND` that compiles the shim (default $CC, else cc)")
	f.StringVar(&o.library.Exec, "exec", "", "`COMMAND` to run the shim under: 'valgrind -q', 'qemu-arm -L DIR'")
	f.IntVar(&o.workers, "workers", 0, "worker processes (default: three a core, in real and scaled time many)")
	f.DurationVar(&o.watchdog, "watchdog", o.watchdog, "machine time after which a library call counts as hung")
	o.library.Isolation.flags(f)
	o.s3.flags(f)
	o.porter.flags(f)
	f.BoolVar(&o.strict, "strict", false, "treat warnings as failures")
	f.StringVar(&o.artifacts, "artifacts", "", "leave segments, pictures, journal and time line of red scenarios in `DIR`")
	f.StringVar(&o.waivers, "waivers", "", "YAML `FILE` of the failures that are known and excused for a time")
	f.StringVar(&o.config, "config", "", "YAML `FILE` of flags and capabilities (default: conform.yaml beside the library)")
	f.StringVar(&o.shard, "shard", "", "judge part `I/N` of the rules; conform merge joins the parts")
	f.StringVar(&o.durationsFrom, "durations-from", "", "deal the parts out by the durations in `RUN.json`")
	o.out.flags(f)
	f.BoolVar(&o.failFast, "fail-fast", false, "begin no scenario after the first that has seen its own rule broken")
}

func (o *options) check() error {
	if err := o.s3.check(); err != nil {
		return err
	}
	if err := o.library.checkIsolation(); err != nil {
		return err
	}
	if !slices.Contains([]string{autoClock, string(scenario.Virtual), string(scenario.Scaled), string(scenario.Real)}, o.clock) {
		return fmt.Errorf("--clock %s: choose auto, virtual, scaled or real", o.clock)
	}
	switch {
	case o.rate < 1:
		return fmt.Errorf("--rate %v: give a factor of at least 1", o.rate)
	case o.workers < 0:
		return fmt.Errorf("--workers %d: give a number of at least 1, or leave it out", o.workers)
	case o.out.durations < 0:
		return fmt.Errorf("--durations %d: give a number of at least 1", o.out.durations)
	case o.watchdog <= 0:
		return fmt.Errorf("--watchdog %v: give a positive duration such as 30s", o.watchdog)
	}
	if o.include != "" {
		if st, err := os.Stat(o.include); err != nil || !st.IsDir() {
			return fmt.Errorf("--include %s: no such folder; give the one that holds iv_cs.h", o.include)
		}
	}
	return nil
}

// workerCount is --workers, or what suits the clock: in virtual time workers
// compute, and wait half of the time for what only the machine's time ends; else
// they mostly wait.
func (o *options) workerCount(mode scenario.Mode) int {
	switch {
	case o.workers > 0:
		return o.workers
	case mode == scenario.Virtual:
		return 3 * runtime.NumCPU()
	case mode == scenario.Scaled:
		return 4 * runtime.NumCPU()
	}
	return 24 * runtime.NumCPU()
}

// open makes the target; errors are those of package target.
func (s librarySpec) open() (target.Target, error) {
	if s.Path == inProcess {
		return target.Reference(), nil
	}
	switch {
	case s.Isolation.Kind != "":
		return s.openContainer()
	case s.onBoard():
		return s.openBoard()
	}
	runner := strings.Fields(s.Exec)
	if s.GDB {
		runner = debugged(runner)
	}
	return target.Library(s.Path, target.LibraryOptions{Shim: s.Shim, CC: s.CC, Exec: runner, CloudHost: s.Listen})
}

// reproduce is what has to stand behind conform to run the same again.
func (o *options) reproduce() []string {
	args := []string{"--target", o.library.Path}
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	base := defaults()
	add("--config", o.config)
	if o.clock != autoClock {
		add("--clock", o.clock)
	}
	if o.rate != base.rate {
		add("--rate", fmt.Sprint(o.rate))
	}
	if o.watchdog != base.watchdog {
		add("--watchdog", o.watchdog.String())
	}
	if o.strict {
		args = append(args, "--strict")
	}
	add("--shim", o.library.Shim)
	add("--cc", o.library.CC)
	add("--exec", o.library.Exec)
	add("--isolate", o.library.Isolation.Kind)
	add("--include", o.include)
	add("--listen-address", o.library.Listen)
	return args
}
