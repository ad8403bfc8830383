package tscheck

// bitReader reads the bits of a header. Behind the end it reads zeros and
// remembers that it did, so that a parser looks at ok once, at its end.
type bitReader struct {
	data []byte
	pos  int
}

func (r *bitReader) ok() bool { return r.pos <= 8*len(r.data) }

func (r *bitReader) bit() uint32 {
	var v uint32
	if i := r.pos >> 3; i < len(r.data) {
		v = uint32(r.data[i]>>(7-r.pos&7)) & 1
	}
	r.pos++
	return v
}

func (r *bitReader) flag() bool { return r.bit() == 1 }

func (r *bitReader) bits(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

func (r *bitReader) skip(n int) { r.pos += n }

// ue reads an Exp-Golomb number.
func (r *bitReader) ue() uint32 {
	zeros := 0
	for r.bit() == 0 {
		if zeros++; zeros > 31 || !r.ok() {
			r.pos = 8*len(r.data) + 1 // not a number: no more is to be had here
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// unescape removes the emulation prevention bytes of the first limit bytes of a
// NAL unit: 00 00 03 stands for 00 00.
func unescape(nal []byte, limit int) []byte {
	nal = nal[:min(len(nal), limit)]
	out := make([]byte, 0, len(nal))
	zeros := 0
	for _, v := range nal {
		if zeros >= 2 && v == 3 {
			zeros = 0
			continue
		}
		if v == 0 {
			zeros++
		} else {
			zeros = 0
		}
		out = append(out, v)
	}
	return out
}
