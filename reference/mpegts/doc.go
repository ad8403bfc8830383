// Package mpegts writes the segments of a recording as MPEG-TS, straight from
// the frames in the device's ring into the body of an upload.
//
// A segment is laid out first and written afterwards, as often as needed:
//
//	frames ──► Muxer.Next ──► Segment ──► Reader ──► 188-byte packets
//	           (counts)       (Size)      (one per attempt)
//
// Muxer.Next walks the frames once, looks at their lengths, times and first
// bytes only, and knows from then on the exact size of the segment, which a
// grant asks for, and the continuity counters the next segment begins with. A
// Reader produces the packets on demand: no second copy of the media exists,
// nothing is allocated per frame, and every Reader of one segment gives the
// same bytes, so a retry uploads the very object that was announced.
//
//	var m = mpegts.Muxer{Video: mpegts.H265}   // one per recording
//
//	seg := new(mpegts.Segment)
//	if err := m.Next(seg, frames); err != nil { … }
//	req, _ := http.NewRequest(http.MethodPut, url, seg.NewReader())
//	req.ContentLength = seg.Size()
//
// Until the last Reader of a segment is done with, Frames must go on giving the
// same frames and their bytes must stay: an HTTP transport may read from a body
// until it has closed it.
//
// # What is in a segment
//
// PAT and PMT come first, in every segment. The PMT lists exactly the streams
// that have a frame in this segment (0x1B H.264, 0x24 H.265, 0x0F AAC in ADTS),
// and its version changes when that list does. Then one PES packet per frame, in
// the order of the frames. An access unit delimiter is put in front of an access
// unit that has none, since players of HLS ask for it; no other byte of the
// media changes.
//
// # Time
//
// PTS = milliseconds × 90 mod 2^33, for audio and video alike. There are no B
// frames, so DTS = PTS and only PTS is written. PCR is on the video PID, or on
// the audio PID of a segment without video, and runs half a second behind the
// frames, so that audio which is pushed a little after its picture still
// satisfies PCR ≤ PTS; if a segment holds a frame that is later than that, PCR
// falls back as far as needed, up to 10 s. PCR is in the first packet after the
// PMT and then at most 100 ms apart: where frames are further apart, packets
// with nothing but a PCR fill the hole. A time that jumps back by more than 10 s,
// or so far ahead that filling would bloat the segment, is announced by the
// discontinuity_indicator as what it is, another time base.
package mpegts
