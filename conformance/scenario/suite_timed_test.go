package scenario

import (
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
