package tscheck

// pcrEvery is the longest time from one PCR to the next, in 27 MHz: 100 ms (ISO
// 13818-1, 2.7.2).
const pcrEvery = 27_000_000 / 10

// clockRef is a PCR and its place.
type clockRef struct {
	pcr    int64 // 27 MHz
	offset int64
}

// clockState follows the PCR of the program.
type clockState struct {
	begun   bool // a packet of the PCR's PID was seen
	known   bool
	last    clockRef
	tooLong int // intervals
	first   clockRef
	longest int64
	jumps   bool // a discontinuity was announced

	lastDTS   int64
	leadKnown bool
	lead      int64 // DTS of the first frame minus PCR, 90 kHz
	late      [2]lateness
}

// lateness counts, for PCR > DTS and for DTS > PTS, what is reported once.
type lateness struct {
	count  int
	worst  int64
	offset int64
	pid    uint16
	frame  int
}

func (l *lateness) add(by, offset int64, pid uint16, frame int) {
	if l.count == 0 {
		l.offset, l.pid, l.frame = offset, pid, frame
	}
	l.count++
	l.worst = max(l.worst, by)
}

// pcrDiff is a-b for two PCRs, by the shorter way around.
func pcrDiff(a, b int64) int64 {
	const turn = 300 << 33
	d := (a - b) % turn
	switch {
	case d >= turn/2:
		d -= turn
	case d < -turn/2:
		d += turn
	}
	return d
}

// takeClock takes the PCR of a packet, if it is one of the clock's PID.
func (c *checker) takeClock(f adaptationField, pid uint16, offset int64) {
	if c.program == nil || pid != c.program.pcrPID {
		return
	}
	k := &c.clock
	if !k.begun && !f.hasPCR {
		c.find(CodePCR, offset, pid, noFrame, "the first packet of the PCR's PID carries no PCR")
	}
	k.begun = true
	if !f.hasPCR {
		return
	}
	now := clockRef{f.pcr, offset}
	switch {
	case !k.known:
	case f.discontinuity:
		k.jumps, k.leadKnown = true, false // another time base begins
	default:
		d := pcrDiff(now.pcr, k.last.pcr)
		if d < 0 {
			c.find(CodePCR, offset, pid, noFrame, "PCR goes back by %d ms without discontinuity_indicator", -d/27000)
		}
		k.interval(d, k.last)
	}
	k.known, k.last = true, now
}

// interval takes the time d from the PCR at this place to the next.
func (k *clockState) interval(d int64, from clockRef) {
	k.longest = max(k.longest, d)
	if d > pcrEvery {
		if k.tooLong == 0 {
			k.first = from
		}
		k.tooLong++
	}
}

// takeTimes holds the times of a frame against each other and the clock, as it
// stood at the frame's first packet.
func (c *checker) takeTimes(s *stream, dts, pts int64, at clockRef, known bool) {
	k := &c.clock
	if late := Diff(dts, pts); late > 0 {
		k.late[1].add(late, s.offset, s.pid, s.frames)
	}
	if !known {
		return
	}
	lead := Diff(dts, at.pcr/300)
	if lead < 0 {
		k.late[0].add(-lead, s.offset, s.pid, s.frames)
	}
	if s.pid == c.program.pcrPID {
		if !k.leadKnown {
			k.leadKnown, k.lead = true, lead
		}
		k.lastDTS = dts
	}
}

// finishClock reports what is told once a segment.
func (c *checker) finishClock() {
	k := &c.clock
	pid := c.program.pcrPID
	if !k.known {
		if k.begun {
			c.drop(CodePCR) // the first packet's missing PCR says less
		}
		c.find(CodePCR, c.program.offset, pid, noFrame, "no PCR on PID 0x%04X, which the PMT names for it", pid)
		return
	}
	if k.leadKnown {
		// What comes after the last PCR is an interval too.
		if d := Diff(k.lastDTS, k.last.pcr/300) - k.lead; d > pcrEvery/300 {
			k.interval(d*300, k.last)
		}
	}
	c.report.maxPCR = k.longest
	if k.tooLong > 0 {
		c.find(CodePCRInterval, k.first.offset, pid, noFrame,
			"from here to the next PCR more than 100 ms; %d such intervals, the longest %d ms", k.tooLong, k.longest/27000)
	}
	for i, order := range [2]string{"PCR is later than DTS", "DTS is later than PTS"} {
		if l := k.late[i]; l.count > 0 {
			c.find(CodeClockOrder, l.offset, l.pid, l.frame, "%s; %d such frames, at most %d ms", order, l.count, l.worst/90)
		}
	}
}

// drop takes findings of one code back.
func (c *checker) drop(code Code) {
	kept := c.report.Findings[:0]
	for _, f := range c.report.Findings {
		if f.Code != code {
			kept = append(kept, f)
		}
	}
	c.report.Findings = kept
}
