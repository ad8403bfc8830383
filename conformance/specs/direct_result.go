package specs

import (
	"bytes"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// directFailures are the ways in which the cloud cannot take a direct report,
// for as long as they last.
var directFailures = []struct {
	name  string
	class fakecloud.Class
	fault fakecloud.Fault
}{
	{"the store answers the picture with 500", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 500}},
	{"the store answers the picture with 403", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 403}},
	{"the store takes the picture and never answers", fakecloud.ClassPicturePUT, fakecloud.Fault{Hang: true}},
	{"the connection breaks within the picture", fakecloud.ClassPicturePUT, fakecloud.Fault{ResetAfter: 2000}},
	{"the picture is granted no upload", fakecloud.ClassGrantPicture, fakecloud.Fault{Status: 500}},
	{"the event's report is answered with 500", fakecloud.ClassEvent, fakecloud.Fault{Status: 500}},
	{"the event's report is never answered", fakecloud.ClassEvent, fakecloud.Fault{Hang: true}},
}

// directResult: what the return value says.
func directResult(s *Suite) {
	s.Rule("DIR-005", func(r *Rule) {
		r.Scenario("on a good network it returns IV_ERR_NONE, and picture and event are at the cloud", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			pic := fixtures.JPEG()
			e.Expect(reportDirectly(e, 1, 0, pic)).To(ReturnNone(), "iv_cs_event_directly_report on a good network")
			expectDirectPicture(e, 1, pic)
		})
		// A cloud that fails until the end of the scenario is down for good: no
		// reading of "可上传成功" covers a success then (AMB-33).
		for _, f := range directFailures {
			r.Scenario("it returns an error when "+f.name, func(e *Env) {
				startDirect(e)
				e.Device.Faults().Set(f.class, f.fault)
				e.Expect(reportDirectly(e, 1, 0, fixtures.JPEG())).To(Refuse(), "iv_cs_event_directly_report when %s", f.name)
				e.Device.Faults().ClearAll()
				directRecovers(e)
			})
		}
		r.Scenario("it returns an error when connections are refused", func(e *Env) {
			startDirect(e)
			e.Require(e.Network.Refuse()).To(Succeed(), "the network refuses connections")
			e.Expect(reportDirectly(e, 1, 0, fixtures.JPEG())).To(Refuse(), "iv_cs_event_directly_report when connections are refused")
			e.Require(e.Network.Heal()).To(Succeed(), "the network works again")
			directRecovers(e)
		}, WithNetwork())
		r.Scenario("a picture that fails once: what it returns is true", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 500, Times: 1})
			pic := fixtures.JPEG()
			code := reportDirectly(e, 1, 0, pic)
			e.Record("picture that fails once", "%v", code)
			if code == target.ErrNone {
				expectDirectPicture(e, 1, pic)
			}
			directRecovers(e)
		})
		r.Scenario("a success that the cloud's fall overtakes", func(e *Env) {
			// The call may have handed its work over (AMB-33); then the success it has
			// announced is not kept.
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			code := reportDirectly(e, 1, 0, fixtures.JPEG())
			e.Device.Faults().SetAll(fakecloud.Fault{Status: 500}, fakecloud.ClassGrantPicture, fakecloud.ClassPicturePUT, fakecloud.ClassEvent)
			e.Expect(code).To(ReturnNone(), "iv_cs_event_directly_report on a good network")
			e.Soft(directEvent(e, 1)).NotTo(BeNil(), "the event at the cloud, which failed after the call had returned IV_ERR_NONE")
			e.Soft(e.Device.Pictures()).To(HaveLen(1), "pictures at the cloud, which failed after the call had returned IV_ERR_NONE")
		})
	})

	s.Rule("DIR-010", func(r *Rule) {
		// The harness takes the picture's memory away when the call returns, here
		// as in all scenarios; an upload of three seconds gives a library that goes
		// on reading the time to be caught.
		r.Scenario("a picture whose memory is gone after the call is stored intact", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Bandwidth: 100_000})
			pic := fixtures.Picture(300_000, 1)
			e.Given("DIR-005", reportDirectly(e, 2, 0, pic)).To(ReturnNone(), "iv_cs_event_directly_report over a slow network")
			e.Await(PictureWithin, func() bool { return len(e.Device.Pictures()) > 0 })
			e.Given("DIR-005", e.Device.Pictures()).To(HaveLen(1), "pictures at the cloud")
			e.Hard(bytes.Equal(e.Device.Pictures()[0].Body, pic)).To(BeTrue(), "the stored picture, byte for byte the one handed over, is so")
			e.Advance(3 * time.Second)
			e.Expect(e.Count(target.CBPicture)).To(BeZero(), "calls of picture_result_cb for the picture of a direct report")
		})
	})
}

// directApart: what it must leave alone, and what is no JPEG.
func directApart(s *Suite) {
	s.Rule("DIR-011", func(r *Rule) {
		for _, c := range []struct {
			name string
			id   int32
		}{{"another id", 2}, {"the running event's id", 1}} {
			r.Scenario("an event goes on when "+c.name+" is reported directly", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				began := e.DeviceNow()
				e.StartEvent(1, 1)
				cam.Run(3 * time.Second)
				call := e.Go(1, target.DirectlyReportCall(c.id, 0, fixtures.JPEG()))
				cam.Run(3 * time.Second)
				ret, back := e.Finish(call, directWithin)
				e.Hard(back).To(BeTrue(), "iv_cs_event_directly_report(%d) back within %v", c.id, directWithin)
				if c.id == 1 {
					e.Record("direct report of a running event's id", "%v", ret.Code) // note 10, AMB-33
				} else {
					e.Expect(ret.Code).To(ReturnNone(), "iv_cs_event_directly_report(%d) while event 1 runs", c.id)
					e.Expect(directEvent(e, c.id)).NotTo(BeNil(), "the direct report at the cloud")
				}
				cam.Run(2 * time.Second)
				e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb while event 1 runs")
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused while event 1 runs")
				told := len(e.Results()) // a direct report may have told its own (AMB-33)
				e.Require(e.Lib.EventStop(1)).To(ReturnNone(), "iv_cs_event_stop(1) of the running event")
				e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb of event 1")
				e.Require(e.AwaitCallback(target.CBReport, told+1, ReportWithin)).NotTo(BeNil(), "report_result_cb of event 1")
				result := e.Results()[told]
				e.Expect(result.EventID).To(Equal(int32(1)), "event_id of the result")
				e.Expect(result.ResultCode).To(Equal(int32(1)), "result_code of event 1")
				e.Expect(time.Unix(int64(result.StartTime), 0)).To(BeTemporally("~", began, EventTimeSlack), "start_time_s of event 1")
				e.Exit()
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
			})
		}
	})

	s.Rule("DIR-012", func(r *Rule) {
		r.Scenario("a PNG is refused or passed on as it is", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			code := reportDirectly(e, 1, 0, fixtures.PNG())
			e.Record("a PNG", "%v", code) // AMB-82
			if code == target.ErrNone {
				expectDirectPicture(e, 1, fixtures.PNG())
			}
			directRecovers(e)
		})
	})
}

// startDirect initialises for events with short time-outs, where the library
// has them, so that a cloud that does not answer is found out soon.
func startDirect(e *Env) {
	e.InitEvents(e.Camera(fixtures.H264(), nil))
	e.Lib.SetTransTime(2000, 2000)
}

// directRecovers states that a report with a picture works.
func directRecovers(e *Env) {
	pic := fixtures.Picture(5000, 9)
	e.Expect(reportDirectly(e, 9, 0, pic)).To(ReturnNone(), "the next iv_cs_event_directly_report, on a good network")
	expectDirectPicture(e, 9, pic)
}
