package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// notify is the section iv_cs_notify_cb: what is told (notify_link.go has the
// connection), with which data, and to callbacks that take their time. The marks
// of the watermark have a chapter of their own.
func notify(s *Suite) {
	s.Rule("NOTIFY-001", func(r *Rule) {
		r.Scenario("the upload of segments is told", func(e *Env) {
			record(e, fixtures.H264(), fixtures.AAC(), 14*time.Second)
			e.Expect(e.Notices(target.MsgUploadState)).NotTo(BeEmpty(), "IV_CS_AV_UPLOAD_STATE_MSG for segments that are in the cloud")
		})
		r.Scenario("the connection's failure is told", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			refuse(e)
			e.Expect(pushUntil(e, cam, troubleWithin, func() bool { return troubled(e) })).
				To(BeTrue(), "CONNECT_FAIL (or COS_SERVICE_WRONG, AMB-84) within %v of streaming to a store that refuses connections", troubleWithin)
		}, WithNetwork())
		r.Scenario("a buffer that fills up is told", func(e *Env) {
			cam := usual.stalled(e)
			fillTo(e, above(usual.low), cam)
			e.Expect(usual.levels()[0].raised(e)).To(BeTrue(), "WATERMARK_LOW with %d bytes waiting for the cloud, low_mark %d", waiting(e, cam), usual.low)
		})
		r.Scenario("a service that is out of order is told", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: 503})
			e.Expect(pushUntil(e, cam, troubleWithin, func() bool { return troubled(e) })).
				To(BeTrue(), "COS_SERVICE_WRONG (or CONNECT_FAIL, AMB-84) within %v of streaming to a store that answers 503", troubleWithin)
		})
	})

	notifyData(s)
	notifyConnection(s)
	notifyReentry(s)
}

// notifyData: what comes with each message.
func notifyData(s *Suite) {
	s.Rule("NOTIFY-002", func(r *Rule) {
		r.Scenario("IV_CS_AV_UPLOAD_STATE_MSG comes with the slices of video that was pushed", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			cam.VideoSeq = 7000
			e.StartFullTime(cam)
			cam.Run(24 * time.Second)
			e.Exit()
			e.Given("NOTIFY-001", e.Notices(target.MsgUploadState)).NotTo(BeEmpty(), "IV_CS_AV_UPLOAD_STATE_MSG")
			frames := cam.Frames(true)
			within := And(BeNumerically(">=", frames[0].Seq), BeNumerically("<=", frames[len(frames)-1].Seq))
			for _, ev := range e.Notices(target.MsgUploadState) {
				e.Expect(ev.Args.DataNull).To(BeFalse(), "pst_notify_data of IV_CS_AV_UPLOAD_STATE_MSG is NULL")
				e.Expect(ev.Args.InfoNull).To(BeFalse(), "pst_notify_data->av_result_info is NULL")
				e.Expect(ev.Args.Num).To(And(BeNumerically(">=", 1), BeNumerically("<=", target.MaxUploadInfo)), "num of iv_cs_upload_info_s")
				// A pointer too many or too few leads to bytes that are no slices (AMB-45).
				for _, sl := range ev.Args.Slices {
					e.Expect(sl.SeqA).To(within, "frame_seq_a, among the frames pushed")
					e.Expect(sl.SeqB).To(within, "frame_seq_b, among the frames pushed")
				}
			}
		}, Breaks("NOTIFY-002", "UPL-014"))
	})

	s.Rule("NOTIFY-003", func(r *Rule) {
		r.Scenario("every other message comes with pst_notify_data NULL", func(e *Env) {
			troubles(e)
			others := 0
			for _, ev := range e.Callbacks(target.CBNotify) {
				if ev.Args.Message != target.MsgUploadState {
					others++
					e.Expect(ev.Args.DataNull).To(BeTrue(), "pst_notify_data of message %d is NULL", ev.Args.Message)
				}
			}
			e.Given("NOTIFY-001", others).NotTo(BeZero(), "messages of a session with alarms and a broken connection")
		}, WithNetwork(), Breaks("NOTIFY-003"))
	})

	s.Rule("NOTIFY-008", func(r *Rule) {
		r.Scenario("no message lies outside iv_cs_notify_msg_type_e, whatever goes wrong", func(e *Env) {
			troubles(e)
			seen := messages(e.Callbacks(target.CBNotify))
			e.Given("NOTIFY-001", seen).NotTo(BeEmpty(), "messages of a session with alarms and a broken connection")
			for _, message := range seen {
				e.Expect(message).To(And(BeNumerically(">=", 0), BeNumerically("<", target.MsgBUTT)), "notify_msg_type; IV_CS_MSG_BUTT only ends the enumeration")
			}
			e.Measure("messages seen", "%v", distinct(seen))
		}, WithNetwork(), Breaks("NOTIFY-008"))
	})

	s.Rule("NOTIFY-009", func(r *Rule) {
		r.Scenario("the data stays as it is for as long as the callback runs", func(e *Env) {
			// Whenever a message comes, the callback takes 200 ms, in which others
			// arrive: the data is copied on entry and compared at the end.
			e.Lib.Answer(target.CBNotify, target.Answer{Delay: 200 * time.Millisecond})
			troubles(e)
			e.Given("NOTIFY-001", e.Notices(target.MsgUploadState)).NotTo(BeEmpty(), "IV_CS_AV_UPLOAD_STATE_MSG")
			for _, ev := range e.Lib.Trace() {
				if ev.Kind == target.CallbackLeft && ev.Callback == target.CBNotify {
					e.Expect(ev.Answered.Changed).To(BeFalse(), "the data behind message %d changed while notify_cb ran", ev.Args.Message)
				}
			}
			e.Measure("most notify_cb at once", "%d", depth(e, target.CBNotify))
		}, WithNetwork(), Breaks("NOTIFY-009"))
	})
}

// troubles takes a stream through a full buffer, a broken connection, a service
// out of order and a recovery, and exits: all messages have their cause.
func troubles(e *Env) {
	cam := e.Camera(steady(10<<10), nil)
	m := wmMarks{40 << 10, 80 << 10, 120 << 10}
	e.StartFullTimeWith(cam, m.parm(cam.Video, 1))
	refuse(e)
	cam.Run(20 * time.Second)
	heal(e)
	cam.Run(15 * time.Second)
	e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: 503})
	cam.Run(15 * time.Second)
	e.Device.Faults().ClearAll()
	cam.Run(10 * time.Second)
	e.Exit()
}

// distinct lists each message once, in the order of its first coming.
func distinct(all []int32) []int32 {
	var out []int32
	seen := make(map[int32]bool)
	for _, m := range all {
		if !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

// depth is the most calls of a callback that ran at once.
func depth(e *Env, cb target.Callback) int {
	running, most := 0, 0
	for _, ev := range e.Lib.Trace() {
		if ev.Callback != cb {
			continue
		}
		switch ev.Kind {
		case target.CallbackEntered:
			running++
		case target.CallbackLeft:
			running--
		}
		most = max(most, running)
	}
	return most
}

// notifyReentry: notify_cb must be re-entrant, and so nothing in the library may
// hang on it (note 16, AMB-44).
func notifyReentry(s *Suite) {
	// lively states that the stream goes on and all of it is stored and told.
	lively := func(e *Env, cam *Camera) {
		cam.Run(14 * time.Second)
		e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
		e.Exit()
		e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
		e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports")
		e.Measure("most notify_cb at once", "%d", depth(e, target.CBNotify))
	}

	s.Rule("NOTIFY-007", func(r *Rule) {
		r.Scenario("a notify_cb that blocks for three seconds stops neither pushing nor uploading", func(e *Env) {
			m := wmMarks{4 << 10, 640 << 10, wmBuffer}
			cam := e.Camera(steady(wmRate), nil)
			e.Lib.Answer(target.CBNotify, target.Answer{Delay: 3 * time.Second}, target.Answer{})
			e.StartFullTimeWith(cam, m.parm(cam.Video, 1))
			// Frames past the lowest mark, without a step of time that would wait for
			// the callback's return.
			for range 5 {
				e.Given("FLOW-012", cam.PushVideo()).To(ReturnNone(), "iv_cs_push_stream")
			}
			e.Given("WM-002", e.Entered(target.CBNotify, 1, alarmWithin)).To(BeTrue(), "WATERMARK_LOW with %d bytes waiting, low_mark %d", waiting(e, cam), m.low)
			for range 5 {
				cam.Threads = []int{1}
				e.Expect(cam.PushVideo()).To(ReturnNone(), "iv_cs_push_stream while notify_cb blocks")
			}
			_, code := e.Lib.GetBalance(0)
			e.Expect(code).To(ReturnNone(), "iv_cs_get_balance_info(0) while notify_cb blocks")
			for _, ev := range e.Lib.Trace() {
				if ev.Kind == target.CallReturned && (ev.Call.Func == target.FnPush || ev.Call.Func == target.FnGetBalance) {
					e.Expect(ev.Return.Took()).To(BeNumerically("<", 2*time.Second), "machine time of %s while notify_cb blocks for 3 s", ev.Call.Func)
				}
			}
			lively(e, cam)
		})
		r.Scenario("every notify_cb takes half a second", func(e *Env) {
			m := wmMarks{4 << 10, 80 << 10, 320 << 10}
			cam := e.Camera(steady(wmRate), nil)
			e.Lib.Answer(target.CBNotify, target.Answer{Delay: 500 * time.Millisecond})
			e.StartFullTimeWith(cam, m.parm(cam.Video, 1))
			lively(e, cam)
		})
		r.Scenario("a notify_cb that calls other functions comes back", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			calls := []target.Call{target.GetBalanceCall(0), target.SetAICall(1, target.AIFallDetect), target.GetAICall(1)}
			e.Lib.Answer(target.CBNotify, target.Answer{Calls: calls})
			e.StartFullTime(cam)
			lively(e, cam)
			inside := 0
			for _, ev := range e.Lib.Trace() {
				if ev.Kind == target.CallReturned && ev.Inside != 0 {
					inside++
					e.Record(ev.Call.Func.String()+" from inside notify_cb", "%v", ev.Return.Code) // AMB-42
				}
			}
			e.Given("NOTIFY-001", e.Count(target.CBNotify)).NotTo(BeZero(), "calls of notify_cb")
			e.Expect(inside).To(Equal(len(calls)*e.Count(target.CBNotify)), "calls from inside notify_cb that have returned")
		})
	})
}
