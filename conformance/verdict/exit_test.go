package verdict_test

import (
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

func TestExitCode(t *testing.T) {
	cat := catalogue(t)
	goCode := verdict.About{Target: verdict.TargetInfo{Kind: rules.KindReference, Missing: map[rules.Capability]string{rules.CABI: "Go code"}}}
	strict := verdict.About{Strict: true}
	for _, c := range []struct {
		name     string
		selected []string
		about    verdict.About
		outcomes []verdict.Outcome
		want     int
		why      string // of an incomplete run
	}{
		{"all pass: conformant", []string{must}, library(), []verdict.Outcome{outcome(must, "a")}, verdict.ExitConformant, ""},
		{"warnings and records: conformant", []string{should, may}, library(),
			[]verdict.Outcome{outcome(should, "a", verdict.Plain), outcome(may, "a", verdict.Plain)}, verdict.ExitConformant, ""},
		{"a failure: not conformant", []string{must}, library(), []verdict.Outcome{outcome(must, "a", verdict.Plain)}, verdict.ExitNotConformant, ""},
		{"a strict warning: not conformant", []string{should}, strict, []verdict.Outcome{outcome(should, "a", verdict.Plain)}, verdict.ExitNotConformant, ""},
		{"a failure outweighs an error", []string{must, caller}, library(),
			[]verdict.Outcome{outcome(must, "a", verdict.Plain), outcome(caller, "a", verdict.Harness)}, verdict.ExitNotConformant, "could not judge 1 rule: INIT-002"},
		{"a failure seen in passing: not conformant", []string{must}, library(),
			[]verdict.Outcome{outcome(must, "a"), outcome(cloud, "invariant", verdict.Plain)}, verdict.ExitNotConformant, ""},
		{"an error: incomplete", []string{must, caller}, library(), []verdict.Outcome{outcome(must, "a")}, verdict.ExitIncomplete, "could not judge 1 rule: INIT-002"},
		{"nothing ran: incomplete", []string{info}, library(), nil, verdict.ExitIncomplete, "nothing ran"},
		{"only scenarios that were left out: incomplete", []string{h265}, lacking(library(), rules.H265),
			[]verdict.Outcome{outcome(h265, "a", verdict.Lacking)}, verdict.ExitIncomplete, "nothing ran"},
		{"a core rule not judged: incomplete", []string{must, cloud}, lacking(library(), rules.CloudBinding),
			[]verdict.Outcome{outcome(must, "a")}, verdict.ExitIncomplete, "1 core rule not judged: FLOW-003"},
		{"a core rule blocked: incomplete", []string{must, cloud}, library(),
			[]verdict.Outcome{outcome(must, "a"), outcome(cloud, "a", verdict.Blocked)}, verdict.ExitIncomplete, "1 core rule not judged: FLOW-003"},
		{"an extended rule not judged: conformant", []string{must, h265}, lacking(library(), rules.H265),
			[]verdict.Outcome{outcome(must, "a")}, verdict.ExitConformant, ""},
		{"a core rule that cannot apply to Go code here: conformant", []string{must, abi}, goCode,
			[]verdict.Outcome{outcome(must, "a")}, verdict.ExitConformant, ""},
		{"the same rule on a library that lacks the symbol table: incomplete", []string{must, abi}, lacking(library(), rules.CABI),
			[]verdict.Outcome{outcome(must, "a")}, verdict.ExitIncomplete, "1 core rule not judged: ABI-001"},
		{"only rules that cannot apply: nothing ran, incomplete", []string{abi}, goCode, nil, verdict.ExitIncomplete, "nothing ran"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := verdict.Judge(cat, pick(t, cat, c.selected...), c.outcomes, c.about)
			if got := run.ExitCode(); got != c.want {
				t.Errorf("exit code %d, want %d: %+v", got, c.want, run.Verdicts)
			}
			if why := strings.Join(run.Incomplete(), "\n"); !strings.Contains(why, c.why) || c.why == "" && why != "" {
				t.Errorf("incomplete because %q, want %q", why, c.why)
			}
		})
	}
}

func TestNoRuleSelectedIsWrongUsage(t *testing.T) {
	if got := verdict.Judge(catalogue(t), nil, nil, library()).ExitCode(); got != verdict.ExitUsage {
		t.Errorf("exit code %d, want %d", got, verdict.ExitUsage)
	}
}

func TestAShardThatWasDealtNothingIsNoFault(t *testing.T) {
	about := library()
	about.Selection, about.Shard = []string{must}, &verdict.Shard{Index: 2, Count: 2}
	if got := verdict.Judge(catalogue(t), nil, nil, about).ExitCode(); got != verdict.ExitConformant {
		t.Errorf("exit code %d, want %d", got, verdict.ExitConformant)
	}
}

func TestManyIDsAreCountedNotListed(t *testing.T) {
	cat := catalogue(t)
	run := verdict.Judge(cat, pick(t, cat, "INIT-*"), nil, library())
	why := strings.Join(run.Incomplete(), "\n")
	if !strings.Contains(why, "15 rules: INIT-001, ") || !strings.Contains(why, " and 7 more") {
		t.Errorf("incomplete because %q", why)
	}
}
