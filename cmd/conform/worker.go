package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/repro"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/specs"
	"github.com/ivcs/conform/conformance/verdict"
)

// A worker reads from descriptor 3 and writes to descriptor 4; its stdout is
// Ginkgo's.
const (
	workerIn  = 3
	workerOut = 4
	// workerEnv marks the processes that have these descriptors.
	workerEnv = "CONFORM_WORKER"
)

// workerCommand is the hidden command that a worker runs.
func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "run scenarios for a conform that started this process",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if os.Getenv(workerEnv) == "" {
				return errors.New("a worker is started by conform itself: run conform without the word worker")
			}
			return work(newWire(os.NewFile(workerIn, "claims in"), os.NewFile(workerOut, "notes out")))
		},
	}
}

// work runs the scenarios that the command lets this process have.
func work(w *wire) error {
	var j job
	if err := w.receive(&j); err != nil {
		return err
	}
	t, err := j.Library.open()
	if err != nil {
		return err
	}
	defer shut(t)
	plug, _ := t.(scenario.Plug)
	catalogue, err := rules.Load()
	if err != nil {
		return err
	}
	objects, err := j.S3.open(context.Background())
	if err != nil {
		return err
	}
	wanted := make(map[string]bool, len(j.Rules))
	for _, id := range j.Rules {
		wanted[id] = true
	}
	var unwritten error
	var recorded func(scenario.Recording)
	if j.Repro.Dir != "" {
		recorded = func(r scenario.Recording) {
			unwritten = errors.Join(unwritten, j.Repro.write(r, repro.Options{Library: j.Library.Path, Include: j.Include, CC: j.Library.CC}))
		}
	}
	suite := scenario.NewSuite(scenario.Config{
		Target: t, Mode: scenario.Mode(j.Clock), Rate: j.Rate, Catalogue: catalogue,
		Selected: func(id string) bool { return wanted[id] },
		Missing:  func(c rules.Capability) string { return j.Missing[string(c)] },
		Refused:  func(c rules.Capability) string { return j.Refused[string(c)] },
		Watchdog: time.Duration(j.Seconds) * time.Second,
		Include:  j.Include, CC: j.Library.CC, Artifacts: j.Artifacts, Objects: objects, Plug: plug,
		Recorded: recorded,
		Claim: func(rule, title string) bool {
			if !j.Repro.wants(title) {
				return false
			}
			var mine bool
			if w.send(note{Claim: &claim{rule, title}}) != nil || w.receive(&mine) != nil {
				os.Exit(1) // the command is gone: nobody wants the outcome
			}
			return mine
		},
		Done: func(o verdict.Outcome) {
			if err := w.send(note{Outcome: &o}); err != nil {
				os.Exit(1)
			}
		},
	})
	if suite.Virtual() {
		// Workers wait for their libraries; there are more of them than cores. Each
		// scenario leaves little behind, so that collecting seldom costs no memory.
		runtime.GOMAXPROCS(1)
		debug.SetGCPercent(400)
	}
	// Ginkgo shuffles top-level containers, by a seed that is fixed, and keeps the
	// order within each: one around all keeps the order in which they are declared.
	ginkgo.Describe("conform", func() { specs.Declare(suite) })
	if err := j.Porter.await(); err != nil {
		return err
	}
	runGinkgo("conform", j.Porter.Seed)
	return unwritten
}

// runGinkgo runs the declared tree, with Ginkgo's defaults for random order and
// time-outs out of the way: the order is the catalogue's unless a seed is given, the bounds are the scenarios'.
func runGinkgo(name string, seed int64) bool {
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.Timeout = 24 * time.Hour
	suite.RandomSeed, suite.RandomizeAllSpecs = max(seed, 1), seed != 0
	reporter.NoColor, reporter.SilenceSkips, reporter.Succinct = true, true, true
	return ginkgo.RunSpecs(quiet{}, name, suite, reporter)
}

// quiet is the testing.T of a Ginkgo run outside `go test`: a red spec is an
// outcome, not a failed process.
type quiet struct{}

func (quiet) Fail() {}

// describe is a worker's name in messages.
func describe(i int) string { return fmt.Sprintf("worker %d", i) }
