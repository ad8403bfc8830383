package verdict

import (
	"slices"

	"github.com/ivcs/conform/conformance/rules"
)

// Status is what became of a rule, or of one of its scenarios.
type Status string

const (
	Pass       Status = "pass"
	Fail       Status = "fail"       // broken: the library does not conform
	Warn       Status = "warn"       // a SHOULD, or a soft part, is broken
	Waived     Status = "waived"     // broken as a waiver says, until it expires
	Recorded   Status = "recorded"   // a free choice was observed
	Error      Status = "error"      // the harness could not judge
	NotJudged  Status = "not-judged" // the target lacks a capability, or the ground another rule owns
	Untestable Status = "untestable" // INFO, without a scenario
)

// ranks lists the statuses, worst first. A rule that is not judged in part is
// worse off than one that warns: its verdict is not complete.
var ranks = []Status{Fail, Error, NotJudged, Warn, Waived, Recorded, Pass, Untestable}

// Statuses lists all statuses, worst first.
func Statuses() []Status { return slices.Clone(ranks) }

// Severity is how a finding weighs.
type Severity string

const (
	Plain   Severity = "plain"   // a broken expectation: weighs as the rule's level says
	Hard    Severity = "hard"    // fails whatever the level
	Soft    Severity = "soft"    // warns whatever the level
	Crash   Severity = "crash"   // the library died or hung
	Blocked Severity = "blocked" // a state that another rule owns was not reached
	Lacking Severity = "lacking" // the target lacks a capability
	Harness Severity = "harness" // the harness failed, not the library
)

// severities lists them in the order in which one outcome is decided: see
// package comment.
var severities = []Severity{Crash, Harness, Hard, Plain, Blocked, Lacking, Soft}

// weigh gives the status of a scenario with findings of severity s alone.
func weigh(level rules.Level, s Severity) Status {
	switch s {
	case Crash, Hard:
		return Fail
	case Plain:
		switch level {
		case rules.Must, rules.Caller:
			return Fail
		case rules.Should:
			return Warn
		default:
			return Recorded
		}
	case Soft:
		return Warn
	case Blocked, Lacking:
		return NotJudged
	default: // Harness, and what no harness should report
		return Error
	}
}

// clean is the status of a scenario without findings.
func clean(level rules.Level) Status {
	if level == rules.May || level == rules.Info {
		return Recorded
	}
	return Pass
}

// worst returns the worse of two statuses.
func worst(a, b Status) Status {
	if slices.Index(ranks, b) < slices.Index(ranks, a) {
		return b
	}
	return a
}

// Severities lists all severities, those that decide first.
func Severities() []Severity { return slices.Clone(severities) }
