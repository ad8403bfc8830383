package verdict_test

import (
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

func TestDiffTellsBetterFromWorse(t *testing.T) {
	cat := catalogue(t)
	before := verdict.Judge(cat, pick(t, cat, must, caller, should, may), []verdict.Outcome{
		outcome(must, "a"), outcome(caller, "a", verdict.Plain), outcome(should, "a"), outcome(may, "a"),
	}, library())
	after := verdict.Judge(cat, pick(t, cat, must, caller, should, abi), []verdict.Outcome{
		outcome(must, "a", verdict.Plain), outcome(caller, "a"), outcome(should, "a"), outcome(abi, "a", verdict.Crash),
	}, library())
	for i := range after.Verdicts {
		if after.Verdicts[i].Rule == should {
			after.Verdicts[i].Digest = "other"
		}
	}
	got := make(map[string]verdict.Change)
	for _, c := range verdict.Diff(before, after) {
		got[c.Rule] = c
	}
	for _, c := range []struct {
		rule                    string
		from, to                verdict.Status
		worse, better, reworded bool
	}{
		{must, verdict.Pass, verdict.Fail, true, false, false},
		{caller, verdict.Fail, verdict.Pass, false, true, false},
		{should, verdict.Pass, verdict.Pass, false, false, true},
		{may, verdict.Recorded, "", false, false, false},
		{abi, "", verdict.Fail, true, false, false},
	} {
		d, ok := got[c.rule]
		if !ok || d.From != c.from || d.To != c.to || d.Worse() != c.worse || d.Better() != c.better || d.Reworded != c.reworded {
			t.Errorf("%s: %+v (worse %t, better %t), want %+v", c.rule, d, d.Worse(), d.Better(), c)
		}
	}
	if len(got) != 5 {
		t.Errorf("%d changes, want 5: %+v", len(got), got)
	}
	if same := verdict.Diff(before, before); len(same) != 0 {
		t.Errorf("a run differs from itself: %+v", same)
	}
}
