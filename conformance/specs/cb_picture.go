package specs

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// cbPicture is the section iv_cs_event_picture_result_cb.
func cbPicture(s *Suite) {
	pictureTold(s)
	pictureOnce(s)
	pictureMemory(s)
	pictureNone(s)
}

// pictureFailures are the ways in which a picture cannot be stored.
var pictureFailures = []struct {
	name  string
	class fakecloud.Class
	fault fakecloud.Fault
}{
	{"is answered with 403", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 403}},
	{"is answered with 500", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 500}},
	{"is not answered", fakecloud.ClassPicturePUT, fakecloud.Fault{Hang: true}},
	{"is cut in the middle", fakecloud.ClassPicturePUT, fakecloud.Fault{ResetAfter: 3000}},
	{"is granted no place", fakecloud.ClassGrantPicture, fakecloud.Fault{Status: 500}},
}

// pictureTold: the result is that of the upload.
func pictureTold(s *Suite) {
	s.Rule("CB-PIC-001", func(r *Rule) {
		r.Scenario("a stored picture's result is IV_ERR_NONE, and comes when it is stored", func(e *Env) {
			result := storedPictureResult(e)
			e.Expect(target.Code(result.Args.ErrCode)).To(ReturnNone(), "err_code of a picture that is in the cloud")
		})
		for _, f := range pictureFailures {
			r.Scenario("a picture whose upload "+f.name+" has an error for its result", func(e *Env) {
				expectPictureLost(e, func() { e.Device.Faults().Set(f.class, f.fault) })
			})
		}
		r.Scenario("a picture whose connections are refused has an error for its result", func(e *Env) {
			expectPictureLost(e, func() {
				e.Require(e.Network.Storage.Refuse()).To(Succeed(), "the network refuses connections to the store")
			})
		}, WithNetwork())
	})

	s.Rule("CB-PIC-007", func(r *Rule) {
		r.Scenario("err_code is 0 for success", func(e *Env) {
			result := storedPictureResult(e)
			e.Expect(result.Args.ErrCode).To(BeZero(), "err_code of a picture that is in the cloud")
		})
		r.Scenario("err_code is not 0 for failure", func(e *Env) {
			result := expectPictureLost(e, func() {
				e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 500})
			})
			e.Record("err_code of a failure", "%v", target.Code(result.Args.ErrCode))
		})
	})

	s.Rule("CB-PIC-008", func(r *Rule) {
		for _, f := range []struct {
			name    string
			classes []fakecloud.Class
		}{
			{"the store", []fakecloud.Class{fakecloud.ClassPicturePUT, fakecloud.ClassSegmentPUT}},
			{"the control plane", []fakecloud.Class{fakecloud.ClassGrantPicture, fakecloud.ClassGrantSegment, fakecloud.ClassEvent}},
		} {
			r.Scenario("with "+f.name+" down for good the picture is released without an exit", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				offer(e, fixtures.JPEG())
				e.Device.Faults().SetAll(fakecloud.Fault{Status: 500}, f.classes...)
				e.StartEvent(1, 1)
				cam.Run(4 * time.Second)
				e.StopEvent(1)
				// How often and how long it is tried is open (AMB-85).
				result := e.AwaitCallback(target.CBPicture, 1, pictureGivenUpWithin)
				e.Require(result).NotTo(BeNil(), "picture_result_cb within %v, with %s down", pictureGivenUpWithin, f.name)
				e.Expect(target.Code(result.Args.ErrCode)).To(Refuse(), "err_code of a picture that is not in the cloud")
				e.Measure("picture given up with "+f.name+" down", "after %v, %d attempts", result.Domain.Sub(e.Callbacks(target.CBCapture)[0].Domain).Round(time.Second), pictureAttempts(e))
				handed, released := pictures(e)
				e.Expect(released).To(ConsistOf(handed), "pictures released, against those handed over")
			})
		}
	})
}

// pictureGivenUpWithin is how long a library may hold on to a picture that cannot
// be stored, in a cloud that answers.
const pictureGivenUpWithin = 5 * time.Minute

// pictureOnce: each picture, once, by its own address.
func pictureOnce(s *Suite) {
	s.Rule("CB-PIC-002", func(r *Rule) {
		r.Scenario("sixteen events have each one result", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			offer(e, fixtures.JPEG())
			e.StartEvent(1, 1)
			for id := int32(2); id <= 16; id++ {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
			}
			cam.Run(4 * time.Second)
			for id := int32(1); id <= 16; id++ {
				e.StopEvent(id)
			}
			e.AwaitCallback(target.CBPicture, 16, PictureWithin)
			e.Advance(3 * time.Second)
			expectReleased(e, 16)
		})
		r.Scenario("an upload that fails twice and then succeeds has one result", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			offer(e, fixtures.JPEG())
			e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 500, Times: 2})
			e.StartEvent(1, 1)
			cam.Run(5 * time.Second)
			e.StopEvent(1)
			result := e.AwaitCallback(target.CBPicture, 1, PictureWithin)
			e.Require(result).NotTo(BeNil(), "picture_result_cb within %v", PictureWithin)
			e.Advance(15 * time.Second)
			e.Measure("attempts at a picture that fails twice", "%d, %v", pictureAttempts(e), target.Code(result.Args.ErrCode))
			e.Exit()
			expectReleased(e, 1)
		})
		r.Scenario("a lost answer, and the attempt after it, make one result", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			offer(e, fixtures.JPEG())
			e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{LoseReply: true, Times: 1})
			e.StartEvent(1, 1)
			cam.Run(5 * time.Second)
			e.StopEvent(1)
			e.Require(e.AwaitCallback(target.CBPicture, 1, PictureWithin)).NotTo(BeNil(), "picture_result_cb within %v", PictureWithin)
			e.Advance(10 * time.Second)
			e.Exit()
			expectReleased(e, 1)
		})
		for _, f := range []struct {
			name  string
			fault fakecloud.Fault
		}{
			{"under way", fakecloud.Fault{Bandwidth: 1000}},
			{"not answered", fakecloud.Fault{Hang: true}},
			{"failing", fakecloud.Fault{Status: 500}},
		} {
			r.Scenario("an exit while the upload is "+f.name+" releases the picture once", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				offer(e, fixtures.Picture(60_000, 1))
				e.Device.Faults().Set(fakecloud.ClassPicturePUT, f.fault)
				e.StartEvent(1, 1)
				cam.Run(3 * time.Second)
				e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb")
				e.Exit()
				expectReleased(e, 1)
				e.Advance(5 * time.Second)
				expectReleased(e, 1)
			})
		}
	})

	s.Rule("CB-PIC-004", func(r *Rule) {
		r.Scenario("*pic names each of several pictures, in whatever order they are stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			given := [][]byte{fixtures.Picture(10_000, 1), fixtures.Picture(20_000, 2), fixtures.Picture(30_000, 3)}
			offer(e, given...)
			// The first one's answer is late, so that others may overtake it.
			e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Delay: 3 * time.Second, Times: 1})
			e.StartEvent(1, 1)
			for id := int32(2); id <= 3; id++ {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
			}
			cam.Run(5 * time.Second)
			for id := int32(1); id <= 3; id++ {
				e.StopEvent(id)
			}
			e.Require(e.AwaitCallback(target.CBPicture, 3, PictureWithin)).NotTo(BeNil(), "three calls of picture_result_cb within %v", PictureWithin)
			var order []string
			for _, result := range e.Callbacks(target.CBPicture) {
				e.Hard(result.Args.PicNull).To(BeFalse(), "pic of picture_result_cb is NULL")
				e.Hard(result.Args.Picture).NotTo(BeZero(), "the picture that *pic %#x names: an address that capture_picture_cb gave", result.Args.PicAddr)
				e.Record("pic is the very pointer of capture_picture_cb", "%t", result.Args.SameCell) // AMB-13
				order = append(order, fmt.Sprint(result.Args.Picture))
			}
			e.Measure("order of the results", "%s", strings.Join(order, ", "))
			expectReleased(e, 3)
		})
	})
}

// pictureMemory: whose memory it is, and when.
func pictureMemory(s *Suite) {
	s.Rule("CB-PIC-003", func(r *Rule) {
		// The harness takes the picture's memory away inside picture_result_cb, here
		// as in all scenarios: a library that reads it later dies of it.
		for _, f := range []struct {
			name  string
			class fakecloud.Class
			fault fakecloud.Fault
		}{
			{"an upload of three seconds", fakecloud.ClassPicturePUT, fakecloud.Fault{Bandwidth: 50_000}},
			{"an upload whose answer is lost", fakecloud.ClassPicturePUT, fakecloud.Fault{LoseReply: true, Times: 1}},
			{"an upload that fails at first", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 503, Times: 2}},
			{"an event whose report fails at first", fakecloud.ClassEvent, fakecloud.Fault{Status: 500, Times: 3}},
		} {
			r.Scenario("with "+f.name+" the picture is read until its result, and never after", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				pic := fixtures.Picture(150_000, 1)
				offer(e, pic)
				e.Device.Faults().Set(f.class, f.fault)
				e.StartEvent(1, 1)
				cam.Run(5 * time.Second)
				e.StopEvent(1)
				result := e.AwaitCallback(target.CBPicture, 1, PictureWithin)
				e.Given("CB-PIC-002", result).NotTo(BeNil(), "picture_result_cb within %v", PictureWithin)
				e.Expect(e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb of the event")
				e.Advance(10 * time.Second)
				e.Exit()
				for _, stored := range e.Device.Pictures() {
					e.Expect(bytes.Equal(stored.Body, pic)).To(BeTrue(), "the stored picture, byte for byte the one handed over, is so")
				}
				if result.Args.ErrCode == int32(target.ErrNone) {
					e.Given("CB-PIC-001", e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud")
				}
				e.Expect(uploadsAfter(e, result)).To(BeZero(), "uploads of pictures that began after the picture's result")
			})
		}
	})
}

// pictureNone: events without a picture (note 14).
func pictureNone(s *Suite) {
	s.Rule("CB-PIC-005", func(r *Rule) {
		r.Scenario("an event without a picture has no result of one", func(e *Env) {
			onePicture(e, nil)
			e.Given("EVT-004", captured(e)).To(HaveLen(1), "calls of capture_picture_cb")
			e.Expect(e.Count(target.CBPicture)).To(BeZero(), "calls of picture_result_cb for an event answered with NULL and 0")
			e.Exit()
			e.Expect(e.Count(target.CBPicture)).To(BeZero(), "calls of picture_result_cb by the return of iv_cs_exit")
		})
		r.Scenario("of two events the one with a picture has the only result", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()}, target.Answer{})
			e.StartEvent(1, 1)
			e.Given("PAR-001", e.Lib.EventStart(2)).To(ReturnNone(), "iv_cs_event_start(2) in parallel")
			e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 2, StartWithin)).NotTo(BeNil(), "capture_picture_cb of both events")
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			e.StopEvent(2)
			e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 2, ReportWithin)).NotTo(BeNil(), "report_result_cb of both events")
			e.AwaitCallback(target.CBPicture, 1, PictureWithin)
			e.Exit()
			expectReleased(e, 1)
		})
	})

	s.Rule("CB-PIC-006", func(r *Rule) {
		for _, o := range []struct {
			name   string
			option int32
			want   int32
		}{
			{"CS_EVENT_TS_REQ", target.ReportTS, 1},
			{"CS_EVENT_TS_OR_PIC_REQ", target.ReportTSOrPic, 1},
			{"CS_EVENT_PIC_REQ", target.ReportPic, 0},
		} {
			r.Scenario(fmt.Sprintf("under %s an event with video and without a picture has the result %d", o.name, o.want), func(e *Env) {
				cam := eventAnswered(e, o.option, target.Answer{})
				e.Expect(e.Results()[0].ResultCode).To(Equal(o.want), "result_code under %s, without a picture", o.name)
				e.Exit()
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
			})
		}
	})
}

// storedPictureResult carries an event with a picture on a good network and
// returns its picture_result_cb, which must not come before the store's answer.
func storedPictureResult(e *Env) *target.Event {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	offer(e, fixtures.JPEG())
	const late = 2 * time.Second
	e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Delay: late})
	e.StartEvent(1, 1)
	cam.Run(4 * time.Second)
	e.StopEvent(1)
	result := e.AwaitCallback(target.CBPicture, 1, PictureWithin)
	e.Require(result).NotTo(BeNil(), "picture_result_cb within %v", PictureWithin)
	e.Require(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud when picture_result_cb comes")
	stored := e.Device.Pictures()[0]
	expectSame(e, stored.Body, fixtures.JPEG())
	e.Expect(result.Domain).To(BeTemporally(">=", stored.StoredAt.Add(late), time.Second), "picture_result_cb after the store's answer")
	return result
}

// expectPictureLost carries an event whose picture the cloud fails to take until
// the exit, states that the result is an error, and returns it.
func expectPictureLost(e *Env, fail func()) *target.Event {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	offer(e, fixtures.JPEG())
	fail()
	e.StartEvent(1, 1)
	cam.Run(4 * time.Second)
	e.StopEvent(1)
	e.Advance(5 * time.Second)
	e.Exit() // ends the attempts, whose number is open (AMB-85)
	e.Given("CB-PIC-002", e.Callbacks(target.CBPicture)).To(HaveLen(1), "calls of picture_result_cb by the return of iv_cs_exit")
	e.Require(e.Device.Pictures()).To(BeEmpty(), "pictures in a cloud that takes none")
	result := e.Callbacks(target.CBPicture)[0]
	e.Expect(target.Code(result.Args.ErrCode)).To(Refuse(), "err_code of a picture that is not in the cloud")
	return &result
}
