package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// robustOutput: the host speaks on its stdout, the library does not.
func robustOutput(s *Suite) {
	silent := func(e *Env) {
		e.AfterEnd(func() { e.Expect(e.Output()).To(BeEmpty(), "what the library wrote to stdout") })
	}
	s.Rule("ROB-026", func(r *Rule) {
		r.Scenario("init, refused calls and exit in silence", func(e *Env) {
			silent(e)
			e.Lib.EventStart(1)
			e.Init(e.Parm())
			e.Lib.EventStart(17)
			e.Exit()
		})
		r.Scenario("a recording with an event and its picture in silence", func(e *Env) {
			silent(e)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(12 * time.Second)
			e.StopEvent(1)
			e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb after iv_cs_event_stop")
			e.Exit()
		}, Needs(cloudEvents...))
	})
}
