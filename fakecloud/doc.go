// Package fakecloud is the cloud a device library is judged against: it serves
// cloud binding 1 (docs/cloud-binding.md, openapi.yaml) in this process, keeps
// what devices store, and writes down every request as evidence.
//
//	device ──signed JSON──▶ control plane ──▶ plan, grants, events ─┐
//	   │                        │                                   ├─▶ state of a Device
//	   └──PUT grant URL──▶ storage plane ──▶ verify ──▶ gofakes3 ───┘   (segments, time line,
//	                            │                                       pictures, events)
//	viewer ──▶ /v1/viewer, /play/…/timeshift.m3u8 ──▶ presigned GET
//
// A request's way: it enters the journal (journal.go), is routed (control.go,
// storage.go), authenticated (signature.go, presign.go), meets the fault in
// force for its class (faults.go, exchange.go), and only then does its work
// (plan.go, grants.go, events.go). What is refused has changed nothing.
//
// It runs alone, too (conform cloud): an operator side over HTTP (admin.go,
// guard.go), faults by script (script.go, inject.go) and a data folder that
// survives SIGKILL (vault.go, disk.go, recovery.go).
//
// The zero Fault is an honest cloud. All time is the time of one clock
// (WithClock): plans expire, long polls end, delays pass and grants run out on
// it, so a suite with a frozen clock decides when they do. Only the bytes themselves
// travel in real time.
//
// Everything a test asks for is on *Device (what was stored, what was asked) and
// *Cloud (faults, journal, waiting). Callers may ask from any goroutine; what
// they are given is a copy, but bodies of objects are shared and read-only.
package fakecloud
