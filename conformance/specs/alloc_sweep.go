package specs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// AllocEnd is what the failure of one allocation came to, worst first.
type AllocEnd string

const (
	AllocHarness   AllocEnd = "harness"    // the harness failed; nothing is known
	AllocHang      AllocEnd = "hang"       // a call, or the end of the process, did not come
	AllocCrash     AllocEnd = "crash"      // a signal, or the library ended the process
	AllocUnusable  AllocEnd = "unusable"   // the next pass, in which nothing failed, went wrong
	AllocLeak      AllocEnd = "leak"       // more is left behind than by passes without a failure
	AllocCleanly   AllocEnd = "error code" // a function returned an error, and the next pass went well
	AllocUnnoticed AllocEnd = "unnoticed"  // no function returned an error
)

// AllocEnds lists all of them, worst first.
func AllocEnds() []AllocEnd {
	return []AllocEnd{AllocHarness, AllocHang, AllocCrash, AllocUnusable, AllocLeak, AllocCleanly, AllocUnnoticed}
}

// FailedAlloc is a pass in which the N-th allocation failed.
type FailedAlloc struct {
	N       uint32
	Reached bool // there was an N-th allocation
	End     AllocEnd
	In      string // the function in which it showed; "" unknown
	Text    string // what was seen there
	Blocks  int64  // live allocations after this pass and another one
	Allocs  int64  // allocations of the first pass
}

// FailAlloc carries out ROB-025's flow (init, an event with a picture, pushes,
// stop, exit) in a process of its own in which allocation n fails, and once more
// without a failure. With n 0 nothing fails. Without a cloud that the library speaks to
// the calls are made all the same, and no callback is waited for. The fields
// cfg.Missing and cfg.Selected are of no account. A leak is told only against
// most: the live allocations that passes without a failure leave; -1 for not yet known.
func FailAlloc(cfg scenario.Config, n uint32, cloud bool, most int64) FailedAlloc {
	r := FailedAlloc{N: n}
	rule, _ := cfg.Catalogue.Rule("ROB-025")
	cfg.Missing = func(rules.Capability) string { return "" }
	flow := bareFlow
	if cloud {
		flow = wholeFlow
	}
	var lib *target.Session
	whole := true
	outcomes := scenario.RunOnce(cfg, rule, fmt.Sprintf("allocation %d fails", n), func(e *scenario.Env) {
		lib = e.Lib
		withPictures(e)
		e.Device.SetPlan(scenario.EventPlan)
		before := e.Stat().Heap.Allocs
		failAllocation(e, n)
		ended := caught(func() { flow(e) })
		if lib.Fatal() != nil {
			panic(ended)
		}
		st := e.Stat()
		r.Reached, r.Allocs = st.Heap.Failed > 0, st.Heap.Allocs-before
		r.In, r.Text = firstError(lib.Trace())
		failAllocation(e, 0)
		if again := caught(func() { whole = flow(e) }); again != nil {
			panic(again)
		}
		r.Blocks = processStat(e).Heap.Blocks
		if ended != nil {
			panic(ended)
		}
	}, scenario.Breaks("UPL-015"))
	r.conclude(lib, outcomes[0], whole, most)
	return r
}

// caught runs f and returns what it panics with: how a scenario is ended early.
func caught(f func()) (ended any) {
	defer func() { ended = recover() }()
	f()
	return nil
}

// failAllocation lets the n-th allocation from now on fail, alone; 0: none.
func failAllocation(e *scenario.Env, n uint32) {
	if err := e.Lib.FailAlloc(n, min(n, 1)); err != nil {
		e.Fail("allocations cannot be made to fail: %v", err)
	}
}

// bareFlow makes the calls of wholeFlow in the same order, whatever they return.
func bareFlow(e *scenario.Env) bool {
	cam := e.Camera(fixtures.H264(), nil)
	if e.Lib.Init(scenario.ParmFor(cam.Video, nil)) != target.ErrNone {
		return false
	}
	e.Lib.EventStart(1)
	e.Settle()
	for range 10 {
		cam.PushVideo()
	}
	e.Lib.EventStop(1)
	e.Settle()
	return e.Lib.Exit() == target.ErrNone
}

// firstError is the first function that returned an error, and which. A question
// for the plan is repeated until it succeeds, and counts only if nothing else failed.
func firstError(trace []target.Event) (in, text string) {
	for _, ev := range trace {
		if ev.Kind != target.CallReturned || ev.Return.Code == target.ErrNone || ev.Return.Err != nil || ev.Call.Func > target.FnSetTransTime {
			continue
		}
		if in == "" || in == target.FnGetBalance.String() {
			in, text = ev.Call.Func.String(), "returned "+ev.Return.Code.String()
		}
		if ev.Call.Func != target.FnGetBalance {
			break
		}
	}
	return in, text
}

// conclude sets what the pass came to.
func (r *FailedAlloc) conclude(lib *target.Session, o verdict.Outcome, whole bool, most int64) {
	var said, broken string
	for _, f := range o.Findings {
		switch f.Severity {
		case verdict.Crash:
			said = f.Text
		case verdict.Harness:
			broken = f.Text
		}
	}
	switch {
	case said != "":
		r.died(lib, said)
	case broken != "" || lib == nil:
		r.End, r.Text = AllocHarness, broken
	case r.N == 0:
		r.End = AllocUnnoticed
	case !whole:
		r.End = AllocUnusable
		r.Text = strings.TrimPrefix(r.Text+"; the next pass, without a failure, did not go through", "; ")
	case most >= 0 && r.Blocks > most:
		r.End = AllocLeak
		r.Text = strings.TrimPrefix(fmt.Sprintf("%s; %d live allocations more than after passes without a failure", r.Text, r.Blocks-most), "; ")
	case r.In != "":
		r.End = AllocCleanly
	default:
		r.End, r.Text = AllocUnnoticed, "no function returned an error"
	}
}

// died tells a hang from other deaths, and where it was.
func (r *FailedAlloc) died(lib *target.Session, said string) {
	// A library that dies has reached it, but in a pass without a failure.
	r.End, r.Text, r.Reached = AllocCrash, said, r.N > 0
	if lib == nil {
		return
	}
	var hung *target.HungError
	var crashed *target.CrashedError
	var exited *target.ExitedError
	switch err := lib.Close().Err; {
	case errors.As(err, &hung):
		r.End, r.In = AllocHang, hung.What
	case errors.As(err, &crashed):
		r.In = crashed.During
	case errors.As(err, &exited):
		r.In = exited.During
	case strings.Contains(said, "the library hangs"):
		r.End, r.In = AllocHang, target.FnClockAdvance.String()
	}
}
