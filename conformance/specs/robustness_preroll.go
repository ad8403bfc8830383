package specs

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// robustPreRoll: pre-recorded video that is pushed faster than anybody thought.
func robustPreRoll(s *Suite) {
	s.Rule("ROB-011", func(r *Rule) {
		r.Scenario("15 s pushed at once, then live video, are one time line", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.InitEventsWith(cam, roomy(cam))
			begun := e.DeviceNow().Add(-preRoll)
			preRecorded(e, cam, 1)
			expectOneLine(e, e.Stored(), begun, e.DeviceNow())
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
			}
		})
		r.Scenario("15 s of pre-roll 5 s after an event do not overlap its video", func(e *Env) {
			before := e.Camera(fixtures.H264(), fixtures.AAC())
			e.InitEventsWith(before, roomy(before))
			e.StartEvent(1, 1)
			before.Run(10 * time.Second)
			e.StopEvent(1)
			e.Given("EVT-010", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb")
			e.Advance(5 * time.Second)
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			preRecorded(e, cam, 2)
			e.Expect(e.Device.Overwrites()).To(BeEmpty(), "video of the first event overwritten by the pre-roll of the second")
			e.Expect(slices.Concat(before.Unreported(), cam.Unreported())).To(BeEmpty(), "accepted frames that no slice reports")
			e.Expect(e.Strangers(before, cam)).To(BeEmpty(), "stored frames that were not pushed")
			e.Expect(storedPictures(e)).To(Equal(len(before.Frames(true))+len(cam.Frames(true))), "pictures in the cloud, accepted ones of both events")
		})
	})
}

const preRoll = 15 * time.Second

// roomy is a parameter whose buffer holds the pre-roll and more.
func roomy(cam *Camera) target.InitParm {
	p := ParmFor(cam.Video, cam.Sound)
	p.MaxGopSize = 2 << 20
	return p
}

// preRecorded is an event with 15 s of pre-roll, pushed at once, and six seconds
// of live video.
func preRecorded(e *Env, cam *Camera, id int32) {
	starts, stops := e.Count(target.CBStart), e.Count(target.CBStop)
	e.Given("EXT-003", e.Lib.EventStartExt(id, 0, uint32(preRoll.Seconds()))).To(ReturnNone(), "iv_cs_event_start_ext(%d, 0, 15)", id)
	e.AwaitStart(starts + 1)
	cam.Burst(preRoll)
	e.Measure(fmt.Sprintf("frames of the pre-roll of event %d refused", id), "%d of %d", len(cam.Refused()), len(cam.Ledger))
	cam.Run(6 * time.Second)
	e.Given("EXT-015", e.Lib.EventStopExt(id, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(%d, 0, 0)", id)
	e.Given("EVT-010", e.AwaitCallback(target.CBStop, stops+1, StopWithin)).NotTo(BeNil(), "stop_cb")
	e.Expect(e.Uploaded(ReportWithin)).To(BeTrue(), "all accepted frames of event %d reported within %v of its stop; not reported: %v", id, ReportWithin, cam.Unreported())
}

// expectOneLine states that segments follow one another from begin to end
// without a hole that a playlist shows (one second), and without overlap.
func expectOneLine(e *Env, segments []*Stored, begin, end time.Time) {
	e.Require(segments).NotTo(BeEmpty(), "segments of the event")
	e.Expect(segments[0].Start).To(BeTemporally("~", begin, utcTolerance), "start of the video")
	e.Expect(segments[len(segments)-1].End).To(BeTemporally("~", end, utcTolerance), "end of the video")
	for i, seg := range segments[1:] {
		e.Expect(seg.Start).To(BeTemporally("~", segments[i].End, time.Second), "start of %s, against the end of the segment before it", seg.Name())
	}
	e.Expect(e.Device.Overwrites()).To(BeEmpty(), "overlaps on the time line")
}
