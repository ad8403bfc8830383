// Package clock is the one source of time in this project: nothing else calls
// time.Now, time.Sleep, time.After or their relatives (a linter enforces it).
//
// A Clock has two faces, as every device has. Now is the wall clock: what time
// stamps are made of, and what a time correction (Step) moves. Mono is the
// monotonic clock: what timers, time-outs and back-off count, and what a
// correction never touches.
//
// The zero Clock runs in real time. Freeze makes it virtual: time then stands
// still and moves only by Advance, which stops at every due timer in order.
// Scale makes it run at a multiple of real time. The three modes share one
// type because a device may be frozen while it is running.
//
//	real ──Freeze──▶ virtual ──Advance──▶ timer, settle, timer, settle, …
//	  └───Scale────▶ scaled
//
// The package carries no judgement: the reference, the fake cloud and the suite
// each own a Clock of their own, and the harness moves them together.
package clock
