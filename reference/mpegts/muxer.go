package mpegts

import (
	"errors"
	"fmt"
)

// Muxer lays out the segments of one recording, one after another, and carries
// from each to the next what must go on: continuity counters, the version of
// the PMT, the clock. The zero value is ready for H.264. It is not safe for
// concurrent use; the segments it has laid out are independent of it.
type Muxer struct {
	Video Codec

	begun    bool // there was a segment before, and the following are of it
	counters counters
	streams  streams
	version  byte   // of the PMT, 5 bits
	lead     int64  // ms that PCR runs behind the frames
	pcr      uint64 // ms, the last PCR
}

// Errors of Next.
var (
	ErrEmpty     = errors.New("mpegts: a segment needs at least one frame")
	ErrAudioSize = fmt.Errorf("mpegts: an audio frame has more than %d bytes, split it or refuse it when it is pushed", MaxAudio)
)

// Next lays out frames as the next segment of the recording. It overwrites s,
// of which no Reader may be in use any more. After an error s and m are as
// they were.
func (m *Muxer) Next(s *Segment, frames Frames) error {
	if frames.Len() == 0 {
		return ErrEmpty
	}
	var has streams
	for i := range frames.Len() {
		if f := frames.Frame(i); f.Video {
			has.video = true
		} else {
			has.audio = true
			if len(f.Data)+len(f.Tail) > MaxAudio {
				return fmt.Errorf("%w: frame %d has %d", ErrAudioSize, i, len(f.Data)+len(f.Tail))
			}
		}
	}
	if m.begun && has != m.streams {
		m.version = (m.version + 1) & 0x1F
	}

	*s = Segment{frames: frames, codec: m.Video, streams: has, version: m.version, counters: m.counters}
	next := m.counters
	next.pat++
	next.pmt++
	packets := int64(2)
	var t timeline
	var first uint64
	lead := max(m.lead, defaultLead)
	for i := range frames.Len() {
		f := frames.Frame(i)
		if i == 0 {
			first = f.PTS
		}
		step := t.frame(f.PTS, f.Video == has.video)
		lead = max(lead, t.late(f.PTS))
		n := packetCount(&f, m.Video, step)
		packets += n + int64(step.extra())
		if f.Video {
			next.video += byte(n)
		} else {
			next.audio += byte(n)
		}
	}
	s.size = packets * PacketSize
	s.lead = lead
	// A PCR that goes back is a new time base: the pushed time went back, or
	// the lead has grown.
	s.newBase = m.begun && int64(first-uint64(lead)-m.pcr) < 0

	m.begun, m.counters, m.streams, m.lead = true, next, has, lead
	m.pcr = t.pcr - uint64(lead)
	return nil
}

// Segment is a segment that has been laid out by Muxer.Next. It does not change
// any more, so several Readers of it may be in use at once.
type Segment struct {
	frames   Frames
	codec    Codec
	streams  streams
	version  byte
	counters counters // before the first packet
	lead     int64
	newBase  bool
	size     int64
}

// Size is the exact number of bytes a Reader gives.
func (s *Segment) Size() int64 { return s.size }

// streams says which streams have a frame.
type streams struct{ video, audio bool }

// counters are the continuity counters by PID; the lower 4 bits count.
type counters struct{ pat, pmt, video, audio byte }
