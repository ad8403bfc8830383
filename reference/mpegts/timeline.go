package mpegts

const (
	// defaultLead is by how many milliseconds PCR runs behind the frames: the
	// time a player has to buffer, and how late audio may be pushed after the
	// picture it belongs to without disturbing PCR.
	defaultLead = 500
	// maxLate is how far a frame may lie before the clock, in milliseconds, and
	// still be taken for a late one. Beyond it there is another time base.
	maxLate = 10_000
	// maxInterval is the longest time between two PCRs in milliseconds
	// (ISO/IEC 13818-1, 2.7.2).
	maxInterval = 100
	// maxFill is how many packets a segment may spend to keep that interval. It
	// is enough for the longest hole of a recording, the 120 s of note 5, and
	// bounds what PTS in a wrong unit can do to a segment (226 KB).
	maxFill = 1_200
)

// timeline decides where PCRs go. Layout and Reader step through the same
// frames with a timeline each and so come to the same decisions. Its times are
// pushed milliseconds; the lead is subtracted when a PCR is written.
type timeline struct {
	begun  bool
	pcr    uint64 // the last PCR
	filled int
}

// step is what a frame needs in the way of PCRs.
type step struct {
	from  uint64 // the PCR before
	fill  int    // so many packets with a PCR alone first, evenly between from and the frame
	alone bool   // then a packet with the frame's own PCR alone
	carry bool   // the first packet of the frame carries the frame's own PCR
	jump  bool   // that PCR begins a new time base
}

// extra is the number of packets besides those of the frame.
func (s *step) extra() int {
	if s.alone {
		return s.fill + 1
	}
	return s.fill
}

// frame steps on to a frame at pts; on says that its PID carries the PCR.
func (t *timeline) frame(pts uint64, on bool) step {
	s := step{from: t.pcr}
	ahead := int64(pts - t.pcr)
	switch {
	case !t.begun:
		t.begun = true
		s.carry, s.alone = on, !on
	case ahead < -maxLate || ahead > maxInterval*int64(maxFill-t.filled+1):
		s.carry, s.alone, s.jump = on, !on, true
	case ahead <= 0:
		return s
	case ahead > maxInterval:
		s.fill = int((ahead+maxInterval-1)/maxInterval) - 1
		t.filled += s.fill
		s.carry = on
		if !on {
			t.pcr += uint64(ahead * int64(s.fill) / int64(s.fill+1))
			return s
		}
	default:
		if s.carry = on; !on {
			return s
		}
	}
	t.pcr = pts
	return s
}

// late is by how much a frame at pts, just stepped on to, lies before the PCR.
func (t *timeline) late(pts uint64) int64 { return int64(t.pcr - pts) }

// between is the i-th of the s.fill times between s.from and to.
func (s *step) between(i int, to uint64) uint64 {
	return s.from + uint64(int64(to-s.from)*int64(i+1)/int64(s.fill+1))
}
