package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// robustUploads: what goes wrong with one upload.
func robustUploads(s *Suite) {
	s.Rule("ROB-021", func(r *Rule) {
		for _, c := range []struct {
			name  string
			class fakecloud.Class
			fault fakecloud.Fault
		}{
			{"the reply to a stored segment is lost", fakecloud.ClassSegmentPUT, fakecloud.Fault{LoseReply: true, Times: 1}},
			{"the reply to a grant request is lost", fakecloud.ClassGrantSegment, fakecloud.Fault{LoseReply: true, Times: 1}},
			{"the store answers 200 after half the body", fakecloud.ClassSegmentPUT, fakecloud.Fault{Truncate: 30_000, Times: 1}},
			{"the store answers 503 with a body", fakecloud.ClassSegmentPUT, fakecloud.Fault{
				Status: 503, Times: 2,
				Body: `<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`,
			}},
		} {
			r.Scenario("there is one right object for each segment when "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.StartFullTime(cam)
				e.Given("TRANS-001", e.Lib.SetTransTime(5000, 5000)).To(ReturnNone(), "iv_cs_set_trans_time(5000, 5000)")
				e.Device.Faults().Set(c.class, c.fault)
				cam.Run(24 * time.Second)
				e.Given("UPL-001", e.Device.Faults().Struck(c.class)).To(Equal(c.fault.Times), "uploads that met the fault in 24 s")
				e.SetPlan(NoPlan)
				e.Uploaded(2 * time.Minute)
				e.Exit()
				expectOneToOne(e)
				if transparent(e) {
					e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud, once and in order")
				}
			})
		}
	})

	s.Rule("ROB-022", func(r *Rule) {
		r.Scenario("a grant expires in mid-upload, and its refresh is not answered twice", func(e *Env) {
			e.Device.SetGrantLifetime(4 * time.Second)
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			e.Given("TRANS-001", e.Lib.SetTransTime(6000, 6000)).To(ReturnNone(), "iv_cs_set_trans_time(6000, 6000)")
			// The first upload crawls until its time-out, by which the grant is over;
			// of the requests for another the first two are not answered.
			e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Bandwidth: 1, Times: 1})
			e.Device.Faults().Set(fakecloud.ClassGrantSegment, fakecloud.Fault{Hang: true, Skip: 1, Times: 2})
			cam.Run(14 * time.Second)
			stored := e.Await(2*time.Minute, func() bool { return len(e.Stored()) > 0 })
			e.Expect(stored).To(BeTrue(), "the segment stored within two minutes")
			e.Expect(e.Device.Faults().Struck(fakecloud.ClassGrantSegment)).To(Equal(2), "requests for a new grant that were not answered")
			e.SetPlan(NoPlan)
			e.Uploaded(2 * time.Minute)
			e.Exit()
			for _, put := range requestsFor(e, fakecloud.ClassSegmentPUT) {
				e.Expect(put.Status).NotTo(Equal(403), "status of a PUT at %s: %s; no grant is used after its expiry", put.At.Format("15:04:05.000"), put.Err)
			}
			expectOneToOne(e)
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud, once and in order")
			}
		})
	})

	s.Rule("ROB-023", func(r *Rule) {
		r.Scenario("each mark is told once while the backlog rises frame by frame, and once more when it does so again", func(e *Env) {
			cam := e.Camera(heavy(), nil)
			e.StartFullTimeWith(cam, watched(cam))
			for turn := 1; turn <= 2; turn++ {
				e.Device.Faults().SetAll(fakecloud.Fault{Status: 503}, fakecloud.ClassGrantSegment, fakecloud.ClassSegmentPUT)
				before := countMarks(e)
				cam.Run(12 * time.Second) // 240 KB
				e.Given("PUSH-012", cam.Refused()).To(BeEmpty(), "frames refused below u32MaxGopSize")
				for i, n := range countMarks(e) {
					e.Expect(n-before[i]).To(Equal(1), "notifications of mark %d while the backlog rose above it for time number %d", i, turn)
				}
				if turn == 2 {
					return
				}
				// The stream ends, and everything is uploaded: the backlog is empty.
				e.Device.Faults().ClearAll()
				e.SetPlan(NoPlan)
				e.Given("CB-STOP-002", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb")
				e.Given("UPL-015", e.Uploaded(2*time.Minute)).To(BeTrue(), "the backlog stored within two minutes")
				falling := countMarks(e)
				for i := range falling {
					falling[i] -= before[i] + 1
				}
				e.Measure("notifications while the backlog fell", "%v", falling) // AMB-09
				e.SetPlan(FullTime)
				e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 2, StartWithin)).NotTo(BeNil(), "start_cb")
				cam = e.Camera(heavy(), nil)
			}
		})
		r.Scenario("a backlog that hovers around the marks makes no more notifications than segments", func(e *Env) {
			cam := e.Camera(heavy(), nil)
			e.StartFullTimeWith(cam, watched(cam))
			e.Given("TRANS-001", e.Lib.SetTransTime(60_000, 60_000)).To(ReturnNone(), "iv_cs_set_trans_time(60000, 60000)")
			// As fast as it is recorded, the backlog is taken off.
			e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Bandwidth: 20_000})
			cam.Run(45 * time.Second)
			stored := len(e.Stored())
			e.Given("UPL-001", stored).To(BeNumerically(">", 0), "segments stored")
			for i, n := range countMarks(e) {
				e.Expect(n).To(BeNumerically("<=", stored+2), "notifications of mark %d, with %d segments stored", i, stored)
			}
		})
	})
}

// expectOneToOne states that success is reported for each stored segment, and
// for nothing else.
func expectOneToOne(e *Env) {
	told := make(map[string]int)
	for _, sl := range e.Slices() {
		if sl.OK() {
			told[span(sl.SeqA, sl.SeqB)]++
		}
	}
	e.Expect(e.Stored()).NotTo(BeEmpty(), "segments in the cloud")
	for _, seg := range e.Stored() {
		e.Expect(told[span(seg.FirstSeq, seg.LastSeq)]).To(Equal(1), "OK slices for %s", seg.Name())
		delete(told, span(seg.FirstSeq, seg.LastSeq))
	}
	e.Expect(told).To(BeEmpty(), "OK slices without a segment in the cloud")
}

// watched is a parameter with marks at 60, 120 and 180 KB.
func watched(cam *Camera) target.InitParm {
	p := ParmFor(cam.Video, cam.Sound)
	p.Congestion = target.Congestion{LowMark: 60_000, WarnMark: 120_000, HighMark: 180_000, Enable: 1}
	return p
}

// countMarks counts the notifications of each mark, the lowest first.
func countMarks(e *Env) [3]int {
	var n [3]int
	for i, message := range []int32{target.MsgWatermarkLow, target.MsgWatermarkWarn, target.MsgWatermarkHigh} {
		n[i] = len(e.Notices(message))
	}
	return n
}
