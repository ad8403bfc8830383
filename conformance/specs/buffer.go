package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
)

// kb is the unit of the specification's sizes: 800KB is a multiple of 4 KB only
// when it is 1024 bytes (AMB-56).
const kb = 1 << 10

// note3 is the profile of note 3's example: 20 fps, a GOP of 80 pictures, and
// 760 KB of video and sound in its four seconds. The sound of the fixture takes
// some 9 KB of it, the video what is left.
func note3() *fixtures.Clip { return gop(751 * kb) }

// gop is a clip with a GOP of 80 pictures, four seconds, of so many bytes, of
// which the key frame has a tenth.
func gop(bytes int) *fixtures.Clip {
	return fixtures.H264GOP80().Padded(bytes/10, (bytes-bytes/10)/79)
}

// buffer is notes 3 and 4: the size of the cloud-storage buffer.
func buffer(s *Suite) {
	// healthy streams the clip with AAC into a buffer of this size on a good
	// network, and states that nothing is refused and all of it is stored.
	healthy := func(e *Env, clip *fixtures.Clip, size uint32) {
		cam := e.Camera(clip, fixtures.AAC())
		p := ParmFor(clip, fixtures.AAC())
		p.MaxGopSize = size
		e.StartFullTimeWith(cam, p)
		cam.Run(30 * time.Second)
		e.Expect(cam.Refused()).To(BeEmpty(), "frames refused in 30 s on a good network, u32MaxGopSize %d", size)
		e.Exit()
		e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
	}

	// holds pushes one GOP of the clip with its sound to a cloud that takes nothing,
	// and states that the buffer holds it.
	holds := func(e *Env, clip *fixtures.Clip, size uint32) {
		stall(e)
		cam := e.Camera(clip, fixtures.AAC())
		p := ParmFor(clip, fixtures.AAC())
		p.MaxGopSize = size
		e.StartFullTimeWith(cam, p)
		cam.Run(4*time.Second - time.Second/fps)
		e.Expect(cam.Refused()).To(BeEmpty(), "frames refused of one GOP and its sound while nothing can be uploaded; %d bytes were accepted, u32MaxGopSize %d", cam.Bytes(), size)
	}

	s.Rule("BUF-001", func(r *Rule) {
		r.Scenario("a buffer for one GOP of four seconds and its sound holds them", func(e *Env) {
			holds(e, gop(300*kb), 328*kb)
		})
		r.Scenario("a buffer for one GOP of four seconds and its sound loses nothing on a good network", func(e *Env) {
			// 300 KB of video, 9 KB of sound; the example of note 3 leaves 5 % of room too.
			healthy(e, gop(300*kb), 328*kb)
		}, Unhurried())
	})

	s.Rule("BUF-002", func(r *Rule) {
		r.Scenario("800KB is accepted and enough for 20 fps, GOP 80, 760 KB in four seconds", func(e *Env) {
			p := ParmFor(note3(), fixtures.AAC())
			p.MaxGopSize = 800 * kb
			e.Hard(e.Lib.Init(p)).To(ReturnNone(), "iv_cs_init with u32MaxGopSize 819200, note 3's own example (AMB-56)")
			e.Exit()
			healthy(e, note3(), 800*kb)
		}, Unhurried())
		r.Scenario("800KB hold 760 KB, one GOP with its sound", func(e *Env) {
			holds(e, note3(), 800*kb)
		})
	})

	s.Rule("BUF-003", func(r *Rule) {
		r.Scenario("640KB is accepted and carries the same stream on a good network", func(e *Env) {
			p := ParmFor(note3(), fixtures.AAC())
			p.MaxGopSize = 640 * kb
			e.Hard(e.Lib.Init(p)).To(ReturnNone(), "iv_cs_init with u32MaxGopSize 655360, note 4's own example (AMB-56)")
			e.Exit()
			healthy(e, note3(), 640*kb)
		}, Unhurried())
	})

	s.Rule("BUF-004", func(r *Rule) {
		const size = 64 * kb
		// push offers a key frame of so many bytes to a buffer of 64 KB and then
		// streams on.
		push := func(e *Env, bytes int) (*Camera, target.Code) {
			cam := e.Camera(fixtures.H264().Padded(bytes, 0), nil)
			p := ParmFor(cam.Video, nil)
			p.MaxGopSize = size
			e.StartFullTimeWith(cam, p)
			code := cam.PushVideo()
			e.Advance(2 * time.Second)
			next := e.Camera(fixtures.H264(), nil)
			next.Run(6 * time.Second)
			e.Expect(next.Refused()).To(BeEmpty(), "frames refused after a key frame of %d bytes", bytes)
			e.Exit()
			if transparent(e) {
				e.Expect(next.Unreported()).To(BeEmpty(), "accepted frames that no slice reports")
				expectOnly(e, cam, next)
			}
			return cam, code
		}
		r.Scenario("a key frame of 100 KB gives an error with a buffer of 64 KB", func(e *Env) {
			_, code := push(e, 100*kb)
			e.Expect(code).To(Refuse(), "iv_cs_push_stream of a key frame of %d bytes with u32MaxGopSize %d", 100*kb, size)
		}, Guarded())
		r.Scenario("a key frame as large as the buffer does not harm", func(e *Env) {
			cam, code := push(e, size)
			e.Record("key frame of u32MaxGopSize bytes", "%v", code)
			if code == target.ErrNone {
				e.Hard(cam.Unreported()).To(BeEmpty(), "a key frame of u32MaxGopSize bytes was accepted and no slice reports it (AMB-57)")
			}
		}, Guarded())
	})

	s.Rule("BUF-005", func(r *Rule) {
		r.Scenario("a smaller buffer is full earlier in an outage", func(e *Env) {
			sizes := []uint32{640 * kb, 1600 * kb}
			var taken []int64
			for i, size := range sizes {
				stall(e)
				cam := e.Camera(steady(100*kb), nil)
				p := ParmFor(cam.Video, nil)
				p.MaxGopSize = size
				e.Device.SetPlan(FullTime)
				e.Init(p)
				e.Given("FLOW-003", e.AwaitCallback(target.CBStart, i+1, StartWithin)).NotTo(BeNil(), "start_cb")
				began := e.Now()
				fillTo(e, 2*int64(sizes[1]), cam)
				e.Measure("until the first push is refused in an outage", "%d bytes, %v with u32MaxGopSize %d", cam.Bytes(), e.Since(began).Round(time.Second), size)
				taken = append(taken, cam.Bytes())
				e.Exit()
			}
			e.Expect(taken[0]).To(BeNumerically("<", taken[1]), "bytes accepted in an outage with u32MaxGopSize %d, bytes accepted with %d", sizes[0], sizes[1])
		})
	})
}
