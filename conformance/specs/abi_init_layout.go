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

// abiInitLayout: the structures that the caller fills in. A member is seen by its
// effect: what is refused for its value, or done because of it.
func abiInitLayout(s *Suite) {
	s.Rule("ABI-035", func(r *Rule) {
		r.Scenario("each mark and enable are read at their places", func(e *Env) {
			recordLayout(e, "iv_cs_congestion_ctrl_s")
			for _, m := range marks {
				p := markedParm(e)
				*m.of(&p.Congestion) = uint64(p.MaxGopSize) + 1
				e.Expect(tryInit(e, p)).To(Refuse(), "iv_cs_init with %s, the %s member, above u32MaxGopSize and enable 1", m.name, m.place)
			}
			e.Expect(tryInit(e, markedParm(e))).To(ReturnNone(), "iv_cs_init with three marks below u32MaxGopSize and enable 1")
		})
		r.Scenario("low_mark, warn_mark and high_mark are not taken for one another", func(e *Env) {
			p := ParmFor(fixtures.H264(), nil)
			p.MaxGopSize = 1 << 20
			p.Congestion = target.Congestion{LowMark: 100_000, WarnMark: 300_000, HighMark: 600_000, Enable: 1}
			cam := congest(e, p, 700_000)
			for _, m := range marks {
				notices := e.Notices(m.message)
				e.Given(m.owner, notices).NotTo(BeEmpty(), "the alarm of %s with %d bytes waiting", m.name, cam.Bytes())
				mark := float64(*m.of(&p.Congestion))
				// What is counted is open by a quarter (AMB-11); the notification may
				// come half a second of video late.
				waiting := float64(bytesBy(cam, notices[0].Domain))
				e.Expect(waiting).To(And(BeNumerically(">=", mark*0.75), BeNumerically("<=", mark*1.25+congestRate/2)),
					"bytes waiting at the alarm of %s, the %s member, which is %.0f", m.name, m.place, mark)
			}
		}, Needs(cloud...))
	})

	s.Rule("ABI-036", func(r *Rule) {
		r.Scenario("u32MaxGopSize and congestion_cfg are read at their places", func(e *Env) {
			recordLayout(e, "iv_cs_init_parm_s", "iv_cm_av_data_info_s")
			p := e.Parm()
			e.Expect(tryInit(e, p)).To(ReturnNone(), "iv_cs_init with u32MaxGopSize, the 1st member, 819200")
			p.MaxGopSize = 819201
			e.Expect(tryInit(e, p)).To(Refuse(), "iv_cs_init with u32MaxGopSize, the 1st member, 819201: no multiple of 4096")
			p = markedParm(e)
			p.Congestion.HighMark = uint64(p.MaxGopSize) + 1
			e.Expect(tryInit(e, p)).To(Refuse(), "iv_cs_init with high_mark of congestion_cfg, the 2nd member, above u32MaxGopSize")
		})
		r.Scenario("av_fmt is read at its place: the audio", func(e *Env) {
			p := ParmFor(fixtures.H264(), fixtures.PCM(8000, 1))
			e.Expect(tryInit(e, p)).To(ReturnNone(), "iv_cs_init with PCM of 1024 samples in av_fmt, the 3rd member")
			p.AV.SampleNumPerFrame = 1023
			e.Expect(tryInit(e, p)).To(Refuse(), "iv_cs_init with PCM of 1023 samples in av_fmt, the 3rd member")
		}, Needs(rules.AudioPCM))
		for _, clip := range fixtures.Bases() {
			r.Scenario("av_fmt is read at its place: "+clip.Name, func(e *Env) {
				cam := e.Camera(clip, fixtures.AAC())
				e.InitEvents(cam)
				e.StartEvent(1, 1)
				cam.Run(4 * time.Second)
				e.StopEvent(1)
				e.Given("FLOW-012", e.Await(UploadWithin, func() bool { return len(e.Stored()) > 0 })).To(BeTrue(), "a segment of the event")
				expectStreamTypes(e, e.Stored(), clip)
			}, Needs(append(cloud, codecEvent(clip)...)...))
		}
		r.Scenario("event_report_opt and the callbacks behind it are read at their places", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			p := ParmFor(cam.Video, nil)
			p.EventReportOpt = target.ReportPic
			e.InitEventsWith(cam, p)
			e.Given("REPORT-002", eventOutcome(e, cam, 1, true, true)).To(BeEquivalentTo(1), "result_code of an event with picture and video")
			e.Expect(eventOutcome(e, cam, 2, true, false)).To(BeEquivalentTo(1), "result_code of an event with a picture alone, event_report_opt, the 4th member, being CS_EVENT_PIC_REQ")
			e.Expect(e.Count(target.CBStart)).NotTo(BeZero(), "calls of the 5th member, iv_cs_push_stream_start_cb")
			e.Expect(e.Count(target.CBNotify)).NotTo(BeZero(), "calls of the 11th member, iv_cs_notify_cb")
		}, Needs(cloudEvents...))
	})

	s.Rule("ABI-057", func(r *Rule) {
		r.Scenario("padding of 0xFF around enable changes nothing that init accepts", func(e *Env) {
			for _, enable := range []int8{0, 1} {
				p := markedParm(e)
				p.Congestion.Enable, p.PadFill = enable, 0xFF
				e.Expect(tryInit(e, p)).To(ReturnNone(), "iv_cs_init with enable %d and padding of 0xFF", enable)
			}
			// Whether marks are looked at while alarms are off is open (AMB-10), but
			// the padding must not decide it.
			p := markedParm(e)
			p.Congestion.Enable, p.Congestion.HighMark = 0, uint64(p.MaxGopSize)+1
			clean := tryInit(e, p)
			p.PadFill = 0xFF
			e.Expect(tryInit(e, p)).To(Equal(clean), "iv_cs_init with enable 0, a mark above u32MaxGopSize and padding of 0xFF, which with padding of 0 returns %v", clean)
		})
		for _, pad := range []byte{0x00, 0xFF} {
			name := map[byte]string{0x00: "0", 0xFF: "0xFF"}[pad]
			r.Scenario("enable 0 with padding of "+name+" means no alarms", func(e *Env) {
				p := ParmFor(fixtures.H264(), nil)
				p.Congestion = target.Congestion{LowMark: 40_000, WarnMark: 80_000, HighMark: 120_000, Enable: 0}
				p.PadFill = pad
				congest(e, p, 240_000)
				e.Expect(watermarks(e)).To(BeZero(), "watermark alarms with enable 0, the marks passed and padding of %s", name)
			}, Needs(cloud...))
			r.Scenario("enable 1 with padding of "+name+" means alarms", func(e *Env) {
				p := ParmFor(fixtures.H264(), nil)
				p.Congestion = target.Congestion{LowMark: 40_000, WarnMark: 80_000, HighMark: 120_000, Enable: 1}
				p.PadFill = pad
				congest(e, p, 240_000)
				e.Expect(watermarks(e)).NotTo(BeZero(), "watermark alarms with enable 1, the marks passed and padding of %s", name)
			}, Needs(cloud...))
		}
	})
}

// marks are the three levels of iv_cs_congestion_ctrl_s.
var marks = []struct {
	name, place string
	message     int32
	owner       string // the rule that demands its alarm
	of          func(*target.Congestion) *uint64
}{
	{"low_mark", "1st", target.MsgWatermarkLow, "WM-002", func(c *target.Congestion) *uint64 { return &c.LowMark }},
	{"warn_mark", "2nd", target.MsgWatermarkWarn, "WM-003", func(c *target.Congestion) *uint64 { return &c.WarnMark }},
	{"high_mark", "3rd", target.MsgWatermarkHigh, "WM-004", func(c *target.Congestion) *uint64 { return &c.HighMark }},
}

// markedParm has alarms on, with marks as the vendor recommends them.
func markedParm(e *Env) target.InitParm {
	p := e.Parm()
	p.Congestion = target.Congestion{LowMark: 80 << 10, WarnMark: 320 << 10, HighMark: 640 << 10, Enable: 1}
	return p
}

// tryInit initialises, and exits again if that succeeded.
func tryInit(e *Env, p target.InitParm) target.Code {
	code := e.Lib.Init(p)
	if code == target.ErrNone {
		e.Exit()
	}
	return code
}

// congestRate is the rate of the video that congest pushes, in bytes a second.
const congestRate = 160_000

// congest records until at least so many bytes wait for a cloud that stores
// nothing: it answers that its service is out of order, which costs no time.
func congest(e *Env, p target.InitParm, bytes int64) *Camera {
	for _, class := range []fakecloud.Class{fakecloud.ClassGrantSegment, fakecloud.ClassSegmentPUT} {
		e.Device.Faults().Set(class, fakecloud.Fault{Status: 503})
	}
	cam := e.Camera(grown(fixtures.H264(), congestRate/20), nil)
	e.StartFullTimeWith(cam, p)
	fill(e, cam, bytes)
	return cam
}

// fill goes on until so many bytes wait.
func fill(e *Env, cam *Camera, bytes int64) {
	for cam.Bytes() < bytes {
		before := cam.Bytes()
		cam.Run(250 * time.Millisecond)
		e.Given("PUSH-026", cam.Bytes()).To(BeNumerically(">", before), "bytes accepted while the buffer has room")
	}
	e.Advance(time.Second)
	e.Given("FLOW-012", e.Stored()).To(BeEmpty(), "segments stored by a cloud that refuses all")
}

// watermarks counts the alarms of all three levels.
func watermarks(e *Env) int {
	n := 0
	for _, m := range marks {
		n += len(e.Notices(m.message))
	}
	return n
}

// bytesBy is what the library had accepted by a moment.
func bytesBy(cam *Camera, at time.Time) int64 {
	var n int64
	for _, p := range cam.Ledger {
		if p.Accepted() && p.At.Before(at) {
			n += int64(len(p.Data))
		}
	}
	return n
}

// grown is a clip whose frames have size bytes at least: each ends in a filler
// NAL unit, which a decoder skips. It makes a stream of few pixels heavy.
func grown(c *fixtures.Clip, size int) *fixtures.Clip {
	head := []byte{0, 0, 0, 1, 0x0C} // filler data: type 12, in H.265 type 38
	if c.Codec == fixtures.CodecH265 {
		head = []byte{0, 0, 0, 1, 0x4C, 0x01}
	}
	out := *c
	out.Frames = nil
	for _, f := range c.Frames {
		if n := size - len(f.Data) - len(head) - 1; n > 0 {
			filler := make([]byte, n)
			for i := range filler {
				filler[i] = 0xFF
			}
			f.Data = append(append(append(append([]byte(nil), f.Data...), head...), filler...), 0x80)
		}
		out.Frames = append(out.Frames, f)
	}
	return &out
}

// eventOutcome runs an event of four seconds, with or without a picture and
// video, and returns the result_code that report_result_cb tells.
func eventOutcome(e *Env, cam *Camera, id int32, picture, video bool) int32 {
	reported, started := e.Count(target.CBReport), e.Count(target.CBStart)
	if picture {
		e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
	} else {
		e.Lib.Answer(target.CBCapture)
	}
	e.Given("EVT-014", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d)", id)
	if video {
		e.AwaitStart(started + 1)
		cam.ToKey()
		cam.Run(4 * time.Second)
	} else {
		e.Advance(4 * time.Second)
	}
	e.StopEvent(id)
	e.Given("REPORT-001", e.AwaitCallback(target.CBReport, reported+1, ReportWithin)).
		NotTo(BeNil(), "report_result_cb within %v of iv_cs_event_stop(%d)", ReportWithin, id)
	e.Given("REPORT-006", len(e.Results())).To(BeNumerically(">", reported), "results that report_result_cb came with")
	return e.Results()[reported].ResultCode
}

// expectStreamTypes states that segments are signalled as av_fmt said.
func expectStreamTypes(e *Env, segments []*Stored, clip *fixtures.Clip) {
	for _, seg := range segments {
		if seg.TS.Opaque {
			e.Record("container", "opaque objects: their stream types were not looked at") // AMB-64
			continue
		}
		e.Expect(streamType(seg.TS.VideoType)).To(Equal(streamType(videoType(clip))), "stream type of %s in %s", clip.Name, seg.Name())
	}
}
