package tscheck

import (
	"bytes"

	"github.com/Comcast/gots/v2/packet"
)

// counter follows the continuity_counter of one PID.
type counter struct {
	span
	lost     bool // packets are known to be missing: any counter may follow
	repeated bool // the last packet was a duplicate
	wrong    bool // the last counter was wrong, and right was expected instead of it
	right    byte
	count    int // of findings
	prev     *packet.Packet
}

// span is what Chain needs of a PID: its first and last counter.
type span struct {
	first, last   byte
	payload       bool // the first packet has a payload, so that its counter counts
	discontinuity bool // and says that it does not go on
	offset        int64
}

// continuityLimit is the number of wrong counters told for each PID: a writer
// that does not count would fill pages.
const continuityLimit = 8

type counters map[uint16]*counter

// lostAll makes every PID accept any counter next: packets were lost, and it has
// been said.
func (c counters) lostAll() {
	for _, n := range c {
		n.lost = true
	}
}

func (c counters) spans() map[uint16]span {
	out := make(map[uint16]span, len(c))
	for pid, n := range c {
		out[pid] = n.span
	}
	return out
}

// continuity checks the counter of a packet (ISO 13818-1, 2.4.3.3): +1 with
// every payload, unchanged without one, any value after discontinuity_indicator.
// A packet may be sent twice, with the same counter and, PCR aside, the same
// bytes: the result is true if this is one.
func (c *checker) continuity(p *packet.Packet, pid uint16, offset int64, s *stream) bool {
	value := byte(p.ContinuityCounter())
	discontinuity := p.HasAdaptationField() && p[4] > 0 && p[5]&0x80 != 0
	n := c.counters[pid]
	if n == nil {
		if c.counters == nil {
			c.counters = counters{}
		}
		c.counters[pid] = &counter{
			span: span{first: value, last: value, payload: p.HasPayload(), discontinuity: discontinuity, offset: offset},
			prev: p,
		}
		return false
	}
	last, prev, wrong := n.last, n.prev, n.wrong
	n.last, n.prev, n.wrong = value, p, false
	step := byte(0)
	if p.HasPayload() {
		step = 1
	}
	expected := (last + step) & 0xf
	switch {
	case n.lost || discontinuity:
		n.lost = false
	case value == expected:
	case wrong && value == (n.right+step)&0xf: // the last packet alone had a wrong counter
	case value == last && p.HasPayload() && same(prev, p):
		if n.repeated {
			n.count++
			c.find(CodeContinuity, offset, pid, c.frameOf(s), "the same packet for the third time, with continuity counter %d", value)
		} else {
			c.find(CodeDuplicate, offset, pid, c.frameOf(s), "the same packet once more, with continuity counter %d", value)
		}
		n.repeated = true
		return true
	default:
		n.wrong, n.right = true, expected
		if n.count++; n.count <= continuityLimit {
			c.find(CodeContinuity, offset, pid, c.frameOf(s), "continuity counter %d, not %d: %s", value, expected, lost(value, expected))
		}
		if s != nil {
			s.lose()
		}
	}
	n.repeated = false
	return false
}

// lost says in words what a wrong counter may mean.
func lost(value, expected byte) string {
	switch n := (value - expected) & 0xf; n {
	case 1:
		return "1 packet is missing, or the counter is wrong"
	case 15:
		return "the counter did not count, or 15 packets are missing"
	default:
		return "packets are missing, or the counter is wrong"
	}
}

// finishContinuity tells how many findings were left out.
func (c *checker) finishContinuity() {
	for pid, n := range c.counters {
		if more := n.count - continuityLimit; more > 0 {
			c.find(CodeContinuity, n.offset, pid, noFrame, "%d more wrong continuity counters on this PID", more)
		}
	}
}

// same compares two packets of one PID, PCR aside.
func same(a, b *packet.Packet) bool {
	if *a == *b {
		return true
	}
	if !a.HasAdaptationField() || a[4] < 7 || a[5]&0x10 == 0 {
		return false
	}
	return bytes.Equal(a[:6], b[:6]) && bytes.Equal(a[12:], b[12:])
}
