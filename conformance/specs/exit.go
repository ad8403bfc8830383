package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// exit is the section iv_cs_exit.
func exit(s *Suite) {
	exitFreely(s)
	exitUnderWay(s)
}

// exitFreely is exit with nothing to wait for: it frees all, and init works again.
func exitFreely(s *Suite) {
	s.Rule("EXIT-001", func(r *Rule) {
		r.Scenario("exit directly after init succeeds", func(e *Env) {
			e.Init(e.Parm())
			e.Exit()
		})
		r.Scenario("fifty cycles of init and exit leave nothing behind", func(e *Env) {
			expectNoGrowth(e, 50, func(int) {
				e.Init(e.Parm())
				e.Exit()
			})
		}, Needs(rules.Processes))
		r.Scenario("cycles with a stream leave nothing behind", func(e *Env) {
			e.Device.SetPlan(FullTime)
			expectNoGrowth(e, 20, func(i int) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.Init(ParmFor(cam.Video, cam.Sound))
				e.Given("FLOW-003", e.AwaitCallback(target.CBStart, i+1, StartWithin)).NotTo(BeNil(), "start_cb number %d", i+1)
				cam.Run(500 * time.Millisecond)
				e.Given("PUSH-012", cam.Refused()).To(BeEmpty(), "frames refused")
				e.Exit()
			})
		}, Needs(rules.Processes, rules.CloudBinding, rules.FullTime))
	})

	s.Rule("EXIT-002", func(r *Rule) {
		r.Scenario("an event that was open at exit can be started again", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			e.StartEvent(4, 1)
			cam.Run(2 * time.Second)
			e.Lib.SetAI(4, target.AIFallDetect)
			e.Exit()
			e.Require(e.Lib.Init(ParmFor(cam.Video, nil))).To(ReturnNone(), "iv_cs_init after iv_cs_exit")
			e.AwaitPlan(target.PlanEvent)
			e.Expect(e.Lib.EventStart(4)).To(ReturnNone(), "iv_cs_event_start of the event that was open at iv_cs_exit")
			e.Expect(e.AwaitCallback(target.CBStart, 2, StartWithin)).NotTo(BeNil(), "start_cb of that event")
			if ai, code := e.Lib.GetAI(4); code == target.ErrNone {
				e.Record("AI type of an event after exit and init", "%d", ai) // AMB-54
			}
			e.Expect(e.Lib.SetAI(4, target.AIClose)).To(ReturnNone(), "iv_cs_set_ai_process after exit and init")
		})
		r.Scenario("five cycles with different formats each start and store their stream", func(e *Env) {
			formats := []struct {
				clip  *fixtures.Clip
				sound *fixtures.Audio
			}{
				{fixtures.H264(), fixtures.AAC()}, {fixtures.H265(), fixtures.AAC48Stereo()}, {fixtures.H264(), nil},
				{fixtures.H265(), fixtures.AAC()}, {fixtures.H264(), fixtures.AAC8()},
			}
			e.Device.SetPlan(FullTime)
			for i, f := range formats {
				before := len(e.Stored())
				cam := e.Camera(f.clip, f.sound)
				e.Expect(e.Lib.Init(ParmFor(f.clip, f.sound))).To(ReturnNone(), "iv_cs_init number %d", i+1)
				e.Require(e.AwaitCallback(target.CBStart, i+1, StartWithin)).NotTo(BeNil(), "start_cb number %d within %v of iv_cs_init", i+1, StartWithin)
				cam.Run(4 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused in cycle %d", i+1)
				e.Exit()
				stored := e.Stored()[before:]
				e.Expect(stored).NotTo(BeEmpty(), "segments stored in cycle %d", i+1)
				expectStreamTypes(e, stored, f.clip)
				e.Expect(differences(e, cam, stored)).To(BeEmpty(), "what differs between accepted and stored frames of cycle %d", i+1)
			}
		}, Needs(rules.H265))
	})

	s.Rule("EXIT-003", func(r *Rule) {
		// The text has no code for the order; a crash fails (AMB-39).
		wrong := func(e *Env, when string) {
			ret, back := e.TryExit(time.Minute)
			e.Hard(back).To(BeTrue(), "iv_cs_exit %s back within a minute", when)
			if back {
				e.Soft(ret.Code).To(Refuse(), "iv_cs_exit %s", when)
			}
		}
		r.Scenario("exit before any init is refused, and init works afterwards", func(e *Env) {
			wrong(e, "before any iv_cs_init")
			e.Require(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init after a needless iv_cs_exit")
			e.Exit()
		})
		r.Scenario("a second exit is refused, and init works afterwards", func(e *Env) {
			e.Init(e.Parm())
			e.Exit()
			wrong(e, "a second time")
			wrong(e, "a third time")
			e.Require(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init after a needless iv_cs_exit")
			e.Exit()
		})
		r.Scenario("exit after an init that failed is refused, and init works afterwards", func(e *Env) {
			p := e.Parm()
			p.MaxGopSize = 819201
			e.Given("INIT-004", e.Lib.Init(p)).To(Refuse(), "iv_cs_init with u32MaxGopSize 819201")
			wrong(e, "after an iv_cs_init that failed")
			e.Require(e.Lib.Init(e.Parm())).To(ReturnNone(), "iv_cs_init after a needless iv_cs_exit")
			e.Exit()
		})
	})

	s.Rule("EXIT-007", func(r *Rule) {
		for _, c := range formatChanges {
			r.Scenario(c.name, func(e *Env) { changeFormat(e, c) }, Needs(c.needs...))
		}
	})
}

// expectNoGrowth runs n cycles and states that threads, descriptors and heap do
// not grow with their number. The first cycles may set up what stays for good.
func expectNoGrowth(e *Env, n int, cycle func(i int)) {
	const warmUp = 5
	var before target.Stat
	for i := range n {
		if i == warmUp {
			e.Settle()
			before = e.Stat()
		}
		cycle(i)
	}
	e.Settle()
	after := e.Stat()
	// A thread, a descriptor or a structure lost in each cycle shows n-5 times; a
	// runtime's pool may still grow by a few.
	few := (n - warmUp) / 2
	e.Expect(after.Threads-before.Threads).To(BeNumerically("<", few), "threads that %d cycles of init and exit added", n-warmUp)
	e.Expect(after.Descriptors-before.Descriptors).To(BeNumerically("<", few), "descriptors that %d cycles of init and exit added", n-warmUp)
	if before.Heap.Known && !e.Info.GoRuntime {
		e.Expect(after.Heap.InUse-before.Heap.InUse).To(BeNumerically("<", 1024*int64(n-warmUp)), "bytes of heap that %d cycles of init and exit added", n-warmUp)
	}
	e.Measure(fmt.Sprintf("after %d cycles more", n-warmUp), "%+d threads, %+d descriptors", after.Threads-before.Threads, after.Descriptors-before.Descriptors)
}

// exitUnderWay is exit while something is going on.
func exitUnderWay(s *Suite) {
	s.Rule("EXIT-004", func(r *Rule) {
		for _, c := range []struct {
			name  string
			class fakecloud.Class
			fault fakecloud.Fault
		}{
			{"while the store takes a picture and does not answer", fakecloud.ClassPicturePUT, fakecloud.Fault{Hang: true}},
			{"between the capture of a picture and its upload", fakecloud.ClassGrantPicture, fakecloud.Fault{Hang: true}},
			{"while the store refuses a picture", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 503}},
		} {
			r.Scenario("each picture is handed back by an exit "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
				e.InitEvents(cam)
				e.Lib.SetTransTime(3000, 3000)
				e.Device.Faults().Set(c.class, c.fault)
				for id := int32(1); id <= 2; id++ {
					e.Given("EVT-014", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d)", id)
				}
				e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 2, StartWithin)).NotTo(BeNil(), "capture_picture_cb for two events")
				struck := awaitSeconds(e, 20, func() *int {
					n := e.Device.Faults().Struck(c.class)
					if n == 0 {
						return nil
					}
					return &n
				})
				e.Given("EVT-006", struck).NotTo(BeNil(), "an attempt to upload the picture")
				_, took := timedExit(e)
				for _, ev := range e.Callbacks(target.CBCapture) {
					picture := pictureOf(e, ev.ID)
					e.Expect(released(e, picture)).To(Equal(1), "calls of picture_result_cb for picture %d when iv_cs_exit had returned", picture)
				}
				for _, ev := range e.Callbacks(target.CBPicture) {
					e.Expect(target.Code(ev.Args.ErrCode)).To(Refuse(), "err_code of a picture that is not stored")
				}
				e.Soft(took).To(BeNumerically("<=", 2*3*time.Second+2*time.Second), "duration of iv_cs_exit with both transfer time-outs at 3 s") // AMB-41
			})
		}
	})

	s.Rule("EXIT-005", func(r *Rule) {
		bounded := func(e *Env, disturb func()) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			e.Given("TRANS-001", e.Lib.SetTransTime(3000, 3000)).To(ReturnNone(), "iv_cs_set_trans_time(3000, 3000)")
			cam.Run(3 * time.Second)
			disturb()
			cam.Run(time.Second)
			_, took := timedExit(e)
			e.Expect(took).To(BeNumerically("<=", 2*3*time.Second+2*time.Second), "duration of iv_cs_exit with both transfer time-outs at 3 s")
			e.Measure("duration of iv_cs_exit", "%v", took.Round(100*time.Millisecond))
		}
		r.Scenario("with the network swallowing everything", func(e *Env) {
			bounded(e, e.Network.Blackhole)
		}, WithNetwork())
		r.Scenario("with the network refusing connections", func(e *Env) {
			bounded(e, func() {
				if err := e.Network.Refuse(); err != nil {
					e.Fail("the network cannot be broken: %v", err)
				}
			})
		}, WithNetwork())
		r.Scenario("with an upload that is never answered", func(e *Env) {
			bounded(e, func() { e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Hang: true}) })
		})
		r.Scenario("with nothing to do, at once", func(e *Env) {
			e.Device.SetPlan(NoPlan)
			e.Init(e.Parm())
			e.Advance(2 * time.Second)
			_, took := timedExit(e)
			// A second, and one more for a clock that runs fast.
			e.Expect(took).To(BeNumerically("<=", 2*time.Second), "duration of iv_cs_exit of an idle module")
		})
	})

	s.Rule("EXIT-006", func(r *Rule) {
		check := func(e *Env, cam *Camera) {
			cam.Run(3 * time.Second)
			e.Given("PUSH-012", cam.Refused()).To(BeEmpty(), "frames refused")
			e.Given("CB-STOP-001", e.Count(target.CBStop)).To(BeZero(), "calls of stop_cb before iv_cs_exit")
			e.Exit()
			stops, all := e.Count(target.CBStop), callbacksEntered(e)
			e.Record("stop_cb before iv_cs_exit returned", "%d times", stops)
			e.Expect(stops).To(BeNumerically("<=", 1), "calls of stop_cb during iv_cs_exit")
			e.Advance(5 * time.Second)
			e.Hard(e.Count(target.CBStop)-stops).To(BeZero(), "calls of stop_cb in the 5 s after iv_cs_exit returned")
			e.Hard(callbacksEntered(e)-all).To(BeZero(), "callbacks in the 5 s after iv_cs_exit returned")
		}
		r.Scenario("exit while a full-time plan streams", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			check(e, cam)
		}, Needs(rules.FullTime))
		r.Scenario("exit while an event streams", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			check(e, cam)
		}, Needs(rules.Event))
	})
}

// timedExit exits and returns how long that took in domain time. Whatever is
// under way, it must be back within two minutes (AMB-41).
func timedExit(e *Env) (target.Code, time.Duration) {
	began := e.Now()
	ret, back := e.TryExit(2 * time.Minute)
	e.Hard(back).To(BeTrue(), "iv_cs_exit back within two minutes")
	if !back {
		return target.NoReturn, e.Since(began)
	}
	e.Expect(ret.Code).To(ReturnNone(), "iv_cs_exit")
	return ret.Code, e.Since(began)
}

// pictureOf numbers the picture that a call of capture_picture_cb handed out.
func pictureOf(e *Env, callback uint32) int {
	for _, ev := range e.Lib.Trace() {
		if ev.Kind == target.CallbackLeft && ev.ID == callback && ev.Answered != nil {
			return ev.Answered.Picture
		}
	}
	return 0
}

// released counts the calls of picture_result_cb for a picture.
func released(e *Env, picture int) int {
	n := 0
	for _, ev := range e.Callbacks(target.CBPicture) {
		if ev.Args.Picture == picture {
			n++
		}
	}
	return n
}
