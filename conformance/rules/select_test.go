package rules_test

import (
	"slices"
	"strings"
	"testing"
)

func TestSelectionByPattern(t *testing.T) {
	cat := load(t)
	for _, c := range []struct {
		name  string
		globs []string
		count int
		first string
		last  string
	}{
		{"nothing said selects everything", nil, 367, "FLOW-001", "ROB-026"},
		{"an id selects one rule", []string{"INIT-004"}, 1, "INIT-004", "INIT-004"},
		{"a chapter with a star", []string{"INIT-*"}, 15, "INIT-001", "INIT-015"},
		{"several chapters with one star", []string{"CB-*"}, 26, "CB-START-001", "CB-PIC-008"},
		{"separated by commas, in any order, in the specification's order", []string{"TS-*,INIT-001"}, 6, "INIT-001", "TS-005"},
		{"as several arguments", []string{"TS-001", "FLOW-001"}, 2, "FLOW-001", "TS-001"},
		{"a rule named twice comes once", []string{"INIT-*,INIT-001"}, 15, "INIT-001", "INIT-015"},
		{"small letters and spaces do as well", []string{" init-00? , ts-001 "}, 10, "INIT-001", "TS-001"},
		{"a trailing comma does no harm", []string{"INIT-001,"}, 1, "INIT-001", "INIT-001"},
		{"a star alone is everything", []string{"*"}, 367, "FLOW-001", "ROB-026"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cat.Select(c.globs...)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != c.count || got[0].ID != c.first || got[len(got)-1].ID != c.last {
				t.Errorf("%d rules, %s to %s; want %d, %s to %s", len(got), got[0].ID, got[len(got)-1].ID, c.count, c.first, c.last)
			}
		})
	}
}

func TestSelectionRefuses(t *testing.T) {
	cat := load(t)
	for _, c := range []struct {
		name string
		glob string
		want []string
	}{
		{"a chapter that is misspelt, and suggests three, the right one first", "INTI-*", []string{`no rule matches "INTI-*": did you mean INIT-*, IDLE-*, NOTIFY-*?`}},
		{"a number that does not exist, and suggests near ones", "INIT-016", []string{`"INIT-016"`, "INIT-01"}},
		{"a number without its zeros", "PUSH-7", []string{"did you mean", "PUSH-007"}},
		{"what lacks its first letter, and suggests the nearest", "LOW-015", []string{"did you mean FLOW-015, "}},
		{"one bad pattern among good ones", "INIT-*,EVNT-*", []string{`"EVNT-*"`, "EVT-*"}},
		{"what looks like nothing, and lists the chapters", "QQQQQQQQ", []string{"the chapters are", "FLOW-*", "ROB-*"}},
		{"what is no pattern", "INIT-[", []string{"syntax error"}},
		{"an empty selection", " , ", []string{"no rule is selected"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cat.Select(c.glob)
			if err == nil {
				t.Fatalf("selected %d rules", len(got))
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestAllRulesAreACopy(t *testing.T) {
	cat := load(t)
	all := cat.All()
	slices.Reverse(all)
	if got := cat.All()[0].ID; got != "FLOW-001" {
		t.Errorf("the catalogue begins with %s after a caller turned its list round", got)
	}
}
