package tscheck

import (
	"encoding/binary"

	"github.com/Comcast/gots/v2/pes"
)

// Stream ids of PES packets (ISO 13818-1, table 2-22).
const (
	audioID, audioIDMask = 0xC0, 0xE0
	videoID, videoIDMask = 0xE0, 0xF0
)

// closePES takes the open PES packet as a whole.
func (c *checker) closePES(s *stream) {
	if !s.open {
		return
	}
	data := s.buf[s.start:len(s.buf):len(s.buf)]
	s.open = false
	pts, dts, header, reason := pesHeader(data, s.isAudio())
	if reason != "" {
		if !s.damaged {
			c.find(CodePES, s.offset, s.pid, s.frames, "%s", reason)
		}
		s.lost = true
		return
	}
	if !s.damaged {
		c.pesLength(s, data)
	}
	frame := Frame{PTS: pts, DTS: dts, RandomAccess: s.random, Damaged: s.damaged, Data: data[header:], Offset: s.offset}
	if pts == NoTime {
		if !s.damaged {
			c.find(CodeTimeStamp, s.offset, s.pid, s.frames, "the PES packet has no PTS")
		}
	} else {
		c.takeTimes(s, dts, pts, s.clock, s.clocked)
	}
	if s.isAudio() {
		c.takeAudio(s, frame)
	} else {
		c.takeVideo(s, frame)
	}
	s.lost = s.damaged
	s.damaged = false
}

// pesHeader reads a PES header: the times, and its length; or what is wrong.
func pesHeader(data []byte, audio bool) (pts, dts int64, length int, reason string) {
	pts, dts = NoTime, NoTime
	if len(data) < 9 || data[0] != 0 || data[1] != 0 || data[2] != 1 {
		return pts, dts, 0, "no PES header where payload_unit_start_indicator says one begins"
	}
	id := data[3]
	switch {
	case audio && id&audioIDMask != audioID:
		return pts, dts, 0, "stream_id of the PES packet is none of audio"
	case !audio && id&videoIDMask != videoID:
		return pts, dts, 0, "stream_id of the PES packet is none of video"
	case data[6]&0xc0 != 0x80:
		return pts, dts, 0, "the PES header does not begin with '10'"
	}
	length = 9 + int(data[8])
	need := map[byte]int{0: 0, 2: 5, 3: 10}
	n, legal := need[data[7]>>6]
	switch {
	case !legal:
		return pts, dts, 0, "PTS_DTS_flags are '01', which is forbidden"
	case int(data[8]) < n || len(data) < length:
		return pts, dts, 0, "the PES header is longer than what it is in"
	}
	header, err := pes.NewPESHeader(data[:length])
	if err != nil {
		return pts, dts, 0, err.Error()
	}
	if header.HasPTS() {
		if !markers(data[9:14], data[7]>>6) {
			return NoTime, NoTime, 0, "the marker bits of PTS are wrong"
		}
		pts = int64(header.PTS())
		dts = pts
	}
	if header.HasDTS() {
		if !markers(data[14:19], 1) {
			return NoTime, NoTime, 0, "the marker bits of DTS are wrong"
		}
		dts = int64(header.DTS())
	}
	return pts, dts, length, ""
}

// markers checks the prefix and the marker bits of a time.
func markers(b []byte, prefix byte) bool {
	return b[0]>>4 == prefix && b[0]&b[2]&b[4]&1 == 1
}

// pesLength holds PES_packet_length against what is there. 0, for unknown, is
// allowed for video alone (ISO 13818-1, 2.4.3.7).
func (c *checker) pesLength(s *stream, data []byte) {
	says, has := int(binary.BigEndian.Uint16(data[4:])), len(data)-6
	switch {
	case says == has, says == 0 && !s.isAudio():
	case says == 0:
		c.find(CodePESLength, s.offset, s.pid, s.frames, "PES_packet_length is 0, which only video may have")
	default:
		c.find(CodePESLength, s.offset, s.pid, s.frames, "PES_packet_length is %d, but %d bytes follow", says, has)
	}
}
