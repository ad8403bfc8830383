package reference

import "encoding/binary"

// ring is the cloud-storage buffer, u32MaxGopSize bytes allocated once by
// iv_cs_init. Frames lie in it in the order of pushing, each behind a header,
// and wrap around its end. Positions count bytes since the beginning and never
// wrap themselves.
type ring struct {
	mem        []byte
	head, tail uint64 // of what is in use
}

// headerSize is what a frame costs beyond its bytes: PTS, length and flags.
const headerSize = 12

// frameHeader describes a frame in the ring.
type frameHeader struct {
	pts   uint64
	size  int
	video bool
	key   bool
}

// The length of a frame leaves its two upper bits to the flags; maxGopSize
// keeps every length below them.
const (
	flagVideo = 1 << 31
	flagKey   = 1 << 30
)

// ringSlack is by how much the ring exceeds u32MaxGopSize, for the headers and
// for the frames that arrive while the segment before is on its way (ruling 1).
func ringSlack(size uint32) int { return int(min(size/8, 64<<10)) }

// free is how many bytes of frames, headers included, still fit.
func (r *ring) free() int { return len(r.mem) - int(r.tail-r.head) }

// cost is what a frame of n bytes takes.
func cost(n int) int { return headerSize + n }

// put appends a frame that fits.
func (r *ring) put(h frameHeader, data []byte) {
	var b [headerSize]byte
	binary.LittleEndian.PutUint64(b[:], h.pts)
	size := uint32(len(data))
	if h.video {
		size |= flagVideo
	}
	if h.key {
		size |= flagKey
	}
	binary.LittleEndian.PutUint32(b[8:], size)
	r.copy(b[:])
	r.copy(data)
}

func (r *ring) copy(b []byte) {
	at := int(r.tail % uint64(len(r.mem)))
	n := copy(r.mem[at:], b)
	copy(r.mem, b[n:])
	r.tail += uint64(len(b))
}

// slice gives n bytes from position at, in two parts when they wrap.
func (r *ring) slice(at uint64, n int) (a, b []byte) {
	from := int(at % uint64(len(r.mem)))
	if over := from + n - len(r.mem); over > 0 {
		return r.mem[from:], r.mem[:over]
	}
	return r.mem[from : from+n], nil
}

// header reads the header at position at.
func (r *ring) header(at uint64) frameHeader {
	var b [headerSize]byte
	x, y := r.slice(at, headerSize)
	copy(b[copy(b[:], x):], y)
	size := binary.LittleEndian.Uint32(b[8:])
	return frameHeader{
		pts:   binary.LittleEndian.Uint64(b[:]),
		size:  int(size &^ (flagVideo | flagKey)),
		video: size&flagVideo != 0,
		key:   size&flagKey != 0,
	}
}
