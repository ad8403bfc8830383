package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// cbCapture is the section iv_cs_event_capture_picture_cb.
func cbCapture(s *Suite) {
	captureSlow(s)
	capturePicture(s)
	captureNone(s)

	s.Rule("CB-CAP-005", func(r *Rule) {
		r.Scenario("three parallel events have each the picture that was given for their id", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			pictures := [][]byte{fixtures.Picture(10_000, 1), fixtures.Picture(11_000, 2), fixtures.Picture(12_000, 3)}
			var queue []target.Answer
			for _, pic := range pictures {
				// All three events are there before the first has its picture.
				queue = append(queue, target.Answer{Picture: pic, Delay: 200 * time.Millisecond})
			}
			e.Lib.Answer(target.CBCapture, queue...)
			ids := []int32{7, 16, 2}
			for _, id := range ids {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) in parallel", id)
			}
			e.AwaitStart(1)
			cam.Run(4 * time.Second)
			for _, id := range ids {
				e.StopEvent(id)
			}
			e.Given("EVT-018", e.Await(ReportWithin, func() bool { return len(finishedEvents(e)) == len(ids) })).
				To(BeTrue(), "three events at the cloud within %v", ReportWithin)
			// The n-th call was given the n-th picture.
			asked := captured(e)
			e.Require(asked).To(ConsistOf(ids), "ids with which capture_picture_cb was called")
			for i, id := range asked {
				for _, ev := range finishedEvents(e) {
					if ev.EventID == id {
						expectPicture(e, ev, pictures[i])
					}
				}
			}
		})
	})

	s.Rule("CB-CAP-006", func(r *Rule) {
		// Checked under every scenario; here it is looked at.
		r.Scenario("pic and size are addresses to be written to", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			offer(e, fixtures.JPEG())
			for i := range 3 {
				e.StartEvent(int32(i+1), i+1)
				capture := e.AwaitCallback(target.CBCapture, i+1, StartWithin)
				e.Given("EVT-004", capture).NotTo(BeNil(), "capture_picture_cb of event %d", i+1)
				e.Expect(capture.Args.PicNull).To(BeFalse(), "pic of capture_picture_cb is NULL")
				e.Expect(capture.Args.SizeNull).To(BeFalse(), "size of capture_picture_cb is NULL")
				e.Record("*size before the call", "%d", capture.Args.SizeBefore)
				e.Record("*pic before the call is NULL", "%t", capture.Args.PicBefore == 0)
				e.StopEvent(int32(i + 1))
				e.Given("EVT-010", e.AwaitCallback(target.CBStop, i+1, StopWithin)).NotTo(BeNil(), "stop_cb of event %d", i+1)
			}
		})
	})

	s.Rule("CB-CAP-008", func(r *Rule) {
		r.Scenario("a full-time stream asks for no picture", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			offer(e, fixtures.JPEG())
			cam.Run(30 * time.Second)
			e.Expect(e.Count(target.CBCapture)).To(BeZero(), "calls of capture_picture_cb in 30 s of full-time streaming")
			e.Given("UPL-001", e.Stored()).NotTo(BeEmpty(), "segments in the cloud: the stream was recorded")
		})
		r.Scenario("a direct report asks for no picture, the event after it does", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			offer(e, fixtures.JPEG())
			for _, pic := range [][]byte{nil, fixtures.Picture(5000, 1)} {
				e.Given("DIR-001", reportDirectly(e, 3, 0, pic)).To(ReturnNone(), "iv_cs_event_directly_report")
			}
			e.Advance(5 * time.Second)
			e.Expect(e.Count(target.CBCapture)).To(BeZero(), "calls of capture_picture_cb for direct reports")
			e.StartEvent(4, 1)
			e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb of an event that was started")
			e.Expect(e.Callbacks(target.CBCapture)[0].Args.EventID).To(Equal(int32(4)), "event_id of capture_picture_cb: that of the event that was started")
		})
	})
}

// captureSlow: a callback that takes its time.
func captureSlow(s *Suite) {
	s.Rule("CB-CAP-001", func(r *Rule) {
		r.Scenario("a callback of two seconds stops neither the stream nor the event", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			pic := fixtures.Picture(10_000, 1)
			e.Lib.Answer(target.CBCapture, target.Answer{}, target.Answer{Picture: pic, Delay: 2 * time.Second})
			e.StartEvent(1, 1)
			cam.Run(3 * time.Second)
			e.Given("PAR-001", e.Lib.EventStart(2)).To(ReturnNone(), "iv_cs_event_start(2) in parallel")
			e.Given("EVT-004", e.Entered(target.CBCapture, 2, StartWithin)).To(BeTrue(), "capture_picture_cb of event 2")
			for range 20 { // a second of video while the callback runs
				e.Expect(cam.PushVideo()).To(ReturnNone(), "iv_cs_push_stream while capture_picture_cb runs")
			}
			e.Expect(slowestPush(e)).To(BeNumerically("<", time.Second), "machine time of the slowest push while capture_picture_cb takes 2 s")
			cam.Run(4 * time.Second)
			for _, id := range []int32{1, 2} {
				e.StopEvent(id)
			}
			e.Expect(e.AwaitCallback(target.CBReport, 2, ReportWithin)).NotTo(BeNil(), "report_result_cb of both events")
			for _, result := range e.Results() {
				e.Expect(result.ResultCode).To(Equal(int32(1)), "result_code of event %d", result.EventID)
			}
			e.Hard(e.AwaitCallback(target.CBPicture, 1, PictureWithin)).NotTo(BeNil(), "picture_result_cb of the picture that took two seconds")
			e.Expect(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud")
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
		})
		r.Scenario("an exit while the callback runs comes back and releases the picture", func(e *Env) {
			e.InitEvents(e.Camera(fixtures.H264(), nil))
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG(), Delay: 5 * time.Second})
			e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start")
			e.Given("EVT-004", e.Entered(target.CBCapture, 1, StartWithin)).To(BeTrue(), "capture_picture_cb")
			ret, back := e.TryExit(2 * time.Minute)
			e.Hard(back).To(BeTrue(), "iv_cs_exit back within two minutes, called while capture_picture_cb runs (AMB-41)")
			e.Hard(ret.Code).To(ReturnNone(), "iv_cs_exit while capture_picture_cb runs")
			handed, released := pictures(e)
			e.Hard(released).To(ConsistOf(handed), "pictures released by the return of iv_cs_exit, against those handed over")
		})
	})
}

// capturePicture: what is handed over is what is stored.
func capturePicture(s *Suite) {
	s.Rule("CB-CAP-002", func(r *Rule) {
		r.Scenario("a JPEG is stored as it is", func(e *Env) {
			onePicture(e, fixtures.JPEG())
			e.Require(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud")
			stored := e.Device.Pictures()[0]
			expectSame(e, stored.Body, fixtures.JPEG())
			e.Record("content type of a JPEG", "%s", stored.ContentType)
		})
		r.Scenario("a PNG does not harm", func(e *Env) {
			onePicture(e, fixtures.PNG())
			e.Record("a PNG", "%d pictures in the cloud, %d picture_result_cb", len(e.Device.Pictures()), e.Count(target.CBPicture)) // AMB-82
			e.Given("EVT-014", e.Lib.EventStart(2)).To(ReturnNone(), "the next iv_cs_event_start")
			e.Expect(e.AwaitCallback(target.CBCapture, 2, StartWithin)).NotTo(BeNil(), "capture_picture_cb of the event after one with a PNG")
		})
	})

	s.Rule("CB-CAP-003", func(r *Rule) {
		for _, size := range []int{1 << 10, 1<<16 - 1, 1 << 16, 1<<16 + 1, 200_001, 2 << 20} {
			r.Scenario(fmt.Sprintf("a picture of %d bytes is stored, byte for byte", size), func(e *Env) {
				pic := fixtures.Picture(size, 1)
				onePicture(e, pic)
				e.Require(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud")
				expectSame(e, e.Device.Pictures()[0].Body, pic)
			})
		}
		r.Scenario("a picture of one byte", func(e *Env) {
			pic := fixtures.Picture(1, 1)
			onePicture(e, pic)
			// One byte is no JPEG: it may be refused (AMB-82).
			e.Record("a picture of one byte", "%d pictures in the cloud", len(e.Device.Pictures()))
			for _, stored := range e.Device.Pictures() {
				expectSame(e, stored.Body, pic)
			}
		})
	})
}

// captureNone: no picture, and answers that contradict themselves.
func captureNone(s *Suite) {
	s.Rule("CB-CAP-004", func(r *Rule) {
		r.Scenario("NULL and 0: no picture is uploaded, the event is reported, its video stored", func(e *Env) {
			cam := eventAnswered(e, target.ReportTS, target.Answer{})
			e.Expect(pictureUploads(e)).To(BeZero(), "uploads of pictures for an event without one")
			e.Expect(e.Results()[0].ResultCode).To(Equal(int32(1)), "result_code under CS_EVENT_TS_REQ with video and without a picture")
			e.Expect(finishedEvents(e)).To(HaveLen(1), "events at the cloud")
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
		})
		r.Scenario("NULL and 0 where a picture is required: the event is not complete", func(e *Env) {
			eventAnswered(e, target.ReportPic, target.Answer{})
			e.Expect(pictureUploads(e)).To(BeZero(), "uploads of pictures for an event without one")
			e.Expect(e.Results()[0].ResultCode).To(BeZero(), "result_code under CS_EVENT_PIC_REQ without a picture (AMB-79)")
			for _, ev := range finishedEvents(e) {
				e.Record("incomplete event at the cloud", "complete %t", ev.Complete)
			}
		})
	})

	s.Rule("CB-CAP-007", func(r *Rule) {
		for _, c := range []struct {
			name   string
			answer target.Answer
		}{
			{"NULL with a size of 100", target.Answer{PictureRaw: &target.PictureRaw{Null: true, Size: 100}}},
			{"an address with a size of 0", target.Answer{PictureRaw: &target.PictureRaw{Size: 0}}},
			{"an address with a size of -1", target.Answer{PictureRaw: &target.PictureRaw{Size: -1}}},
			{"an error and garbage", target.Answer{Return: -1, PictureRaw: &target.PictureRaw{Garbage: true, Size: 1000}}},
			{"an error and nothing touched", target.Answer{Return: -1, PictureRaw: &target.PictureRaw{Untouched: true}}},
		} {
			r.Scenario("the answer "+c.name+" stores no picture and harms nothing", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.Lib.Answer(target.CBCapture, c.answer)
				e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start")
				e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb")
				// What becomes of the event is open (AMB-43, AMB-82), and an
				// inconsistent answer owes no release (ruling 12 of the binding).
				if e.AwaitCallback(target.CBStart, 1, StartWithin) != nil {
					cam.Run(4 * time.Second)
				}
				stopped := e.Lib.EventStop(1)
				e.AwaitCallback(target.CBReport, 1, ReportWithin)
				e.Record("event answered with "+c.name, "start_cb %d, iv_cs_event_stop %v, report_result_cb %d, picture_result_cb %d",
					e.Count(target.CBStart), stopped, e.Count(target.CBReport), e.Count(target.CBPicture))
				e.Expect(e.Device.Pictures()).To(BeEmpty(), "pictures in the cloud of an event answered with %s", c.name)
				offer(e, fixtures.JPEG())
				cam.ToKey()
				e.Expect(e.Lib.EventStart(2)).To(ReturnNone(), "the next iv_cs_event_start")
				e.Require(e.Await(StartWithin, func() bool { return e.Count(target.CBStart) > e.Count(target.CBStop) })).To(BeTrue(), "start_cb of the next event")
				cam.Run(4 * time.Second)
				e.Expect(e.Lib.EventStop(2)).To(ReturnNone(), "the next iv_cs_event_stop")
				e.Expect(e.Await(ReportWithin, func() bool {
					results := e.Results()
					return len(results) > 0 && results[len(results)-1].EventID == 2
				})).To(BeTrue(), "report_result_cb of the next event")
				e.Expect(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud of the next event")
			}, Breaks("CB-PIC-002"))
		}
	})
}
