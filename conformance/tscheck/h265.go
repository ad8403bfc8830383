package tscheck

import (
	"bytes"
	"fmt"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
)

// NAL unit types of H.265 (ISO 23008-2, table 7-1).
const (
	h265RADLN, h265RASLR               = 6, 9
	h265RASLN                          = 8
	h265FirstIRAP, h265LastIRAP        = 16, 23
	h265LastBLA, h265IDRW, h265IDRN    = 18, 19, 20
	h265LastSlice                      = 31
	h265VPS, h265SPS, h265PPS, h265AUD = 32, 33, 34, 35
	h265EndSeq, h265EndStr, h265Filler = 36, 37, 38
	h265SuffixSEI                      = 40
	h265SetVPS, h265SetSPS, h265SetPPS = 1 << 0, 1 << 1, 1 << 2
	h265MaxSPS, h265MaxPPS             = 16, 64
)

// h265Codec follows an H.265 stream.
type h265Codec struct {
	sps [h265MaxSPS]*h265SPSEntry
	pps [h265MaxPPS]*h265.PPS

	// The access unit under way.
	slice    h265Slice
	hasSlice bool

	known    bool    // a picture came before
	ended    bool    // an end of sequence came before
	prevTid0 int32   // picture order count of prevTid0Pic (8.3.1)
	highest  int32   // order count since the last IRAP picture
	have     []int32 // order counts of the pictures that may be referred to
}

// h265Slice is what is needed of a slice header.
type h265Slice struct {
	typ  byte
	tid  byte
	lsb  uint32
	bits int // of lsb
	refs refPicSet
}

func (*h265Codec) names() []string { return []string{"VPS", "SPS", "PPS"} }

func (c *h265Codec) unit(nal []byte) unitInfo {
	u := unitInfo{typ: nalType(TypeH265, nal)}
	switch {
	case len(nal) < 2:
		u.err = "NAL unit without its header of 2 bytes"
	case nal[0]&0x80 != 0:
		u.err = "forbidden_zero_bit is set"
	case nal[1]&7 == 0:
		u.err = "nuh_temporal_id_plus1 is 0"
	case u.typ <= h265LastSlice:
		u.slice = true
		u.key = u.typ >= h265FirstIRAP && u.typ <= h265LastIRAP
		u.first = len(nal) > 2 && nal[2]&0x80 != 0 // first_slice_segment_in_pic_flag
		if u.first && !c.hasSlice {
			u.err = c.takeSlice(nal, u.typ)
		}
	case u.typ == h265VPS:
		u.set = h265SetVPS
	case u.typ == h265SPS:
		u.set = h265SetSPS
		u.err = c.takeSPS(nal)
	case u.typ == h265PPS:
		u.set = h265SetPPS
		u.err = c.takePPS(nal)
	case u.typ == h265AUD:
		u.aud = true
	case u.typ == h265EndSeq:
		u.after, c.ended = true, true
	case u.typ == h265EndStr, u.typ == h265Filler, u.typ == h265SuffixSEI,
		u.typ >= 45 && u.typ <= 47, u.typ >= 56:
		u.after = true
	}
	return u
}

func (c *h265Codec) takePPS(nal []byte) string {
	p := new(h265.PPS)
	if err := p.Unmarshal(nal); err != nil {
		return fmt.Sprintf("the PPS cannot be read: %v", err)
	}
	if p.ID >= h265MaxPPS || p.SPSID >= h265MaxSPS {
		return "the PPS has an impossible id"
	}
	c.pps[p.ID] = p
	return ""
}

// h265SPSEntry is what is needed of a sequence parameter set.
type h265SPSEntry struct {
	raw            []byte
	separatePlanes bool
	lsbBits        int // of slice_pic_order_cnt_lsb
	sets           []refPicSet
}

func (c *h265Codec) takeSPS(nal []byte) string {
	for _, s := range c.sps {
		if s != nil && bytes.Equal(s.raw, nal) {
			return ""
		}
	}
	var sps h265.SPS
	if err := sps.Unmarshal(nal); err != nil {
		return fmt.Sprintf("the SPS cannot be read: %v", err)
	}
	if sps.ID >= h265MaxSPS || sps.Log2MaxPicOrderCntLsbMinus4 > 12 {
		return "the SPS has an impossible id or size of picture order count"
	}
	s := &h265SPSEntry{raw: nal, separatePlanes: sps.SeparateColourPlaneFlag, lsbBits: int(sps.Log2MaxPicOrderCntLsbMinus4) + 4}
	for _, set := range sps.ShortTermRefPicSets {
		s.sets = append(s.sets, setOf(set))
	}
	c.sps[sps.ID] = s
	return ""
}

// takeSlice reads the header of a picture's first slice segment up to its
// reference picture set (7.3.6.1).
func (c *h265Codec) takeSlice(nal []byte, typ byte) string {
	r := bitReader{data: unescape(nal[2:], sliceHeaderBytes)}
	r.skip(1) // first_slice_segment_in_pic_flag
	if typ >= h265FirstIRAP && typ <= h265LastIRAP {
		r.skip(1) // no_output_of_prior_pics_flag
	}
	id := r.ue()
	if !r.ok() || id >= h265MaxPPS {
		return "the slice header cannot be read"
	}
	pps := c.pps[id]
	if pps == nil || c.sps[pps.SPSID] == nil {
		return "" // without its parameter sets; that is told where a key frame lacks them
	}
	sps := c.sps[pps.SPSID]
	s := h265Slice{typ: typ, tid: nal[1]&7 - 1, bits: sps.lsbBits}
	r.skip(int(pps.NumExtraSliceHeaderBits))
	if r.ue() > 2 { // slice_type
		return "the slice header has an impossible slice_type"
	}
	if pps.OutputFlagPresentFlag {
		r.skip(1)
	}
	if sps.separatePlanes {
		r.skip(2)
	}
	if typ != h265IDRW && typ != h265IDRN {
		s.lsb = r.bits(s.bits)
		if !r.flag() { // short_term_ref_pic_set_sps_flag
			set, err := parseRefPicSet(&r, sps.sets)
			if err != "" {
				return err
			}
			s.refs = set
		} else if n := len(sps.sets); n > 0 {
			index := r.bits(bitLength(n - 1))
			if int(index) >= n {
				return "the slice header names a reference picture set that the SPS does not have"
			}
			s.refs = sps.sets[index]
		}
	}
	if !r.ok() {
		return "the slice header is cut short"
	}
	c.slice, c.hasSlice = s, true
	return ""
}

// picture derives the picture order count (8.3.1) and holds it and the reference
// picture set (8.3.2) against the pictures before.
func (c *h265Codec) picture(u *accessUnit) pictureInfo {
	var info pictureInfo
	s, has := c.slice, c.hasSlice
	c.hasSlice = false
	if !has {
		c.known = false
		return info
	}
	irap := s.typ >= h265FirstIRAP && s.typ <= h265LastIRAP
	fresh := !c.known || irap && (s.typ <= h265IDRN || c.ended) // IDR, BLA, or the first of a sequence
	poc := int32(s.lsb)
	if !fresh {
		poc = c.orderCount(s)
	}
	switch {
	case irap:
		c.highest = poc
		c.have = c.have[:0]
	case !c.known:
		c.highest = poc
	case poc < c.highest:
		info.b = true
	default:
		c.highest = poc
	}
	rasl := s.typ == h265RASLN || s.typ == h265RASLR // refers to what is before the key frame
	if missing, n := c.refer(s, poc, irap || !c.known || u.lost || rasl); n > 0 {
		info.code = CodeReference
		info.problem = fmt.Sprintf("refers to the picture %d before it in the order of showing, which is not there; %d such references",
			-missing, n)
	}
	if s.tid == 0 && !(s.typ <= 14 && s.typ%2 == 0) && !(s.typ >= h265RADLN && s.typ <= h265RASLR) {
		c.prevTid0 = poc
	}
	c.known = true
	if irap {
		c.ended = false
	}
	return info
}

// orderCount is PicOrderCntVal of a picture that does not begin a sequence.
func (c *h265Codec) orderCount(s h265Slice) int32 {
	turn := int32(1) << s.bits
	prevLSB := c.prevTid0 & (turn - 1)
	msb, lsb := c.prevTid0-prevLSB, int32(s.lsb)
	switch {
	case lsb < prevLSB && prevLSB-lsb >= turn/2:
		msb += turn
	case lsb > prevLSB && lsb-prevLSB > turn/2:
		msb -= turn
	}
	return msb + lsb
}

// refer drops the pictures that the reference picture set does not keep, and
// counts those it uses that are not there; silent, it takes them for granted. A
// missing picture is told once: from then on it counts as there.
func (c *h265Codec) refer(s h265Slice, poc int32, silent bool) (delta int32, missing int) {
	kept := make([]int32, 0, len(s.refs)+1)
	for _, ref := range s.refs {
		there := silent
		for _, have := range c.have {
			there = there || have == poc+ref.delta
		}
		if !there && ref.used {
			if missing++; missing == 1 {
				delta = ref.delta
			}
			there = true
		}
		if there {
			kept = append(kept, poc+ref.delta)
		}
	}
	c.have = append(kept, poc)
	return delta, missing
}
