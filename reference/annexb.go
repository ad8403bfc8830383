package reference

import "bytes"

// nalUnits walks the NAL units of an access unit in Annex B.
type nalUnits struct {
	rest []byte
	bad  bool // what is there is no Annex B, or has an empty NAL unit
}

var startCode = []byte{0, 0, 1}

// annexB begins with the first NAL unit of data. Start codes have three or four
// bytes (AMB-62).
func annexB(data []byte) nalUnits {
	switch {
	case bytes.HasPrefix(data, startCode):
		return nalUnits{rest: data[3:]}
	case len(data) > 0 && data[0] == 0 && bytes.HasPrefix(data[1:], startCode):
		return nalUnits{rest: data[4:]}
	}
	return nalUnits{bad: true}
}

// next returns the next NAL unit, nil after the last or when bad.
func (u *nalUnits) next() []byte {
	if u.bad || u.rest == nil {
		return nil
	}
	nal := u.rest
	u.rest = nil
	if i := bytes.Index(nal, startCode); i >= 0 {
		nal, u.rest = nal[:i], nal[i+len(startCode):]
	}
	nal = bytes.TrimRight(nal, "\x00") // trailing zeros, or the first of a four-byte start code
	if len(nal) == 0 {
		u.bad = true
		return nil
	}
	return nal
}

// sliceHeader is enough of a slice for what is read of its header.
const sliceHeader = 24

// unescape copies the beginning of a NAL unit without its emulation prevention
// bytes.
func unescape(dst *[sliceHeader]byte, nal []byte) []byte {
	n, zeros := 0, 0
	for _, b := range nal {
		if zeros >= 2 && b == 3 {
			zeros = 0
			continue
		}
		if n == len(dst) {
			break
		}
		dst[n] = b
		n++
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return dst[:n]
}
