package scenario

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// Expect states what the rule demands. A mismatch weighs as the rule's level
// says, and the scenario goes on.
func (e *Env) Expect(actual any, extra ...any) gomega.Assertion {
	return e.judge(verdict.Plain, false).Expect(actual, extra...)
}

// Hard states what fails whatever the rule's level is.
func (e *Env) Hard(actual any, extra ...any) gomega.Assertion {
	return e.judge(verdict.Hard, false).Expect(actual, extra...)
}

// Soft states what only warns.
func (e *Env) Soft(actual any, extra ...any) gomega.Assertion {
	return e.judge(verdict.Soft, false).Expect(actual, extra...)
}

// Require is Expect for what the rest of the scenario cannot do without.
func (e *Env) Require(actual any, extra ...any) gomega.Assertion {
	return e.judge(verdict.Plain, true).Expect(actual, extra...)
}

// Given states that the library is in a state which the rule owner demands of
// it. When it is not, this scenario is not judged: the owner's verdict tells.
// A scenario of that very rule is judged by it.
func (e *Env) Given(owner string, actual any, extra ...any) gomega.Assertion {
	if owner == e.Rule.ID {
		return e.Require(actual, extra...)
	}
	if _, ok := e.cfg.Catalogue.Rule(owner); !ok {
		panic(fmt.Sprintf("%s relies on rule %s, which conformance/rules does not have", e.Rule.ID, owner))
	}
	return gomega.NewGomega(func(message string, _ ...int) {
		e.find(verdict.Finding{
			Severity: verdict.Blocked,
			Text:     fmt.Sprintf("blocked by %s: %s", owner, message),
			At:       caller(),
		})
		panic(stop{})
	}).Expect(actual, extra...)
}

// Fail reports a broken expectation that no matcher states better.
func (e *Env) Fail(format string, args ...any) {
	e.find(verdict.Finding{Severity: verdict.Plain, Text: fmt.Sprintf(format, args...), At: caller()})
}

// Warn reports a broken soft part that no matcher states better.
func (e *Env) Warn(format string, args ...any) {
	e.find(verdict.Finding{Severity: verdict.Soft, Text: fmt.Sprintf(format, args...), At: caller()})
}

// Record writes down an observation of which the specification leaves the
// choice, or the figure, to the library. The same key may be recorded in
// several scenarios of a rule.
func (e *Env) Record(key, format string, args ...any) {
	e.outcome.Records = append(e.outcome.Records, verdict.Record{Key: key, Value: fmt.Sprintf(format, args...)})
}

// Measure writes down a figure that the specification leaves to the library and
// that another run may give otherwise: a duration, a size, an order among
// threads. REPORT.md, which is the same after every run, leaves it out.
func (e *Env) Measure(key, format string, args ...any) {
	e.outcome.Records = append(e.outcome.Records, verdict.Record{Key: key, Value: fmt.Sprintf(format, args...), Figure: true})
}

// judge makes the Gomega whose mismatches become findings of this weight.
func (e *Env) judge(severity verdict.Severity, stops bool) gomega.Gomega {
	return gomega.NewGomega(func(message string, _ ...int) {
		e.find(verdict.Finding{Severity: severity, Text: message, At: caller()})
		if stops {
			panic(stop{})
		}
	})
}

// stop ends a scenario's body; run recovers it.
type stop struct{}

// harness is a fault of the harness itself: the rule gets no verdict.
type harness struct{ err error }

// broken ends the scenario because the harness cannot go on.
func (e *Env) broken(err error) { panic(harness{err}) }

// caller names the line of the spec that a finding comes from.
func caller() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if filepath.Base(filepath.Dir(f.File)) == "specs" {
			return fmt.Sprintf("specs/%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// ReturnNone matches IV_ERR_NONE.
func ReturnNone() types.GomegaMatcher { return codeMatcher{want: target.ErrNone} }

// Refuse matches any code but IV_ERR_NONE: the specification promises an error
// and leaves the code open.
func Refuse() types.GomegaMatcher { return codeMatcher{refuse: true} }

// Return matches exactly the named code.
func Return(code target.Code) types.GomegaMatcher { return codeMatcher{want: code} }

type codeMatcher struct {
	want   target.Code
	refuse bool
}

func (m codeMatcher) Match(actual any) (bool, error) {
	code, ok := actual.(target.Code)
	if !ok {
		return false, fmt.Errorf("a return code is compared, got %T", actual)
	}
	if m.refuse {
		return code != target.ErrNone, nil
	}
	return code == m.want, nil
}

func (m codeMatcher) FailureMessage(actual any) string {
	if m.refuse {
		return fmt.Sprintf("expected an error IV_ERR_*, got %v", actual)
	}
	return fmt.Sprintf("expected %v, got %v", m.want, actual)
}

func (m codeMatcher) NegatedFailureMessage(actual any) string {
	if m.refuse {
		return fmt.Sprintf("expected %v, got %v", target.ErrNone, actual)
	}
	return fmt.Sprintf("expected another code than %v", actual)
}
