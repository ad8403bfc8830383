package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// missingCapabilities says for each capability that the target, or this run,
// lacks why it does.
func missingCapabilities(ctx context.Context, o *options, t target.Target, mode scenario.Mode) (map[string]string, error) {
	missing := make(map[string]string)
	info := t.Describe()
	lack := func(c rules.Capability, when bool, why string) {
		if when {
			missing[string(c)] = why
		}
	}
	inProcess := info.Kind == rules.KindReference
	lack(rules.CABI, !info.Can(target.CapCABI), "the target is Go code in this process; judge its shared library for the C ABI")
	lack(rules.Processes, !info.Can(target.CapProcesses), "the target runs in this process")
	lack(rules.AllocFaults, !info.Can(target.CapHeap), "the library's allocator cannot be reached")
	lack(rules.HeapCount, !info.Can(target.CapHeap), "the library's allocator cannot be counted")
	lack(rules.Headers, inProcess || o.include == "", "no headers were given: --include DIR")
	lack(rules.ClockControl, mode == scenario.Real, "time is real in this run")
	lack(rules.ClockStep, mode != scenario.Virtual, "the library's wall clock cannot be stepped without the clock hooks")
	_, isolated := t.(scenario.Plug)
	lack(rules.Isolation, !isolated, cmp.Or(o.library.Isolation.why, "the library is not in a container: --isolate container"))
	if o.declared.lacks(rules.CloudBinding) {
		return missing, nil // declared away: nobody need wait for a request
	}
	reached, err := scenario.Probe(ctx, scenario.Config{Target: t, Mode: mode, Rate: o.rate, Watchdog: o.watchdog})
	if err != nil && !errors.Is(err, scenario.ErrUnreached) {
		return nil, &driveError{err}
	}
	lack(rules.CloudBinding, !reached, "the library did not reach the cloud under test: "+message(err)+"; see docs/cloud-binding.md")
	return missing, nil
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
