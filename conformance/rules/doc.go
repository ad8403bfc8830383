// Package rules is the catalogue: every sentence of the specification that a
// library can keep or break, as data.
//
//	01-flow.yaml … 33-doc.yaml   the chapters of the specification, in its order
//	34-rob.yaml                  what breaks such libraries in the field (SHOULD)
//	ambiguities.yaml             the unclear points, ruled in docs/interpretations.md
//	        │
//	        ▼ Load refuses what is not complete
//	   Catalogue ── Select("INIT-*", "CB-*") ──▶ []Rule ──▶ specs, verdict, report
//
// A rule has a text in English and in Chinese, its source (section, line and
// quotation of the specification), what is to be observed, the scenarios, and a
// mutant: one deliberate fault that a spec of this rule has to notice.
//
// # Level, tier, core, needs
//
// The level says what a broken rule means: MUST and CALLER fail (CALLER is a
// duty of the caller: when it is neglected the library must survive and should
// answer with an error), SHOULD warns, MAY and INFO are written down.
//
// The tier says what a library needs to be judged at all. A: the library alone,
// its ABI, return codes and callbacks. B: it also has to speak the cloud
// binding. Scenarios of a rule of tier A that need the cloud run besides, when
// the library reaches it.
//
// A core rule holds for every port, whatever its options: a run in which one
// was not judged is incomplete, never conformant. SHOULD, MAY and INFO are
// extended, and so is what an optional codec or a means of the harness stands
// behind: such a rule counts where it can be judged.
//
// Needs lists the capabilities (a closed list, capability.go) without which the
// rule is not judged.
package rules
