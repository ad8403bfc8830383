package sequence

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ivcs/conform/conformance/target"
)

func TestASequenceIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := Ops().Draw(t, "sequence")
		got, err := Parse("# a remark\n\n" + Text(ops))
		if err != nil || !slices.Equal(got, ops) {
			t.Fatalf("%v, %v", got, err)
		}
	})
}

func TestWhatIsNoStepIsRefusedWithItsLine(t *testing.T) {
	for text, says := range map[string]string{
		"init 0\ndance":  "line 2",
		"start":          "needs one number",
		"start one":      "not a number",
		"exit 1":         "takes no number",
		"break 99":       "not a number that this step takes",
		"wait 1000 2000": "needs one number",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want an error with %q", text, err, says)
		}
	}
}

func TestTheModelDemandsWhatTheTextDoes(t *testing.T) {
	inited := func(plan int32) *Model {
		m := NewModel()
		m.onInit()
		m.onPlan(plan)
		m.known = true
		return m
	}
	running := func(ext bool) *Model {
		m := inited(target.PlanEvent)
		m.started(1, ext)
		return m
	}
	for _, c := range []struct {
		name string
		got  Answer
		want Answer
	}{
		{"the first init", NewModel().onInit(), Accept},
		{"a second init", inited(target.PlanNone).onInit(), Either},
		{"exit after init", inited(target.PlanNone).onExit(), Accept},
		{"exit without init", NewModel().onExit(), Either},
		{"an event under an event plan", inited(target.PlanEvent).onStart(1), Accept},
		{"event 17", inited(target.PlanEvent).onStart(17), Decline},
		{"event 0 before init", NewModel().onStart(0), Decline},
		{"an event without a plan", inited(target.PlanNone).onStart(1), Either},
		{"an event that runs", running(false).onStart(1), Either},
		{"another event in parallel", running(false).onStart(2), Accept},
		{"the stop of a running event", running(false).onStop(1, false), Accept},
		{"its stop by the other form", running(false).onStop(1, true), Either},
		{"the _ext stop of an _ext event", running(true).onStop(1, true), Accept},
		{"the stop of an event that does not run", running(false).onStop(2, false), Decline},
		{"a stop before init", NewModel().onStop(1, false), Decline},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.name, c.got, c.want)
		}
	}
	m := running(false)
	m.onPlan(target.PlanNone)
	if got := m.onStop(1, false); got != Either {
		t.Errorf("the stop of an event whose plan has ended: %d, want %d (AMB-88)", got, Either)
	}
	m.onExit()
	if m.plan != target.PlanNone || m.wantsStream() || len(m.events) != 0 {
		t.Error("an exit ends events and stream, and leaves the plan")
	}
}
