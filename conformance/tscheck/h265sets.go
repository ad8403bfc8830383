package tscheck

import "math/bits"

// mediacommon has a parser of the H.265 SPS too, but version 2.9.2 indexes beyond
// a reference picture set that is predicted from a shorter one; what is stored
// must not be able to stop the judge.

// h265SPSEntry is what is needed of a sequence parameter set.
type h265SPSEntry struct {
	raw            []byte
	id             uint32
	separatePlanes bool
	lsbBits        int // of slice_pic_order_cnt_lsb
	sets           []refPicSet
}

// h265PPSEntry is what is needed of a picture parameter set.
type h265PPSEntry struct {
	id, sps    uint32
	outputFlag bool
	extraBits  int
}

// refPicSet is a short-term reference picture set: first what is shown before
// the picture, then what is shown after it, each from near to far.
type refPicSet []refPic

type refPic struct {
	delta int32 // of picture order count, not 0
	used  bool  // by the picture itself, not only by later ones
}

// bitLength is Ceil(Log2(n+1)).
func bitLength(n int) int { return bits.Len(uint(n)) }

func parseH265PPS(nal []byte) (*h265PPSEntry, string) {
	r := bitReader{data: unescape(nal[2:], 16)}
	p := &h265PPSEntry{id: r.ue(), sps: r.ue()}
	r.skip(1) // dependent_slice_segments_enabled_flag
	p.outputFlag = r.flag()
	p.extraBits = int(r.bits(3))
	if !r.ok() || p.id >= h265MaxPPS || p.sps >= h265MaxSPS {
		return nil, "the PPS cannot be read"
	}
	return p, ""
}

// parseH265SPS reads a sequence parameter set up to its reference picture sets (7.3.2.2.1).
func parseH265SPS(nal []byte) (*h265SPSEntry, string) {
	const unreadable = "the SPS cannot be read"
	r := bitReader{data: unescape(nal[2:], len(nal))}
	s := &h265SPSEntry{raw: nal}
	r.skip(4) // sps_video_parameter_set_id
	layers := int(r.bits(3))
	r.skip(1)
	skipProfile(&r, layers)
	s.id = r.ue()
	if r.ue() == 3 { // chroma_format_idc
		s.separatePlanes = r.flag()
	}
	r.ue() // width
	r.ue() // height
	if r.flag() {
		for range 4 { // conformance window
			r.ue()
		}
	}
	r.ue() // bit depths
	r.ue()
	lsb := r.ue()
	first := layers
	if r.flag() { // sps_sub_layer_ordering_info_present_flag
		first = 0
	}
	for range 3 * (layers - first + 1) {
		r.ue()
	}
	for range 6 { // sizes of blocks
		r.ue()
	}
	if r.flag() && r.flag() {
		skipScalingLists(&r)
	}
	r.skip(2)     // amp_enabled_flag, sample_adaptive_offset_enabled_flag
	if r.flag() { // pcm_enabled_flag
		r.skip(8)
		r.ue()
		r.ue()
		r.skip(1)
	}
	n := r.ue()
	if !r.ok() || s.id >= h265MaxSPS || lsb > 12 || n > 64 {
		return nil, unreadable
	}
	s.lsbBits = int(lsb) + 4
	for i := range int(n) {
		set, err := parseRefPicSet(&r, i, s.sets, false)
		if err != "" {
			return nil, err
		}
		s.sets = append(s.sets, set)
	}
	if !r.ok() {
		return nil, unreadable
	}
	return s, ""
}

// skipProfile skips profile_tier_level (7.3.3).
func skipProfile(r *bitReader, layers int) {
	r.skip(96)
	var profile, level [8]bool
	for i := range layers {
		profile[i], level[i] = r.flag(), r.flag()
	}
	if layers > 0 {
		r.skip(2 * (8 - layers))
	}
	for i := range layers {
		if profile[i] {
			r.skip(88)
		}
		if level[i] {
			r.skip(8)
		}
	}
}

// skipScalingLists skips scaling_list_data (7.3.4).
func skipScalingLists(r *bitReader) {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for matrix := 0; matrix < 6; matrix += step {
			if !r.flag() {
				r.ue()
				continue
			}
			n := min(64, 1<<(4+2*size))
			if size > 1 {
				n++ // scaling_list_dc_coef_minus8
			}
			for range n {
				r.se()
			}
		}
	}
}

// parseRefPicSet reads st_ref_pic_set(index) (7.3.7, 7.4.8); sets are those of
// the SPS so far, inSlice says that it is the one of a slice header.
func parseRefPicSet(r *bitReader, index int, sets []refPicSet, inSlice bool) (refPicSet, string) {
	const wrong = "a reference picture set cannot be read"
	if index == 0 || !r.flag() { // inter_ref_pic_set_prediction_flag
		return explicitSet(r, wrong)
	}
	back := uint32(1)
	if inSlice {
		back = r.ue() + 1 // delta_idx_minus1
	}
	sign := r.flag()
	d := r.ue() + 1 // abs_delta_rps_minus1
	if !r.ok() || back > uint32(index) || d > 1<<15 {
		return nil, wrong
	}
	delta := int32(d)
	if sign {
		delta = -delta
	}
	return predictedSet(r, sets[index-int(back)], delta), ""
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
