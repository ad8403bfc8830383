package tscheck

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
)

// bitWriter writes what bitReader reads.
type bitWriter struct {
	data []byte
	pos  int
}

func (w *bitWriter) bits(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.pos%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.pos/8] |= byte(v>>i&1) << (7 - w.pos%8)
		w.pos++
	}
}

func (w *bitWriter) ue(v uint32) { n := bits.Len32(v + 1); w.bits(0, n-1); w.bits(v+1, n) }

// setBits is a reference picture set as it is written.
type setBits struct {
	predicted      bool
	before, after  []uint32 // steps - 1, and in bit 31 whether the picture uses them
	negative       bool
	distance       uint32 // - 1
	used, useDelta []bool
}

const usedBit = 1 << 31

// write writes st_ref_pic_set, of a slice header (with delta_idx_minus1 0) or of an SPS.
func (s setBits) write(w *bitWriter, index int, inSlice bool) {
	flag := func(v bool) {
		if v {
			w.bits(1, 1)
		} else {
			w.bits(0, 1)
		}
	}
	if index > 0 {
		flag(s.predicted)
	}
	if s.predicted {
		if inSlice {
			w.ue(0)
		}
		flag(s.negative)
		w.ue(s.distance)
		for i := range s.used {
			flag(s.used[i])
			if !s.used[i] {
				flag(s.useDelta[i])
			}
		}
		return
	}
	w.ue(uint32(len(s.before)))
	w.ue(uint32(len(s.after)))
	for _, v := range slices.Concat(s.before, s.after) {
		w.ue(v &^ usedBit)
		flag(v&usedBit != 0)
	}
}

// spsWith returns an SPS with these sets.
func spsWith(sets []setBits) []byte {
	w := bitWriter{}
	w.bits(0x4201, 16)
	w.bits(0x01, 8) // one sub-layer
	for range 12 {  // profile_tier_level, without a run of zeros to escape
		w.bits(0x55, 8)
	}
	for _, v := range []uint32{0, 1, 320, 180} { // id, chroma, size
		w.ue(v)
	}
	w.bits(0, 1)
	for _, v := range []uint32{0, 0, 4} { // depths, log2_max_poc_lsb - 4
		w.ue(v)
	}
	w.bits(1, 1)
	for range 9 { // one layer of buffering, block sizes
		w.ue(1)
	}
	w.bits(0b0110, 4) // no scaling lists, amp, sao, no pcm
	w.ue(uint32(len(sets)))
	for i, s := range sets {
		s.write(&w, i, false)
	}
	w.bits(0b00101, 5) // no long-term, no mvp, smoothing, no VUI, no extension: then the stop bit
	w.bits(1, 1)
	return escape(w.data)
}

func escape(b []byte) []byte {
	var out []byte
	zeros := 0
	for _, v := range b {
		if zeros >= 2 && v <= 3 {
			out, zeros = append(out, 3), 0
		}
		if out = append(out, v); v == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}

// TestPredictedReferencePictureSets reads the same random sets as those of an SPS
// by mediacommon, and the last as that of a slice header here.
func TestPredictedReferencePictureSets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	steps := func(n int) []uint32 {
		out := make([]uint32, n)
		for i := range out {
			out[i] = uint32(r.IntN(4)) | usedBit*uint32(r.IntN(2))
		}
		return out
	}
	for range 2000 {
		first := setBits{before: steps(r.IntN(4)), after: steps(r.IntN(3))}
		second := setBits{before: steps(r.IntN(4)), after: steps(r.IntN(3))}
		if r.IntN(4) > 0 {
			second = setBits{predicted: true, negative: r.IntN(2) == 1, distance: uint32(r.IntN(5))}
			for range len(first.before) + len(first.after) + 1 {
				second.used = append(second.used, r.IntN(2) == 1)
				second.useDelta = append(second.useDelta, r.IntN(3) > 0)
			}
		}
		var sps h265.SPS
		if err := sps.Unmarshal(spsWith([]setBits{first, second})); err != nil {
			t.Fatalf("%+v %+v: %v", first, second, err)
		}
		w := bitWriter{}
		second.write(&w, 1, true)
		got, reason := parseRefPicSet(&bitReader{data: w.data}, []refPicSet{setOf(sps.ShortTermRefPicSets[0])})
		if want := setOf(sps.ShortTermRefPicSets[1]); reason != "" || !slices.Equal(got, want) {
			t.Fatalf("%+v predicted from %+v:\n%v (%s), mediacommon reads\n%v", second, first, got, reason, want)
		}
	}
}

func TestPictureOrderCountWraps(t *testing.T) {
	for _, c := range []struct {
		prev int32
		lsb  uint32
		want int32
	}{{10, 11, 11}, {255, 0, 256}, {256, 255, 255}, {250, 10, 266}, {300, 40, 296}, {300, 50, 306}} {
		codec := h265Codec{prevTid0: c.prev}
		if got := codec.orderCount(h265Slice{lsb: c.lsb, bits: 8}); got != c.want {
			t.Errorf("lsb %d behind %d: %d, want %d", c.lsb, c.prev, got, c.want)
		}
	}
}

func TestASliceNamesASetOfItsSPS(t *testing.T) {
	sets := []setBits{{before: []uint32{0 | usedBit}}, {before: []uint32{1 | usedBit}}, {before: []uint32{2 | usedBit}, after: []uint32{0}}}
	for index := range sets {
		var c h265Codec
		if u := c.unit(spsWith(sets)); u.err != "" {
			t.Fatal(u.err)
		}
		if u := c.unit([]byte{h265PPS << 1, 1, 0b11000001}); u.err != "" {
			t.Fatal(u.err)
		}
		w := bitWriter{}
		w.bits(1, 1)             // first_slice_segment_in_pic_flag
		w.ue(0)                  // PPS
		w.ue(1)                  // P
		w.bits(77, 8)            // picture order count
		w.bits(1, 1)             // short_term_ref_pic_set_sps_flag
		w.bits(uint32(index), 2) // of 3
		w.bits(0xffff, 16)
		if u := c.unit(append([]byte{0x02, 1}, w.data...)); u.err != "" || !u.first {
			t.Fatalf("%+v", u)
		}
		want := refPicSet{{delta: -1 - int32(index), used: true}}
		if index == 2 {
			want = append(want, refPic{delta: 1})
		}
		if !slices.Equal(c.slice.refs, want) || c.slice.lsb != 77 {
			t.Errorf("set %d: %+v, want %v", index, c.slice, want)
		}
	}
}
