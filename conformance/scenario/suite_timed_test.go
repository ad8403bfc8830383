package scenario

import (
	"slices"
	"testing"

	"github.com/ivcs/conform/conformance/verdict"
)

// TestWhatMeasuresMachineTimeIsRedOnlyIfItIsAgain: a machine that was busy once is
// no fault of the library; one that is slow each time is.
func TestWhatMeasuresMachineTimeIsRedOnlyIfItIsAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		slow  int // of so many runs
		timed bool
		runs  int
		want  verdict.Status
	}{
		{"once, in a timed scenario", 1, true, 2, verdict.Pass},
		{"each time, in a timed scenario", 3, true, 3, verdict.Fail},
		{"once, in any other", 1, false, 1, verdict.Fail},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewSuite(config(t, breaks(t, "HONEST")))
			runs := 0
			outcomes := s.carryOut(rule(t, "INIT-001"), "a scenario", options{timed: c.timed}, func(e *Env) {
				if runs++; runs <= c.slow {
					e.Fail("slow")
				}
			})
			if outcomes[0].Status != c.want || runs != c.runs {
				t.Errorf("%s after %d runs, want %s after %d", outcomes[0].Status, runs, c.want, c.runs)
			}
		})
	}
}

// TestWhatIsRedInScaledTimeIsJudgedAgainSlower: however slow it was already, as
// long as there is real time below.
func TestWhatIsRedInScaledTimeIsJudgedAgainSlower(t *testing.T) {
	for _, c := range []struct {
		name      string
		rate      float64
		unhurried bool
		rates     []float64
	}{
		{"at the usual rate", 20, false, []float64{20, 4}},
		{"unhurried", 20, true, []float64{2, 1}},
		{"in real time already", 1, false, []float64{1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(t, breaks(t, "HONEST"))
			cfg.Mode, cfg.Rate = Scaled, c.rate
			var rates []float64
			outcomes := NewSuite(cfg).carryOut(rule(t, "INIT-001"), "a scenario", options{unhurried: c.unhurried}, func(e *Env) {
				rates = append(rates, e.cfg.Rate)
				if len(rates) < 2 {
					e.Fail("slow")
				}
			})
			want := verdict.Pass
			if len(c.rates) < 2 {
				want = verdict.Fail
			}
			if outcomes[0].Status != want || !slices.Equal(rates, c.rates) {
				t.Errorf("%s at %v, want %s at %v", outcomes[0].Status, rates, want, c.rates)
			}
		})
	}
}
