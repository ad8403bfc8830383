package tscheck

import "errors"

// audioState is what is known of the audio stream between PES packets.
type audioState struct {
	rest    []byte // of an ADTS frame that goes on in the next PES packet
	lastDTS int64
	begun   bool
	first   ADTS
}

// takeAudio takes the PES packet f.
func (c *checker) takeAudio(s *stream, f Frame) {
	a := &s.audio
	c.timeOrder(s, f, a.begun, a.lastDTS)
	if f.DTS != NoTime {
		a.begun, a.lastDTS = true, f.DTS
	}
	c.report.Audio = append(c.report.Audio, f)
	index := s.frames
	s.frames++
	if f.Damaged || s.lost {
		a.rest = nil
	}
	if f.Damaged {
		return
	}
	es, begins := f.Data, index
	if len(a.rest) > 0 {
		es, begins = append(a.rest, es...), index-1
		a.rest = nil
	}
	frames, err := ADTSFrames(es)
	for _, n := range frames {
		if len(c.report.adts) == 0 {
			a.first = n
		} else if n.Rate != a.first.Rate || n.Channels != a.first.Channels || n.Object != a.first.Object {
			c.find(CodeADTS, f.Offset, s.pid, index, "the audio changes to %d Hz, %d channels, object type %d", n.Rate, n.Channels, n.Object)
			a.first = n
		}
		c.report.adts = append(c.report.adts, n)
		c.report.inPES = append(c.report.inPES, begins)
		begins = index
		es = es[len(n.Data):]
	}
	switch {
	case errors.Is(err, errShort):
		a.rest = append([]byte(nil), es...)
	case err != nil:
		c.find(CodeADTS, f.Offset, s.pid, index, "%v", err)
	}
}

// finishAudio looks at what is left over.
func (c *checker) finishAudio(s *stream) {
	if n := len(s.audio.rest); n > 0 {
		c.find(CodeADTS, s.offset, s.pid, max(s.frames-1, 0), "the segment ends in the middle of an ADTS frame: %d bytes are there", n)
	}
}

// timeOrder reports a frame whose DTS is not later than the one before it.
func (c *checker) timeOrder(s *stream, f Frame, begun bool, last int64) {
	if !begun || f.DTS == NoTime {
		return
	}
	if d := Diff(f.DTS, last); d <= 0 {
		c.find(CodeTimeOrder, f.Offset, s.pid, s.frames, "DTS %d is not later than that of the frame before, %d", f.DTS, last)
	}
}
