package tscheck

import "github.com/Comcast/gots/v2/packet"

// stream is an elementary stream of the PMT while its PES packets are put
// together.
type stream struct {
	pid    uint16
	typ    byte
	frames int  // frames taken, in Video or Audio
	lost   bool // packets are missing since the last frame
	// touched: something was on the PID, if only a broken PES packet.
	touched   bool
	scrambled bool // reported

	// The open PES packet.
	buf     []byte // of all PES packets, so that one allocation serves a segment
	start   int    // where the open one begins in buf
	open    bool
	damaged bool
	offset  int64
	random  bool
	clock   clockRef
	clocked bool

	video videoState
	audio audioState
}

func (s *stream) isAudio() bool { return s.typ == TypeAAC }

// addStream takes an entry of the PMT.
func (c *checker) addStream(pid uint16, typ byte, at int64) {
	r := c.report
	if c.stream(pid) != nil {
		c.find(CodeStreamType, at, pid, noFrame, "the PMT lists PID 0x%04X twice", pid)
		return
	}
	s := &stream{pid: pid, typ: typ}
	switch {
	case (typ == TypeH264 || typ == TypeH265) && r.VideoType == 0:
		r.VideoType, r.VideoPID = typ, pid
		s.buf = make([]byte, 0, len(c.data))
		s.video.codec = newCodec(typ)
	case typ == TypeH264 || typ == TypeH265:
		c.find(CodeStreamType, at, pid, noFrame, "a second video stream, of type 0x%02X", typ)
		return
	case typ == TypeAAC && r.AudioType == 0:
		r.AudioType, r.AudioPID = typ, pid
	case typ == TypeAAC:
		c.find(CodeStreamType, at, pid, noFrame, "a second audio stream, of type 0x%02X", typ)
		return
	default:
		c.find(CodeStreamType, at, pid, noFrame, "stream type 0x%02X, not 0x1B (H.264), 0x24 (H.265) or 0x0F (AAC in ADTS)", typ)
		c.foreign = append(c.foreign, pid)
		return
	}
	c.streams = append(c.streams, s)
}

// stream returns the stream on a PID, nil if the PMT lists none.
func (c *checker) stream(pid uint16) *stream {
	for _, s := range c.streams {
		if s.pid == pid {
			return s
		}
	}
	return nil
}

func (c *checker) frameOf(s *stream) int {
	if s == nil {
		return noFrame
	}
	if s.open {
		return s.frames
	}
	return max(s.frames-1, 0)
}

// lose notes that a packet is missing before the next one.
func (s *stream) lose() { s.lost, s.damaged = true, true }

// elementary takes a packet of a stream.
func (c *checker) elementary(s *stream, p *packet.Packet, f adaptationField, offset int64) {
	if !p.HasPayload() {
		return
	}
	s.touched = true
	if p.TransportScramblingControl() != packet.NoScrambleFlag {
		if !s.scrambled {
			c.find(CodeScrambled, offset, s.pid, c.frameOf(s), "the payload is scrambled (transport_scrambling_control %d)", p[3]>>6)
		}
		s.scrambled = true
		s.lose()
		return
	}
	payload, err := p.Payload()
	if err != nil {
		return // excluded by adaptation
	}
	if p.PayloadUnitStartIndicator() {
		c.closePES(s)
		s.open, s.start, s.offset, s.random = true, len(s.buf), offset, f.random
		s.damaged = p.TransportErrorIndicator()
		s.clock, s.clocked = c.clock.last, c.clock.known
	} else if p.TransportErrorIndicator() {
		s.damaged = true
	}
	if !s.open {
		if !s.lost {
			c.find(CodePES, offset, s.pid, noFrame, "payload before the first PES packet")
			s.lost = true
		}
		return
	}
	s.buf = append(s.buf, payload...)
}

// unlisted reports a PID that the PMT does not list, once.
func (c *checker) unlisted(p *packet.Packet, pid uint16, offset int64) {
	if c.program == nil || !p.HasPayload() || pid < pidTablesEnd || pid == c.program.pmtPID {
		return
	}
	for _, known := range c.foreign {
		if known == pid {
			return
		}
	}
	c.foreign = append(c.foreign, pid)
	c.find(CodePIDs, offset, pid, noFrame, "payload on PID 0x%04X, which the PMT does not list", pid)
}
