package verdict_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

// shards judges INIT-* in two parts, as two machines would.
func shards(t *testing.T) (whole, first, second *verdict.Run) {
	t.Helper()
	cat := catalogue(t)
	selected := pick(t, cat, "INIT-*")
	about := library()
	for _, r := range selected {
		about.Selection = append(about.Selection, r.ID)
	}
	var outcomes []verdict.Outcome
	for _, r := range selected {
		outcomes = append(outcomes, outcome(r.ID, "s"))
	}
	part := func(i int) *verdict.Run {
		a := about
		a.Shard = &verdict.Shard{Index: i, Count: 2}
		half := selected[:7]
		seen := outcomes[:7]
		if i == 2 {
			half, seen = selected[7:], outcomes[7:]
		}
		return verdict.Judge(cat, half, append([]verdict.Outcome(nil), seen...), a)
	}
	return verdict.Judge(cat, selected, outcomes, about), part(1), part(2)
}

func TestShardsMergeToTheRunAsAWhole(t *testing.T) {
	whole, first, second := shards(t)
	if first.ExitCode() != verdict.ExitConformant {
		t.Errorf("the first shard alone: exit code %d, %v", first.ExitCode(), first.Incomplete())
	}
	merged, err := verdict.Merge(second, first)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := encode(t, whole), encode(t, merged); a != b {
		t.Errorf("merged:\n%s\nwant\n%s", b, a)
	}
}

func TestWhatAShardSawInPassingJoinsTheVerdict(t *testing.T) {
	cat := catalogue(t)
	_, first, second := shards(t)
	// The first shard sees two rules broken in passing: one that the second
	// shard judged, one that nobody selected.
	seen := verdict.Judge(cat, pick(t, cat, "INIT-001"), []verdict.Outcome{
		outcome("INIT-001", "s"), outcome("INIT-013", "invariant", verdict.Plain), outcome(cloud, "invariant", verdict.Plain),
	}, library())
	first.InPassing = seen.InPassing
	second.InPassing = []verdict.Verdict{{Rule: cloud, Status: verdict.Warn, Outcomes: []verdict.Outcome{outcome(cloud, "invariant", verdict.Soft)}}}
	merged, err := verdict.Merge(first, second)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := merged.Verdict("INIT-013"); v.Status != verdict.Fail || len(v.Outcomes) != 2 {
		t.Errorf("INIT-013: %+v", v)
	}
	if len(merged.InPassing) != 1 || merged.InPassing[0].Rule != cloud || merged.InPassing[0].Status != verdict.Fail || len(merged.InPassing[0].Outcomes) != 2 {
		t.Errorf("in passing: %+v", merged.InPassing)
	}
	if v, _ := second.Verdict("INIT-013"); v.Status != verdict.Pass || len(v.Outcomes) != 1 {
		t.Errorf("the merge changed the shard: %+v", v)
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		wreck func(a, b *verdict.Run) []*verdict.Run
		want  string
	}{
		{"nothing", func(a, b *verdict.Run) []*verdict.Run { return nil }, "nothing to merge"},
		{"a shard that is missing", func(a, b *verdict.Run) []*verdict.Run { return []*verdict.Run{b} }, "shard 1/2 is missing"},
		{"a shard twice", func(a, b *verdict.Run) []*verdict.Run { return []*verdict.Run{a, a} }, "shard 1/2 is given twice"},
		{"a shard that cannot be", func(a, b *verdict.Run) []*verdict.Run { b.Shard.Index = 3; return []*verdict.Run{a, b} }, "shard 3/2 does not exist"},
		{"shards of other counts", func(a, b *verdict.Run) []*verdict.Run { b.Shard.Count = 3; return []*verdict.Run{a, b} }, "run 2 is not one of 2 shards"},
		{"what is no shard", func(a, b *verdict.Run) []*verdict.Run { a.Shard = nil; return []*verdict.Run{a, b} }, "the first run is no shard"},
		{"another target", func(a, b *verdict.Run) []*verdict.Run { b.Target.Name = "x.so"; return []*verdict.Run{a, b} }, "shard 2/2 differs from the first"},
		{"another catalogue", func(a, b *verdict.Run) []*verdict.Run {
			b.Versions["catalogue"] = "other"
			return []*verdict.Run{a, b}
		}, "shard 2/2 differs from the first"},
		{"a rule in two shards", func(a, b *verdict.Run) []*verdict.Run {
			b.Verdicts = append(b.Verdicts, a.Verdicts[0])
			return []*verdict.Run{a, b}
		}, "1 rule judged in more than one shard: INIT-001"},
		{"a rule in no shard", func(a, b *verdict.Run) []*verdict.Run { b.Verdicts = b.Verdicts[2:]; return []*verdict.Run{a, b} },
			"2 selected rules judged in no shard: INIT-008, INIT-009"},
		{"a rule that was not selected", func(a, b *verdict.Run) []*verdict.Run {
			b.Verdicts = append(b.Verdicts, verdict.Verdict{Rule: cloud})
			return []*verdict.Run{a, b}
		}, "1 rule judged and not selected: FLOW-003"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, a, b := shards(t)
			_, err := verdict.Merge(c.wreck(a, b)...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func encode(t *testing.T, r *verdict.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
