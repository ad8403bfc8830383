package specs

import (
	"fmt"
	"math"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// How long a direct report may take. "立即" has no figure.
const (
	// directWithin bounds the call: on a good network it takes moments; against a
	// cloud that fails, the library's time-outs and attempts (AMB-33).
	directWithin = 3 * time.Minute
	// directSeenWithin is from its return to the event at the cloud: the call may
	// hand the report over to a thread (AMB-33).
	directSeenWithin = 10 * time.Second
)

// direct is the section iv_cs_event_directly_report: what reaches the cloud
// here, what the return value promises in direct_result.go.
func direct(s *Suite) {
	directReport(s)
	directPicture(s)
	directTime(s)
	directResult(s)
	directApart(s)
}

// directReport: an event at once, with a valid id.
func directReport(s *Suite) {
	s.Rule("DIR-001", func(r *Rule) {
		r.Scenario("under an event plan one call is one event at the cloud, and no stream", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Require(reportDirectly(e, 5, 0, fixtures.JPEG())).To(ReturnNone(), "iv_cs_event_directly_report under an event plan")
			e.Expect(directEvent(e, 5)).NotTo(BeNil(), "the event at the cloud within %v of the call, without an event_stop", directSeenWithin)
			e.Advance(5 * time.Second)
			e.Expect(e.Device.Events()).To(HaveLen(1), "events at the cloud after one call")
			for _, cb := range []target.Callback{target.CBStart, target.CBStop, target.CBCapture} {
				e.Expect(e.Count(cb)).To(BeZero(), "calls of %v that a direct report caused", cb)
			}
			e.Record("report_result_cb for a direct report", "%d", e.Count(target.CBReport)) // AMB-33
		})
		r.Scenario("under a full-time plan it leaves the stream alone", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(3 * time.Second)
			call := e.Go(1, target.DirectlyReportCall(5, 0, fixtures.JPEG()))
			cam.Run(4 * time.Second)
			ret, back := e.Finish(call, directWithin)
			e.Require(back).To(BeTrue(), "iv_cs_event_directly_report back within %v", directWithin)
			e.Expect(ret.Code).To(ReturnNone(), "iv_cs_event_directly_report while streaming")
			e.Expect(directEvent(e, 5)).NotTo(BeNil(), "the event at the cloud within %v of the call", directSeenWithin)
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb: the plan's alone")
			e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb")
			e.Expect(e.Count(target.CBCapture)).To(BeZero(), "calls of capture_picture_cb")
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around the report")
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
		})
	})

	s.Rule("DIR-002", func(r *Rule) {
		r.Scenario("the ids 1 to 16 are reported", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for id := int32(1); id <= 16; id++ {
				e.Expect(reportDirectly(e, id, 0, nil)).To(ReturnNone(), "iv_cs_event_directly_report(%d)", id)
				e.Expect(directEvent(e, id)).NotTo(BeNil(), "event %d at the cloud", id)
			}
		})
		r.Scenario("other ids are refused, and nothing of them reaches the cloud", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for _, id := range []int32{0, 17, -1, 32, math.MinInt32, math.MaxInt32} {
				e.Expect(reportDirectly(e, id, 0, fixtures.JPEG())).To(Refuse(), "iv_cs_event_directly_report(%d)", id)
			}
			e.Advance(5 * time.Second)
			e.Expect(e.Device.Events()).To(BeEmpty(), "events at the cloud with ids outside 1 to 16")
			e.Expect(e.Device.Pictures()).To(BeEmpty(), "pictures at the cloud of events with ids outside 1 to 16")
			e.Expect(reportDirectly(e, 16, 0, nil)).To(ReturnNone(), "iv_cs_event_directly_report(16) after the refusals")
		})
	})
}

// directPicture: the picture that may come with it.
func directPicture(s *Suite) {
	s.Rule("DIR-003", func(r *Rule) {
		for _, size := range []int{1 << 10, 200 << 10, 2 << 20} {
			r.Scenario(fmt.Sprintf("a picture of %d bytes is at the cloud, tied to its event", size), func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				pic := fixtures.Picture(size, 1)
				e.Require(reportDirectly(e, 3, 0, pic)).To(ReturnNone(), "iv_cs_event_directly_report with a picture of %d bytes", size)
				expectDirectPicture(e, 3, pic)
			})
		}
		r.Scenario("a picture of one byte", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			pic := fixtures.Picture(1, 1)
			code := reportDirectly(e, 3, 0, pic)
			// One byte is no JPEG: it may be refused (AMB-82).
			e.Record("a picture of one byte", "%v", code)
			if code == target.ErrNone {
				expectDirectPicture(e, 3, pic)
			}
			pic = fixtures.Picture(3000, 2)
			e.Require(reportDirectly(e, 4, 0, pic)).To(ReturnNone(), "the next iv_cs_event_directly_report, with a JPEG")
			expectDirectPicture(e, 4, pic)
		})
	})

	s.Rule("DIR-004", func(r *Rule) {
		r.Scenario("NULL and 0 report an event without a picture", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Expect(reportDirectly(e, 3, 0, nil)).To(ReturnNone(), "iv_cs_event_directly_report with NULL and 0")
			ev := directEvent(e, 3)
			e.Require(ev).NotTo(BeNil(), "the event at the cloud")
			e.Expect(ev.PictureUploadID).To(BeEmpty(), "picture that the event refers to")
			e.Advance(3 * time.Second)
			e.Expect(e.Device.Uploads()).To(BeEmpty(), "uploads for an event without a picture")
		})
		for _, c := range []struct {
			name string
			null bool
			size uint32
		}{{"NULL with a length of 100", true, 100}, {"an address with a length of 0", false, 0}} {
			r.Scenario(c.name+" stores no picture", func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				ret, back := e.Finish(e.Go(1, target.DirectlyReportRawCall(3, 0, c.null, c.size)), directWithin)
				e.Hard(back).To(BeTrue(), "iv_cs_event_directly_report with %s back within %v", c.name, directWithin)
				e.Record(c.name, "%v", ret.Code) // AMB-35
				e.Advance(3 * time.Second)
				e.Hard(e.Device.Pictures()).To(BeEmpty(), "pictures at the cloud of %s", c.name)
				e.Expect(reportDirectly(e, 4, 0, nil)).To(ReturnNone(), "the next iv_cs_event_directly_report, with NULL and 0")
				e.Expect(directEvent(e, 4)).NotTo(BeNil(), "the next event at the cloud")
			})
		}
	})

	s.Rule("DIR-008", func(r *Rule) {
		r.Scenario("without a plan an event with a picture is reported", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.AwaitPlan(target.PlanNone)
			pic := fixtures.Picture(20_000, 1)
			e.Require(reportDirectly(e, 3, 0, pic)).To(ReturnNone(), "iv_cs_event_directly_report with a picture, without a plan")
			expectDirectPicture(e, 3, pic)
			e.Record("without a plan and without a picture", "%v", reportDirectly(e, 4, 0, nil)) // AMB-32
		})
		r.Scenario("after a plan's end an event with a picture is reported", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.SetPlan(NoPlan)
			e.AwaitPlan(target.PlanNone)
			pic := fixtures.Picture(20_000, 1)
			e.Require(reportDirectly(e, 3, 0, pic)).To(ReturnNone(), "iv_cs_event_directly_report with a picture, after the plan's end")
			expectDirectPicture(e, 3, pic)
		})
	})

	s.Rule("DIR-009", func(r *Rule) {
		for _, length := range []uint32{math.MaxInt32, math.MaxInt32 + 1, math.MaxUint32} {
			r.Scenario(fmt.Sprintf("NULL with a length of %#x is refused", length), func(e *Env) {
				e.Device.SetPlan(EventPlan)
				e.Init(e.Parm())
				ret, back := e.Finish(e.Go(1, target.DirectlyReportRawCall(1, 0, true, length)), directWithin)
				e.Hard(back).To(BeTrue(), "iv_cs_event_directly_report with NULL and %#x back within %v", length, directWithin)
				// That it survives is demanded, its answer is not (AMB-17, AMB-35).
				e.Soft(ret.Code).To(Refuse(), "iv_cs_event_directly_report with NULL and %#x", length)
			})
		}
		// The fourth parameter is the picture's length, in 32 bits without a sign.
		for _, size := range []int{40_000, 70_000} {
			r.Scenario(fmt.Sprintf("a length of %d is taken as it is", size), func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				pic := fixtures.Picture(size, 1)
				e.Require(reportDirectly(e, 1, 0, pic)).To(ReturnNone(), "iv_cs_event_directly_report with a picture of %d bytes", size)
				expectDirectPicture(e, 1, pic)
			}, Needs(rules.CloudBinding))
		}
	})
}

// directTime: the time of the event.
func directTime(s *Suite) {
	s.Rule("DIR-006", func(r *Rule) {
		now := func(e *Env, of string) {
			called := e.DeviceNow()
			e.Require(reportDirectly(e, 3, 0, nil)).To(ReturnNone(), "iv_cs_event_directly_report with event_time_s 0")
			ev := directEvent(e, 3)
			e.Require(ev).NotTo(BeNil(), "the event at the cloud")
			e.Expect(ev.Start).To(BeTemporally("~", called, EventTimeSlack), "time of the event: the system time %s", of)
			e.Record("end less start of a direct report", "%v", ev.End.Sub(ev.Start)) // AMB-33
		}
		r.Scenario("0 is the time of the call", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Advance(5 * time.Second)
			now(e, "at the call")
		})
		r.Scenario("0 is the system time that has been corrected by 40 s", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Step(40 * time.Second)
			now(e, "at the call, 40 s ahead of the cloud's")
		}, Needs(rules.ClockStep))
	})

	s.Rule("DIR-007", func(r *Rule) {
		for _, c := range []struct {
			name  string
			shift int64
		}{{"an hour ago", -3600}, {"a minute ago", -60}, {"now", 0}} {
			r.Scenario(c.name+" is reported as it is", func(e *Env) {
				e.InitEvents(e.Camera(fixtures.H264(), nil))
				at := e.DeviceNow().Unix() + c.shift
				e.Require(reportDirectly(e, 3, uint32(at), nil)).To(ReturnNone(), "iv_cs_event_directly_report with event_time_s %s", c.name)
				ev := directEvent(e, 3)
				e.Require(ev).NotTo(BeNil(), "the event at the cloud")
				e.Expect(ev.Start.Unix()).To(Equal(at), "time of the event at the cloud: event_time_s")
			})
		}
		r.Scenario("times for which other interfaces have rules of their own", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			for i, v := range []uint32{15, 299, 300, uint32(e.DeviceNow().Unix()) + 3600} {
				code, said := reportDirectly(e, int32(i+1), v, nil), "not at the cloud"
				if ev := directEvent(e, int32(i+1)); ev != nil {
					said = ev.Start.Format(time.DateTime)
				}
				name := fmt.Sprint("event_time_s ", v)
				if v > 300 {
					name = "event_time_s an hour ahead"
				}
				e.Record(name, "%v, %s", code, said) // AMB-34
			}
		})
	})
}

// reportDirectly makes the call on a thread of its own, while time passes.
func reportDirectly(e *Env, id int32, timeS uint32, pic []byte) target.Code {
	ret, back := e.Finish(e.Go(1, target.DirectlyReportCall(id, timeS, pic)), directWithin)
	e.Given("DIR-005", back).To(BeTrue(), "iv_cs_event_directly_report(%d) back within %v", id, directWithin)
	return ret.Code
}

// directEvent waits for the direct report of an id; nil if it does not come.
func directEvent(e *Env, id int32) *fakecloud.Event {
	var found *fakecloud.Event
	e.Await(directSeenWithin, func() bool {
		for _, ev := range e.Device.Events() {
			if ev.Direct && ev.EventID == id {
				found = &ev
			}
		}
		return found != nil
	})
	return found
}

// expectDirectPicture states that the direct report of an id is at the cloud with
// this picture, byte for byte.
func expectDirectPicture(e *Env, id int32, pic []byte) {
	ev := directEvent(e, id)
	e.Require(ev).NotTo(BeNil(), "event %d at the cloud", id)
	stored := storedPicture(e, ev.PictureUploadID)
	e.Require(stored).NotTo(BeNil(), "the picture that event %d refers to, %q", id, ev.PictureUploadID)
	expectSame(e, stored.Body, pic)
}
