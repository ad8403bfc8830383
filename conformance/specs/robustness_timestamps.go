package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// robustTimeStamps: times in the wrong unit, off the line, or very large.
func robustTimeStamps(s *Suite) {
	const run = 14 * time.Second

	s.Rule("ROB-008", func(r *Rule) {
		for _, c := range []struct {
			name         string
			video, audio func(ms uint64, i int) uint64
		}{
			{"in microseconds", times(1000), times(1000)},
			{"in seconds", func(ms uint64, _ int) uint64 { return ms / 1000 }, func(ms uint64, _ int) uint64 { return ms / 1000 }},
			{"that are the frame's index", index, index},
			{"in ticks of 90 kHz", times(90), times(90)},
			{"with audio 0.4 s away", times(1), later(400)},
			{"with audio 3 s away", times(1), later(3000)},
			{"with audio 30 s away", times(1), later(30_000)},
			{"with audio 50 years away", times(1), later(50 * 365 * 86_400_000)},
		} {
			r.Scenario("time stamps "+c.name+" are survived", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				cam.KeepGoing = true
				cam.EditVideo = func(i int, p *target.VencPack) bool { p.PTS = c.video(p.PTS, i); return true }
				cam.EditAudio = func(i int, p *target.AencPack) bool { p.PTS = c.audio(p.PTS, i); return true }
				e.StartFullTime(cam)
				cam.Run(run)
				expectBounded(e, cam, 800<<10)
				e.Exit()
				for _, seg := range e.Stored() {
					e.Expect(seg.End.Sub(seg.Start)).To(BeNumerically("<=", 3*run), "wall time that %s claims of %v pushed", seg.Name(), run)
				}
			}, Breaks("UPL-015", "TS-001", "TS-003", "TS-004"))
		}
	})

	s.Rule("ROB-009", func(r *Rule) {
		for _, off := range []int64{36_000_000, -36_000_000} {
			r.Scenario(map[bool]string{true: "one frame ten hours ahead", false: "one frame ten hours behind"}[off > 0]+" costs at most that frame", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				cam.PTSBase, cam.KeepGoing = 40_000_000, true
				var strayed uint32
				cam.EditVideo = func(i int, p *target.VencPack) bool {
					if i == 110 {
						p.PTS, strayed = uint64(int64(p.PTS)+off), p.Seq
					}
					return true
				}
				e.StartFullTime(cam)
				cam.Run(24 * time.Second)
				e.Exit()
				for _, p := range cam.Refused() {
					e.Expect(p.Seq).To(Equal(strayed), "number of a refused frame")
				}
				if !transparent(e) {
					return
				}
				match := cam.CompareVideo()
				for _, i := range match.Missing {
					e.Expect(cam.Frames(true)[i].Seq).To(Equal(strayed), "number of an accepted frame that is not in the cloud")
				}
			}, Breaks("UPL-015", "TS-001", "TS-003", "TS-004"))
		}
	})

	s.Rule("ROB-013", func(r *Rule) {
		for _, c := range []struct {
			name string
			base uint64
		}{
			{"the 33-bit wrap after 26.5 h", 1<<33/90 - 6000},
			{"2^32 ms", 1<<32 - 6000},
			{"2^41 ms", 1<<41 - 6000},
			{"2^53 ms", 1<<53 - 6000},
		} {
			r.Scenario("the time line goes on across "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				cam.PTSBase = c.base
				e.StartFullTime(cam)
				cam.Run(24 * time.Second)
				e.Expect(refusals(cam)).To(BeEmpty(), "frames refused")
				e.Exit()
				if !transparent(e) {
					return
				}
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
				var chain tscheck.Chain
				for _, seg := range e.Stored() {
					e.Expect(chain.Add(seg.TS)).To(BeEmpty(), "what does not go on from the segment before %s", seg.Name())
				}
			})
		}
	})
}

func times(factor uint64) func(uint64, int) uint64 {
	return func(ms uint64, _ int) uint64 { return ms * factor }
}

func later(by uint64) func(uint64, int) uint64 {
	return func(ms uint64, _ int) uint64 { return ms + by }
}

func index(_ uint64, i int) uint64 { return uint64(i) }
