package specs

import (
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// abiCallbacks: seven different functions stand in the seven slots of
// iv_cs_init_parm_s, also in the one that is not used. Each situation must call
// the one of its slot and no neighbour, with the arguments of its prototype.
func abiCallbacks(s *Suite) {
	s.Rule("ABI-020", func(r *Rule) {
		r.Scenario("a full-time plan calls slot 1", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(allSlots(e.Parm()))
			e.Expect(e.AwaitCallback(target.CBStart, 1, StartWithin)).
				NotTo(BeNil(), "iv_cs_push_stream_start_cb, the 1st function pointer, within %v of a full-time plan; %s", StartWithin, seen(e))
			expectSlots(e, target.CBStart)
		})
	})

	s.Rule("ABI-021", func(r *Rule) {
		r.Scenario("the end of a full-time plan calls slot 2", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(allSlots(e.Parm()))
			e.Given("ABI-020", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "iv_cs_push_stream_start_cb")
			e.SetPlan(NoPlan)
			e.Expect(e.AwaitCallback(target.CBStop, 1, StopWithin)).
				NotTo(BeNil(), "iv_cs_push_stream_stop_cb, the 2nd function pointer, within %v of the plan's end; %s", StopWithin, seen(e))
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of iv_cs_push_stream_start_cb")
			expectSlots(e, target.CBStart, target.CBStop)
		})
	})

	s.Rule("ABI-022", func(r *Rule) {
		r.Scenario("slot 3 is not taken for one of its neighbours", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			p := allSlots(ParmFor(cam.Video, nil))
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.InitEventsWith(cam, p)
			e.Lib.SetAI(1, target.AIFallDetect)
			e.StartEvent(1, 1)
			cam.Run(2 * time.Second)
			e.StopEvent(1)
			stop := e.AwaitCallback(target.CBStop, 1, StopWithin)
			e.Expect(e.Count(target.CBAIService)).To(BeZero(), "calls of iv_cs_ai_service_notify_cb, the 3rd function pointer, which is not used")
			e.Given("ABI-021", stop).NotTo(BeNil(), "the call of slot 2 at the event's end")
			e.Given("ABI-023", e.Count(target.CBCapture)).To(Equal(1), "calls of slot 4 for the event's picture")
		}, Needs(cloudEvents...))
		r.Scenario("slot 3 is not called by init, AI settings and exit", func(e *Env) {
			e.Expect(e.Lib.Init(allSlots(e.Parm()))).To(ReturnNone(), "iv_cs_init with all seven callbacks")
			e.Lib.SetAI(1, target.AIFallDetect)
			e.Advance(2 * time.Second)
			e.Exit()
			e.Expect(e.Count(target.CBAIService)).To(BeZero(), "calls of iv_cs_ai_service_notify_cb, the 3rd function pointer, which is not used")
		})
	})

	s.Rule("ABI-023", func(r *Rule) {
		r.Scenario("an event calls slot 4 with its id and two places to fill in", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.InitEventsWith(cam, allSlots(ParmFor(cam.Video, nil)))
			e.Given("EVT-014", e.Lib.EventStart(9)).To(ReturnNone(), "iv_cs_event_start(9)")
			capture := e.AwaitCallback(target.CBCapture, 1, StartWithin)
			e.Require(capture).NotTo(BeNil(), "iv_cs_event_capture_picture_cb, the 4th function pointer, within %v of iv_cs_event_start; %s", StartWithin, seen(e))
			e.Expect(capture.Args.EventID).To(BeEquivalentTo(9), "1st argument, event_id")
			e.Expect(capture.Args.PicNull).To(BeFalse(), "2nd argument, uint8_t **pic, is NULL")
			e.Expect(capture.Args.SizeNull).To(BeFalse(), "3rd argument, int32_t *size, is NULL")
			e.Given("CB-CAP-003", e.Await(PictureWithin, func() bool { return len(e.Device.Pictures()) > 0 })).
				To(BeTrue(), "the captured picture at the cloud within %v", PictureWithin)
			e.Expect(e.Device.Pictures()[0].Body).To(Equal(fixtures.JPEG()), "the *size bytes at *pic, at the cloud")
		})
	})

	s.Rule("ABI-024", func(r *Rule) {
		r.Scenario("a picture that has been uploaded calls slot 5 with its address and IV_ERR_NONE", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.InitEventsWith(cam, allSlots(ParmFor(cam.Video, nil)))
			e.StartEvent(9, 1)
			e.Given("CB-CAP-003", e.Await(PictureWithin, func() bool { return len(e.Device.Pictures()) > 0 })).
				To(BeTrue(), "the captured picture at the cloud within %v", PictureWithin)
			result := e.AwaitCallback(target.CBPicture, 1, PictureWithin)
			e.Require(result).NotTo(BeNil(), "iv_cs_event_picture_result_cb, the 5th function pointer, within %v; %s", PictureWithin, seen(e))
			e.Expect(result.Args.PicNull).To(BeFalse(), "1st argument, uint8_t **pic, is NULL")
			e.Expect(result.Args.Picture).To(Equal(1), "picture whose address is in *pic")
			e.Expect(target.Code(result.Args.ErrCode)).To(ReturnNone(), "2nd argument, err_code, of a stored picture (AMB-12)")
		})
	})

	s.Rule("ABI-025", func(r *Rule) {
		r.Scenario("the end of an event calls slot 6 with a result", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEventsWith(cam, allSlots(ParmFor(cam.Video, nil)))
			e.StartEvent(13, 1)
			cam.Run(4 * time.Second)
			e.StopEvent(13)
			report := e.AwaitCallback(target.CBReport, 1, ReportWithin)
			e.Require(report).NotTo(BeNil(), "iv_cs_event_report_result_cb, the 6th function pointer, within %v of iv_cs_event_stop; %s", ReportWithin, seen(e))
			e.Require(report.Args.Result).NotTo(BeNil(), "pst_result_info")
			e.Expect(report.Args.Result.EventID).To(BeEquivalentTo(13), "event_id of the result")
			expectSlots(e, target.CBStart, target.CBStop, target.CBCapture, target.CBReport)
		})
	})

	s.Rule("ABI-026", func(r *Rule) {
		r.Scenario("an uploaded segment calls slot 7 with message and data", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEventsWith(cam, allSlots(ParmFor(cam.Video, nil)))
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			e.Given("FLOW-012", e.Await(UploadWithin, func() bool { return len(e.Stored()) > 0 })).To(BeTrue(), "a segment at the cloud within %v", UploadWithin)
			notice := e.AwaitCallback(target.CBNotify, 1, UploadWithin)
			e.Require(notice).NotTo(BeNil(), "iv_cs_notify_cb, the 7th function pointer, within %v of the upload; %s", UploadWithin, seen(e))
			e.Expect(e.Notices(target.MsgUploadState)).NotTo(BeEmpty(), "calls with the 1st argument IV_CS_AV_UPLOAD_STATE_MSG (2)")
			for _, n := range e.Notices(target.MsgUploadState) {
				e.Expect(n.Args.DataNull).To(BeFalse(), "2nd argument, pst_notify_data, is NULL")
			}
		}, Needs(rules.Event))
	})

	s.Rule("ABI-051", func(r *Rule) {
		r.Scenario("which slot is called at the start and which at the end", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Init(allSlots(e.Parm()))
			e.Await(StartWithin, func() bool { return e.Count(target.CBStart)+e.Count(target.CBStop) > 0 })
			e.Record("at the start of a plan", "%s", seen(e))
			started := e.Count(target.CBStart)
			e.SetPlan(NoPlan)
			e.Await(StopWithin, func() bool { return e.Count(target.CBStop) > 0 })
			e.Record("at its end", "%s", seen(e))
			e.Expect(started).To(Equal(1), "calls of the slot that the structure names start_cb, before the plan's end (AMB-07)")
			e.Expect(e.Count(target.CBStop)).To(Equal(1), "calls of the slot that the structure names stop_cb, at the plan's end")
		})
	})

	s.Rule("ABI-056", func(r *Rule) {
		r.Scenario("the threads that callbacks come on, in an event", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(4 * time.Second)
			e.StopEvent(1)
			e.AwaitCallback(target.CBReport, 1, ReportWithin)
			for _, cb := range target.Callbacks() {
				if threads := threadsOf(e, cb); threads != nil {
					e.Measure(cb.String(), "%q", threads)
				}
			}
		}, Needs(rules.Event))
	})
}

// allSlots registers iv_cs_ai_service_notify_cb too, so that a library that is
// one slot off cannot hide it behind NULL.
func allSlots(p target.InitParm) target.InitParm {
	p.Slots = target.AllSlots
	return p
}

// expectSlots states that of the callbacks, these alone have been called. A
// notification may come at any time.
func expectSlots(e *Env, called ...target.Callback) {
	for _, cb := range target.Callbacks() {
		if cb == target.CBNotify || slices.Contains(called, cb) {
			continue
		}
		e.Expect(e.Count(cb)).To(BeZero(), "calls of %v, the function pointer number %d, which this situation has nothing to do with", cb, cb+1)
	}
}

// threadsOf says on what kinds of threads a callback came (AMB-86).
func threadsOf(e *Env, cb target.Callback) []string {
	calls := make(map[uint32]target.Function)
	var out []string
	for _, ev := range e.Lib.Trace() {
		if ev.Kind == target.CallBegun {
			calls[ev.ID] = ev.Call.Func
		}
		if ev.Kind != target.CallbackEntered || ev.Callback != cb {
			continue
		}
		where := "a thread of the library"
		if fn, ok := calls[ev.Inside]; ok && ev.Thread >= 0 {
			where = "the caller's, inside " + fn.String()
		}
		if !slices.Contains(out, where) {
			out = append(out, where)
		}
	}
	return out
}
