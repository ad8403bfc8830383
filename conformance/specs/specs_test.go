package specs

import (
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// TestReference runs the suite on the Go reference in this process, in virtual
// time: what a developer of either runs under the race detector and a debugger.
func TestReference(t *testing.T) {
	catalogue, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	reference := target.Reference()
	lacking := map[rules.Capability]string{}
	for _, c := range rules.Capabilities() {
		if !c.AppliesTo(rules.KindReference) {
			lacking[c] = "the reference runs in this process"
		}
	}
	if !reference.Describe().Can(target.CapHeap) {
		lacking[rules.HeapCount] = "the heap of this process is shared with the harness"
	}
	var outcomes []verdict.Outcome
	suite := scenario.NewSuite(scenario.Config{
		Target: reference, Mode: scenario.Virtual, Catalogue: catalogue,
		Missing: func(c rules.Capability) string { return lacking[c] },
		Done:    func(o verdict.Outcome) { outcomes = append(outcomes, o) },
	})
	Declare(suite)
	config, reporter := ginkgo.GinkgoConfiguration()
	config.Timeout = 30 * time.Minute
	reporter.SilenceSkips, reporter.Succinct = true, true
	ginkgo.RunSpecs(t, "iv_cs_* on the reference", config, reporter)
	if len(outcomes) < len(suite.Declared) {
		t.Errorf("%d outcomes of %d scenarios", len(outcomes), len(suite.Declared))
	}
}

// TestEveryTestableRuleHasAScenario: a rule without a spec, and a rule whose
// declaration adds no scenario, would pass for good.
func TestEveryTestableRuleHasAScenario(t *testing.T) {
	catalogue, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	suite := scenario.NewSuite(scenario.Config{
		Target: target.Reference(), Catalogue: catalogue, Selected: func(string) bool { return false },
	})
	Declare(suite)
	scenarios := make(map[string]int)
	for _, d := range suite.Declared {
		scenarios[d.Rule]++
	}
	for _, r := range catalogue.All() {
		if r.Testable() && scenarios[r.ID] == 0 {
			t.Errorf("%s %s has no scenario: %s", r.ID, r.Level, r.EN)
		}
	}
}
