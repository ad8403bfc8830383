// Command conform judges a library that implements the iv_cs_* cloud-storage
// API by the rules of its specification.
//
//	flags ─▶ target ─▶ probe ─▶ workers ─▶ outcomes ─▶ verdict ─▶ reports, exit code
//
// A Ginkgo suite runs once in a process, one spec after the other. So the
// command starts workers of itself. Each builds the same tree of scenarios and
// asks, before each one, whether it may have it; the first to ask gets it. A
// worker that dies costs the scenario it was in, and another takes its place.
//
// The package holds no judgement: what a scenario's outcome means is for
// package verdict.
package main
