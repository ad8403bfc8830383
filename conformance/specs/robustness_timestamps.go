package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// robustTimeStamps: PTS as users get them wrong, and at their limits.
func robustTimeStamps(s *Suite) {
	s.Rule("ROB-008", func(r *Rule) {
		const base = 10_000 // ms; the units below count from a time stamp of ten seconds
		for _, c := range []struct {
			name         string
			video, audio func(ms uint64, i int) uint64
		}{
			{"in microseconds", scaledBy(1000, 1), scaledBy(1000, 1)},
			{"in seconds", scaledBy(1, 1000), scaledBy(1, 1000)},
			{"as frame numbers", numbered, numbered},
			{"in ticks of 90 kHz", scaledBy(90, 1), scaledBy(90, 1)},
			{"of audio 0.4 s ahead of video", scaledBy(1, 1), shiftedBy(400 * time.Millisecond)},
			{"of audio 3 s ahead of video", scaledBy(1, 1), shiftedBy(3 * time.Second)},
			{"of audio 30 s ahead of video", scaledBy(1, 1), shiftedBy(30 * time.Second)},
			{"of audio 50 years ahead of video", scaledBy(1, 1), shiftedBy(50 * 365 * 24 * time.Hour)},
			{"of video 50 years ahead of audio", shiftedBy(50 * 365 * 24 * time.Hour), scaledBy(1, 1)},
		} {
			r.Scenario("time stamps "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				cam.PTSBase, cam.KeepGoing = base, true
				cam.EditVideo = func(i int, p *target.VencPack) bool { p.PTS = c.video(p.PTS, i); return true }
				cam.EditAudio = func(i int, p *target.AencPack) bool { p.PTS = c.audio(p.PTS, i); return true }
				wrongTimes(e, cam)
			}, Breaks("TS-001", "TS-003", "TS-004")) // what goes in wrong may come out wrong
		}
	})

	s.Rule("ROB-009", func(r *Rule) {
		for _, off := range []time.Duration{10 * time.Hour, -10 * time.Hour} {
			for _, c := range []struct {
				name  string
				frame int // a P frame that no other refers to, or a key frame
			}{{"a P frame", 239}, {"a key frame", 240}} {
				r.Scenario(fmt.Sprintf("%s %v off the time line", c.name, off), func(e *Env) { stray(e, c.frame, off) }, Breaks("TS-003", "TS-004"))
			}
		}
	})

	s.Rule("ROB-013", func(r *Rule) {
		for _, c := range []struct {
			name string
			at   uint64
		}{
			{"2^32 ms", 1 << 32},
			{"2^33/90 ms, where 33 bits of 90 kHz wrap", 1 << 33 / 90},
			{"2^41 ms", 1 << 41},
			{"2^53 ms", 1 << 53},
		} {
			r.Scenario("the time line goes on across "+c.name, func(e *Env) { across(e, c.at) })
		}
	})
}

// The ways to get a time stamp wrong.
func scaledBy(times, by uint64) func(uint64, int) uint64 {
	return func(ms uint64, _ int) uint64 { return ms * times / by }
}

func shiftedBy(d time.Duration) func(uint64, int) uint64 {
	return func(ms uint64, _ int) uint64 { return ms + uint64(d.Milliseconds()) }
}

func numbered(_ uint64, i int) uint64 { return uint64(i) }

// wrongTimes streams 40 s with time stamps that are wrong from the first on.
func wrongTimes(e *Env, cam *Camera) {
	e.StartFullTime(cam)
	begun := e.DeviceNow()
	for range 8 {
		cam.Run(5 * time.Second)
		expectBounded(e, cam, 800<<10)
	}
	if len(cam.Frames(true)) > 0 {
		e.Expect(e.Stored()).NotTo(BeEmpty(), "segments stored while 40 s were streamed: what is taken in goes out again")
	}
	e.Measure("frames refused", "%d of %d", len(cam.Refused()), len(cam.Ledger))
	e.Exit()
	bySeq := make(map[uint32]Pushed)
	for _, f := range cam.Frames(true) {
		bySeq[f.Seq] = f
	}
	for _, seg := range e.Stored() {
		first, a := bySeq[seg.FirstSeq]
		last, b := bySeq[seg.LastSeq]
		e.Given("UPL-008", a && b).To(BeTrue(), "the frames of %s among those pushed", seg.Name())
		wall, claim := last.At.Sub(first.At), seg.End.Sub(seg.Start)
		e.Expect(claim).To(BeNumerically("<=", 3*wall+utcTolerance), "time that %s claims, against three times the %v in which its frames came", seg.Name(), wall)
		e.Expect(seg.Start).To(BeTemporally(">=", begun.Add(-utcTolerance)), "start of %s, against that of the stream", seg.Name())
		e.Expect(seg.End).To(BeTemporally("<=", seg.StoredAt.Add(time.Minute)), "end of %s, against its storing", seg.Name())
	}
}

// stray streams 24 s in which one frame is far off the time line.
func stray(e *Env, frame int, off time.Duration) {
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	cam.PTSBase, cam.KeepGoing = uint64((24 * time.Hour).Milliseconds()), true
	var seq uint32
	cam.EditVideo = func(i int, p *target.VencPack) bool {
		if i == frame {
			p.PTS += uint64(off.Milliseconds())
			seq = p.Seq
		}
		return true
	}
	e.StartFullTime(cam)
	begun := e.DeviceNow()
	cam.Run(24 * time.Second)
	ended := e.DeviceNow()
	e.Exit()
	e.Expect(withoutReason(cam, func(f Pushed) bool { return f.Video && f.Seq == seq })).To(BeEmpty(), "frames refused besides the one off the time line")
	e.Expect(e.Stored()).NotTo(BeEmpty(), "segments stored")
	for _, seg := range e.Stored() {
		e.Expect(seg.Start).To(BeTemporally(">=", begun.Add(-utcTolerance)), "start of %s, against that of the stream", seg.Name())
		e.Expect(seg.End).To(BeTemporally("<=", ended.Add(utcTolerance)), "end of %s, against that of the stream", seg.Name())
	}
	if !transparent(e) {
		return
	}
	frames := cam.Frames(true)
	for _, i := range cam.CompareVideo().Missing {
		e.Expect(frames[i].Seq).To(Equal(seq), "number of an accepted frame that is not in the cloud: at most the one off the time line")
	}
}

// across streams 20 s around a time stamp of so many milliseconds.
func across(e *Env, ms uint64) {
	cam := e.Camera(fixtures.H264(), fixtures.AAC())
	cam.PTSBase = ms - 10_000
	e.StartFullTime(cam)
	begun := e.DeviceNow()
	cam.Run(20 * time.Second)
	ended := e.DeviceNow()
	e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
	e.Exit()
	e.Require(e.Stored()).NotTo(BeEmpty(), "segments of 20 s of streaming")
	expectOneLine(e, e.Stored(), begun, ended)
	frames := cam.Frames(true)
	known := make(map[uint64]bool)
	for _, f := range frames {
		known[f.PTS] = true
	}
	e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 20 s of streaming")
	for _, sl := range e.Slices() {
		e.Expect(known[sl.PTSA] && known[sl.PTSB]).To(BeTrue(), "pts_ms_a %d and pts_ms_b %d of slice %s were pushed", sl.PTSA, sl.PTSB, span(sl.SeqA, sl.SeqB))
	}
	e.Expect(e.Slices()[0].PTSA).To(Equal(frames[0].PTS), "pts_ms_a of the first slice")
	e.Expect(e.Slices()[len(e.Slices())-1].PTSB).To(Equal(frames[len(frames)-1].PTS), "pts_ms_b of the last slice")
	if !transparent(e) {
		return
	}
	e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames, their times modulo 2^33 included")
	var chain tscheck.Chain
	for _, seg := range e.Stored() {
		for _, f := range chain.Add(seg.TS) {
			e.Expect(f.Code).NotTo(Equal(tscheck.CodeChainTime), "%s: %s", seg.Name(), f.Text)
		}
	}
}
