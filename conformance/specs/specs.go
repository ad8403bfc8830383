package specs

import "github.com/ivcs/conform/conformance/scenario"

// Declare adds the scenarios of every chapter to the suite: first the chapters whose
// scenarios take longest, in virtual or in real time, then the others in the order
// of the specification, so that nobody waits at the end for one long scenario.
// Nothing runs before ginkgo.RunSpecs.
func Declare(s *scenario.Suite) {
	for _, chapter := range []func(*scenario.Suite){
		duration, idle, robustness,
		flow, abi, initialise, exit, push, direct, event, eventExt, balance, ai, transTime, cbStart, cbStop, cbCapture, cbPicture, reportResult, option, notify, upl, watermark, buffer, memory, network, parallel, prerecord, plan, format, deviceClock, sample, ts, documentation,
	} {
		chapter(s)
	}
}
