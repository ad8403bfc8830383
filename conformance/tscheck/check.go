package tscheck

import (
	"slices"

	"github.com/Comcast/gots/v2/packet"
)

// Check judges a stored object.
func Check(segment []byte) *Report {
	c := checker{data: segment, report: &Report{}}
	r := c.report
	switch {
	case len(segment) == 0:
		c.find(CodeEmpty, noOffset, noPID, noFrame, "the object is empty")
		return r
	case opaque(segment):
		r.Opaque = true
		return r
	}
	c.grid()
	r.Packets = len(c.cells)
	c.tables()
	c.walk()
	c.finish()
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return int(a.Offset - b.Offset) })
	return r
}

// checker is the state of one Check.
type checker struct {
	data   []byte
	report *Report
	cells  []cell

	program  *program
	streams  []*stream
	foreign  []uint16 // PIDs reported already
	counters counters
	clock    clockState
}

func (c *checker) find(code Code, offset int64, pid uint16, frame int, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, newFinding(code, offset, pid, frame, format, args...))
}

// packet returns the packet of a cell, in place.
func (c *checker) packet(at cell) *packet.Packet {
	return (*packet.Packet)(c.data[at.offset : at.offset+packetSize])
}

// walk takes the packets in order, each through what there is to check.
func (c *checker) walk() {
	for _, at := range c.cells {
		p := c.packet(at)
		pid := uint16(p.PID())
		offset := int64(at.offset)
		if at.gap {
			c.counters.lostAll()
			for _, s := range c.streams {
				s.lose()
			}
		}
		if p.IsNull() {
			continue
		}
		if p.TransportErrorIndicator() {
			c.find(CodeTransportError, offset, pid, noFrame, "transport_error_indicator is set: the packet says of itself that it is broken")
		}
		s := c.stream(pid)
		duplicate := c.continuity(p, pid, offset, s)
		field, fits := adaptation(p)
		if !fits {
			c.find(CodeAdaptation, offset, pid, noFrame, "adaptation field of %d bytes does not fit its packet", p[4])
			if s != nil {
				s.lose()
			}
			continue
		}
		if duplicate {
			continue
		}
		c.takeClock(field, pid, offset)
		if s == nil {
			c.unlisted(p, pid, offset)
			continue
		}
		c.elementary(s, p, field, offset)
	}
}

// finish closes what is still open and says what was missing.
func (c *checker) finish() {
	r := c.report
	samples := false
	for _, s := range c.streams {
		c.closePES(s)
		samples = samples || s.frames > 0
	}
	c.finishContinuity()
	r.pids = c.counters.spans()
	if c.program == nil {
		return // said already
	}
	for _, s := range c.streams {
		if s.frames == 0 && samples && !s.touched {
			c.find(CodePIDs, c.program.offset, s.pid, noFrame, "the PMT lists PID 0x%04X (stream type 0x%02X), but no sample is on it", s.pid, s.typ)
		}
		if s.isAudio() {
			c.finishAudio(s)
		} else {
			c.finishVideo(s)
		}
	}
	if !samples {
		c.find(CodeEmpty, noOffset, noPID, noFrame, "the segment holds no sample")
		return
	}
	c.finishClock()
}
