// Package tscheck judges a stored MPEG-TS segment: is it what a player needs,
// and is it what was pushed?
//
//	object ─► grid ─► tables ─► packets ─► PES ─► access units ─► pictures
//	          188     PAT PMT   counters   times  NAL units      slices, B frames,
//	          0x47    CRC-32    PCR        length parameter sets  missing references
//	                                         └──► ADTS frames
//
// Check does all of it in linear time and never panics: what comes
// from a library under test may be damaged in any way. gots parses packets,
// tables and PES headers; since it trusts lengths (a damaged PMT makes it
// panic), each is checked here before gots sees it. mediacommon parses
// parameter sets.
//
// A Finding says where (offset in the object, PID, frame) and what, in plain
// words. One fault gives one finding: what follows from a lost packet (a broken
// frame, a frame number that is missing) is not told again. A finding is soft
// if no MUST rule of the catalogue rests on it; codes.go lists them all.
//
// Chain follows a recording over its segments. Compare holds
// what is stored against what was pushed, bytes and times.
//
// An object that is no transport stream at all (encrypted, another container)
// is Opaque: nothing is found, and the caller records that it could not judge
// (AMB-64).
package tscheck
