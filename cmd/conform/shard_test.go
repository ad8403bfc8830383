package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
)

func some(n int) []rules.Rule {
	all := make([]rules.Rule, n)
	for i := range all {
		all[i].ID = fmt.Sprintf("R-%03d", i)
	}
	return all
}

func TestDealGivesEachRuleToOnePart(t *testing.T) {
	selected := some(23)
	known := map[string]int64{"R-003": 900, "R-007": 500, "R-011": 400, "R-019": 0}
	for _, durations := range []map[string]int64{nil, known} {
		for _, n := range []int{1, 2, 5, 30} {
			var back []string
			for _, part := range deal(selected, n, durations) {
				for _, r := range part {
					back = append(back, r.ID)
				}
			}
			slices.Sort(back)
			if want := ids(selected); !slices.Equal(back, want) {
				t.Errorf("%d parts: %v", n, back)
			}
			if a, b := fmt.Sprint(deal(selected, n, durations)), fmt.Sprint(deal(selected, n, durations)); a != b {
				t.Errorf("%d parts: dealt otherwise the second time", n)
			}
		}
	}
}

func TestDealBalancesByDuration(t *testing.T) {
	selected := some(6)
	known := map[string]int64{"R-000": 100, "R-001": 10, "R-002": 10, "R-003": 10, "R-004": 70, "R-005": 0}
	got := deal(selected, 2, known)
	if a, b := ids(got[0]), ids(got[1]); !slices.Equal(a, []string{"R-000", "R-005"}) && !slices.Equal(b, []string{"R-001", "R-002", "R-003", "R-004"}) {
		t.Errorf("%v and %v", a, b)
	}
}

func TestShardsAreParsed(t *testing.T) {
	if s, err := parseShard("2/4"); err != nil || s.Index != 2 || s.Count != 4 {
		t.Errorf("2/4: %+v, %v", s, err)
	}
	for _, bad := range []string{"0/4", "5/4", "2", "a/b", "/", "1/0", "-1/2"} {
		if _, err := parseShard(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
