package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// cbStop is the section iv_cs_push_stream_stop_cb.
func cbStop(s *Suite) {
	s.Rule("CB-STOP-001", func(r *Rule) {
		r.Scenario("an event's end causes it once", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.Given("EVT-010", e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop")
			expectOneStop(e, "iv_cs_event_stop")
		})
		r.Scenario("a full-time plan's end causes it once", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			cam.Run(4 * time.Second)
			e.SetPlan(NoPlan)
			expectOneStop(e, "the plan's end")
		})
		r.Scenario("an event plan's expiry during an event causes it", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			expired := e.Now()
			e.SetPlan(NoPlan)
			stop := e.AwaitCallback(target.CBStop, 1, StopWithin)
			e.Expect(stop).NotTo(BeNil(), "stop_cb within %v of the plan's expiry (AMB-88)", StopWithin)
			if stop != nil {
				e.Measure("stop_cb after the expiry of the plan", "%v", stop.Domain.Sub(expired).Round(time.Second))
			}
			e.Record("iv_cs_event_stop after the expiry", "%v", e.Lib.EventStop(1))
		})
	})

	s.Rule("CB-STOP-002", func(r *Rule) {
		for _, c := range []struct {
			name    string
			pushing bool
		}{{"while frames are pushed", true}, {"while nothing is pushed", false}} {
			r.Scenario("a plan that runs out "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				plan := FullTime
				plan.Expires = e.Now().Add(15 * time.Second)
				e.Device.SetPlan(plan)
				e.Init(ParmFor(cam.Video, nil))
				e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
				left := plan.Expires.Sub(e.Now())
				if c.pushing {
					cam.Run(left)
				} else {
					e.Advance(left)
				}
				e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of the plan's expiry", StopWithin)
				e.Advance(3 * time.Second)
				cam.ToKey()
				e.Expect(cam.PushVideo()).To(Return(target.ErrApplyNoService), "iv_cs_push_stream after the plan's expiry (note 13)")
			})
		}
	})

	s.Rule("CB-STOP-003", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			for _, d := range []time.Duration{5 * time.Second, 550 * time.Millisecond} {
				r.Scenario("the tail of "+clip.Name+" of "+d.String()+" is uploaded", func(e *Env) {
					cam := e.Camera(clip, nil)
					e.InitEvents(cam)
					e.StartEvent(1, 1)
					cam.Run(d)
					e.StopEvent(1)
					e.Given("EVT-010", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb")
					e.Expect(e.Uploaded(UploadWithin)).To(BeTrue(),
						"every accepted frame in a reported slice within %v of stop_cb; not reported: %d frames", UploadWithin, len(cam.Unreported()))
					for _, sl := range e.Slices() {
						e.Expect(sl.OK()).To(BeTrue(), "slice %d–%d uploaded on a good network", sl.SeqA, sl.SeqB)
					}
					e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
				})
			}
		}
	})

	s.Rule("CB-STOP-004", func(r *Rule) {
		r.Scenario("a minute of full-time streaming sees no stop_cb", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			cam.Run(time.Minute)
			e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb while the plan is in force")
			e.SetPlan(NoPlan)
			e.Given("CB-STOP-002", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb at the plan's end")
		})
		r.Scenario("a short loss of the network", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			cam.Run(3 * time.Second)
			e.Device.Faults().SetAll(fakecloud.Fault{ResetAfter: -1})
			cam.Run(5 * time.Second)
			e.Device.Faults().ClearAll()
			cam.Run(12 * time.Second)
			e.Record("stop_cb during a network loss of 5 s", "%d", e.Count(target.CBStop)) // AMB-83
		})
	})
}

// expectOneStop waits for the one stop_cb that a cause has.
func expectOneStop(e *Env, cause string) {
	e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb within %v of %s", StopWithin, cause)
	e.Advance(3 * time.Second)
	e.Expect(e.Count(target.CBStop)).To(Equal(1), "calls of stop_cb after %s", cause)
}
