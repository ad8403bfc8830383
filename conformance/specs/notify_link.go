package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// troubleWithin is how long a store may be out of reach before the library has
// told of it: a segment has to end first, and a connection to be tried and given
// up, for which the text gives no time below 60 s (AMB-52, AMB-83).
const troubleWithin = SegmentLength + time.Minute

// recoverWithin is from the end of a trouble to the library's next attempt:
// back-off is its choice, up to 60 s at a cloud of this binding (its ruling 11).
const recoverWithin = 90 * time.Second

// refuse lets the store refuse connections and resets those there are.
func refuse(e *Env) { must(e.Network.Storage.Refuse()) }

// heal ends what the network does.
func heal(e *Env) {
	must(e.Network.Heal())
	e.Replug()
}

// must ends the scenario when the harness itself fails, which is no fault of the
// library's.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// troubled reports whether one of the two messages about a broken service has
// come; which of them describes which fault is not for certain (AMB-84).
func troubled(e *Env) bool {
	return len(e.Notices(target.MsgConnectFail))+len(e.Notices(target.MsgCOSServiceWrong)) > 0
}

// notifyConnection: messages 0, 1 and 6.
func notifyConnection(s *Suite) {
	s.Rule("NOTIFY-004", func(r *Rule) {
		// A name that does not resolve cannot be offered: grants name the store by
		// its address.
		for _, c := range []struct {
			name string
			do   func(*Env)
		}{
			{"refuses connections", refuse},
			{"lets connections be made and nothing pass", func(e *Env) { e.Network.Storage.Blackhole() }},
			{"resets every connection at once", func(e *Env) { e.Network.Storage.Reset(0) }},
		} {
			r.Scenario("CONNECT_FAIL comes when the store "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.StartFullTime(cam)
				e.Given("TRANS-001", e.Lib.SetTransTime(5000, 5000)).To(ReturnNone(), "iv_cs_set_trans_time(5000, 5000)")
				c.do(e)
				told := pushUntil(e, cam, troubleWithin, func() bool { return troubled(e) })
				e.Hard(told).To(BeTrue(), "CONNECT_FAIL (or COS_SERVICE_WRONG, AMB-84) within %v of streaming to a store that %s", troubleWithin, c.name)
				if told {
					e.Advance(time.Second)
					e.Soft(e.Notices(target.MsgConnectFail)).NotTo(BeEmpty(), "CONNECT_FAIL, the message for a store that %s (AMB-84)", c.name)
				}
			}, WithNetwork())
		}
		r.Scenario("CONNECT_FAIL never comes on a good network", func(e *Env) { quiet(e, target.MsgConnectFail, "CONNECT_FAIL") })
	})

	s.Rule("NOTIFY-005", func(r *Rule) {
		r.Scenario("CONNECT_RECOVER follows each CONNECT_FAIL once the store is back", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			for outage := range 2 {
				failures, recoveries := len(e.Notices(target.MsgConnectFail)), len(e.Notices(target.MsgConnectRecover))
				refuse(e)
				cam.Run(10 * time.Second)
				told := pushUntil(e, cam, troubleWithin, func() bool { return len(e.Notices(target.MsgConnectFail)) > failures })
				if !told && len(e.Notices(target.MsgCOSServiceWrong)) > 0 {
					e.Record("a store that refuses connections", "COS_SERVICE_WRONG, from which nothing recovers") // AMB-84
					return
				}
				e.Given("NOTIFY-004", told).To(BeTrue(), "CONNECT_FAIL of outage %d", outage+1)
				e.Expect(e.Notices(target.MsgConnectRecover)).To(HaveLen(recoveries), "messages CONNECT_RECOVER while outage %d lasts", outage+1)
				heal(e)
				back := pushUntil(e, cam, recoverWithin, func() bool { return len(e.Notices(target.MsgConnectRecover)) > recoveries })
				e.Require(back).To(BeTrue(), "CONNECT_RECOVER within %v of the end of outage %d", recoverWithin, outage+1)
			}
			last := target.MsgConnectRecover
			for _, message := range messages(e.Callbacks(target.CBNotify)) {
				switch message {
				case target.MsgConnectFail:
					last = message
				case target.MsgConnectRecover:
					// A second RECOVER in a row has had its FAIL before it, if not between (AMB-83).
					e.Soft(last).To(Equal(target.MsgConnectFail), "message of the connection before CONNECT_RECOVER")
					last = message
				}
			}
		}, WithNetwork())
		r.Scenario("CONNECT_RECOVER does not come for the first connection, nor on a good network", func(e *Env) {
			quiet(e, target.MsgConnectRecover, "CONNECT_RECOVER")
		}, Breaks("NOTIFY-005"))
	})

	s.Rule("NOTIFY-006", func(r *Rule) {
		for _, status := range []int{503, 403} {
			r.Scenario(fmt.Sprintf("COS_SERVICE_WRONG comes when the store answers %d", status), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.StartFullTime(cam)
				e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: status})
				told := pushUntil(e, cam, troubleWithin, func() bool { return troubled(e) })
				e.Hard(told).To(BeTrue(), "COS_SERVICE_WRONG (or CONNECT_FAIL, AMB-84) within %v of streaming to a store that answers %d", troubleWithin, status)
				if told {
					e.Advance(time.Second)
					e.Soft(e.Notices(target.MsgCOSServiceWrong)).NotTo(BeEmpty(), "COS_SERVICE_WRONG, the message for a store that answers %d (AMB-84)", status)
				}
			})
		}
		r.Scenario("COS_SERVICE_WRONG never comes on a good network", func(e *Env) { quiet(e, target.MsgCOSServiceWrong, "COS_SERVICE_WRONG") })
	})
}

// quiet streams on a good network, in which a segment is uploaded and told, and
// states that this message does not come.
func quiet(e *Env, message int32, name string) {
	cam := e.Camera(fixtures.H264(), nil)
	e.StartFullTime(cam)
	cam.Run(24 * time.Second)
	e.Exit()
	e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 24 s of streaming")
	e.Expect(e.Notices(message)).To(BeEmpty(), "messages %s on a good network", name)
}
