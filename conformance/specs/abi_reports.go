package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// abiReports: the seven messages of iv_cs_notify_cb. When and how often they come
// is for chapters NOTIFY and WM; here it is which number stands for what.
func abiReports(s *Suite) {
	s.Rule("ABI-044", func(r *Rule) {
		r.Scenario("IV_CS_AV_UPLOAD_STATE_MSG is 2", func(e *Env) {
			sentinelEvent(e, fixtures.H264())
			e.Given("FLOW-012", e.Await(UploadWithin, func() bool { return len(e.Stored()) > 0 })).To(BeTrue(), "a segment of the event")
			e.Given("NOTIFY-001", e.AwaitCallback(target.CBNotify, 1, UploadWithin)).NotTo(BeNil(), "iv_cs_notify_cb after an upload")
			e.Advance(time.Second)
			e.Expect(e.Notices(2)).NotTo(BeEmpty(), "message 2 about an upload; %s", seen(e))
			e.Expect(messagesBut(e, 2)).To(BeEmpty(), "other messages than 2 on a good network")
		}, Needs(rules.Event))

		r.Scenario("IV_CS_AV_UPLOAD_CONNECT_FAIL is 0 and IV_CS_AV_UPLOAD_CONNECT_RECOVER is 1", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.Expect(messagesBut(e, 2)).To(BeEmpty(), "other messages than 2 before the network fails")
			if err := e.Network.Refuse(); err != nil {
				e.Fail("the network cannot be broken: %v", err)
				return
			}
			e.StopEvent(1)
			// No figure says how soon a failure is told; up to a minute passes (AMB-83).
			failed := awaitSeconds(e, 60, func() *target.Event { return first(e.Notices(0), e.Notices(6)) })
			e.Expect(failed).NotTo(BeNil(), "message 0 (or 6, AMB-84) within a minute of a network that refuses all connections; %s", seen(e))
			e.Expect(e.Notices(1)).To(BeEmpty(), "message 1, the connection is back, while the network refuses all connections")
			if failed == nil {
				return
			}
			e.Soft(failed.Args.Message).To(BeEquivalentTo(0), "message about connections that are refused (AMB-84)")
			if err := e.Network.Heal(); err != nil {
				e.Fail("the network cannot be healed: %v", err)
				return
			}
			if len(e.Notices(0)) > 0 {
				e.Expect(awaitSeconds(e, 120, func() *target.Event { return first(e.Notices(1)) })).
					NotTo(BeNil(), "message 1 within two minutes of the network's return")
			}
		}, WithNetwork(), Needs(rules.Event, rules.NetworkFaults))

		r.Scenario("IV_CS_AV_UPLOAD_WATERMARK_LOW, _WARN and _HIGH are 3, 4 and 5", func(e *Env) {
			p := ParmFor(fixtures.H264(), nil)
			p.Congestion = target.Congestion{LowMark: 50_000, WarnMark: 200_000, HighMark: 400_000, Enable: 1}
			// Between two marks the lower one's alarm has come and the higher ones'
			// have not: half way is well off what is open about the count (AMB-11).
			cam := congest(e, p, 110_000)
			for i, m := range marks {
				e.Expect(e.Notices(m.message)).NotTo(BeEmpty(), "message %d with %d bytes waiting, past %s", m.message, cam.Bytes(), m.name)
				for _, higher := range marks[i+1:] {
					e.Expect(e.Notices(higher.message)).To(BeEmpty(), "message %d with %d bytes waiting, which do not reach %s", higher.message, cam.Bytes(), higher.name)
				}
				if i < 2 {
					fill(e, cam, []int64{270_000, 560_000}[i])
				}
			}
		})

		r.Scenario("IV_CS_COS_SERVICE_WRONG is 6", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: 503})
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			wrong := awaitSeconds(e, 60, func() *target.Event { return first(e.Notices(6), e.Notices(0)) })
			e.Expect(wrong).NotTo(BeNil(), "message 6 (or 0, AMB-84) within a minute of a store that answers 503; %s", seen(e))
			if wrong != nil {
				e.Soft(wrong.Args.Message).To(BeEquivalentTo(6), "message about a store that answers 503 (AMB-84)")
			}
			for _, n := range []int32{3, 4, 5, 7} {
				e.Expect(e.Notices(n)).To(BeEmpty(), "message %d, with watermark alarms off", n)
			}
		}, Needs(rules.Event))
	})
}

// messagesBut are the messages of iv_cs_notify_cb so far, without one of them.
func messagesBut(e *Env, usual int32) []int32 {
	var out []int32
	for _, n := range e.Callbacks(target.CBNotify) {
		if n.Args.Message != usual {
			out = append(out, n.Args.Message)
		}
	}
	return out
}

// first is the first event of the first list that has one.
func first(lists ...[]target.Event) *target.Event {
	for _, l := range lists {
		if len(l) > 0 {
			return &l[0]
		}
	}
	return nil
}
