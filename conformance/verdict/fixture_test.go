package verdict_test

import (
	"sync"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

// Rules of the catalogue that stand for their kind.
const (
	must     = "INIT-004"  // MUST, core, tier A, needs nothing
	cloud    = "FLOW-003"  // MUST, core, needs cloud-binding and full-time
	abi      = "ABI-001"   // MUST, core, needs c-abi
	h265     = "PUSH-017"  // MUST, extended, needs h265
	caller   = "INIT-002"  // CALLER, core
	should   = "INIT-003"  // SHOULD
	may      = "TRANS-004" // MAY
	info     = "DOC-002"   // INFO, needs nothing
	infoTest = "FLOW-013"  // INFO with a scenario
)

var loadOnce = sync.OnceValues(rules.Load)

func catalogue(t *testing.T) *rules.Catalogue {
	t.Helper()
	cat, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func pick(t *testing.T, cat *rules.Catalogue, ids ...string) []rules.Rule {
	t.Helper()
	selected, err := cat.Select(ids...)
	if err != nil {
		t.Fatal(err)
	}
	return selected
}

// outcome is a scenario of a rule with findings of these severities.
func outcome(rule, scenario string, severities ...verdict.Severity) verdict.Outcome {
	o := verdict.Outcome{Rule: rule, Scenario: scenario}
	for _, s := range severities {
		o.Findings = append(o.Findings, verdict.Finding{Severity: s, Text: string(s) + " in " + scenario, At: "specs/x.go:1"})
	}
	return o
}

func library() verdict.About {
	return verdict.About{
		Target: verdict.TargetInfo{Name: "./libivcs.so", Kind: rules.KindLibrary},
		Clock:  "virtual",
		Args:   []string{"--target", "./libivcs.so"},
	}
}

func lacking(about verdict.About, caps ...rules.Capability) verdict.About {
	about.Target.Missing = make(map[rules.Capability]string)
	for _, c := range caps {
		about.Target.Missing[c] = "the target does not declare it"
	}
	return about
}
