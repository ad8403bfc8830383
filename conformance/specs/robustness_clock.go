package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// robustClock: steps of the wall clock.
func robustClock(s *Suite) {
	s.Rule("ROB-010", func(r *Rule) {
		for _, step := range []time.Duration{30 * time.Second, -30 * time.Second, time.Hour, -time.Hour} {
			r.Scenario("a step of "+step.String()+" while streaming", func(e *Env) {
				stepped(e, 0, step, 16*time.Second)
			})
		}
		r.Scenario("from 1970 to the present while streaming", func(e *Env) {
			back := time.Unix(0, 0).Add(time.Minute).Sub(Epoch)
			stepped(e, back, -back, 16*time.Second)
		})
		for _, c := range []struct {
			name string
			at   int64
		}{
			{"2038-01-19T03:14:07Z, the last second of 31 bits", 1<<31 - 1},
			{"2106-02-07T06:28:15Z, the last second of 32 bits", 1<<32 - 1},
		} {
			r.Scenario("across "+c.name, func(e *Env) {
				stepped(e, time.Unix(c.at, 0).Add(-12*time.Second).Sub(Epoch), 0, 16*time.Second)
			})
		}
	})

	s.Rule("ROB-012", func(r *Rule) {
		for _, skew := range []time.Duration{20 * time.Minute, -20 * time.Minute} {
			r.Scenario("a device whose clock is "+skew.String()+" off from the start", func(e *Env) {
				e.Step(skew)
				skewedStream(e, nil)
			})
			r.Scenario("a device whose clock goes off by "+skew.String()+" while it streams", func(e *Env) {
				skewedStream(e, func() { e.Step(skew) })
			})
		}
	})
}

// learnsWithin is how long a library may take to start whose clock is far off:
// a few refusals, each with a pause after it.
const learnsWithin = time.Minute

// startOff is StartFullTime for a library whose clock is off.
func startOff(e *Env, cam *Camera) {
	e.Device.SetPlan(FullTime)
	e.Init(ParmFor(cam.Video, cam.Sound))
	e.Require(e.AwaitCallback(target.CBStart, 1, learnsWithin)).NotTo(BeNil(), "start_cb within %v, with a clock that is off", learnsWithin)
}

// skewedStream streams with a clock that is off from the start or, by off, from
// the middle on.
func skewedStream(e *Env, off func()) {
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	startOff(e, cam)
	cam.Run(14 * time.Second)
	if off != nil {
		off()
		cam.Run(14 * time.Second)
	}
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
	e.Expect(e.Await(2*time.Minute, func() bool { return len(e.Stored()) > 0 })).To(BeTrue(), "a segment stored within two minutes")
	e.Exit()
	e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports")
	refused := 0
	for _, entry := range e.Device.Journal() {
		if entry.Status == 401 {
			refused++
		}
	}
	e.Measure("requests refused for the clock", "%d", refused)
	e.Expect(refused).To(BeNumerically("<=", 10), "requests with a wrong time: the answer tells the right one")
	if transparent(e) {
		e.Expect(cam.Missing()).To(BeEmpty(), "accepted frames that are not in the cloud")
	}
}

// stepped streams with the clock off by at first, corrects it by step, and goes on.
func stepped(e *Env, at, step, d time.Duration) {
	e.Step(at)
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	startOff(e, cam)
	cam.Run(d)
	before := e.DeviceNow()
	e.Step(step)
	after := e.DeviceNow()
	cam.Run(d + SegmentLength)
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around a step of the clock")
	e.Exit()
	e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports")

	for _, put := range requestsFor(e, fakecloud.ClassSegmentPUT) {
		e.Expect(put.Status).NotTo(Equal(409), "a second object under a grant that is used")
	}
	e.Expect(len(e.Stored())).To(BeNumerically(">", 1), "segments of %v of streaming", 2*d+SegmentLength)
	for _, seg := range e.Stored() {
		media := time.Duration(seg.LastPTS-seg.FirstPTS) * time.Millisecond
		e.Expect(seg.End.Sub(seg.Start)).To(BeNumerically("~", media, utcTolerance), "time that %s claims, against the media in it", seg.Name())
		e.Expect(media).To(BeNumerically("<=", SegmentLength), "media in %s: the clock does not cut it", seg.Name())
	}
	for _, o := range e.Device.Overwrites() {
		// Set back, the clock passes the same time again (note 15), and what the
		// segment that was open then claims of it.
		implied := step < 0 && !o.From.Before(after.Add(-SegmentLength)) && !o.To.After(before.Add(SegmentLength))
		e.Expect(implied).To(BeTrue(), "the overlap from %s to %s is what the correction of the clock implies", o.From.Format(time.DateTime), o.To.Format(time.DateTime))
	}
	if transparent(e) {
		e.Expect(cam.CompareVideo().Missing).To(BeEmpty(), "accepted pictures that are not in the cloud")
		e.Expect(storedPictures(e)).To(Equal(len(cam.Frames(true))), "pictures in the cloud, accepted ones")
	}
}
