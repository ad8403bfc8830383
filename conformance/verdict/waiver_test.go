package verdict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/conformance/verdict"
)

var today = time.Date(2027, 1, 10, 15, 0, 0, 0, time.UTC)

func waiver(rule, message string) verdict.Waiver {
	return verdict.Waiver{Rule: rule, Message: message, Reason: "known", Owner: "camera team", Link: "https://tracker.example/1", Expires: "2027-01-31", Line: 2}
}

func expiring(day string) verdict.Waiver {
	w := waiver(must, "plain in a")
	w.Expires = day
	return w
}

func TestWaiversExcuseWhatTheySayAndNothingElse(t *testing.T) {
	cat := catalogue(t)
	for _, c := range []struct {
		name     string
		rule     string
		outcomes []verdict.Outcome
		waivers  []verdict.Waiver
		status   verdict.Status
		exit     int
		says     string // a grievance
	}{
		{"the expected failure", must, []verdict.Outcome{outcome(must, "a", verdict.Plain)}, []verdict.Waiver{waiver(must, "plain in a")}, verdict.Waived, verdict.ExitConformant, ""},
		{"a message with a gap", must, []verdict.Outcome{outcome(must, "a long title", verdict.Plain)}, []verdict.Waiver{waiver(must, "plain … title")}, verdict.Waived, verdict.ExitConformant, ""},
		{"a warning", should, []verdict.Outcome{outcome(should, "a", verdict.Plain)}, []verdict.Waiver{waiver(should, "plain in a")}, verdict.Waived, verdict.ExitConformant, ""},
		{"two failures, two waivers", must, []verdict.Outcome{outcome(must, "a", verdict.Plain), outcome(must, "b", verdict.Hard)},
			[]verdict.Waiver{waiver(must, "plain in a"), waiver(must, "hard in b")}, verdict.Waived, verdict.ExitConformant, ""},
		{"two failures, one waiver", must, []verdict.Outcome{outcome(must, "a", verdict.Plain), outcome(must, "b", verdict.Hard)},
			[]verdict.Waiver{waiver(must, "plain in a")}, verdict.Fail, verdict.ExitNotConformant, "fails in another way: hard in b"},
		{"a soft finding beside it", must, []verdict.Outcome{outcome(must, "a", verdict.Plain, verdict.Soft)}, []verdict.Waiver{waiver(must, "plain in a")}, verdict.Waived, verdict.ExitConformant, ""},
		{"another failure", must, []verdict.Outcome{outcome(must, "a", verdict.Plain)}, []verdict.Waiver{waiver(must, "hard in a")}, verdict.Fail, verdict.ExitNotConformant, "another way"},
		{"it passes now", must, []verdict.Outcome{outcome(must, "a")}, []verdict.Waiver{waiver(must, "plain in a")}, verdict.Pass, verdict.ExitNotConformant, "stale"},
		{"one of two is not needed", must, []verdict.Outcome{outcome(must, "a", verdict.Plain)},
			[]verdict.Waiver{waiver(must, "plain in a"), waiver(must, "plain in b")}, verdict.Fail, verdict.ExitNotConformant, `stale: no finding says "plain in b"`},
		{"expired yesterday", must, []verdict.Outcome{outcome(must, "a", verdict.Plain)}, []verdict.Waiver{expiring("2027-01-09")}, verdict.Fail, verdict.ExitNotConformant, "expired on 2027-01-09"},
		{"the last day", must, []verdict.Outcome{outcome(must, "a", verdict.Plain)}, []verdict.Waiver{expiring("2027-01-10")}, verdict.Waived, verdict.ExitConformant, ""},
		{"a crash", must, []verdict.Outcome{outcome(must, "a", verdict.Crash)}, []verdict.Waiver{waiver(must, "crash in a")}, verdict.Fail, verdict.ExitNotConformant, "a crash, a hang"},
		{"a crash beside the expected failure", must, []verdict.Outcome{outcome(must, "a", verdict.Plain), outcome(must, "b", verdict.Crash)},
			[]verdict.Waiver{waiver(must, "plain in a"), waiver(must, "crash in b")}, verdict.Fail, verdict.ExitNotConformant, "a crash, a hang"},
		{"a failure of the harness", must, []verdict.Outcome{outcome(must, "a", verdict.Harness)}, []verdict.Waiver{waiver(must, "harness in a")}, verdict.Error, verdict.ExitNotConformant, "nobody can tell"},
		{"not judged", must, []verdict.Outcome{outcome(must, "a", verdict.Blocked)}, []verdict.Waiver{waiver(must, "blocked in a")}, verdict.NotJudged, verdict.ExitNotConformant, "nobody can tell"},
	} {
		t.Run(c.name, func(t *testing.T) {
			about := library()
			about.Waivers = c.waivers
			run := verdict.Judge(cat, pick(t, cat, c.rule), c.outcomes, about)
			run.Waive(today)
			if v, _ := run.Verdict(c.rule); v.Status != c.status || (v.Waived != nil) != (c.status == verdict.Waived) {
				t.Errorf("status %s, excused by %+v; want %s", v.Status, v.Waived, c.status)
			}
			if got := run.ExitCode(); got != c.exit {
				t.Errorf("exit code %d, want %d", got, c.exit)
			}
			if got := strings.Join(run.Grievances, "\n"); !strings.Contains(got, c.says) || c.says == "" && got != "" {
				t.Errorf("grievances %q, want %q", got, c.says)
			}
		})
	}
}

func TestWaiversOfShardsCountOnceTheyAreMerged(t *testing.T) {
	_, first, second := shards(t)
	// INIT-013 is the second shard's, passes there, and is seen broken in the first.
	cat := catalogue(t)
	first.InPassing = verdict.Judge(cat, nil, []verdict.Outcome{outcome("INIT-013", "invariant", verdict.Plain)}, library()).InPassing
	for _, r := range []*verdict.Run{first, second} {
		r.Waivers = []verdict.Waiver{waiver("INIT-013", "plain in invariant")}
		r.Waive(today)
		if got := r.ExitCode(); got != verdict.ExitConformant {
			t.Errorf("shard %d: exit code %d, %v", r.Shard.Index, got, r.Grievances)
		}
	}
	merged, err := verdict.Merge(first, second)
	if err != nil {
		t.Fatal(err)
	}
	if merged.ExitCode() != verdict.ExitNotConformant {
		t.Error("merged and not waived again it conforms")
	}
	merged.Waive(today)
	if v, _ := merged.Verdict("INIT-013"); v.Status != verdict.Waived || merged.ExitCode() != verdict.ExitConformant || merged.Excused() != 1 {
		t.Errorf("%+v, exit code %d, %v", v, merged.ExitCode(), merged.Grievances)
	}
	if first.InPassing[0].Status != verdict.Waived {
		t.Error("the merge changed the shard")
	}
}

const goodWaivers = `# What we owe.
waivers:
  - rule: INIT-004
    message: "expected an error IV_ERR_*, got IV_ERR_NONE" # as seen in May
    reason: rounded up
    owner: camera team
    link: https://tracker.example/1
    expires: 2027-01-31
`

func TestWaiverFilesAreRead(t *testing.T) {
	file, err := verdict.ParseWaivers("waivers.yaml", []byte(goodWaivers))
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Waivers) != 1 || file.Waivers[0].Line != 3 || file.Waivers[0].Expires != "2027-01-31" || file.Waivers[0].Owner != "camera team" {
		t.Errorf("read as %+v", file.Waivers)
	}
	if err := file.Check(catalogue(t), []string{must}); err != nil {
		t.Error(err)
	}
	if got := file.Waivers[0].DaysLeft(today); got != 21 {
		t.Errorf("%d days left, want 21", got)
	}
}

func TestWaiverFilesAreRefused(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"no YAML", "waivers:", "waivers: [", "mend the YAML"},
		{"an unknown field", "owner:", "onwer:", "onwer"},
		{"no owner", "    owner: camera team\n", "", "it has no owner"},
		{"no end", "    expires: 2027-01-31\n", "", "it has no expires"},
		{"no such day", "2027-01-31", "2027-02-31", "is no day"},
		{"no such rule", "INIT-004", "INIT-999", "waivers.yaml:3: waiver of INIT-999: there is no such rule"},
		{"a rule that is not selected", "INIT-004", "INIT-003", "is not selected"},
		{"a pattern of rules", "INIT-004", "INIT-*", "too wide"},
		{"a message that anything says", `"expected an error IV_ERR_*, got IV_ERR_NONE"`, `"expected"`, "too wide"},
		{"a message of gaps", `"expected an error IV_ERR_*, got IV_ERR_NONE"`, `"… … … … … … …"`, "too wide"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(goodWaivers, c.old) {
				t.Fatalf("the example has no %q", c.old)
			}
			file, err := verdict.ParseWaivers("waivers.yaml", []byte(strings.Replace(goodWaivers, c.old, c.new, 1)))
			if err == nil {
				err = file.Check(catalogue(t), []string{must})
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
