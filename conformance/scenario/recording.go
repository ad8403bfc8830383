package scenario

import (
	"time"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// Recording is a scenario that has been carried out, as far as somebody needs it
// who wants to carry it out again without this harness.
type Recording struct {
	Rule    rules.Rule
	Outcome verdict.Outcome // of the scenario, for its own rule
	Mode    Mode
	Info    target.Info
	Began   time.Time // domain time of the start

	Device   fakecloud.Credentials
	Trace    []target.Event
	Settings []target.Setting
	Deeds    []fakecloud.Deed
	Remarks  []Remark
	// Guarded: the library's frames lay at the edge of an unmapped page.
	Guarded bool
}

// Remark is a finding and its place among the events.
type Remark struct {
	After int // so many events of the trace had come
	Text  string
}

// Red reports whether the scenario has found its rule broken, or could not be judged.
func (r Recording) Red() bool { return red(r.Outcome) }

// Called reports whether the library was called at all.
func (r Recording) Called() bool {
	for _, ev := range r.Trace {
		if ev.Kind == target.CallBegun && ev.Call.Func != target.FnConfigure && ev.Call.Func != target.FnClockFreeze {
			return true
		}
	}
	return false
}

// record hands the scenario to who asked for recordings.
func (e *Env) record() {
	if e.cfg.Recorded == nil {
		return
	}
	r := Recording{
		Rule: e.Rule, Outcome: e.outcome, Mode: e.cfg.Mode, Info: e.Info, Began: e.began, Guarded: e.opts.guard,
	}
	if e.session != nil {
		r.Trace, r.Settings = e.session.Trace(), e.session.Settings()
		r.Device, r.Deeds = e.Device.Credentials(), e.Cloud.Deeds()
		for _, m := range e.marks {
			r.Remarks = append(r.Remarks, Remark{m.events, m.text})
		}
	}
	e.cfg.Recorded(r)
}
