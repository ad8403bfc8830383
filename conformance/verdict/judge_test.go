package verdict_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/verdict"
)

func TestOneScenarioIsConcluded(t *testing.T) {
	cat := catalogue(t)
	type finds []verdict.Severity
	for _, c := range []struct {
		name  string
		rule  string
		finds finds
		want  verdict.Status
	}{
		{"a MUST without findings passes", must, nil, verdict.Pass},
		{"a CALLER without findings passes", caller, nil, verdict.Pass},
		{"a SHOULD without findings passes", should, nil, verdict.Pass},
		{"a MAY without findings is recorded", may, nil, verdict.Recorded},
		{"an INFO without findings is recorded", infoTest, nil, verdict.Recorded},
		{"a broken MUST fails", must, finds{verdict.Plain}, verdict.Fail},
		{"a broken CALLER fails", caller, finds{verdict.Plain}, verdict.Fail},
		{"a broken SHOULD warns", should, finds{verdict.Plain}, verdict.Warn},
		{"a broken MAY is recorded", may, finds{verdict.Plain}, verdict.Recorded},
		{"a broken INFO is recorded", infoTest, finds{verdict.Plain}, verdict.Recorded},
		{"a broken hard part fails a SHOULD", should, finds{verdict.Hard}, verdict.Fail},
		{"a broken hard part fails a MAY", may, finds{verdict.Hard}, verdict.Fail},
		{"a crash fails a SHOULD", should, finds{verdict.Crash}, verdict.Fail},
		{"a crash fails an INFO", infoTest, finds{verdict.Crash}, verdict.Fail},
		{"a broken soft part warns in a MUST", must, finds{verdict.Soft}, verdict.Warn},
		{"a broken soft part warns in a CALLER", caller, finds{verdict.Soft}, verdict.Warn},
		{"a broken soft part warns in a MAY", may, finds{verdict.Soft}, verdict.Warn},
		{"a blocked scenario is not judged", must, finds{verdict.Blocked}, verdict.NotJudged},
		{"a scenario whose capability lacks is not judged", must, finds{verdict.Lacking}, verdict.NotJudged},
		{"a warning before the block leaves it not judged", must, finds{verdict.Soft, verdict.Blocked}, verdict.NotJudged},
		{"a failure before the block fails", must, finds{verdict.Plain, verdict.Blocked}, verdict.Fail},
		{"a fault of the harness is an error", must, finds{verdict.Harness}, verdict.Error},
		{"a fault of the harness makes failures worthless", must, finds{verdict.Plain, verdict.Harness}, verdict.Error},
		{"a crash counts in spite of the harness", must, finds{verdict.Harness, verdict.Crash}, verdict.Fail},
		{"a severity that nobody defined is an error", must, finds{"grave"}, verdict.Error},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := outcome(c.rule, "s", c.finds...)
			r, _ := cat.Rule(c.rule)
			o.Conclude(r)
			if o.Status != c.want {
				t.Errorf("%s with %v: %s, want %s", r.Level, c.finds, o.Status, c.want)
			}
		})
	}
}

func TestARuleIsJudged(t *testing.T) {
	cat := catalogue(t)
	type outs []verdict.Outcome
	for _, c := range []struct {
		name         string
		rule         string
		about        verdict.About
		outcomes     outs
		want         verdict.Status
		reason       string
		inapplicable bool
		promoted     bool
	}{
		{name: "by its one scenario", rule: must, outcomes: outs{outcome(must, "a")}, want: verdict.Pass},
		{name: "by the worst of its scenarios", rule: must,
			outcomes: outs{outcome(must, "a"), outcome(must, "b", verdict.Plain), outcome(must, "c", verdict.Soft)}, want: verdict.Fail},
		{name: "a failure outweighs an error in another scenario", rule: must,
			outcomes: outs{outcome(must, "a", verdict.Harness), outcome(must, "b", verdict.Plain)}, want: verdict.Fail},
		{name: "an error outweighs a block", rule: must,
			outcomes: outs{outcome(must, "a", verdict.Harness), outcome(must, "b", verdict.Blocked)}, want: verdict.Error},
		{name: "a block outweighs a pass", rule: must,
			outcomes: outs{outcome(must, "a"), outcome(must, "b", verdict.Blocked)}, want: verdict.NotJudged, reason: "blocked in b"},
		{name: "a block outweighs a warning", rule: must,
			outcomes: outs{outcome(must, "a", verdict.Soft), outcome(must, "b", verdict.Blocked)}, want: verdict.NotJudged, reason: "blocked in b"},
		{name: "a warning outweighs a pass", rule: must,
			outcomes: outs{outcome(must, "a"), outcome(must, "b", verdict.Soft)}, want: verdict.Warn},
		{name: "a scenario that is left out does not count beside one that passed", rule: must,
			outcomes: outs{outcome(must, "a"), outcome(must, "b", verdict.Lacking)}, want: verdict.Pass},
		{name: "all scenarios left out: not judged", rule: must,
			outcomes: outs{outcome(must, "b", verdict.Lacking)}, want: verdict.NotJudged, reason: "lacking in b"},
		{name: "a testable rule that nobody looked at is an error", rule: must, want: verdict.Error, reason: "no scenario of this rule ran"},
		{name: "a MAY that nobody looked at is an error", rule: may, want: verdict.Error, reason: "no scenario of this rule ran"},
		{name: "an INFO without scenario is untestable", rule: info, want: verdict.Untestable, reason: "an INFO rule without a scenario"},
		{name: "an INFO with a scenario is recorded", rule: infoTest, outcomes: outs{outcome(infoTest, "a")}, want: verdict.Recorded},
		{name: "a rule whose capability lacks is not judged", rule: h265, about: lacking(library(), rules.H265),
			want: verdict.NotJudged, reason: "needs h265: the target does not declare it"},
		{name: "all that lacks is named", rule: cloud, about: lacking(library(), rules.CloudBinding, rules.FullTime),
			want: verdict.NotJudged, reason: "needs cloud-binding: the target does not declare it; needs full-time: the target does not declare it"},
		{name: "an INFO rule whose capability lacks is not judged either", rule: infoTest, about: lacking(library(), rules.CloudBinding),
			want: verdict.NotJudged, reason: "needs cloud-binding: the target does not declare it"},
		{name: "the C ABI cannot apply to Go code in this process", rule: abi,
			about: verdict.About{Target: verdict.TargetInfo{Kind: rules.KindReference, Missing: map[rules.Capability]string{rules.CABI: "Go code"}}},
			want:  verdict.NotJudged, reason: "needs c-abi: Go code", inapplicable: true},
		{name: "the C ABI could apply to a library", rule: abi, about: lacking(library(), rules.CABI),
			want: verdict.NotJudged, reason: "needs c-abi"},
		{name: "a finding in passing counts although a capability lacks", rule: cloud, about: lacking(library(), rules.FullTime),
			outcomes: outs{outcome(cloud, "invariant", verdict.Plain)}, want: verdict.Fail},
		{name: "strict turns a warning into a failure", rule: should, about: verdict.About{Strict: true},
			outcomes: outs{outcome(should, "a", verdict.Plain)}, want: verdict.Fail, promoted: true},
		{name: "strict leaves a record alone", rule: may, about: verdict.About{Strict: true},
			outcomes: outs{outcome(may, "a", verdict.Plain)}, want: verdict.Recorded},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := verdict.Judge(cat, pick(t, cat, c.rule), c.outcomes, c.about)
			v, ok := run.Verdict(c.rule)
			if !ok || len(run.Verdicts) != 1 {
				t.Fatalf("verdicts %+v", run.Verdicts)
			}
			if v.Status != c.want || v.Inapplicable != c.inapplicable || v.Promoted != c.promoted {
				t.Errorf("%s, inapplicable %v, promoted %v; want %s, %v, %v", v.Status, v.Inapplicable, v.Promoted, c.want, c.inapplicable, c.promoted)
			}
			if !strings.HasPrefix(v.Reason, c.reason) || c.reason == "" && v.Reason != "" {
				t.Errorf("reason %q, want %q", v.Reason, c.reason)
			}
		})
	}
}

func TestAllMessagesAreKeptThoseThatDecideFirst(t *testing.T) {
	cat := catalogue(t)
	b := outcome(must, "b", verdict.Soft, verdict.Plain)
	b.Records = []verdict.Record{{Key: "reading", Value: "a"}}
	a := outcome(must, "a", verdict.Crash)
	a.Records = []verdict.Record{{Key: "reading", Value: "a"}, {Key: "reading", Value: "b"}}
	run := verdict.Judge(cat, pick(t, cat, must), []verdict.Outcome{b, a}, library())
	v := run.Verdicts[0]
	if v.Outcomes[0].Scenario != "a" || v.Outcomes[1].Scenario != "b" {
		t.Errorf("scenarios are not in order: %+v", v.Outcomes)
	}
	var got []verdict.Severity
	for _, f := range v.Findings() {
		got = append(got, f.Severity)
	}
	if want := []verdict.Severity{verdict.Crash, verdict.Plain, verdict.Soft}; !slices.Equal(got, want) {
		t.Errorf("findings %v, want %v", got, want)
	}
	if want := []verdict.Record{{Key: "reading", Value: "a"}, {Key: "reading", Value: "b"}}; !slices.Equal(v.Records(), want) {
		t.Errorf("records %v, want %v", v.Records(), want)
	}
}

func TestWhatIsSeenInPassing(t *testing.T) {
	cat := catalogue(t)
	run := verdict.Judge(cat, pick(t, cat, must), []verdict.Outcome{
		outcome(must, "a"),
		outcome(cloud, "invariant", verdict.Plain),
		outcome(may, "invariant", verdict.Plain),
		outcome(should, "invariant", verdict.Plain),
		outcome(caller, "invariant", verdict.Harness),
		outcome("XXX-001", "nobody knows it", verdict.Hard),
	}, library())
	if len(run.InPassing) != 4 {
		t.Fatalf("in passing: %+v", run.InPassing)
	}
	if v := run.InPassing[1]; v.Rule != caller || v.Status != verdict.Error {
		t.Errorf("%s %s, want an error about %s", v.Rule, v.Status, caller)
	}
	if v := run.InPassing[2]; v.Rule != should || v.Status != verdict.Warn {
		t.Errorf("%s %s, want %s to warn", v.Rule, v.Status, should)
	}
	if _, ok := run.Verdict(cloud); ok {
		t.Errorf("%s was not selected and has a verdict", cloud)
	}
	if v := run.InPassing[0]; v.Rule != cloud || v.Status != verdict.Fail {
		t.Errorf("%s %s, want %s to fail", v.Rule, v.Status, cloud)
	}
	if v := run.InPassing[3]; v.Rule != "XXX-001" || v.Status != verdict.Error {
		t.Errorf("%s %s, want an error about XXX-001", v.Rule, v.Status)
	}
}

func TestARunTellsHowToJudgeOneRuleAgain(t *testing.T) {
	run := verdict.Run{About: verdict.About{Args: []string{"--target", "./my libs/it's.so", "--clock", "virtual", "--seed=7", "$HOME", ""}}}
	want := `conform --target './my libs/it'\''s.so' --clock virtual --seed=7 '$HOME' '' --rules INIT-004`
	if got := run.Rerun("INIT-004"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestAnOutcomeTellsItsFindings(t *testing.T) {
	o := verdict.Outcome{Findings: []verdict.Finding{
		{Severity: verdict.Plain, Text: "Expected\n-602\nto be 0\n", At: "specs/init.go:12"},
		{Severity: verdict.Soft, Text: "slow"},
	}}
	if got, want := o.Text(), "plain: Expected\n  -602\n  to be 0\n  at specs/init.go:12\nsoft: slow"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
