package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
)

// The numbers of the specification's catalogue as it was taken over, 341 rules
// in 33 chapters, and the 26 checks from the field. A rule is never dropped
// silently: whoever adds or retires one changes this table.
var counted = []struct {
	chapter string
	rules   int
}{
	{"FLOW", 15}, {"ABI", 44}, {"INIT", 15}, {"EXIT", 7}, {"PUSH", 31}, {"DIR", 12}, {"EVT", 18}, {"EXT", 29},
	{"BAL", 14}, {"AI", 9}, {"TRANS", 5}, {"CB-START", 6}, {"CB-STOP", 4}, {"CB-CAP", 8}, {"CB-PIC", 8},
	{"REPORT", 9}, {"OPT", 7}, {"NOTIFY", 9}, {"UPL", 16}, {"WM", 10}, {"BUF", 5}, {"MEM", 4}, {"IDLE", 5},
	{"NET", 3}, {"DUR", 4}, {"PAR", 8}, {"PRE", 3}, {"PLAN", 9}, {"FMT", 2}, {"CLOCK", 7}, {"SMP", 7}, {"TS", 5},
	{"DOC", 3}, {"ROB", 26},
}

func TestNoRuleIsDroppedAndChaptersKeepTheirOrder(t *testing.T) {
	chapters := load(t).Chapters()
	if len(chapters) != len(counted) {
		t.Fatalf("%d chapters, want %d", len(chapters), len(counted))
	}
	total := 0
	for i, want := range counted {
		got := chapters[i]
		if got.ID != want.chapter || len(got.Rules) != want.rules {
			t.Errorf("chapter %d: %s with %d rules, want %s with %d", i+1, got.ID, len(got.Rules), want.chapter, want.rules)
		}
		total += len(got.Rules)
	}
	if total != 341+26 {
		t.Errorf("%d rules, want 341 + 26", total)
	}
}

func TestLevelsAreThoseOfTheSource(t *testing.T) {
	want := map[rules.Level]int{rules.Must: 221, rules.Caller: 53, rules.Should: 39 + 26, rules.May: 9, rules.Info: 19}
	got := make(map[rules.Level]int)
	for _, r := range load(t).All() {
		got[r.Level]++
	}
	for _, level := range rules.Levels() {
		if got[level] != want[level] {
			t.Errorf("%d rules of level %s, want %d", got[level], level, want[level])
		}
	}
}

// A MUST or CALLER rule that is not core is one that a conformant library may
// leave unjudged: nobody gets onto this list unseen.
func TestTheMustAndCallerRulesThatAreNotCore(t *testing.T) {
	want := []string{
		"ABI-055", "INIT-007", "INIT-008", "PUSH-007", "PUSH-008", "PUSH-009", "PUSH-010", "PUSH-011", "PUSH-017", "PUSH-018",
		"PUSH-030", "EXT-013", "MEM-003", "CLOCK-003", "CLOCK-004", "CLOCK-006", "CLOCK-007",
	}
	var got []string
	for _, r := range load(t).All() {
		if (r.Level == rules.Must || r.Level == rules.Caller) && !r.Core {
			got = append(got, r.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("not core: %v\nwant %v", got, want)
	}
}

func TestWhatAPortMayLack(t *testing.T) {
	want := []rules.Capability{
		rules.Headers, rules.H265, rules.AudioPCM, rules.ClockControl, rules.ClockStep, rules.HeapCount, rules.AllocFaults, rules.Processes,
		rules.Isolation,
	}
	if got := slices.DeleteFunc(rules.Capabilities(), func(c rules.Capability) bool { return !c.Optional() }); !slices.Equal(got, want) {
		t.Errorf("optional: %v\nwant %v", got, want)
	}
}

func TestWhatGoCodeInThisProcessCannotHave(t *testing.T) {
	want := []rules.Capability{rules.CABI, rules.Headers, rules.AllocFaults, rules.Processes, rules.Isolation}
	got := slices.DeleteFunc(rules.Capabilities(), func(c rules.Capability) bool { return c.AppliesTo(rules.KindReference) })
	if !slices.Equal(got, want) {
		t.Errorf("inapplicable: %v\nwant %v", got, want)
	}
}

func TestRulesOfAChapterStandInTheOrderOfTheirNumbers(t *testing.T) {
	for _, ch := range load(t).Chapters() {
		if !slices.IsSortedFunc(ch.Rules, func(a, b rules.Rule) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("chapter %s is not in the order of its numbers", ch.ID)
		}
	}
}

func TestEveryCapabilityHasItsSentenceAndIsNeeded(t *testing.T) {
	needed := map[rules.Capability]bool{rules.Isolation: true} // of single scenarios: each of these rules has others beside
	for _, r := range load(t).All() {
		for _, c := range r.Needs {
			needed[c] = true
		}
	}
	for _, c := range rules.Capabilities() {
		if !strings.HasSuffix(c.Text(), ".") {
			t.Errorf("%s has no sentence: %q", c, c.Text())
		}
		if !needed[c] {
			t.Errorf("no rule needs %s: drop it from the list", c)
		}
	}
}

func TestWhatAppliesToAKindOfTarget(t *testing.T) {
	for _, c := range []struct {
		name       string
		capability rules.Capability
		kind       string
		want       bool
	}{
		{"a library has a C ABI", rules.CABI, rules.KindLibrary, true},
		{"Go code in this process has no C ABI", rules.CABI, rules.KindReference, false},
		{"Go code in this process reaches the cloud", rules.CloudBinding, rules.KindReference, true},
		{"a kind that came later counts as a library", rules.CABI, "board", true},
		{"what is no capability applies to nothing", "telepathy", rules.KindLibrary, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.capability.AppliesTo(c.kind); got != c.want {
				t.Errorf("%s applies to %s: %v, want %v", c.capability, c.kind, got, c.want)
			}
		})
	}
}

func TestTheDigestChangesWithARule(t *testing.T) {
	a := load(t)
	b, err := rules.LoadFS(folder(nil))
	if err != nil {
		t.Fatal(err)
	}
	if a.Digest() != load(t).Digest() {
		t.Error("the same catalogue has two digests")
	}
	if a.Digest() == b.Digest() {
		t.Error("two catalogues have one digest")
	}
}
