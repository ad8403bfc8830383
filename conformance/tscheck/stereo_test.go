package tscheck

import (
	"os"
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

func TestASilentLeftChannelIsSeenWithoutADecoder(t *testing.T) {
	for file, want := range map[string]bool{"left-silent.aac": true, "right-silent.aac": false} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		frames, err := ADTSFrames(b)
		if err != nil || len(frames) < 16 {
			t.Fatalf("%s: %d frames, %v", file, len(frames), err)
		}
		// The first two and the last frames hold the beginning and the end of the
		// tone, where an encoder may do anything.
		for i, a := range frames[2 : len(frames)-1] {
			if silent, known := LeftSilent(a); !known || silent != want {
				t.Errorf("%s, frame %d: silent %v, known %v", file, i+2, silent, known)
			}
		}
	}
}

func TestMonoSoundDoesNotTellOfItsLeftChannel(t *testing.T) {
	frames, err := ADTSFrames(fixtures.AAC().At(5))
	if err != nil {
		t.Fatal(err)
	}
	if _, known := LeftSilent(frames[0]); known {
		t.Error("known")
	}
}

// TestWhatStandsBeforeTheChannelPairIsSkipped builds frames by hand: filling and
// data elements first, long and short windows, common window with and without
// sum and difference.
func TestWhatStandsBeforeTheChannelPairIsSkipped(t *testing.T) {
	type build func(w *bitWriter)
	pair := func(common uint32, ics ...build) build {
		return func(w *bitWriter) {
			w.bits(elementCPE, 3)
			w.bits(0, 4)
			w.bits(common, 1)
			for _, b := range ics {
				b(w)
			}
		}
	}
	gain := func(w *bitWriter) { w.bits(100, 8) }
	long := func(w *bitWriter) { w.bits(0b0000, 4); w.bits(20, 6); w.bits(0, 1) }
	short := func(w *bitWriter) { w.bits(0b0100, 4); w.bits(5, 4); w.bits(0b1011111, 7) } // two groups
	mask := func(v uint32) build { return func(w *bitWriter) { w.bits(v, 2) } }
	section := func(codebook, length uint32, size int) build {
		return func(w *bitWriter) { w.bits(codebook, 4); w.bits(length, size) }
	}
	escaped := func(w *bitWriter) { w.bits(0, 4); w.bits(7, 3); w.bits(0, 3) }
	fill := func(w *bitWriter) {
		w.bits(elementFIL, 3)
		w.bits(15, 4)
		w.bits(3, 8)
		w.bits(0xffffffff, 32)
		w.bits(0xffffff, 24)
		w.bits(0xffffffff, 32)
		w.bits(0xffffffff, 32)
		w.bits(0xff, 16)
	}
	data := func(w *bitWriter) {
		w.bits(elementDSE, 3)
		w.bits(0, 4)
		w.bits(1, 1)
		w.bits(2, 8)
		w.bits(0, (8-w.pos%8)%8)
		w.bits(0xffff, 16)
	}
	for _, c := range []struct {
		name          string
		parts         []build
		silent, known bool
	}{
		{"long window, silent", []build{pair(0, gain, long, section(0, 20, 5))}, true, true},
		{"long window, sound", []build{pair(0, gain, long, section(0, 10, 5), section(3, 10, 5))}, false, true},
		{"short windows, silent", []build{pair(0, gain, short, section(0, 5, 3), section(0, 5, 3))}, true, true},
		{"short windows, sound in the second group", []build{pair(0, gain, short, section(0, 5, 3), section(1, 5, 3))}, false, true},
		{"short windows, a section of more than 6 bands", []build{pair(0, gain, func(w *bitWriter) { w.bits(0b0100, 4); w.bits(7, 4); w.bits(0x7f, 7) }, escaped)}, true, true},
		{"common window, left and right", []build{pair(1, long, mask(0), gain, section(0, 20, 5))}, true, true},
		{"common window, sum and difference", []build{pair(1, long, mask(2), gain, section(0, 20, 5))}, false, false},
		{"behind a data element", []build{data, pair(0, gain, long, section(0, 20, 5))}, true, true},
		{"behind filling", []build{fill, pair(0, gain, long, section(0, 20, 5))}, true, true},
		{"two single channels", []build{func(w *bitWriter) { w.bits(0, 3); w.bits(0, 29) }}, false, false},
		{"cut short", []build{pair(0, gain, long)}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w bitWriter
			for _, b := range c.parts {
				b(&w)
			}
			a := ADTS{Data: append([]byte{0xff, 0xf1, 0, 0, 0, 0, 0}, w.data...), Channels: 2}
			silent, known := LeftSilent(a)
			if known != c.known || known && silent != c.silent {
				t.Errorf("silent %v, known %v", silent, known)
			}
		})
	}
}
