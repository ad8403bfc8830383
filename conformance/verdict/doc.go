// Package verdict turns what the scenarios found into verdicts on rules, and
// verdicts into the exit code of a run.
//
//	scenario ─▶ Outcome{Findings, Records} ─ Conclude(rule) ─▶ its Status
//	                     │
//	outcomes, selection ─┴─ Judge ─▶ Run{Verdict per rule} ─▶ Waive, ExitCode, JSON, Merge, Diff
//
// # From a finding to a status
//
// The severity of a finding says how it weighs, together with the rule's level:
//
//	           MUST, CALLER   SHOULD        MAY, INFO
//	plain      fail           warn          recorded
//	hard       fail           fail          fail
//	crash      fail           fail          fail
//	soft       warn           warn          warn
//	blocked    not-judged     not-judged    not-judged
//	lacking    not-judged     not-judged    not-judged
//	harness    error          error         error
//	(none)     pass           pass          recorded
//
// Plain is a broken expectation, hard a hard part by docs/interpretations.md
// (in a CALLER rule: that the library survives; in a SHOULD rule of chapter ROB:
// what the rule names under hard), soft a soft part. A finding of the harness
// makes its own scenario worthless and outweighs all in it but a crash.
//
// Several scenarios of a rule merge worst first (fail, error, not-judged, warn,
// waived, recorded, pass) and keep all their findings. A scenario that the target lacks
// a capability for is left out, as long as another one of the rule was judged.
//
// A selected rule without any outcome is not-judged when the target lacks what
// the rule needs, untestable when it is an INFO rule, and an error otherwise:
// nobody has looked. Findings about rules that were not selected are kept as
// seen in passing.
//
// # Waivers
//
// Waive turns the fail or warn of a rule into waived when a waiver expects every
// finding that decides it, and has not expired. Anything else about a waiver is
// a grievance, and a run with one is not conformant: docs/gate.md. Shards keep
// quiet about waivers that they do not need; the merged run tells.
//
// # JSON
//
// A run is one object, schema 2; a reader refuses any other number and any
// field it does not know:
//
//	schema      2
//	target      name, kind ("library", "reference"), machine, missing
//	            (capability → why), undeclared (what conform.yaml declares
//	            away), notes
//	clock       "virtual", "scaled" or "real"; rate, when it is scaled
//	seed        of what is random in the run
//	strict      warnings were promoted to failures
//	versions    of conform, its Go, the catalogue (a digest), …
//	args        of conform that reproduce the run, without --rules and --shard
//	selection   ids of all rules that were selected
//	shard       index and count, when this is a part of a run
//	waivers     those in force: rule, message, reason, owner, link, expires, line
//	verdicts    one per selected rule of this shard, in the catalogue's order:
//	            rule, digest (of its text), level, core, status, reason,
//	            promoted, inapplicable, declared_away, waived (was, reason,
//	            owner, link, expires), and
//	            outcomes: scenario, status, findings (severity, text, at),
//	            records (key, value), domain_ms, real_ms, worker, artifacts
//	            (paths), trace (at_ms, until_ms, kind, what, detail, result,
//	            times)
//	in_passing  the same for rules that were not selected and yet seen broken
//	grievances  what is wrong with the waivers
//
// testdata/run.json is an example.
package verdict
