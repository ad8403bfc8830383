package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
	"github.com/ivcs/conform/fakecloud"
)

// abiValues: each enumerator is provoked once and must come, or act, as the
// number that the specification gives it.
func abiValues(s *Suite) {
	s.Rule("ABI-040", func(r *Rule) {
		for _, c := range []struct {
			name string
			plan fakecloud.Plan
			want int32
		}{
			{"CS_TYPE_NONE", NoPlan, 0},
			{"CS_TYPE_FULL_TIME", FullTime, 1},
			{"CS_TYPE_EVENT", EventPlan, 2},
		} {
			r.Scenario(fmt.Sprintf("%s is %d", c.name, c.want), func(e *Env) {
				e.Device.SetPlan(c.plan)
				e.Init(e.Parm())
				ret, back := e.Finish(e.Go(1, target.GetBalanceCall(5)), 10*time.Second)
				e.Given("BAL-005", back && ret.Code == target.ErrNone).To(BeTrue(), "iv_cs_get_balance_info(…, 5) succeeds")
				e.Expect(ret.Balance.Type).To(Equal(c.want), "cs_type under the plan %s", c.name)
			})
		}
	})

	s.Rule("ABI-041", func(r *Rule) {
		r.Scenario("CS_AI_TYPE_CLOSE is 0 and CS_AI_TYPE_FALL_DETECT is 1", func(e *Env) {
			e.Init(e.Parm())
			for _, want := range []int32{target.AIFallDetect, target.AIClose, target.AIFallDetect} {
				e.Expect(e.Lib.SetAI(3, want)).To(ReturnNone(), "iv_cs_set_ai_process(3, %d, NULL)", want)
				expectAI(e, 3, want)
			}
			// Bits that no type has may be kept for later ones (AMB-53).
			e.Soft(e.Lib.SetAI(3, 2)).To(Refuse(), "iv_cs_set_ai_process(3, 2, NULL), 2 being no type")
		})
	})

	s.Rule("ABI-042", func(r *Rule) {
		for _, c := range []struct {
			name            string
			option          int32
			picture, stream int32 // result_code of an event with that alone
		}{
			{"CS_EVENT_TS_REQ is 0: video completes an event", target.ReportTS, 0, 1},
			{"CS_EVENT_PIC_REQ is 1: the picture completes an event", target.ReportPic, 1, 0},
			{"CS_EVENT_TS_OR_PIC_REQ is 2: either completes an event", target.ReportTSOrPic, 1, 1},
		} {
			r.Scenario(c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				p := ParmFor(cam.Video, nil)
				p.EventReportOpt = c.option
				e.InitEventsWith(cam, p)
				e.Given("REPORT-002", eventOutcome(e, cam, 1, true, true)).To(BeEquivalentTo(1), "result_code of an event with picture and video")
				e.Expect(eventOutcome(e, cam, 2, true, false)).To(Equal(c.picture), "result_code of an event with a picture alone, event_report_opt being %d", c.option)
				e.Expect(eventOutcome(e, cam, 3, false, true)).To(Equal(c.stream), "result_code of an event with video alone, event_report_opt being %d", c.option)
			})
		}
		r.Scenario("3 is none of them", func(e *Env) {
			p := e.Parm()
			p.EventReportOpt = 3
			e.Record("iv_cs_init with event_report_opt 3", "%v", tryInit(e, p)) // AMB-80
		})
	})

	s.Rule("ABI-043", func(r *Rule) {
		r.Scenario("IV_CS_UPLOAD_OK is 0", func(e *Env) {
			sentinelEvent(e, fixtures.H264())
			e.Given("FLOW-012", e.Await(UploadWithin, func() bool { return len(e.Stored()) > 0 })).To(BeTrue(), "a segment of the event")
			e.Given("UPL-001", e.Await(UploadWithin, func() bool { return len(e.Slices()) > 0 })).To(BeTrue(), "a slice of the event's video")
			for _, slice := range e.Slices() {
				e.Expect(slice.State).To(BeEquivalentTo(0), "state of a segment that is stored")
			}
		}, Needs(rules.Event))
		r.Scenario("IV_CS_UPLOAD_ERR is 1", func(e *Env) {
			_, lost := lostEvent(e)
			for _, slice := range lost {
				e.Expect(slice.State).To(BeEquivalentTo(1), "state of a segment that is not stored")
			}
		}, Needs(rules.Event))
	})
}

// videoType is the stream type of a clip in a PMT.
func videoType(clip *fixtures.Clip) byte {
	if clip.Codec == fixtures.CodecH265 {
		return tscheck.TypeH265
	}
	return tscheck.TypeH264
}

// streamType is a stream type for people.
func streamType(t byte) string {
	switch t {
	case 0:
		return "none"
	case tscheck.TypeH264:
		return "0x1B (H.264)"
	case tscheck.TypeH265:
		return "0x24 (H.265)"
	case tscheck.TypeAAC:
		return "0x0F (AAC)"
	}
	return fmt.Sprintf("0x%02X", t)
}
