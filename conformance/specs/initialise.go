package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// initialise is the section iv_cs_init and what its structure says.
func initialise(s *Suite) {
	initCall(s)
	initBuffer(s)
	initAudio(s)
	initFormat(s)
	initOptions(s)
	initCircumstances(s)
}

// initCall is the call itself: its pointer, its repetition.
func initCall(s *Suite) {
	s.Rule("INIT-001", func(r *Rule) {
		r.Scenario("a valid structure is accepted, again after exit", func(e *Env) {
			for range 2 {
				e.Require(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init with a valid structure")
				e.Exit()
			}
		})
		// The shim overwrites and frees the structure as soon as iv_cs_init is back: a
		// library that still reads it calls into nowhere at its first callback.
		r.Scenario("the structure may be freed when init has returned", func(e *Env) {
			e.Device.SetPlan(FullTime)
			e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init with a valid structure")
			e.Advance(3 * time.Second)
			e.Exit()
		})
		r.Scenario("what the structure said holds although its memory is overwritten afterwards", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			p := ParmFor(cam.Video, cam.Sound)
			p.EventReportOpt = target.ReportPic
			e.Device.SetPlan(EventPlan)
			e.Require(e.Lib.Init(p)).To(ReturnNone(), "iv_cs_init with a valid structure")
			e.AwaitPlan(target.PlanEvent)
			e.Given("REPORT-002", eventOutcome(e, cam, 1, true, true)).To(BeEquivalentTo(1), "result_code of an event with picture and video")
			for _, cb := range theSix {
				e.AwaitCallback(cb, 1, UploadWithin) // the event's video may be told of later than the event
				e.Given(ownerOf(cb), e.Count(cb)).NotTo(BeZero(), "calls of %v in an event, whose structure is gone", cb)
			}
			e.Expect(eventOutcome(e, cam, 2, true, false)).To(BeEquivalentTo(1), "result_code of an event with a picture alone, event_report_opt having been CS_EVENT_PIC_REQ")
			expectStreamTypes(e, e.Stored(), cam.Video)
		}, Needs(cloudEvents...))
	})

	s.Rule("INIT-002", func(r *Rule) {
		r.Scenario("NULL is refused", func(e *Env) {
			e.Soft(e.Lib.InitNull()).To(Refuse(), "iv_cs_init(NULL)") // AMB-38
			e.Soft(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init with a valid structure after iv_cs_init(NULL)")
		}, DeathIsSoft())
		r.Scenario("the structure is not written to", func(e *Env) {
			uneven, above := e.Parm(), markedParm(e)
			uneven.MaxGopSize = 819201
			above.Congestion.LowMark = uint64(above.MaxGopSize) + 1
			for _, c := range []struct {
				name string
				p    target.InitParm
			}{
				{"a buffer that is no multiple of 4 KB", uneven},
				{"a mark above the buffer", above},
				{"valid members", e.Parm()},
				{"valid members, the second time", e.Parm()},
			} {
				ret := e.Lib.Call(target.InitCall(c.p))
				e.Expect(ret.Modified).To(BeFalse(), "iv_cs_init wrote to its structure, first at offset %d: with %s", ret.ModifiedAt, c.name)
			}
		})
	})

	s.Rule("INIT-003", func(r *Rule) {
		r.Scenario("a second init is refused", func(e *Env) {
			e.Init(e.Parm())
			e.Expect(e.Lib.Init(e.Parm())).To(Refuse(), "iv_cs_init while the module is initialised") // AMB-39
			e.Exit()
			e.Expect(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init after iv_cs_exit")
		})
		r.Scenario("a second init leaves the stream of the first alone", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(2 * time.Second)
			other := ParmFor(fixtures.H265(), fixtures.AAC48Stereo())
			other.MaxGopSize = 8 << 10
			other.Slots = target.DefaultSlots.Without(target.CBNotify)
			e.Record("second iv_cs_init while streaming", "%v", e.Lib.Init(other))
			cam.Run(3 * time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused after a second iv_cs_init")
			e.Expect(e.Count(target.CBStart)).To(Equal(1), "calls of start_cb")
			e.Expect(e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb")
			e.Exit()
			e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between accepted and stored frames")
			e.Expect(e.Slices()).NotTo(BeEmpty(), "slices told to the notify_cb of the first iv_cs_init")
		}, Needs(rules.CloudBinding, rules.FullTime))
	})
}

// initBuffer is u32MaxGopSize and the marks, which must fit it.
func initBuffer(s *Suite) {
	s.Rule("INIT-004", func(r *Rule) {
		r.Scenario("multiples of 4096 are accepted", func(e *Env) {
			for _, size := range []uint32{200 * 4096, 160 * 4096, 256 * 4096} {
				e.Expect(initWithBuffer(e, size)).To(ReturnNone(), "iv_cs_init with u32MaxGopSize %d = %d × 4096", size, size/4096)
			}
		})
		r.Scenario("other sizes are refused", func(e *Env) {
			for _, size := range []uint32{819201, 819199, 200*4096 + 2048, 200*4096 + 1024, 4097, 4095} {
				e.Expect(initWithBuffer(e, size)).To(Refuse(), "iv_cs_init with u32MaxGopSize %d = %d × 4096 + %d", size, size/4096, size%4096)
			}
			e.Expect(initWithBuffer(e, 800<<10)).To(ReturnNone(), "iv_cs_init with u32MaxGopSize 819200 after the others")
		})
		r.Scenario("sizes on which the text is silent", func(e *Env) {
			// KB might be 1000 (AMB-56): 800000 is 200 times that. 0 is formally a
			// multiple, and smaller than any I frame (note 4).
			for _, size := range []uint32{800_000, 4096} {
				e.Record(fmt.Sprintf("u32MaxGopSize %d", size), "%v", initWithBuffer(e, size))
			}
			e.Soft(initWithBuffer(e, 0)).To(Refuse(), "iv_cs_init with u32MaxGopSize 0")
			e.Expect(initWithBuffer(e, 800<<10)).To(ReturnNone(), "iv_cs_init with u32MaxGopSize 819200 after the others")
		})
		r.Scenario("the largest multiple of 4096 is survived", func(e *Env) {
			if err := e.Lib.LimitMemory(1 << 30); err != nil {
				e.Measure("limit of memory", "%v", err)
				return
			}
			e.Record("u32MaxGopSize 0xFFFFF000 with 1 GB to be had", "%v", initWithBuffer(e, 0xFFFFF000))
			e.Expect(initWithBuffer(e, 800<<10)).To(ReturnNone(), "iv_cs_init with u32MaxGopSize 819200 after 0xFFFFF000")
		}, Needs(rules.Processes))
	})

	s.Rule("INIT-005", func(r *Rule) {
		r.Scenario("marks up to the buffer's size are accepted", func(e *Env) {
			e.Expect(tryInit(e, markedParm(e))).To(ReturnNone(), "iv_cs_init with marks far below u32MaxGopSize")
			p := markedParm(e)
			p.Congestion.HighMark = uint64(p.MaxGopSize)
			e.Expect(tryInit(e, p)).To(ReturnNone(), "iv_cs_init with high_mark equal to u32MaxGopSize")
		})
		for _, m := range marks {
			r.Scenario(m.name+" above the buffer's size is refused", func(e *Env) {
				p := markedParm(e)
				*m.of(&p.Congestion) = uint64(p.MaxGopSize) + 1
				e.Expect(tryInit(e, p)).To(Refuse(), "iv_cs_init with enable 1 and %s one above u32MaxGopSize", m.name)
				e.Expect(tryInit(e, markedParm(e))).To(ReturnNone(), "iv_cs_init with three marks below u32MaxGopSize")
			})
		}
		r.Scenario("marks on whose order the text is silent", func(e *Env) {
			p := markedParm(e)
			p.Congestion.LowMark, p.Congestion.HighMark = p.Congestion.HighMark, p.Congestion.LowMark
			e.Record("low_mark above high_mark", "%v", tryInit(e, p)) // AMB-10
			p = markedParm(e)
			for _, m := range marks {
				*m.of(&p.Congestion) = uint64(p.MaxGopSize)
			}
			e.Record("all three marks equal to u32MaxGopSize", "%v", tryInit(e, p))
		})
	})

	s.Rule("INIT-006", func(r *Rule) {
		congested := func(e *Env, enable int8) {
			p := ParmFor(fixtures.H264(), nil)
			p.Congestion = target.Congestion{LowMark: 50_000, WarnMark: 120_000, HighMark: 200_000, Enable: enable}
			congest(e, p, 400_000)
		}
		r.Scenario("enable 1 turns the alarms on", func(e *Env) {
			congested(e, 1)
			e.Expect(watermarks(e)).NotTo(BeZero(), "watermark alarms with enable 1 and twice high_mark waiting")
		})
		r.Scenario("enable 0 turns them off", func(e *Env) {
			congested(e, 0)
			e.Expect(watermarks(e)).To(BeZero(), "watermark alarms with enable 0 and twice high_mark waiting")
		})
		r.Scenario("values on which the text is silent", func(e *Env) {
			for _, enable := range []int8{2, -1} {
				p := markedParm(e)
				p.Congestion.Enable = enable
				e.Record(fmt.Sprintf("enable %d", enable), "%v", tryInit(e, p)) // AMB-72
			}
			p := markedParm(e)
			p.Congestion.Enable, p.Congestion.HighMark = 0, uint64(p.MaxGopSize)+1
			e.Record("enable 0 with a mark above u32MaxGopSize", "%v", tryInit(e, p)) // AMB-10
		})
	})
}

// initWithBuffer is tryInit with a buffer of this size and alarms off.
func initWithBuffer(e *Env, size uint32) target.Code {
	p := e.Parm()
	p.MaxGopSize = size
	return tryInit(e, p)
}
