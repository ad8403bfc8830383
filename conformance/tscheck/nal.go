package tscheck

import "bytes"

var prefix = []byte{0, 0, 1}

// nalUnit is a NAL unit and where it and its start code lie in the access unit.
type nalUnit struct {
	begin int    // of the start code, with zero_byte if it has one
	data  []byte // without start code and trailing zeros
}

// splitNALs appends the NAL units of Annex B bytes to units.
func splitNALs(es []byte, units []nalUnit) []nalUnit {
	at := bytes.Index(es, prefix)
	for at >= 0 {
		begin := at
		if begin > 0 && es[begin-1] == 0 {
			begin--
		}
		at += len(prefix)
		next := bytes.Index(es[at:], prefix)
		end := len(es)
		if next >= 0 {
			next += at
			end = next
		}
		nal := bytes.TrimRight(es[at:end], "\x00")
		units = append(units, nalUnit{begin, nal})
		at = next
	}
	return units
}

// nalType returns the type of a NAL unit by the stream type; 255 for none.
func nalType(streamType byte, nal []byte) byte {
	switch {
	case len(nal) == 0:
		return 255
	case streamType == TypeH264:
		return nal[0] & 0x1f
	default:
		return nal[0] >> 1 & 0x3f
	}
}

// StripAUD returns an access unit without the access unit delimiter in front of
// it, if it has one. A muxer may insert it (TS-005).
func StripAUD(unit []byte, streamType byte) []byte {
	at := bytes.Index(unit, prefix)
	if at < 0 || at > 1 || at == 1 && unit[0] != 0 {
		return unit
	}
	at += len(prefix)
	next := bytes.Index(unit[at:], prefix)
	if next < 0 {
		return unit
	}
	next += at
	typ := nalType(streamType, unit[at:next])
	if streamType == TypeH264 && typ != h264AUD || streamType == TypeH265 && typ != h265AUD {
		return unit
	}
	// An AUD ends with its stop bit: zeros behind it are of the next start code.
	for next > at && unit[next-1] == 0 {
		next--
	}
	return unit[next:]
}
