package reference

import "testing"

// walk feeds a time line and gives the UTC ranges of the segments it would claim,
// cut at every tenth frame.
type walk struct {
	t    timeline
	wall int64
	mono int64
	out  []claim
	seg  struct{ start, media, mono int64 }
	last int64
	n    int
}

type claim struct{ start, end, passed int64 }

func (w *walk) frame(pts uint64) {
	now := reading{wall: w.wall, mono: w.mono}
	m := w.t.frame(true, pts, now)
	if w.n%10 == 0 {
		w.cut(m)
		w.seg.start, w.seg.media, w.seg.mono = w.t.start(m, now), m, w.mono
	}
	w.last = m
	w.n++
}

func (w *walk) cut(next int64) {
	if w.n > 0 {
		now := reading{wall: w.wall, mono: w.mono}
		passed := w.mono - w.seg.mono
		w.out = append(w.out, claim{w.seg.start, w.t.finish(w.seg.start, next-w.seg.media, passed, now), passed})
	}
}

func (w *walk) pass(ms int64) { w.wall += ms; w.mono += ms }

const noon = int64(1_768_478_400_000)

func TestSegmentsOfALiveRecordingAbutAndFollowTheClock(t *testing.T) {
	w := walk{wall: noon, mono: 5_000}
	w.t.begin(0)
	for i := range 40 {
		w.frame(uint64(i) * 1000)
		w.pass(1000)
	}
	w.cut(w.last + 1000)
	for i, c := range w.out {
		if want := noon + int64(i)*10_000; c.start != want || c.end != want+10_000 {
			t.Errorf("segment %d: %d to %d after the start, want %d to %d", i, c.start-noon, c.end-noon, i*10_000, i*10_000+10_000)
		}
	}
}

func TestTimeFollowsPTSThatMakeSenseAndElseTheArrival(t *testing.T) {
	for _, c := range []struct {
		name string
		pts  func(i int) uint64
	}{
		{"milliseconds", func(i int) uint64 { return uint64(i) * 1000 }},
		{"milliseconds from a far base", func(i int) uint64 { return 1<<53 + uint64(i)*1000 }},
		{"across the wrap of 2^64", func(i int) uint64 { return ^uint64(5000) + uint64(i)*1000 }},
		{"microseconds", func(i int) uint64 { return uint64(i) * 1_000_000 }},
		{"seconds", func(i int) uint64 { return uint64(i) }},
		{"90 kHz ticks", func(i int) uint64 { return uint64(i) * 90_000 }},
		{"frame numbers", func(i int) uint64 { return uint64(i) + 7 }},
		{"one frame 10 h ahead", func(i int) uint64 {
			if i == 13 {
				return 36_000_000
			}
			return uint64(i) * 1000
		}},
		{"a jump by an hour", func(i int) uint64 {
			if i > 13 {
				return 3_600_000 + uint64(i)*1000
			}
			return uint64(i) * 1000
		}},
		{"time going back by an hour", func(i int) uint64 {
			if i > 13 {
				return uint64(i) * 1000
			}
			return 3_600_000 + uint64(i)*1000
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := walk{wall: noon, mono: 0}
			w.t.begin(0)
			for i := range 100 {
				w.frame(c.pts(i))
				w.pass(1000)
			}
			w.cut(w.last)
			end := int64(0)
			for i, s := range w.out {
				if s.start < end {
					t.Errorf("segment %d begins %d ms before the end of the one before", i, end-s.start)
				}
				end = s.end
				if s.end <= s.start || s.end-s.start > 3*s.passed+1000 {
					t.Errorf("segment %d claims %d ms, %d have passed", i, s.end-s.start, s.passed)
				}
				if s.passed-(s.end-s.start) > 5_000 {
					t.Errorf("segment %d claims %d ms only, %d have passed", i, s.end-s.start, s.passed)
				}
				if late := noon + int64(i)*10_000 - s.start; late > 12_000 || late < -2_000 {
					t.Errorf("segment %d begins %d ms before its arrival", i, late)
				}
			}
		})
	}
}

func TestCorrectionsOfTheClockMoveWhatComesAfterThem(t *testing.T) {
	for _, c := range []struct {
		name string
		step int64
	}{{"back 3 s", -3_000}, {"forward 3 s", 3_000}, {"back 40 s", -40_000}, {"forward 40 s", 40_000}, {"from 1970", noon - 1000}, {"back an hour", -3_600_000}} {
		t.Run(c.name, func(t *testing.T) {
			w := walk{wall: noon, mono: 0}
			if c.step > 1e9 {
				w.wall = 1000
			}
			from := w.wall
			w.t.begin(0)
			for i := range 30 {
				if i == 15 {
					w.wall += c.step
				}
				w.frame(uint64(i) * 1000)
				w.pass(1000)
			}
			w.cut(w.last + 1000)
			want := []int64{from, from + 10_000, from + 20_000 + c.step}
			for i, s := range w.out {
				if s.start != want[i] || s.end-s.start != 10_000 {
					t.Errorf("segment %d: begins at %+d and lasts %d, want %+d and 10000", i, s.start-from, s.end-s.start, want[i]-from)
				}
			}
		})
	}
}

func TestMediaTimeLeavesOutWhatIsOffTheLine(t *testing.T) {
	var l timeline
	l.begin(0)
	for i, pts := range []uint64{0, 1000, 36_002_000, 3000, 4000, 0, 6000, 7000, 900, 9000} {
		now := reading{wall: noon + int64(i)*1000, mono: int64(i) * 1000}
		if got := l.frame(true, pts, now); got != int64(i)*1000 {
			t.Errorf("frame %d with PTS %d: media time %d, want that of its arrival, %d", i, pts, got, i*1000)
		}
	}
}

func TestPreRecordedVideoCatchesUpWithThePresent(t *testing.T) {
	w := walk{wall: noon, mono: 0}
	w.t.begin(noon - 15_000)
	for i := range 15 {
		w.frame(uint64(i) * 1000)
		w.pass(3)
	}
	for i := 15; i < 40; i++ {
		w.frame(uint64(i) * 1000)
		w.pass(1000)
	}
	w.cut(w.last + 1000)
	for i, s := range w.out {
		if want := noon - 15_000 + int64(i)*10_000; s.start != want || s.end != want+10_000 {
			t.Errorf("segment %d: %+d to %+d, want %+d", i, s.start-noon, s.end-noon, want-noon)
		}
	}
	if !w.t.live {
		t.Error("the recording has caught up but does not count as live")
	}
}

func TestBackFilledVideoKeepsTheTimeItWasGiven(t *testing.T) {
	w := walk{wall: noon, mono: 0}
	w.t.begin(noon - 600_000)
	for i := range 20 {
		if i == 12 {
			w.wall += 40_000
		}
		w.frame(uint64(i) * 1000)
		w.pass(5)
	}
	w.cut(w.last + 1000)
	for i, s := range w.out {
		if want := noon - 600_000 + int64(i)*10_000; s.start != want || s.end != want+10_000 {
			t.Errorf("segment %d: %+d to %+d, want %+d", i, s.start-noon, s.end-noon, want-noon)
		}
	}
}

func TestPreRecordedVideoDoesNotHideTheRecordingBefore(t *testing.T) {
	w := walk{wall: noon, mono: 0}
	w.t.begin(0)
	for i := range 10 {
		w.frame(uint64(i) * 1000)
		w.pass(1000)
	}
	w.cut(w.last + 1000) // until noon + 10 s
	w.pass(5_000)
	w.t.begin(noon) // 15 s of pre-recorded video, of which 10 are stored already
	w.n = 0
	for i := range 20 {
		w.frame(100_000 + uint64(i)*1000)
	}
	w.cut(w.last + 1000)
	for i := 1; i < len(w.out); i++ {
		if w.out[i].start < w.out[i-1].end {
			t.Errorf("segment %d begins at %+d, the one before ends at %+d", i, w.out[i].start-noon, w.out[i-1].end-noon)
		}
	}
}

func TestTheSecondStreamMayCountFromAnotherBase(t *testing.T) {
	for _, c := range []struct {
		name string
		pts  uint64
		want int64
	}{
		{"the same base", 10_040, 40},
		{"a little earlier", 9_980, 0},
		{"50 years apart", 1_577_880_000_000, 40},
		{"30 s apart", 40_000, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l timeline
			l.begin(0)
			l.frame(true, 10_000, reading{wall: noon})
			if got := l.frame(false, c.pts, reading{wall: noon + 40, mono: 40}); got != c.want {
				t.Errorf("media time %d, want %d", got, c.want)
			}
		})
	}
}
