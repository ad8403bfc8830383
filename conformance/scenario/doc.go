// Package scenario is what a spec is written with. A rule of the catalogue has
// scenarios; each runs against a fresh library and a fresh cloud, on one clock,
// and ends in an Outcome.
//
//	func initChapter(s *scenario.Suite) {
//		s.Rule("INIT-004", func(r *scenario.Rule) {
//			r.Scenario("800 KiB, a multiple of 4096, is accepted", func(e *scenario.Env) {
//				p := e.Parm()
//				p.MaxGopSize = 800 << 10
//				e.Expect(e.Lib.Init(p)).To(scenario.ReturnNone())
//			})
//		})
//	}
//
// # What an Env gives
//
//	Lib      the library under test: one method per iv_cs_* function
//	Cloud    the fake cloud, Device this camera's account there
//	Camera   a camera that pushes real encoder output and keeps a ledger
//	Advance  domain time moves: virtual, scaled or real, a spec cannot tell
//	Await    waits for a condition within a span of domain time
//	Expect   a broken expectation fails a MUST or CALLER rule, warns for a SHOULD
//	         rule and is only recorded for a MAY or INFO rule
//	Hard     fails whatever the rule's level: a hard part by docs/interpretations.md
//	Soft     warns whatever the rule's level: a soft part
//	Record   writes down which permitted reading the library took
//	Given    a state that another rule owns; when it is not reached this
//	         scenario is not judged, and the other rule tells why
//
// All but Given go on after a mismatch, so that a report shows every mismatch
// of a scenario at once; Require stops it.
//
// A crash, a hang past the watchdog or an exit of the library's process ends
// the scenario and fails the rule, whatever its level, unless the scenario was
// declared with DeathIsSoft. After every scenario the invariants that hold for
// the whole specification are checked on its trace; a broken one fails the rule
// that states it.
package scenario
