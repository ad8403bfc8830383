package scenario

import (
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// TestEachInvariantIsSeenBroken runs one scenario on libraries that keep every
// promise but one.
func TestEachInvariantIsSeenBroken(t *testing.T) {
	for _, c := range []struct{ macro, rules string }{
		{"HONEST", ""},
		{"STOP_FIRST", "FLOW-015"},
		{"START_TWICE", "FLOW-015"},
		{"SPEAKS_AFTER_EXIT", "FLOW-006"},
		{"DATA_WITH_ALARM", "NOTIFY-003"},
		{"STATE_WITHOUT_DATA", "NOTIFY-002"},
		{"TERMINATOR", "NOTIFY-008"},
		{"RECOVER_FIRST", "NOTIFY-005"},
		{"NO_SLICE", "UPL-014"},
		{"ELEVEN_SLICES", "UPL-014"},
		{"NO_PLACE_FOR_THE_PICTURE", "CB-CAP-006 CB-PIC-002"},
		{"LOST_PICTURE", "CB-PIC-002"},
		{"RELEASED_TWICE", "CB-PIC-002"},
		{"STRANGE_PICTURE", "CB-PIC-004"},
		{"RESULT_WITHOUT_DATA", "REPORT-006"},
		{"RESULT_CODE_2", "REPORT-002"},
		{"RESULT_EVENT_17", "REPORT-003"},
		{"RESULT_BACKWARDS", "REPORT-005"},
	} {
		t.Run(c.macro, func(t *testing.T) {
			outcomes := run(t, breaks(t, c.macro), "INIT-001", func(e *Env) {
				e.Lib.Answer(target.CBCapture, target.Answer{Picture: []byte("a picture")})
				e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone())
				e.Expect(e.Lib.Exit()).To(ReturnNone())
				e.Lib.SetTransTime(1, 1)
			})
			var broken []string
			for _, o := range outcomes {
				if o.Status != verdict.Pass {
					broken = append(broken, o.Rule)
				}
			}
			if got := strings.Join(broken, " "); got != c.rules {
				t.Errorf("broken: %s, want %s\n%s", got, c.rules, texts(outcomes))
			}
		})
	}
}

func TestWhatTheScenarioBreaksItselfIsNotHeldAgainstTheLibrary(t *testing.T) {
	env := newEnv(config(t, breaks(t, "STOP_FIRST")), rule(t, "INIT-001"), "a scenario", options{allow: []string{"FLOW-015"}})
	if outcomes := env.run(func(e *Env) { e.Lib.Init(e.Parm()) }); len(outcomes) != 1 {
		t.Errorf("outcomes besides the scenario's own:\n%s", texts(outcomes))
	}
}

// TestTheEndOfTheProcessIsJudged: a library that is alive to the last may still
// crash in a destructor, or leak.
func TestTheEndOfTheProcessIsJudged(t *testing.T) {
	outcomes := run(t, breaks(t, "SPOILS_THE_END"), "INIT-001", func(e *Env) {
		e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone())
		e.Expect(e.Lib.Exit()).To(ReturnNone())
	})
	if o := outcomes[0]; o.Status != verdict.Fail || !strings.Contains(o.Text(), "when the process ended") || !strings.Contains(o.Text(), "exit code 23") {
		t.Errorf("%s: %s", o.Status, o.Text())
	}
}

// TestTheLibrarysLackIsNoVerdict: a missing function blocks, it does not fail
// the rule that needs it; the rule of the symbol fails.
func TestTheLibrarysLackIsNoVerdict(t *testing.T) {
	outcomes := run(t, breaks(t, "HONEST"), "EVT-001", func(e *Env) {
		e.Expect(e.Lib.EventStart(1)).To(ReturnNone())
	})
	if outcomes[0].Status != verdict.NotJudged || !strings.Contains(outcomes[0].Text(), "iv_cs_event_start") {
		t.Errorf("%s: %s", outcomes[0].Status, outcomes[0].Text())
	}
}

func TestAnExpectationWeighsAsItsRule(t *testing.T) {
	honest := breaks(t, "HONEST")
	for _, c := range []struct {
		rule string
		say  func(*Env)
		want verdict.Status
	}{
		{"INIT-001", func(e *Env) { e.Expect(1).To(gomega.Equal(2)) }, verdict.Fail},
		{"INIT-002", func(e *Env) { e.Expect(1).To(gomega.Equal(2)) }, verdict.Fail},
		{"INIT-003", func(e *Env) { e.Expect(1).To(gomega.Equal(2)) }, verdict.Warn},
		{"INIT-003", func(e *Env) { e.Hard(1).To(gomega.Equal(2)) }, verdict.Fail},
		{"INIT-001", func(e *Env) { e.Soft(1).To(gomega.Equal(2)) }, verdict.Warn},
		{"FLOW-001", func(e *Env) { e.Expect(1).To(gomega.Equal(2)) }, verdict.Recorded},
		{"INIT-001", func(e *Env) { e.Given("FLOW-003", 1).To(gomega.Equal(2)) }, verdict.NotJudged},
		{"FLOW-003", func(e *Env) { e.Given("FLOW-003", 1).To(gomega.Equal(2)) }, verdict.Fail},
		{"INIT-001", func(*Env) { panic("a mistake in the spec") }, verdict.Error},
		{"INIT-001", func(*Env) {}, verdict.Pass},
	} {
		outcomes := run(t, honest, c.rule, c.say)
		if outcomes[0].Status != c.want {
			t.Errorf("%s: %s, want %s\n%s", c.rule, outcomes[0].Status, c.want, texts(outcomes))
		}
	}
}

func TestRequireStopsAndExpectGoesOn(t *testing.T) {
	went := 0
	run(t, breaks(t, "HONEST"), "INIT-001", func(e *Env) {
		e.Expect(1).To(gomega.Equal(2))
		went++
		e.Require(1).To(gomega.Equal(2))
		went++
	})
	if went != 1 {
		t.Errorf("%d steps were taken, want 1", went)
	}
}

func texts(outcomes []verdict.Outcome) string {
	var b strings.Builder
	for _, o := range outcomes {
		b.WriteString(o.Rule + " " + string(o.Status) + ": " + o.Text() + "\n")
	}
	return b.String()
}

func run(t *testing.T, lib, id string, body func(*Env)) []verdict.Outcome {
	t.Helper()
	return newEnv(config(t, lib), rule(t, id), "a scenario", options{}).run(body)
}

// catalogue is loaded once.
var catalogue = sync.OnceValues(rules.Load)

func config(t *testing.T, lib string) Config {
	t.Helper()
	cat, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	library, err := target.Library(lib, target.LibraryOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return NewSuite(Config{Target: library, Mode: Real, Catalogue: cat, Missing: func(rules.Capability) string { return "" }}).cfg
}

func rule(t *testing.T, id string) rules.Rule {
	t.Helper()
	cat, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	r, ok := cat.Rule(id)
	if !ok {
		t.Fatalf("the catalogue has no rule %s", id)
	}
	return r
}

// breaks compiles testdata/breaks.c with one promise broken.
func breaks(t *testing.T, macro string) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "libbreaks.so")
	out, err := exec.Command("cc", "-shared", "-fPIC", "-D"+macro, "-o", lib, "testdata/breaks.c").CombinedOutput()
	if err != nil {
		t.Fatalf("compile testdata/breaks.c: %v\n%s", err, out)
	}
	return lib
}
