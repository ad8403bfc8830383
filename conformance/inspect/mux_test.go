package inspect

import (
	"encoding/binary"
	"slices"

	"github.com/Comcast/gots/v2"
	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/tscheck"
)

// mux writes clean segments for the tests: PAT, PMT, one PES packet a frame, PCR
// with every video frame. It is written against ISO 13818-1 alone.
type mux struct {
	video, audio byte // stream types; 0: none

	lead     int64 // 90 kHz that PCR is before DTS; 0 means 45000
	start    int64 // PTS of time 0
	counters map[uint16]byte
	time     func(ms int64) int64 // 90 kHz of a pushed time; nil: right
	out      [][]byte
}

// sample is a frame to write.
type sample struct {
	video, key bool
	ms         int64
	data       []byte
}

const (
	testPMT, testVideo, testAudio = 0x1000, 0x100, 0x101
)

// clipSamples are frames from to to of a clip.
func clipSamples(c *fixtures.Clip, from, to int) []sample {
	var out []sample
	for i := from; i < to; i++ {
		f := c.At(i)
		out = append(out, sample{true, f.Key, int64(c.PTS(i)), f.Data})
	}
	return out
}

// withAudio adds the packs of a sound that are due until the last picture, in
// order of time.
func withAudio(samples []sample, a *fixtures.Audio) []sample {
	last := samples[len(samples)-1].ms
	for i := 0; int64(a.PTS(i)) <= last; i++ {
		samples = append(samples, sample{false, false, int64(a.PTS(i)), a.At(i)})
	}
	slices.SortStableFunc(samples, func(a, b sample) int { return int(a.ms - b.ms) })
	return samples
}

// segment writes samples and returns the bytes.
func (m *mux) segment(samples []sample) []byte {
	m.out = nil
	if m.counters == nil {
		m.counters = map[uint16]byte{}
	}
	if m.lead == 0 {
		m.lead = 45000
	}
	m.tables()
	picture := 0
	for _, s := range samples {
		m.frame(s, picture)
		if s.video {
			picture++
		}
	}
	return slices.Concat(m.out...)
}

func section(body []byte) []byte {
	binary.BigEndian.PutUint16(body[1:], 0xb000|uint16(len(body)-3+4))
	return append(body, gots.ComputeCRC(body)...)
}

func (m *mux) tables() {
	pat := section([]byte{0, 0, 0, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | testPMT>>8, testPMT & 0xff})
	pcr := uint16(testVideo)
	if m.video == 0 {
		pcr = testAudio
	}
	body := []byte{2, 0, 0, 0, 1, 0xc1, 0, 0, 0xe0 | byte(pcr>>8), byte(pcr), 0xf0, 0}
	if m.video != 0 {
		body = append(body, m.video, 0xe0|testVideo>>8, testVideo&0xff, 0xf0, 0)
	}
	if m.audio != 0 {
		body = append(body, m.audio, 0xe0|testAudio>>8, testAudio&0xff, 0xf0, 0)
	}
	m.packets(0, append([]byte{0}, pat...), nil, 0xff)
	m.packets(testPMT, append([]byte{0}, section(body)...), nil, 0xff)
}

func (m *mux) frame(s sample, picture int) {
	pts := s.ms * 90
	if m.time != nil {
		pts = m.time(s.ms)
	}
	pts = (m.start + pts) & (1<<33 - 1)
	pid, id, typ := uint16(testAudio), byte(0xc0), tscheck.TypeAAC
	var field []byte
	if s.video {
		pid, id, typ = testVideo, 0xe0, m.video
		if s.key {
			field = []byte{0x40}
		}
		aud := []byte{0, 0, 0, 1, 9, 0xf0}
		if typ == tscheck.TypeH265 {
			aud = []byte{0, 0, 0, 1, 0x46, 1, 0x50}
		}
		s.data = append(aud, tscheck.StripAUD(s.data, typ)...)
	}
	if s.video || m.video == 0 {
		if field == nil {
			field = []byte{0}
		}
		field[0] |= 0x10
		field = appendPCR(field, pts-m.lead)
	}
	pes := appendTime([]byte{0, 0, 1, id, 0, 0, 0x84, 0x80, 5}, 2, pts)
	pes = append(pes, s.data...)
	if !s.video {
		binary.BigEndian.PutUint16(pes[4:], uint16(len(pes)-6))
	}
	m.packets(pid, pes, field, 0)
}

func appendTime(b []byte, prefix byte, t int64) []byte {
	return append(b, prefix<<4|byte(t>>29)&0xe|1, byte(t>>22), byte(t>>14)|1, byte(t>>7), byte(t<<1)|1)
}

func appendPCR(b []byte, t int64) []byte {
	t &= 1<<33 - 1
	return append(b, byte(t>>25), byte(t>>17), byte(t>>9), byte(t>>1), byte(t<<7)|0x7e, 0)
}

// packets cuts a payload into packets; field is the adaptation field of the
// first, without its length. A table is stuffed with fill behind, a PES packet
// by its adaptation field.
func (m *mux) packets(pid uint16, payload, field []byte, fill byte) {
	for start := true; len(payload) > 0; start = false {
		p := []byte{0x47, byte(pid >> 8), byte(pid), 0x10 | m.counters[pid]}
		m.counters[pid] = (m.counters[pid] + 1) & 0xf
		if start {
			p[1] |= 0x40
		}
		if fill != 0 {
			n := min(188-4, len(payload))
			p = append(p, payload[:n]...)
			payload = payload[n:]
			for len(p) < 188 {
				p = append(p, fill)
			}
			m.out = append(m.out, p)
			continue
		}
		room := 188 - 4
		if len(field) > 0 || len(payload) < room {
			p[3] |= 0x20
			n := max(len(field), room-1-len(payload))
			p = append(p, byte(n))
			if n > 0 && len(field) == 0 {
				field = []byte{0}
			}
			p = append(p, field...)
			for len(p) < 5+n {
				p = append(p, 0xff)
			}
		}
		field = nil
		n := min(188-len(p), len(payload))
		p = append(p, payload[:n]...)
		payload = payload[n:]
		m.out = append(m.out, p)
	}
}
