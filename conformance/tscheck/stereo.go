package tscheck

// Syntax elements and window sequences of AAC (ISO 14496-3, 4.4.2).
const (
	elementCPE, elementDSE, elementFIL = 1, 4, 6

	eightShort = 2
)

// LeftSilent tells, without a decoder, whether the left channel of a stereo AAC
// frame is silent: then the encoder gives it no spectral data, and that is
// written before anything that would have to be decoded. It is what the order of
// the channels is judged by (PUSH-010): with silence left and a tone right, the
// left channel is silent; if the samples were taken as LLLL RRRR instead of
// LRLR, it is not. known is false if the frame does not tell: it is not stereo,
// or left and right are coded as sum and difference.
func LeftSilent(a ADTS) (silent, known bool) {
	header := 7
	if len(a.Data) < 9 || a.Channels != 2 {
		return false, false
	}
	if a.Data[1]&1 == 0 {
		header = 9
	}
	r := bitReader{data: a.Data[header:]}
	if !toChannelPair(&r) {
		return false, false
	}
	r.skip(4) // element_instance_tag
	var info icsInfo
	common := r.flag()
	if common {
		info = readICS(&r)
		if r.bits(2) != 0 { // ms_mask_present
			return false, false
		}
	}
	r.skip(8) // global_gain
	if !common {
		info = readICS(&r)
	}
	silent = sectionsSilent(&r, info)
	return silent, r.ok()
}

// toChannelPair skips what may stand before the channel pair and its id.
func toChannelPair(r *bitReader) bool {
	for r.ok() {
		switch r.bits(3) {
		case elementCPE:
			return true
		case elementFIL:
			n := int(r.bits(4))
			if n == 15 {
				n += int(r.bits(8)) - 1
			}
			r.skip(8 * n)
		case elementDSE:
			r.skip(4)
			align := r.flag()
			n := int(r.bits(8))
			if n == 255 {
				n += int(r.bits(8))
			}
			if align {
				r.pos = (r.pos + 7) &^ 7
			}
			r.skip(8 * n)
		default:
			return false
		}
	}
	return false
}

// icsInfo is what is needed of ics_info.
type icsInfo struct {
	short        bool
	bands, group int // max_sfb; window groups
}

func readICS(r *bitReader) icsInfo {
	r.skip(1)
	info := icsInfo{short: r.bits(2) == eightShort, group: 1}
	r.skip(1) // window_shape
	if !info.short {
		info.bands = int(r.bits(6))
		r.skip(1) // predictor_data_present, 0 in AAC LC
		return info
	}
	info.bands = int(r.bits(4))
	for range 7 { // scale_factor_grouping: 0 begins a group
		if !r.flag() {
			info.group++
		}
	}
	return info
}

// sectionsSilent reports whether all sections use codebook 0: no spectral data.
func sectionsSilent(r *bitReader, info icsInfo) bool {
	bits := 5
	if info.short {
		bits = 3
	}
	escape := uint32(1)<<bits - 1
	for range info.group {
		for band := 0; band < info.bands && r.ok(); {
			if r.bits(4) != 0 {
				return false
			}
			for {
				n := r.bits(bits)
				band += int(n)
				if n != escape || !r.ok() {
					break
				}
			}
		}
	}
	return true
}
