package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// Options say what is looked at, and with what.
type Options struct {
	Path    string // the shared object
	Include string // folder of the vendor's headers; "": they are not looked at
	Library target.LibraryOptions
	Flags   string // how the command was told all this, for the next one
	Rate    float64
	// Board opens a library on a board; nil: it is a file here.
	Board func() (target.Target, error)
}

// roundTrips is how many questions the shim must answer in a row.
const roundTrips = 1000

// watchdog is the machine time after which a call counts as hung.
const watchdog = 30 * time.Second

// Examine looks at a library. The error is a matter of usage: there is no such
// file. All else is a finding.
func Examine(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Target: o.Path, Next: "conform doctor " + o.Flags + "   once more, when that is mended"}
	if o.Board != nil {
		r.headers(ctx, nil, o)
		t, err := o.Board()
		return r, r.run(ctx, t, err, o)
	}
	look, err := target.LookAt(o.Path)
	var none *target.FileError
	if errors.As(err, &none) {
		return nil, err
	}
	r.file(look, err)
	if look != nil {
		r.symbols(look)
	}
	r.headers(ctx, look, o)
	if err != nil {
		return r, nil
	}
	t, err := target.Library(o.Path, o.Library)
	return r, r.run(ctx, t, err, o)
}

// run looks at what only a running library tells. The error is again of usage.
func (r *Report) run(ctx context.Context, t target.Target, err error, o Options) error {
	var none *target.FileError
	switch {
	case errors.As(err, &none):
		return err
	case err != nil:
		r.refused("load", err)
		return nil
	}
	info := t.Describe()
	if missing := info.Missing(); o.Board != nil && len(missing) > 0 {
		r.add(Bad, "symbols", "export them with C linkage and default visibility", "not exported: %s", some(missing))
	}
	r.ok("load", "the library loads in a process of its own%s, on %s", under(o.Library.Exec), info.Machine)
	alive := r.protocol(ctx, t)
	r.hooks(info)
	mode := r.clock(info)
	if alive {
		r.cloud(ctx, t, mode, o)
	}
	if r.Count(Bad) == 0 {
		r.Next = "conform " + o.Flags + " -v"
	}
	return nil
}

func under(exec []string) string {
	if len(exec) == 0 {
		return ""
	}
	return ", under " + strings.Join(exec, " ")
}

// refused makes a finding of why the library cannot be loaded or driven.
func (r *Report) refused(check string, err error) {
	var load *target.LoadError
	var shim *target.ShimError
	switch {
	case errors.As(err, &load):
		text := load.Reason
		if load.Err != nil {
			text += ": " + load.Err.Error()
		}
		r.add(Bad, check, load.Remedy, "the library %s", text)
	case errors.As(err, &shim):
		text := shim.Reason
		if shim.Output != "" {
			text += ":\n" + shim.Output
		}
		r.add(Bad, check, shim.Remedy, "the shim: %s", text)
	default:
		r.add(Bad, check, "load it in a program of your own under a debugger", "%v", err)
	}
}

// protocol asks the shim many times for what it knows, and sees that the library
// leaves the shim's descriptors alone meanwhile.
func (r *Report) protocol(ctx context.Context, t target.Target) bool {
	const remedy = "look at what the library does when it is loaded: constructors, threads, descriptors that it closes or writes to"
	s, err := t.Open(ctx, target.Options{Watchdog: watchdog})
	if err != nil {
		r.refused("protocol", err)
		return false
	}
	for i := range roundTrips {
		if _, err := s.Stat(); err != nil {
			s.Close()
			r.add(Bad, "protocol", remedy, "question %d of %d was not answered: %v", i+1, roundTrips, err)
			return false
		}
	}
	exit := s.Close()
	var stray *target.StrayError
	switch {
	case errors.As(exit.Err, &stray):
		r.add(Warn, "protocol", "write to stderr, or to the log of the device", "%v; stdout belongs to its host", stray)
	case exit.Err != nil:
		r.add(Bad, "protocol", remedy, "%d questions answered, but then: %v", roundTrips, exit.Err)
		return false
	default:
		r.ok("protocol", "canary right, %d of %d questions answered, ended in good order", roundTrips, roundTrips)
	}
	return true
}

func (r *Report) hooks(info target.Info) {
	var there, missing []string
	for _, f := range target.Hooks() {
		if info.Hooks[f.String()] {
			there = append(there, f.String())
		} else {
			missing = append(missing, f.String())
		}
	}
	const remedy = "not required; docs/porting.md tells what each brings: exact time, and a run of seconds in place of hours"
	switch {
	case len(missing) == 0:
		r.ok("hooks", "all %d hooks of ivcs_conform.h", len(there))
	case len(there) == 0:
		r.add(Warn, "hooks", remedy, "no hook of ivcs_conform.h: the configuration goes by the environment (IVCS_*), time is scaled or real")
	default:
		r.add(Warn, "hooks", remedy, "%s; not there: %s", strings.Join(there, ", "), strings.Join(missing, ", "))
	}
}

// clock says which clock a run would take, and why not a better one.
func (r *Report) clock(info target.Info) scenario.Mode {
	const hooks = "export the three clock hooks of ivcs_conform.h"
	switch {
	case info.Can(target.CapClockHooks):
		r.ok("clock", "virtual: time moves when the run says so")
		return scenario.Virtual
	case info.Can(target.CapScaledClock):
		r.add(Warn, "clock", hooks+", for virtual time", "scaled (libfaketime): not virtual, since a clock hook is missing")
		return scenario.Scaled
	}
	r.add(Warn, "clock", hooks+", or remove what is in the way of libfaketime; until then a whole run takes hours",
		"real: not virtual, since a clock hook is missing; not scaled, since %s", strings.Join(info.ClockBlockers, "; "))
	return scenario.Real
}

// cloud sees whether a request arrives at a cloud of the run's own after init.
func (r *Report) cloud(ctx context.Context, t target.Target, mode scenario.Mode, o Options) {
	catalogue, err := rules.Load()
	if err != nil {
		r.add(Bad, "cloud", "this is a fault of conform: report it", "the catalogue of rules cannot be read: %v", err)
		return
	}
	reached, err := scenario.Probe(ctx, scenario.Config{Target: t, Mode: mode, Rate: o.Rate, Catalogue: catalogue, Watchdog: watchdog})
	switch {
	case reached:
		r.ok("cloud", "a request arrives after iv_cs_init, and its signature is right")
	case errors.Is(err, scenario.ErrUnreached) && dies(err):
		r.add(Bad, "cloud", "run a program of your own that calls iv_cs_init under a debugger", "%v", err)
	case errors.Is(err, scenario.ErrUnreached):
		r.add(Warn, "cloud", "let it take its cloud from the environment (IVCS_ENDPOINT, …) or from ivcs_conform_configure and speak docs/cloud-binding.md; "+
			"until then the rules that look into the cloud are not judged", "%v", err)
	default:
		r.add(Bad, "cloud", "see that this machine lets a program listen on 127.0.0.1", "%v", fmt.Errorf("the probe failed: %w", err))
	}
}

// dies tells a library that ended in the probe from one that was only silent.
func dies(err error) bool {
	return strings.Contains(err.Error(), "crashed") || strings.Contains(err.Error(), "hung") || strings.Contains(err.Error(), "ended the process")
}
