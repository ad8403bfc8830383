// Package sequence looks for the order of calls that nobody thought of. It
// generates sequences of API calls, plan changes, faults and clock corrections,
// legal and slightly illegal ones, carries each out on a fresh library and holds
// what happens against a small model of the specification.
//
//	rapid ─▶ []Op ─▶ Model (what must, may, must not be) ─▶ scenario.Env ─▶ findings
//	   ◀────────────── a failing sequence is shrunk to its shortest form ◀──┘
//
// The model knows what the text says of states: whether the module is
// initialised, which events run, which plan is in force. It does not know a
// library's time, buffer or network; where those decide, it accepts either
// answer. The invariants of package scenario are checked on every sequence.
//
// A sequence is text, one operation a line, so that a failing one can be read,
// kept and carried out again.
package sequence
