package specs

import (
	"bytes"
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// robustMemory: what is lost, kept or not there.
func robustMemory(s *Suite) {
	s.Rule("ROB-005", func(r *Rule) {
		r.Scenario("a hundred cycles of init and exit, each with frames, an event and a picture", func(e *Env) {
			manyCycles(e, 100)
		}, Needs(rules.Processes))
		r.Scenario("a thousand cycles of init and exit, each with frames, an event and a picture", func(e *Env) {
			manyCycles(e, 1000)
		}, Needs(rules.Processes, rules.ClockControl))
	})

	s.Rule("ROB-006", func(r *Rule) {
		// After each call the shim overwrites and unmaps what the call was given.
		r.Scenario("what the library was given may be overwritten on return", func(e *Env) {
			withPictures(e)
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.InitEvents(cam)
			e.StartEvent(1, 1)
			cam.Run(12 * time.Second)
			ret, back := e.Finish(e.Go(1, target.DirectlyReportCall(9, 0, fixtures.JPEG())), PictureWithin)
			e.Given("DIR-006", back && ret.Code == target.ErrNone).To(BeTrue(), "iv_cs_event_directly_report with a picture succeeds")
			e.StopEvent(1)
			e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb")
			e.Exit()
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
			}
			e.Expect(e.Device.Pictures()).To(HaveLen(2), "pictures in the cloud")
			expectJPEG(e)
		}, Guarded())
		for _, c := range []struct {
			name  string
			class fakecloud.Class
			fault fakecloud.Fault
		}{
			{"is refused twice", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 503, Times: 2}},
			{"is cut twice", fakecloud.ClassPicturePUT, fakecloud.Fault{ResetAfter: 1000, Times: 2}},
			{"is always refused", fakecloud.ClassPicturePUT, fakecloud.Fault{Status: 503}},
			{"gets no grant at first", fakecloud.ClassGrantPicture, fakecloud.Fault{Status: 500, Times: 2}},
		} {
			r.Scenario("a picture is gone with its result, when its upload "+c.name, func(e *Env) {
				withPictures(e)
				e.Device.Faults().Set(c.class, c.fault)
				cam := e.Camera(fixtures.H264(), nil)
				e.InitEvents(cam)
				e.StartEvent(1, 1)
				cam.Run(4 * time.Second)
				e.StopEvent(1)
				e.Given("CB-PIC-001", e.AwaitCallback(target.CBPicture, 1, 2*time.Minute)).NotTo(BeNil(), "picture_result_cb")
				e.Device.Faults().ClearAll()
				e.Advance(10 * time.Second) // a retry would come now
				e.Exit()
				expectJPEG(e)
				for _, ev := range e.Callbacks(target.CBPicture) {
					told := target.Code(ev.Args.ErrCode) == target.ErrNone
					e.Expect(told).To(Equal(len(e.Device.Pictures()) == 1), "err_code IV_ERR_NONE, the picture stored")
				}
			}, Guarded())
		}
	})

	s.Rule("ROB-018", func(r *Rule) {
		// A segment of light gets through in ten seconds, one of the other never does:
		// two minutes go by with each attempt.
		light, tooMuch := paced(fixtures.H264(), 4, 40), paced(grown(fixtures.H264(), 12_000), 1, 4)
		slow := func(e *Env, passed time.Duration) {
			if passed == 0 {
				e.Network.Storage.Bandwidth(1000)
			}
		}
		r.Scenario("a link of 1 KB/s for 45s", func(e *Env) {
			streamInMemory(e, light, 45*time.Second, slow)
		}, WithNetwork())
		flap := func(e *Env, passed time.Duration) {
			if passed/(5*time.Second)%2 == 0 {
				healNetwork(e)
			} else {
				breakNetwork(e)
			}
		}
		r.Scenario("a link that is up and down for 5 s each, for 45s", func(e *Env) {
			streamInMemory(e, light, 45*time.Second, flap)
		}, WithNetwork())
		// Two hours are affordable where the clock hooks move time at once.
		for _, c := range []struct {
			name  string
			d     time.Duration
			needs []rules.Capability
		}{
			{"two hours", 2 * time.Hour, []rules.Capability{rules.ClockControl, rules.ClockStep}},
			{"ten minutes", 10 * time.Minute, []rules.Capability{rules.ClockControl}},
		} {
			r.Scenario("a link of 1 KB/s for "+c.name, func(e *Env) {
				streamInMemory(e, tooMuch, c.d, slow)
			}, WithNetwork(), Needs(c.needs...))
			r.Scenario("a link that is up and down for 5 s each, for "+c.name, func(e *Env) {
				streamInMemory(e, paced(fixtures.H264(), 1, 4), c.d, flap)
			}, WithNetwork(), Needs(c.needs...))
		}
	})

	s.Rule("ROB-025", func(r *Rule) {
		r.Scenario("one allocation fails during init and exit", func(e *Env) {
			eachAllocation(e, 60, func() {
				if e.Lib.Init(e.Parm()) == target.ErrNone {
					e.Exit()
				}
			})
		})
		r.Scenario("one allocation fails from init, through an event with a picture, to exit", func(e *Env) {
			withPictures(e)
			eachAllocation(e, 0, func() { wholeFlow(e) })
		}, Needs(rules.ClockControl), Breaks("UPL-015"))
	})
}

// healNetwork ends what disturbs the network.
func healNetwork(e *Env) {
	if err := e.Network.Heal(); err != nil {
		e.Fail("the network cannot be mended: %v", err)
	}
	e.Replug()
}

// breakNetwork makes the network refuse all connections.
func breakNetwork(e *Env) {
	if err := e.Network.Refuse(); err != nil {
		e.Fail("the network cannot be broken: %v", err)
	}
}

// expectJPEG states that stored pictures are what the device handed over.
func expectJPEG(e *Env) {
	for _, p := range e.Device.Pictures() {
		e.Expect(bytes.Equal(p.Body, fixtures.JPEG())).To(BeTrue(), "the stored picture of event %d is the one handed over, byte for byte", p.EventID)
	}
}

// manyCycles runs n cycles of a whole event and looks at the library's process
// after each tenth of them.
func manyCycles(e *Env, n int) {
	withPictures(e)
	e.Device.SetPlan(EventPlan)
	var early, late target.Stat // when what stays for good is there, and at the end
	for i := range n {
		whole := wholeFlow(e)
		e.Given("FLOW-007", whole).To(BeTrue(), "an event with picture and frames in cycle %d", i+1)
		switch i + 1 {
		case n / 5:
			early = *processStat(e)
		case n:
			late = *processStat(e)
		}
	}
	cycles := int64(n - n/5)
	grown := func(what string, a, b int64, limit float64) {
		e.Expect(float64(b-a)/float64(cycles)).To(BeNumerically("<", limit), "%s that each of %d cycles of init and exit leaves behind", what, cycles)
		e.Measure(fmt.Sprintf("%s after %d cycles more", what, cycles), "%+d", b-a)
	}
	// One that is lost in each cycle shows as 1; a runtime's pools may still move.
	grown("threads", int64(early.Threads), int64(late.Threads), 0.2)
	grown("descriptors", int64(early.Descriptors), int64(late.Descriptors), 0.2)
	if early.Heap.Known && !e.Info.GoRuntime {
		grown("allocations", early.Heap.Blocks, late.Heap.Blocks, 0.2)
		grown("bytes of heap", early.Heap.InUse, late.Heap.InUse, 64)
		e.Hard(late.Heap.InUse-early.Heap.InUse).To(BeNumerically("<", 4096*cycles), "bytes of heap after %d cycles of init and exit more: memory without bound", cycles)
	}
	// Where only the whole process can be seen: a buffer lost in each cycle.
	e.Hard(late.RSS-early.RSS).To(BeNumerically("<", 64<<10*cycles+16<<20), "bytes of memory of the process after %d cycles of init and exit more: memory without bound", cycles)
}

// wholeFlow is an event with a picture and a few frames, from init to exit, as
// quick as the library goes. It reports whether all of it worked.
func wholeFlow(e *Env) bool {
	captures, starts, results := e.Count(target.CBCapture), e.Count(target.CBStart), e.Count(target.CBPicture)
	cam := e.Camera(fixtures.H264(), nil)
	if e.Lib.Init(ParmFor(cam.Video, nil)) != target.ErrNone {
		return false
	}
	whole := e.Await(StartWithin, func() bool {
		b, code := e.Lib.GetBalance(0)
		return code == target.ErrNone && b.Type == target.PlanEvent
	})
	whole = whole && e.Lib.EventStart(1) == target.ErrNone
	whole = whole && e.Await(StartWithin, func() bool {
		return e.Count(target.CBCapture) > captures && e.Count(target.CBStart) > starts
	})
	for i := 0; whole && i < 10; i++ {
		whole = cam.PushVideo() == target.ErrNone
	}
	whole = whole && e.Lib.EventStop(1) == target.ErrNone
	if whole {
		e.Await(PictureWithin, func() bool { return e.Count(target.CBPicture) > results })
	}
	e.Exit()
	return whole && e.Count(target.CBPicture) > results
}

// streamInMemory streams for d, disturbs the network every five seconds, and
// judges the library's heap as often.
func streamInMemory(e *Env, clip *fixtures.Clip, d time.Duration, disturb func(*Env, time.Duration)) {
	const buffer = 256 << 10
	cam := e.Camera(clip, nil)
	idle := e.Stat()
	startSmall(e, cam, buffer)
	e.Lib.SetTransTime(30_000, 110_000)
	if err := e.Lib.ResetPeak(); err != nil {
		e.Fail("the heap's peak cannot be reset: %v", err)
	}
	var third, last int64 // most heap in use in the third quarter of the time, and in the last
	for passed := time.Duration(0); passed < d; passed += 5 * time.Second {
		disturb(e, passed)
		cam.Run(5 * time.Second)
		used := e.Stat().Heap.InUse - idle.Heap.InUse
		e.Hard(used).To(BeNumerically("<", 3*buffer+1<<20), "bytes of heap in use after %v: memory without bound", passed.Round(time.Second))
		switch {
		case passed > d*3/4:
			last = max(last, used)
		case passed > d/2:
			third = max(third, used)
		}
	}
	peak := e.Stat().Heap.Peak - idle.Heap.InUse
	// Note 7, a quarter more (AMB-58), and what a client of HTTPS has of its own
	// (cloud binding, ruling 12).
	const formula = (buffer+100<<10)*5/4 + 200<<10
	e.Measure("peak of the heap", "%d KB, by the formula %d KB", peak>>10, formula>>10)
	e.Expect(peak).To(BeNumerically("<=", formula), "peak of the heap with u32MaxGopSize %d: u32MaxGopSize + 100 KB", buffer)
	e.Expect(last-third).To(BeNumerically("<", 32<<10), "growth of the heap over the last half of %v", d)
	healNetwork(e)
	e.Exit()
}

// eachAllocation runs the flow again and again, and lets the n-th allocation fail
// in the n-th run, until none is left to fail; or for at most the given number of runs.
func eachAllocation(e *Env, most int, flow func()) {
	streamCycle(e) // what is set up for good
	e.Device.SetPlan(EventPlan)
	flow()
	before := *processStat(e)
	n, runs := uint32(1), 0
	for ; most == 0 || runs < most; runs++ {
		failAllocation(e, n)
		flow()
		failed := e.Stat().Heap.Failed
		failAllocation(e, 0)
		if failed == 0 {
			break
		}
		// A flow may need thousands: each of the first hundred, then ever fewer.
		n += 1 + n/100
	}
	flow()
	after := *processStat(e)
	e.Measure("allocations that were made to fail", "%d", runs)
	e.Expect(runs).To(BeNumerically(">", 0), "allocations of the library that were made to fail")
	lost := float64(after.Heap.Blocks-before.Heap.Blocks) / float64(max(runs, 1))
	e.Expect(lost).To(BeNumerically("<", 0.2), "allocations left behind by each failure")
	e.Expect(after.Threads).To(BeNumerically("<=", before.Threads+1), "threads after the failures, against those before")
	e.Expect(after.Descriptors).To(BeNumerically("<=", before.Descriptors+1), "descriptors after the failures, against those before")
}
