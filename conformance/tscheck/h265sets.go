package tscheck

import (
	"math/bits"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
)

// refPicSet is a short-term reference picture set (ISO 23008-2, 7.4.8): first
// what is shown before the picture, then what is shown after it, each from near
// to far.
type refPicSet []refPic

type refPic struct {
	delta int32 // of picture order count, not 0
	used  bool  // by the picture itself, not only by later ones
}

// setOf takes a set that mediacommon has read from an SPS.
func setOf(s *h265.SPS_ShortTermRefPicSet) refPicSet {
	var set refPicSet
	for i, delta := range s.DeltaPocS0 {
		set = append(set, refPic{delta, s.UsedByCurrPicS0Flag[i]})
	}
	for i, delta := range s.DeltaPocS1 {
		set = append(set, refPic{delta, s.UsedByCurrPicS1Flag[i]})
	}
	return set
}

// bitLength is the number of bits of an index up to n: Ceil(Log2(n+1)).
func bitLength(n int) int { return bits.Len(uint(n)) }

// parseRefPicSet reads the st_ref_pic_set of a slice header (7.3.7), which may be
// predicted from one of the sets of the SPS.
func parseRefPicSet(r *bitReader, sets []refPicSet) (refPicSet, string) {
	const wrong = "the slice header's reference picture set cannot be read"
	if len(sets) == 0 || !r.flag() { // inter_ref_pic_set_prediction_flag
		return explicitSet(r, wrong)
	}
	back := r.ue() // delta_idx_minus1
	sign := r.flag()
	d := r.ue() + 1 // abs_delta_rps_minus1
	if !r.ok() || back >= uint32(len(sets)) || d > 1<<15 {
		return nil, wrong
	}
	delta := int32(d)
	if sign {
		delta = -delta
	}
	return predictedSet(r, sets[len(sets)-1-int(back)], delta), ""
}

func explicitSet(r *bitReader, wrong string) (refPicSet, string) {
	before, after := r.ue(), r.ue()
	if !r.ok() || before > 16 || after > 16 {
		return nil, wrong
	}
	var set refPicSet
	at := int32(0)
	for i := range before + after {
		if i == before {
			at = 0
		}
		step := r.ue() + 1
		if step > 1<<15 {
			return nil, wrong
		}
		if i < before {
			at -= int32(step)
		} else {
			at += int32(step)
		}
		set = append(set, refPic{at, r.flag()})
	}
	if !r.ok() {
		return nil, wrong
	}
	return set, ""
}

// predictedSet moves the set ref by delta, keeps of it and of the picture it
// belongs to what the flags say, and sorts from near to far (7-61, 7-62).
func predictedSet(r *bitReader, ref refPicSet, delta int32) refPicSet {
	var before, after refPicSet
	for i := range len(ref) + 1 {
		moved := refPic{delta: delta}
		if i < len(ref) {
			moved.delta += ref[i].delta
		}
		moved.used = r.flag()
		if !moved.used && !r.flag() { // use_delta_flag
			continue
		}
		switch {
		case moved.delta < 0:
			before = insert(before, moved)
		case moved.delta > 0:
			after = insert(after, moved)
		}
	}
	return append(before, after...)
}

// insert keeps a set sorted from near to far. All its deltas have one sign.
func insert(set refPicSet, p refPic) refPicSet {
	i := len(set)
	for i > 0 && abs(set[i-1].delta) > abs(p.delta) {
		i--
	}
	set = append(set, refPic{})
	copy(set[i+1:], set[i:])
	set[i] = p
	return set
}

func abs(v int32) int32 { return max(v, -v) }
