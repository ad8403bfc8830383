package mpegts

import "io"

// Reader gives the packets of a segment. It is an io.Reader for the body of a
// request; a buffer of at least one packet is filled without going through
// another one.
type Reader struct {
	s        *Segment
	counters counters
	time     timeline
	stage    stage
	next     int // the frame after the current one

	frame  Frame
	step   step
	filled int // of step.fill
	pes    pes

	packet [PacketSize]byte // for a caller whose buffer ends within a packet
	rest   []byte           // of packet, not yet given
}

type stage byte

const (
	stagePAT stage = iota
	stagePMT
	stageFrame  // take the next frame
	stageFill   // packets with a PCR alone
	stageFirst  // the first packet of the frame
	stageFollow // the others
)

// NewReader returns a Reader at the first byte of s.
func (s *Segment) NewReader() *Reader {
	r := new(Reader)
	r.Reset(s)
	return r
}

// Reset puts r at the first byte of s.
func (r *Reader) Reset(s *Segment) { *r = Reader{s: s, counters: s.counters} }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (n int, err error) {
	if len(r.rest) > 0 {
		n = copy(p, r.rest)
		r.rest = r.rest[n:]
	}
	for len(p)-n >= PacketSize {
		if r.stage == stageFollow {
			if m := r.putWhole(p[n:]); m > 0 {
				n += m
				continue
			}
		}
		if !r.put((*[PacketSize]byte)(p[n:])) {
			return eof(n)
		}
		n += PacketSize
	}
	if n < len(p) {
		if !r.put(&r.packet) {
			return eof(n)
		}
		m := copy(p[n:], r.packet[:])
		r.rest = r.packet[m:]
		n += m
	}
	return n, nil
}

// eof is the answer when n bytes were left.
func eof(n int) (int, error) {
	if n > 0 {
		return n, nil
	}
	return 0, io.EOF
}

// put writes the next packet to p; false: there is none.
func (r *Reader) put(p *[PacketSize]byte) bool {
	for {
		switch r.stage {
		case stagePAT:
			putPAT(p, r.counters.pat)
			r.stage = stagePMT
			return true
		case stagePMT:
			putPMT(p, r.counters.pmt, r.s.streams, r.s.codec, r.s.version)
			r.stage = stageFrame
			return true
		case stageFrame:
			if r.next == r.s.frames.Len() {
				return false
			}
			first := r.next == 0
			r.frame = r.s.frames.Frame(r.next)
			r.next++
			r.step = r.time.frame(r.frame.PTS, r.frame.Video == r.s.streams.video)
			r.step.jump = r.step.jump || first && r.s.newBase
			r.filled = 0
			r.pes.begin(&r.frame, r.s.codec)
			r.stage = stageFill
		case stageFill:
			if r.filled < r.step.fill {
				r.putPCR(p, r.step.between(r.filled, r.frame.PTS), false)
				r.filled++
				return true
			}
			r.stage = stageFirst
			if r.step.alone {
				r.putPCR(p, r.frame.PTS, r.step.jump)
				return true
			}
		case stageFirst:
			r.putFirst(p)
			r.follow()
			return true
		case stageFollow:
			r.putPayload(p, adaptation{})
			r.follow()
			return true
		}
	}
}

// follow decides what comes after a packet of a frame.
func (r *Reader) follow() {
	r.stage = stageFollow
	if r.pes.left == 0 {
		r.stage = stageFrame
	}
}
