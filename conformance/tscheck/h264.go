package tscheck

import (
	"bytes"
	"fmt"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// NAL unit types of H.264 (ISO 14496-10, table 7-1).
const (
	h264NonIDR, h264PartA, h264IDR  = 1, 2, 5
	h264SEI, h264SPS, h264PPS       = 6, 7, 8
	h264AUD, h264EndSeq, h264EndStr = 9, 10, 11
	h264Filler, h264FirstReserved   = 12, 24
	h264SetSPS, h264SetPPS          = 1 << 0, 1 << 1
	h264SliceB                      = 1
	h264MaxSPS, h264MaxPPS          = 32, 256
	sliceHeaderBytes                = 64 // enough for what is read of a slice header
)

// h264Codec follows an H.264 stream.
type h264Codec struct {
	sps [h264MaxSPS]*h264SPSEntry
	pps map[uint32]uint32 // PPS id to SPS id

	// The access unit under way.
	b        bool
	slice    h264Slice
	hasSlice bool

	known   bool   // prevRef is of a picture before this one
	prevRef uint32 // PrevRefFrameNum (7.4.3)
	prev    h264Slice
}

type h264SPSEntry struct {
	raw []byte
	sps h264.SPS
}

// h264Slice is what is needed of a slice header.
type h264Slice struct {
	idr, reference, field bool
	frameNum, maxFrameNum uint32
	gapsAllowed           bool
}

func (*h264Codec) names() []string { return []string{"SPS", "PPS"} }

func (c *h264Codec) unit(nal []byte) unitInfo {
	u := unitInfo{typ: nalType(TypeH264, nal)}
	switch u.typ {
	case h264NonIDR, h264PartA, h264IDR:
		u.slice, u.key = true, u.typ == h264IDR
		u.first = len(nal) > 1 && nal[1]&0x80 != 0 // first_mb_in_slice is 0
		u.err = c.takeSlice(nal)
	case 3, 4: // data partitions B and C belong to the A before them
		u.after = true
	case h264SPS:
		u.set = h264SetSPS
		u.err = c.takeSPS(nal)
	case h264PPS:
		u.set = h264SetPPS
		c.takePPS(nal)
	case h264AUD:
		u.aud = true
	case h264EndSeq, h264EndStr, h264Filler:
		u.after = true
	case 255:
		u.err = "empty NAL unit"
	default:
		if nal[0]&0x80 != 0 {
			u.err = "forbidden_zero_bit is set"
		}
		u.after = u.typ >= h264FirstReserved || u.typ == 19 || u.typ == 20 || u.typ == 21
	}
	return u
}

func (c *h264Codec) takeSPS(nal []byte) string {
	r := bitReader{data: unescape(nal[1:], 16), pos: 24}
	id := r.ue()
	if !r.ok() || id >= h264MaxSPS {
		return "the SPS cannot be read"
	}
	if e := c.sps[id]; e != nil && bytes.Equal(e.raw, nal) {
		return ""
	}
	e := &h264SPSEntry{raw: nal}
	if err := e.sps.Unmarshal(nal); err != nil {
		c.sps[id] = nil
		return fmt.Sprintf("the SPS cannot be read: %v", err)
	}
	c.sps[id] = e
	return ""
}

func (c *h264Codec) takePPS(nal []byte) {
	r := bitReader{data: unescape(nal[1:], 16)}
	id, sps := r.ue(), r.ue()
	if r.ok() && id < h264MaxPPS && sps < h264MaxSPS {
		if c.pps == nil {
			c.pps = map[uint32]uint32{}
		}
		c.pps[id] = sps
	}
}

// takeSlice reads a slice header up to frame_num (7.3.3).
func (c *h264Codec) takeSlice(nal []byte) string {
	r := bitReader{data: unescape(nal[1:], sliceHeaderBytes)}
	r.ue() // first_mb_in_slice
	typ := r.ue()
	pps := r.ue()
	if !r.ok() || typ > 9 {
		return "the slice header cannot be read"
	}
	c.b = c.b || typ%5 == h264SliceB
	id, known := c.pps[pps]
	if !known || c.sps[id] == nil {
		return "" // without its parameter sets; that is told where a key frame lacks them
	}
	sps := &c.sps[id].sps
	if sps.SeparateColourPlaneFlag {
		r.skip(2)
	}
	n := int(sps.Log2MaxFrameNumMinus4) + 4
	if n > 16 {
		return "the SPS has an impossible log2_max_frame_num"
	}
	s := h264Slice{
		idr: nalType(TypeH264, nal) == h264IDR, reference: nal[0]&0x60 != 0,
		frameNum: r.bits(n), maxFrameNum: 1 << n, gapsAllowed: sps.GapsInFrameNumValueAllowedFlag,
	}
	if !sps.FrameMbsOnlyFlag {
		s.field = r.flag()
	}
	if !r.ok() {
		return "the slice header is cut short"
	}
	if !c.hasSlice {
		c.slice, c.hasSlice = s, true
	}
	return ""
}

// picture holds frame_num against the picture before (7.4.3): every picture
// behind a reference picture counts one on; unless the stream allows gaps, a jump
// means that a frame is missing, and a standstill that one was stored twice.
func (c *h264Codec) picture(u *accessUnit) pictureInfo {
	info := pictureInfo{b: c.b}
	s, has := c.slice, c.hasSlice
	c.b, c.hasSlice = false, false
	if !has {
		c.known = false
		return info
	}
	switch {
	case s.idr:
		c.known = true
	case !c.known || u.lost || s.field || c.prev.field:
		c.known = true
	case s.frameNum == (c.prevRef+1)%s.maxFrameNum:
	case s.gapsAllowed:
	case s.frameNum == c.prevRef:
		info.code, info.problem = CodeFrameNum, fmt.Sprintf("frame_num %d once more: the frame is there twice", s.frameNum)
	default:
		missing := (s.frameNum - c.prevRef - 1) % s.maxFrameNum
		info.code, info.problem = CodeFrameNum, fmt.Sprintf(
			"frame_num %d behind %d: %d frames that this one builds on are missing", s.frameNum, c.prevRef, missing)
	}
	if s.reference {
		c.prevRef = s.frameNum
	} else if info.problem != "" || !c.knownBefore(s) {
		// After a gap the next picture is judged against this one.
		c.prevRef = (s.frameNum + s.maxFrameNum - 1) % s.maxFrameNum
	}
	c.prev = s
	return info
}

// knownBefore reports whether PrevRefFrameNum stands as it is behind a
// non-reference picture.
func (c *h264Codec) knownBefore(s h264Slice) bool {
	return s.frameNum == (c.prevRef+1)%s.maxFrameNum
}
