// Package mutants is the kill matrix: for each rule a deliberate fault of the
// reference, and the proof that the rule's own spec sees it.
//
// A mutant is data: the rule, a file of the reference, an exact piece of its
// text, what stands there instead, and why a porter would make this mistake.
// `go build -overlay` builds the library with it, so the tree is never touched
// and the reference carries no switches.
//
//	data/*.yaml ─▶ Load ─▶ Apply: overlay ─▶ build ─▶ judge the rule ─▶ Result ─▶ matrix
//
// A mutant is killed when the rule that it names is broken by that rule's own
// expectation, at a line of its spec. An invariant that notices it, or a crash
// of the library, is no kill: it would leave the spec's own check unproven. (A
// mutant whose fault is to crash or to hang says so. One whose rule may only warn
// of it names the ruling, and the rule's own warning is the kill.) A mutant that no longer
// applies, or does not build, is an error: the matrix has a hole there.
//
// A mutant that is said to survive, with the reason why no black box can see it,
// is an error when it is killed. A rule that can have no mutant stands under
// unseen; every other MUST and SHOULD owes one, and a test says so.
//
// Specs of other rules that fail too are named when the whole chapter is judged.
// Each is a sign of a spec that checks more than its rule, or of rules that say
// the same.
package mutants
