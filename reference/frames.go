package reference

import "github.com/ivcs/conform/reference/mpegts"

// ringFrames are the frames of one segment where they lie in the ring. They are
// visited in order; each reader of a segment has ringFrames of its own.
type ringFrames struct {
	ring  *ring
	start uint64
	count int

	next int    // the frame at
	at   uint64 // this position
}

func newRingFrames(r *ring, s *segment) *ringFrames {
	return &ringFrames{ring: r, start: s.from, count: s.frames, at: s.from}
}

// Len implements mpegts.Frames.
func (f *ringFrames) Len() int { return f.count }

// Frame implements mpegts.Frames.
func (f *ringFrames) Frame(i int) mpegts.Frame {
	if i < f.next {
		f.next, f.at = 0, f.start
	}
	h := f.ring.header(f.at)
	for ; f.next < i; f.next++ {
		f.at += uint64(cost(h.size))
		h = f.ring.header(f.at)
	}
	data, tail := f.ring.slice(f.at+headerSize, h.size)
	return mpegts.Frame{Video: h.video, Key: h.key, PTS: h.pts, Data: data, Tail: tail}
}
