package scenario

import (
	"regexp"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// TestALyingCloudIsNoVerdictOnTheLibrary: a recording of an event by the
// reference, at clouds that contradict themselves.
func TestALyingCloudIsNoVerdictOnTheLibrary(t *testing.T) {
	for _, c := range []struct {
		lie  fakecloud.Lie
		says string // "" for an honest cloud
	}{
		{"", ""},
		{fakecloud.LieLoseObject, "it acknowledged the PUT of segment-N and has not kept it"},
		{fakecloud.LieTruncateObject, "it acknowledged N bytes of segment-N and has kept N"},
		{fakecloud.LieStrangePlan, "it told of a plan with cs_switch N and cs_type N as revision N, which had N and N"},
		{fakecloud.LieGrantTwice, "it granted segment-N to two objects"},
		{fakecloud.LieForgetRequest, "it has kept segment-N, and no PUT of it is in its journal"},
		{fakecloud.LieForgetEvent, "it acknowledged the event report X and has not kept it"},
	} {
		name := string(c.lie)
		if name == "" {
			name = "honest"
		}
		t.Run(name, func(t *testing.T) {
			cat, err := catalogue()
			if err != nil {
				t.Fatal(err)
			}
			cfg := NewSuite(Config{
				Target: target.Reference(), Mode: Virtual, Catalogue: cat,
				Missing: func(rules.Capability) string { return "" },
				Cloud:   []fakecloud.Option{fakecloud.WithLie(c.lie)},
			}).cfg
			first := rule(t, "UPL-001")
			outcomes := newEnv(cfg, first, "a scenario", options{}).run(func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.InitEvents(cam)
				e.StartEvent(1, 1)
				cam.Run(25 * time.Second)
				e.StopEvent(1)
				e.AwaitCallback(target.CBReport, 1, ReportWithin)
				e.Exit()
				e.Expect(cam.Missing()).To(gomega.BeEmpty(), "what is not in the cloud")
			})
			want, code := verdict.Pass, verdict.ExitConformant
			if c.says != "" {
				want, code = verdict.Error, verdict.ExitIncomplete
			}
			for _, o := range outcomes {
				if o.Status != want {
					t.Errorf("%s: %s, want %s\n%s", o.Rule, o.Status, want, o.Text())
				}
			}
			if got := verdict.Judge(cat, []rules.Rule{first}, outcomes, verdict.About{}).ExitCode(); got != code {
				t.Errorf("exit code %d, want %d", got, code)
			}
			if got := contradiction(outcomes[0]); got != c.says {
				t.Errorf("says %q, want %q", got, c.says)
			}
		})
	}
}

var (
	told    = regexp.MustCompile(`contradicts itself, which is no fault of the library's: (.*?)( \(and \d+ contradictions more\))?$`)
	numbers = regexp.MustCompile(`\d+`)
	reports = regexp.MustCompile(`report \S+ and`)
)

// contradiction is the harness's finding without what another run would change.
func contradiction(o verdict.Outcome) string {
	for _, f := range o.Findings {
		if m := told.FindStringSubmatch(f.Text); m != nil && f.Severity == verdict.Harness {
			return numbers.ReplaceAllString(reports.ReplaceAllString(m[1], "report X and"), "N")
		}
	}
	return ""
}
