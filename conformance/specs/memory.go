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

// memory is note 7: what the module takes. The shim counts what the library
// allocates. A Go runtime has an allocator of its own, and a library may map its
// buffer; for those the resident memory of the process tells at least whether
// the cost follows u32MaxGopSize, and whether it grows.
func memory(s *Suite) {
	s.Rule("MEM-001", func(r *Rule) {
		for _, size := range []uint32{800 * kb, 4096 * kb} {
			r.Scenario(fmt.Sprintf("with AAC and a buffer of %d KB the heap grows by no more than the formula", size/kb), func(e *Env) {
				expectFormula(e, fixtures.AAC(), size)
			}, Needs(rules.HeapCount))
		}
		r.Scenario("the heap grows with u32MaxGopSize, byte for byte", func(e *Env) {
			expectSlope(e, func(f footprint) int64 { return f.heap }, "heap", 800*kb, 4096*kb)
		}, Needs(rules.HeapCount))
		r.Scenario("the resident memory grows with u32MaxGopSize, byte for byte", func(e *Env) {
			tellUncounted(e)
			expectSlope(e, func(f footprint) int64 { return f.rss }, "resident memory", 1<<20, 13<<20)
		})
	})

	s.Rule("MEM-002", func(r *Rule) {
		for _, sound := range []*fixtures.Audio{fixtures.PCM(8000, 1), fixtures.PCM(8000, 2), fixtures.G711A(1), fixtures.G711U(2)} {
			r.Scenario("with "+sound.Name+" the heap grows by no more than the formula", func(e *Env) {
				expectFormula(e, sound, 800*kb)
			})
		}
	})

	s.Rule("MEM-003", func(r *Rule) {
		const size, warmUp, cycles = 4096 * kb, 5, 20
		// growth is by how much a figure has grown over the cycles after the first
		// ones, which may set up what stays for good.
		growth := func(e *Env, figure func(target.Stat) int64) int64 {
			var before int64
			for i := range warmUp + cycles {
				if i == warmUp {
					before = figure(e.Stat())
				}
				cam := e.Camera(steady(512*kb), fixtures.AAC())
				p := ParmFor(cam.Video, cam.Sound)
				p.MaxGopSize = size
				e.Device.SetPlan(FullTime)
				e.Init(p)
				e.Given("FLOW-003", e.AwaitCallback(target.CBStart, i+1, StartWithin)).NotTo(BeNil(), "start_cb number %d", i+1)
				cam.Run(2 * time.Second)
				e.Exit()
			}
			e.Settle()
			return figure(e.Stat()) - before
		}
		r.Scenario("the heap in use does not grow from one init to the next", func(e *Env) {
			grown := growth(e, func(st target.Stat) int64 { return st.Heap.InUse })
			e.Expect(grown).To(BeNumerically("<", cycles*256), "bytes of heap that %d cycles of init, streaming and exit added", cycles)
			e.Measure("heap after "+fmt.Sprint(cycles)+" cycles more", "%+d bytes", grown)
		}, Needs(rules.HeapCount))
		r.Scenario("the resident memory does not grow from one init to the next", func(e *Env) {
			tellUncounted(e)
			grown := growth(e, func(st target.Stat) int64 { return st.RSS })
			// A buffer that is lost in each cycle shows twenty times, as far as it was
			// written to: some 1 MB of frames.
			e.Expect(grown).To(BeNumerically("<", cycles*256*kb), "bytes of resident memory that %d cycles of init, streaming and exit added", cycles)
			e.Measure("resident memory after "+fmt.Sprint(cycles)+" cycles more", "%+d KB", grown/kb)
		})
	})

	s.Rule("MEM-004", func(r *Rule) {
		for _, c := range []struct {
			name  string
			fault fakecloud.Fault
		}{
			{"a good network", fakecloud.Fault{}},
			{"a store that never answers", fakecloud.Fault{Hang: true}},
			{"a store that answers 503", fakecloud.Fault{Status: 503}},
		} {
			r.Scenario("the heap does not grow in a minute of streaming to "+c.name, func(e *Env) {
				before, early, late := minute(e, c.fault, func(st target.Stat) int64 { return st.Heap.Peak })
				e.Expect(late-before).To(BeNumerically("<=", formula(minuteBuffer, fixtures.AAC())), "bytes of heap at the most over those before iv_cs_init")
				// An unbounded queue would hold the 16 MB pushed since (RULED-03).
				e.Hard(late-early).To(BeNumerically("<", minuteBuffer/4), "bytes of heap at the most after a minute, over those after 20 s")
				e.Measure("heap over a minute with "+c.name, "%+d KB after 20 s, %+d KB after 60 s", (early-before)/kb, (late-before)/kb)
			}, Needs(rules.HeapCount))
			r.Scenario("the resident memory does not grow in a minute of streaming to "+c.name, func(e *Env) {
				tellUncounted(e)
				before, early, late := minute(e, c.fault, func(st target.Stat) int64 { return st.RSS })
				e.Hard(late-early).To(BeNumerically("<", 2*minuteBuffer), "bytes of resident memory after a minute, over those after 20 s")
				e.Measure("resident memory over a minute with "+c.name, "%+d KB after 20 s, %+d KB after 60 s", (early-before)/kb, (late-before)/kb)
			})
		}
	})
}

// tellUncounted records why a library's heap is judged by what is resident.
func tellUncounted(e *Env) {
	if e.Info.GoRuntime {
		e.Record("heap", "not counted: the library brings a Go runtime with an allocator of its own; only resident memory is judged")
	}
}

// formula is what note 7 allows, with the quarter of tolerance of AMB-58 and
// 200 KB for a HTTP client (cloud binding, ruling 12). Stacks are not counted.
func formula(size uint32, sound *fixtures.Audio) int64 {
	extra := int64(100 * kb)
	switch {
	case sound.Codec == fixtures.CodecAAC:
	case sound.Channels == 2:
		extra += 160 * kb
	default:
		extra += 120 * kb
	}
	return (int64(size)+extra)*5/4 + 200*kb
}

// footprint is what the library took at the most, over what there was before
// iv_cs_init.
type footprint struct{ heap, rss int64 }

// take lets the library fill a buffer of this size in an outage, and drain it,
// since that is when it needs the most. It is the n-th init of the scenario.
func take(e *Env, sound *fixtures.Audio, size uint32, n int) footprint {
	counted := e.Info.Can(target.CapHeap)
	if counted {
		must(e.Lib.ResetPeak())
	}
	before := e.Stat()
	stall(e)
	cam := e.Camera(steady(int(size/4)), sound)
	p := ParmFor(cam.Video, sound)
	p.MaxGopSize = size
	e.Device.SetPlan(FullTime)
	e.Init(p)
	e.Given("FLOW-003", e.AwaitCallback(target.CBStart, n, StartWithin)).NotTo(BeNil(), "start_cb number %d", n)
	e.Given("PUSH-026", fillTo(e, 2*int64(size), cam)).To(BeTrue(), "a frame refused before %d bytes are waiting, u32MaxGopSize %d", 2*size, size)
	most := e.Stat().RSS
	e.Device.Faults().ClearAll()
	e.Given("NET-003", e.Await(recoverWithin, func() bool { return len(e.Device.Segments()) > 0 })).To(BeTrue(), "a segment stored within %v of the outage", recoverWithin)
	cam.Run(4 * time.Second)
	after := e.Stat()
	most = max(most, after.RSS)
	e.Exit()
	return footprint{heap: after.Heap.Peak - before.Heap.InUse, rss: most - before.RSS}
}

// expectFormula states that the heap does not outgrow note 7.
func expectFormula(e *Env, sound *fixtures.Audio, size uint32) {
	took := take(e, sound, size, 1)
	e.Measure("heap with "+sound.Name, "%d KB with u32MaxGopSize %d KB", took.heap/kb, size/kb)
	e.Expect(took.heap).To(BeNumerically("<=", formula(size, sound)), "bytes of heap at the most over those before iv_cs_init, u32MaxGopSize %d", size)
}

// expectSlope states that a larger buffer costs what it is larger by.
func expectSlope(e *Env, figure func(footprint) int64, name string, small, large uint32) {
	a := figure(take(e, fixtures.AAC(), small, 1))
	b := figure(take(e, fixtures.AAC(), large, 2))
	slope := float64(b-a) / float64(large-small)
	e.Measure(name, "%d KB with u32MaxGopSize %d KB, %d KB with %d KB: %.2f bytes a byte", a/kb, small/kb, b/kb, large/kb, slope)
	e.Hard(slope).To(BeNumerically("<=", 1.5), "bytes of %s for each byte of u32MaxGopSize (AMB-58)", name)
}

// minuteBuffer is u32MaxGopSize of minute, minuteRate what it pushes in a second.
const minuteBuffer, minuteRate = 2048 * kb, 400 * kb

// minute streams for a minute and returns a figure before iv_cs_init, after
// 20 s and at the end. A refused key frame does not keep the camera from pushing
// on: all that a library may have to store is offered to it.
func minute(e *Env, fault fakecloud.Fault, figure func(target.Stat) int64) (before, early, late int64) {
	before = figure(e.Stat())
	cam := e.Camera(steady(minuteRate), fixtures.AAC())
	cam.KeepGoing = true
	p := ParmFor(cam.Video, cam.Sound)
	p.MaxGopSize = minuteBuffer
	e.StartFullTimeWith(cam, p)
	e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fault)
	cam.Run(20 * time.Second)
	early = figure(e.Stat())
	cam.Run(40 * time.Second)
	return before, early, figure(e.Stat())
}
