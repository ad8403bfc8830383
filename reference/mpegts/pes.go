package mpegts

const (
	pesHeaderSize = 14 // start code, length, flags, PTS
	pesLengthEnd  = 6  // where what the length counts begins
)

// The access unit delimiters, of any picture type.
var (
	audH264 = [...]byte{0, 0, 0, 1, 9, 0xF0}
	audH265 = [...]byte{0, 0, 0, 1, 0x46, 1, 0x50}
)

// delimiter is what goes in front of f's bytes.
func delimiter(f *Frame, codec Codec) []byte {
	if !f.Video {
		return nil
	}
	first, ok := firstNAL(f)
	switch {
	case codec == H265 && ok && first>>1&0x3F == 35, codec == H264 && ok && first&0x1F == 9:
		return nil
	case codec == H265:
		return audH265[:]
	}
	return audH264[:]
}

// firstNAL is the byte after the first start code, if f begins with one.
func firstNAL(f *Frame) (b byte, ok bool) {
	zeros := 0
	for i := 0; i < len(f.Data)+len(f.Tail); i++ {
		if i < len(f.Data) {
			b = f.Data[i]
		} else {
			b = f.Tail[i-len(f.Data)]
		}
		switch {
		case ok:
			return b, true
		case b == 0:
			zeros++
		case b == 1 && zeros >= 2:
			ok = true
		default:
			return 0, false
		}
	}
	return 0, false
}

// pesSize is the size of f as a PES packet.
func pesSize(f *Frame, codec Codec) int {
	return pesHeaderSize + len(delimiter(f, codec)) + len(f.Data) + len(f.Tail)
}

// pes is the PES packet of a frame, as far as it has not been taken yet.
type pes struct {
	header [pesHeaderSize]byte
	parts  [4][]byte // header, delimiter, data, tail
	part   int
	left   int // bytes in all parts
}

func (e *pes) begin(f *Frame, codec Codec) {
	e.left = pesSize(f, codec)
	length := e.left - pesLengthEnd
	id := byte(0xC0)
	if f.Video {
		id = 0xE0
		if length > 0xFFFF {
			length = 0 // allowed for video: up to the next PES packet
		}
	}
	pts := ticks(f.PTS)
	e.header = [pesHeaderSize]byte{
		0, 0, 1, id, byte(length >> 8), byte(length),
		0x84, // marker, data_alignment_indicator: an access unit begins here
		0x80, // PTS alone
		5,    // bytes of header to come
		0x21 | byte(pts>>29)&0x0E, byte(pts >> 22), byte(pts>>14) | 1, byte(pts >> 7), byte(pts<<1) | 1,
	}
	e.parts = [4][]byte{e.header[:], delimiter(f, codec), f.Data, f.Tail}
	e.part = 0
}

// take moves len(b) bytes to b; there must be as many.
func (e *pes) take(b []byte) {
	for len(b) > 0 {
		n := copy(b, e.parts[e.part])
		e.parts[e.part] = e.parts[e.part][n:]
		b = b[n:]
		e.left -= n
		if len(e.parts[e.part]) == 0 {
			e.part++
		}
	}
}
