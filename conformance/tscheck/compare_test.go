package tscheck

import (
	"slices"
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

func pushedOf(c *fixtures.Clip, n int, base uint64) []Pushed {
	var out []Pushed
	for i := range n {
		out = append(out, Pushed{c.At(i).Data, base + c.PTS(i)})
	}
	return out
}

func TestWhatIsStoredIsHeldAgainstWhatWasPushed(t *testing.T) {
	const n = 500 // two turns of the clip, so that bytes repeat
	type want struct {
		codes   []Code
		missing []int
	}
	for _, c := range []struct {
		name  string
		store func(f []Frame) []Frame
		want  want
	}{
		{"all of it", func(f []Frame) []Frame { return f }, want{}},
		{"one is missing", func(f []Frame) []Frame { return slices.Delete(f, 7, 8) }, want{[]Code{CodeMissing}, []int{7}}},
		{"the first is missing", func(f []Frame) []Frame { return f[1:] }, want{[]Code{CodeMissing}, []int{0}}},
		{"the last two are missing", func(f []Frame) []Frame { return f[:n-2] }, want{[]Code{CodeMissing}, []int{n - 2, n - 1}}},
		{"a whole turn is missing", func(f []Frame) []Frame { return slices.Delete(f, 10, 250) }, want{[]Code{CodeMissing}, indices(10, 250)}},
		{"most of a turn is missing", func(f []Frame) []Frame { return slices.Delete(f, 10, 220) }, want{[]Code{CodeMissing}, indices(10, 220)}},
		{"one is there twice", func(f []Frame) []Frame { return slices.Insert(f, 8, f[7]) }, want{codes: []Code{CodeRepeated}}},
		{"two are swapped", func(f []Frame) []Frame { f[7], f[8] = f[8], f[7]; return f }, want{[]Code{CodeMissing, CodeRepeated}, []int{7}}},
		{"a byte is another", func(f []Frame) []Frame {
			f[7].Data = slices.Clone(f[7].Data)
			f[7].Data[20] ^= 1
			return f
		}, want{codes: []Code{CodeAltered}}},
		{"the first frame's bytes are others", func(f []Frame) []Frame {
			f[0].Data = slices.Clone(f[0].Data)
			f[0].Data[20] ^= 1
			return f
		}, want{codes: []Code{CodeAltered}}},
		{"one is damaged", func(f []Frame) []Frame { f[7].Damaged = true; return f }, want{codes: []Code{CodeAltered}}},
		{"one has another time", func(f []Frame) []Frame { f[7].PTS += 90; return f }, want{codes: []Code{CodeOffset}}},
		{"one has no time", func(f []Frame) []Frame { f[7].PTS = NoTime; return f }, want{}},
		{"something is there that was not pushed", func(f []Frame) []Frame {
			return slices.Insert(f, 8, Frame{PTS: f[7].PTS + 17, Data: []byte{1, 2, 3}})
		}, want{codes: []Code{CodeAltered}}},
	} {
		for _, clip := range fixtures.Bases() {
			t.Run(c.name+" "+clip.Name, func(t *testing.T) {
				m := mux{video: streamType(clip), start: 1<<33 - 90000} // wraps within
				r := Check(m.segment(clipSamples(clip, 0, n)))
				if len(r.Findings) > 0 {
					t.Fatal(r.Findings)
				}
				got := Compare(c.store(r.Video), pushedOf(clip, n, 1_700_000_000_000), streamType(clip))
				var codes []Code
				for _, f := range got.Findings {
					codes = append(codes, f.Code)
				}
				if !slices.Equal(codes, c.want.codes) || !slices.Equal(got.Missing, c.want.missing) {
					t.Errorf("missing %v, findings %v", got.Missing, got.Findings)
				}
				base := int64(1_700_000_000_000*90) & (1<<33 - 1)
				if want := (1<<33 - 90000 - base) & (1<<33 - 1); !got.OffsetKnown || got.Offset != want {
					t.Errorf("offset %d, want %d", got.Offset, want)
				}
			})
		}
	}
}

func indices(from, to int) []int {
	var out []int
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

func TestSoundIsComparedByADTSFrame(t *testing.T) {
	a := fixtures.AAC48Stereo()
	var samples []sample
	var pushed []Pushed
	for i := range 100 {
		samples = append(samples, sample{ms: int64(a.PTS(i)), data: a.At(i)})
		pushed = append(pushed, Pushed{a.At(i), a.PTS(i)})
	}
	// Two frames in one PES packet, and one that goes on in the next.
	samples[10].data = slices.Concat(samples[10].data, samples[11].data)
	samples = slices.Delete(samples, 11, 12)
	half := len(samples[20].data) / 2
	samples[21].data = slices.Concat(samples[20].data[half:], samples[21].data)
	samples[20].data = samples[20].data[:half]
	samples[21].ms = int64(a.PTS(22)) // of the first frame that begins in it
	m := mux{audio: TypeAAC}
	r := Check(m.segment(samples))
	for _, f := range r.Findings {
		t.Error(f)
	}
	if len(r.Audio) != 99 || len(r.ADTS()) != 100 {
		t.Errorf("%d PES packets, %d frames", len(r.Audio), len(r.ADTS()))
	}
	got := Compare(r.AudioUnits(), pushed, TypeAAC)
	for _, f := range got.Findings {
		t.Error(f)
	}
	if want := 100 * a.Duration(); r.AudioDuration() != want {
		t.Errorf("%v of sound, want %v", r.AudioDuration(), want)
	}
}

func TestAnInsertedDelimiterIsNoDifference(t *testing.T) {
	for _, c := range fixtures.Bases() {
		typ := streamType(c)
		with, short := c.WithAUD(), c.ThreeByteStartCodes().WithAUD()
		plain, longer := c.At(1).Data, with.At(1).Data
		for _, v := range []struct {
			name           string
			stored, pushed []byte
			same           bool
		}{
			{"none in either", plain, plain, true},
			{"put in front", longer, plain, true},
			{"pushed with it", longer, longer, true},
			{"taken away", plain, longer, false},
			{"behind it other bytes", append(slices.Clone(longer), 1), plain, false},
			{"start codes changed", short.At(1).Data, c.ThreeByteStartCodes().At(1).Data, false},
			{"in front of 3-byte start codes", slices.Concat(delimiter(plain), c.ThreeByteStartCodes().At(1).Data), c.ThreeByteStartCodes().At(1).Data, true},
		} {
			if got := SameUnit(v.stored, v.pushed, typ); got != v.same {
				t.Errorf("%s, %s: same %v", c.Name, v.name, got)
			}
		}
	}
}
