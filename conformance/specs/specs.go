package specs

import "github.com/ivcs/conform/conformance/scenario"

// Declare adds the scenarios of every chapter to the suite, in the order of the
// specification. Nothing runs before ginkgo.RunSpecs.
func Declare(s *scenario.Suite) {
	for _, chapter := range []func(*scenario.Suite){
		flow, abi, initialise, exit, push, direct, event, eventExt, balance, ai, transTime, cbStart, cbStop, cbCapture, cbPicture, reportResult, option, notify, upl, watermark, buffer, memory, idle, network, duration, parallel, prerecord, plan, format, deviceClock, sample, ts, documentation, robustness,
	} {
		chapter(s)
	}
}
