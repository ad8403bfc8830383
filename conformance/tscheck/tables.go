package tscheck

import (
	"bytes"
	"encoding/binary"

	"github.com/Comcast/gots/v2"
	"github.com/Comcast/gots/v2/psi"
)

// program is what PAT and PMT say.
type program struct {
	pmtPID, pcrPID uint16
	offset         int64 // of the PMT
	number         int
}

// Table ids, and the PIDs below which a receiver looks for tables (ISO 13818-1,
// table 2-3; EN 300 468, table 1: SDT and the like, which ffmpeg writes).
const (
	tablePAT = 0
	tablePMT = 2

	// maxSection is the most bytes a PAT or PMT section has: section_length is at
	// most 1021, and gots reads no more of it than that.
	maxSection = 3 + 1021

	pidPAT       = 0
	pidTablesEnd = 0x20
)

// tables finds PAT and PMT and sets up the streams they list.
func (c *checker) tables() {
	pat, patAt := c.table(pidPAT, tablePAT, "PAT")
	if pat == nil {
		return
	}
	pmtPID, number, ok := c.readPAT(pat, patAt)
	if !ok {
		return
	}
	pmt, pmtAt := c.table(pmtPID, tablePMT, "PMT")
	if pmt == nil {
		return
	}
	c.program = &program{pmtPID: pmtPID, number: number, offset: pmtAt}
	if !c.readPMT(pmt, pmtAt) {
		c.program = nil
		return
	}
	// A receiver that begins here knows nothing before it has both tables.
	for _, at := range c.cells {
		pid := uint16(c.packet(at).PID())
		if c.stream(pid) == nil {
			continue
		}
		if int64(at.offset) < max(patAt, pmtAt) {
			c.find(CodeTables, int64(at.offset), pid, noFrame, "media before PAT and PMT, which are at offsets %d and %d", patAt, pmtAt)
		}
		return
	}
}

// table returns the first good section with this id on a PID, and reports every
// bad one and every one that says something else than the first.
func (c *checker) table(pid uint16, id byte, name string) ([]byte, int64) {
	var first []byte
	var firstAt int64
	bad := false
	take := func(section []byte, at int64) {
		switch {
		case section[0] != id:
		case len(section) > maxSection:
			bad = true
			c.find(CodeTables, at, pid, noFrame, "%s of %d bytes, at most %d are allowed", name, len(section), maxSection)
		case !validCRC(section):
			bad = true
			c.find(CodeCRC, at, pid, noFrame, "CRC-32 of the %s is wrong", name)
		case first == nil:
			first, firstAt = section, at
		case !bytes.Equal(first, section):
			c.find(CodeTables, at, pid, noFrame, "the %s differs from the one at offset %d", name, firstAt)
		}
	}
	var a assembler
	for _, at := range c.cells {
		p := c.packet(at)
		if uint16(p.PID()) != pid || !p.HasPayload() || p.TransportErrorIndicator() {
			continue
		}
		if at.gap {
			a.drop()
		}
		if _, fits := adaptation(p); !fits {
			continue // reported with the packet
		}
		payload, err := p.Payload()
		if err != nil {
			continue // an adaptation field that fills the packet
		}
		if reason := a.add(payload, p.PayloadUnitStartIndicator(), int64(at.offset), take); reason != "" {
			bad = true
			c.find(CodeTables, int64(at.offset), pid, noFrame, "%s: %s", name, reason)
		}
	}
	if first == nil && !bad {
		c.find(CodeTables, noOffset, pid, noFrame, "no %s on PID 0x%04X", name, pid)
	}
	return first, firstAt
}

// validCRC checks the CRC-32 at the end of a section.
func validCRC(section []byte) bool {
	n := len(section) - 4
	return n >= 3 && bytes.Equal(gots.ComputeCRC(section[:n]), section[n:])
}

// readPAT returns the PID of the PMT of the only program.
func (c *checker) readPAT(section []byte, at int64) (uint16, int, bool) {
	// 5 bytes from transport_stream_id on, 4 a program, 4 of CRC; gots trusts that.
	if n := len(section) - 3; n < 9 || (n-9)%4 != 0 {
		c.find(CodeTables, at, pidPAT, noFrame, "PAT of %d bytes: not a whole number of programs", len(section))
		return 0, 0, false
	}
	pat, err := psi.NewPAT(withPointer(section))
	if err != nil {
		c.find(CodeTables, at, pidPAT, noFrame, "PAT: %v", err)
		return 0, 0, false
	}
	programs := pat.ProgramMap()
	if len(programs) != 1 {
		c.find(CodeTables, at, pidPAT, noFrame, "the PAT lists %d programs, not 1", len(programs))
		return 0, 0, false
	}
	for number, pid := range programs {
		return uint16(pid), number, true
	}
	return 0, 0, false
}

// withPointer puts the pointer_field in front, and a stuffing byte behind, since
// gots takes 188 bytes for a packet.
func withPointer(section []byte) []byte {
	return append(append([]byte{0}, section...), 0xff)
}

// readPMT sets up the streams.
func (c *checker) readPMT(section []byte, at int64) bool {
	pid := c.program.pmtPID
	if !wholePMT(section) {
		c.find(CodeTables, at, pid, noFrame, "the lengths in the PMT do not add up to its %d bytes", len(section))
		return false
	}
	if n := int(binary.BigEndian.Uint16(section[3:])); n != c.program.number {
		c.find(CodeTables, at, pid, noFrame, "the PMT is of program %d, the PAT names %d", n, c.program.number)
	}
	c.program.pcrPID = binary.BigEndian.Uint16(section[8:]) & 0x1fff
	pmt, err := psi.NewPMT(withPointer(section))
	if err != nil {
		c.find(CodeTables, at, pid, noFrame, "PMT: %v", err)
		return false
	}
	for _, es := range pmt.ElementaryStreams() {
		c.addStream(uint16(es.ElementaryPid()), es.StreamType(), at)
	}
	return true
}

// wholePMT reports whether the lengths inside a PMT fit its own: gots reads
// beyond the end where they do not.
func wholePMT(section []byte) bool {
	end := len(section) - 4
	if end < 12 {
		return false
	}
	length := func(at int) int { return int(binary.BigEndian.Uint16(section[at:]) & 0xfff) }
	at := 12
	if !wholeDescriptors(section, at, length(10), end) {
		return false
	}
	at += length(10)
	for at < end {
		if at+5 > end || !wholeDescriptors(section, at+5, length(at+3), end) {
			return false
		}
		at += 5 + length(at+3)
	}
	return at == end
}

func wholeDescriptors(section []byte, at, length, end int) bool {
	if at+length > end {
		return false
	}
	end = at + length
	for at+2 <= end {
		at += 2 + int(section[at+1])
	}
	return at == end
}
