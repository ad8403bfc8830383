package reference

import "github.com/bluenviron/mediacommon/v2/pkg/bits"

// NAL unit types of H.264 (ITU-T H.264, table 7-1).
const (
	h264Slice = 1
	h264IDR   = 5
	h264SEI   = 6
	h264SPS   = 7
	h264PPS   = 8
	h264AUD   = 9
)

func checkH264(data []byte) (key bool, e Err) {
	var slices, sps, pps, complete bool
	units := annexB(data)
	for nal := units.next(); nal != nil; nal = units.next() {
		if nal[0]&0x80 != 0 {
			return false, ErrCSInitPrmRange // forbidden_zero_bit
		}
		switch kind := nal[0] & 0x1F; kind {
		case h264IDR, h264Slice:
			if b, ok := h264B(nal); b || !ok {
				return false, ErrCSInitPrmRange
			}
			if kind == h264IDR && !slices {
				key, complete = true, sps && pps
			}
			if (kind == h264IDR) != key {
				return false, ErrCSInitPrmRange // two pictures
			}
			slices = true
		case h264SPS:
			sps = true
		case h264PPS:
			pps = true
		case h264SEI, h264AUD, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20:
		default:
			return false, ErrCSInitPrmRange // data partitions, and what is H.265
		}
	}
	switch {
	case units.bad || !slices:
		return false, ErrCSInitPrmRange
	case key && !complete:
		return true, ErrCSInitPrmRange // AMB-60
	}
	return key, ErrNone
}

// h264B reports whether a slice is a B slice; ok is false when its header is cut off.
func h264B(nal []byte) (b, ok bool) {
	var buf [sliceHeader]byte
	header := unescape(&buf, nal[1:])
	pos := 0
	if _, err := bits.ReadGolombUnsigned(header, &pos); err != nil { // first_mb_in_slice
		return false, false
	}
	kind, err := bits.ReadGolombUnsigned(header, &pos)
	if err != nil || kind > 9 {
		return false, false
	}
	return kind%5 == 1, true
}
