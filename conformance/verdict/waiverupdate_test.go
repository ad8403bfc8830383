package verdict_test

import (
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

const kept = `# What we owe.

waivers:
  # Since the first release.
  - rule: INIT-004 # the old way
    message: "plain in a long title"
    reason: >
      rounded up,
      and documented
    owner: camera team
    link: https://tracker.example/1
    expires: 2027-01-31

  # Mended in May.
  - rule: INIT-002
    message: "plain in another title"
    reason: never
    owner: camera team
    link: ""
    expires: 2027-01-31

# The end.
`

func TestUpdateTouchesNothingButWhatChanged(t *testing.T) {
	cat := catalogue(t)
	file, err := verdict.ParseWaivers("waivers.yaml", []byte(kept))
	if err != nil {
		t.Fatal(err)
	}
	run := verdict.Judge(cat, pick(t, cat, must, caller, abi, cloud), []verdict.Outcome{
		outcome(must, "a long title", verdict.Plain), outcome(caller, "a"), outcome(cloud, "a", verdict.Crash),
		{Rule: abi, Scenario: "b", Findings: []verdict.Finding{{Severity: verdict.Hard, Text: "late by 1.204s\nat 0x7fff0012"}}},
	}, library())
	text, changes, err := file.Update(run, verdict.Waiver{Owner: "abi team"})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(kept, `
  # Mended in May.
  - rule: INIT-002
    message: "plain in another title"
    reason: never
    owner: camera team
    link: ""
    expires: 2027-01-31
`, "", 1) + `  - rule: ABI-001
    message: "late by … at …"
    reason: ""
    owner: "abi team"
    link: ""
    expires: ""
`
	if squeeze(text) != squeeze(want) {
		t.Errorf("rewritten as\n%s\nwant\n%s", text, want)
	}
	told := strings.Join(changes, "\n")
	for _, want := range []string{"cannot be waived: FLOW-003", `removed: INIT-002 "plain in another title"`, `added: ABI-001`} {
		if !strings.Contains(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}
	// What it wrote is read, and refused until somebody fills it in.
	again, err := verdict.ParseWaivers("waivers.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Check(cat, []string{must, abi}); err == nil || !strings.Contains(err.Error(), "ABI-001: it has no reason") {
		t.Errorf("an unfinished waiver: %v", err)
	}
}

// squeeze drops blank lines.
func squeeze(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

func TestUpdateWritesTheFirstFileAndTheLast(t *testing.T) {
	cat := catalogue(t)
	empty, err := verdict.ParseWaivers("waivers.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	red := verdict.Judge(cat, pick(t, cat, must), []verdict.Outcome{outcome(must, "a long title", verdict.Plain)}, library())
	text, _, err := empty.Update(red, waiver("", ""))
	if err != nil {
		t.Fatal(err)
	}
	file, err := verdict.ParseWaivers("waivers.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Check(cat, []string{must}); err != nil {
		t.Error(err)
	}
	if again, changes, _ := file.Update(red, verdict.Waiver{}); again != text || len(changes) != 0 {
		t.Errorf("not in step with its own run: %v\n%s", changes, again)
	}
	green := verdict.Judge(cat, pick(t, cat, must), []verdict.Outcome{outcome(must, "a long title")}, library())
	if text, _, err := file.Update(green, verdict.Waiver{}); err != nil || strings.TrimSpace(text) != "waivers: []" {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestUpdateSpoilsNoFormThatItDoesNotKnow(t *testing.T) {
	cat := catalogue(t)
	file, err := verdict.ParseWaivers("waivers.yaml", []byte(`waivers: [{rule: INIT-004, message: "plain in a title"}, {rule: INIT-002, message: "plain in a title"}]`))
	if err != nil {
		t.Fatal(err)
	}
	run := verdict.Judge(cat, pick(t, cat, must, caller), []verdict.Outcome{outcome(must, "a title", verdict.Plain), outcome(caller, "a")}, library())
	if text, _, err := file.Update(run, verdict.Waiver{}); err == nil || !strings.Contains(err.Error(), "cannot be rewritten") {
		t.Errorf("%v\n%s", err, text)
	}
}
