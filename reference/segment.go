package reference

import "time"

// segment is a piece of a recording: some frames that lie one after another in
// the ring, and what the cloud and the caller are told about them.
type segment struct {
	recording string
	from, to  uint64 // positions in the ring
	frames    int
	bytes     int // of frames, as pushed

	begun      reading       // arrival of the first frame
	media      int64         // media time of the first frame
	start, end int64         // UTC ms; end is set when it is cut
	since      time.Duration // when it was cut, monotonic: its upload is tried from here on

	video, audio span
	events       []*event // that ran while it was recorded
	waiting      bool     // an event has ended and waits for this segment
}

// span is what a segment holds of one stream.
type span struct {
	frames             int
	firstPTS, lastPTS  uint64
	firstSeq, lastSeq  uint32
	firstTime, endTime int64 // media time; endTime includes the duration of the last frame
}

func (s *span) add(pts uint64, seq uint32, media, duration int64) {
	if s.frames == 0 {
		s.firstPTS, s.firstSeq, s.firstTime = pts, seq, media
	}
	s.frames++
	s.lastPTS, s.lastSeq = pts, seq
	s.endTime = max(s.endTime, media+duration)
}

// main is the stream that the segment's numbers are about: the video, or the
// audio of a segment without video (ruling 8).
func (s *segment) main() *span {
	if s.video.frames > 0 {
		return &s.video
	}
	return &s.audio
}
