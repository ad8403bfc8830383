package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// exitBound is how long an exit may take with both transfer time-outs at 3 s.
const exitBound = 3*time.Second + 3*time.Second + 5*time.Second

// robustExit: exit in whatever state the module is.
func robustExit(s *Suite) {
	s.Rule("ROB-001", func(r *Rule) {
		for _, c := range []struct {
			state string
			reach func(*Env)
		}{
			{"that was never pushed to", func(e *Env) {
				startStream(e, e.Camera(fixtures.H264(), fixtures.AAC()))
			}},
			{"in the middle of a segment", func(e *Env) {
				streamFor(e, 3*time.Second)
			}},
			{"while the network swallows an upload", func(e *Env) {
				e.Network.Storage.Blackhole()
				streamFor(e, 3*time.Second)
				uploading(e)
			}},
			{"while an upload trickles", func(e *Env) {
				e.Network.Storage.Bandwidth(100)
				streamFor(e, 3*time.Second)
				uploading(e)
			}},
			{"between two attempts to upload", func(e *Env) {
				e.Device.Faults().Set(fakecloud.ClassGrantSegment, fakecloud.Fault{Status: 500})
				streamFor(e, 3*time.Second)
				uploading(e)
				e.Advance(5 * time.Second)
			}},
			{"while the name of the store does not resolve", func(e *Env) {
				e.Device.Faults().Set(fakecloud.ClassGrantSegment, grantElsewhere(e, nowhere))
				streamFor(e, 3*time.Second)
				uploading(e)
			}},
		} {
			r.Scenario("exit of a module "+c.state, func(e *Env) {
				streamCycle(e)
				before := processStat(e)
				c.reach(e)
				exitCleanly(e, before)
			}, WithNetwork())
		}
		r.Scenario("exit of a module with a picture in flight", func(e *Env) {
			streamCycle(e)
			before := processStat(e)
			withPictures(e)
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.Lib.SetTransTime(3000, 3000)
			e.Device.Faults().Set(fakecloud.ClassPicturePUT, fakecloud.Fault{Hang: true})
			e.StartEvent(1, e.Count(target.CBStart)+1)
			cam.Run(2 * time.Second)
			e.Given("EVT-006", requestsFor(e, fakecloud.ClassPicturePUT)).NotTo(BeEmpty(), "a picture on its way to the store")
			exitCleanly(e, before)
			for _, ev := range e.Callbacks(target.CBCapture) {
				e.Hard(released(e, pictureOf(e, ev.ID))).To(Equal(1), "calls of picture_result_cb for the picture when iv_cs_exit had returned")
			}
		})
		r.Scenario("exit of a module that has just exited", func(e *Env) {
			streamCycle(e)
			before := processStat(e)
			began := e.Now()
			ret, back := e.TryExit(2 * time.Minute)
			e.Hard(back).To(BeTrue(), "a second iv_cs_exit back within two minutes")
			e.Soft(ret.Code).To(Refuse(), "a second iv_cs_exit") // AMB-39
			e.Expect(e.Since(began)).To(BeNumerically("<=", exitBound), "duration of a second iv_cs_exit")
			expectFootprint(e, before)
			streamCycle(e)
			expectFootprint(e, before)
		})
	})
}

// streamCycle is one stream from init to exit.
func streamCycle(e *Env) {
	streamFor(e, time.Second)
	e.Exit()
}

// streamFor streams for d, with transfer time-outs of 3 s.
func streamFor(e *Env, d time.Duration) {
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	startStream(e, cam)
	e.Given("TRANS-001", e.Lib.SetTransTime(3000, 3000)).To(ReturnNone(), "iv_cs_set_trans_time(3000, 3000)")
	cam.Run(d)
}

// uploading streams on until the library has asked for a grant, and a little
// longer: a segment is on its way.
func uploading(e *Env) {
	asked := len(requestsFor(e, fakecloud.ClassGrantSegment))
	cam := e.Camera(fixtures.H264(), nil)
	for begun := e.Now(); len(requestsFor(e, fakecloud.ClassGrantSegment)) == asked && e.Since(begun) < SegmentLength; {
		cam.Run(time.Second)
	}
	e.Given("UPL-001", len(requestsFor(e, fakecloud.ClassGrantSegment))).To(BeNumerically(">", asked), "a segment that is to be uploaded, within %v", SegmentLength)
	cam.Run(time.Second)
}

// processStat is what a library holds of its process; nil where that cannot be seen.
func processStat(e *Env) *target.Stat {
	if !e.Info.Can(target.CapProcesses) {
		return nil
	}
	e.Settle()
	st := e.Stat()
	return &st
}

// expectFootprint states that the library holds no more of its process than before.
// What it set up for good it has set up in the cycle before that. A Go runtime
// keeps the threads it has once made.
func expectFootprint(e *Env, before *target.Stat) {
	if before == nil {
		return
	}
	var now target.Stat
	e.Await(2*time.Second, func() bool { // a thread that was joined may show for a moment
		now = e.Stat()
		return now.Threads <= before.Threads && now.Descriptors <= before.Descriptors
	})
	if !e.Info.GoRuntime {
		e.Expect(now.Threads).To(BeNumerically("<=", before.Threads), "threads after iv_cs_exit, against those before iv_cs_init")
	}
	e.Expect(now.Descriptors).To(BeNumerically("<=", before.Descriptors), "descriptors after iv_cs_exit, against those before iv_cs_init")
	e.Expect(now.Sockets).To(BeNumerically("<=", before.Sockets), "sockets after iv_cs_exit, against those before iv_cs_init")
}

// exitCleanly exits and states that nothing is left of the module.
func exitCleanly(e *Env, before *target.Stat) {
	_, took := timedExit(e)
	e.Expect(took).To(BeNumerically("<=", exitBound), "duration of iv_cs_exit: both transfer time-outs of 3 s, and 5 s")
	e.Measure("duration of iv_cs_exit", "%v", took.Round(100*time.Millisecond))
	callbacks := callbacksEntered(e)
	expectFootprint(e, before)
	e.Advance(5 * time.Second)
	e.Hard(callbacksEntered(e)-callbacks).To(BeZero(), "callbacks in the 5 s after iv_cs_exit returned")
}
