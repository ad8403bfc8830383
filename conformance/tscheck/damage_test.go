package tscheck

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

// damage is one fault in an otherwise clean segment of 2 s H.264 or H.265 with
// sound, and the one finding it must give.
type damage struct {
	name string
	mux  func(m *mux)                     // writes it wrong
	clip func(codec int32) *fixtures.Clip // instead of the base clip
	pack func(samples []sample) []sample  // changes what is written
	hurt func(data []byte) []byte         // damages what is written
	want Code                             // "": none
	text string                           // part of the finding's text
	pid  uint16                           // noPID: any
	only int32                            // 1 + codec, if it is of one codec
	many bool                             // it is found more than once
}

// packetOf returns the index of the n-th packet (from 0) of a PID that has a
// payload and does, or does not, begin a unit.
func packetOf(data []byte, pid uint16, start bool, n int) int {
	for i := 0; i*packetSize < len(data); i++ {
		p := data[i*packetSize:]
		if binary.BigEndian.Uint16(p[1:])&0x1fff == pid && (p[1]&0x40 != 0) == start {
			if n == 0 {
				return i
			}
			n--
		}
	}
	panic("no such packet")
}

func dropPacket(data []byte, i int) []byte {
	return slices.Delete(slices.Clone(data), i*packetSize, (i+1)*packetSize)
}

func repeatPacket(data []byte, i, times int) []byte {
	p := slices.Clone(data[i*packetSize : (i+1)*packetSize])
	for range times {
		data = slices.Insert(slices.Clone(data), (i+1)*packetSize, p...)
	}
	return data
}

func flip(data []byte, at int, mask byte) []byte {
	data = slices.Clone(data)
	data[at] ^= mask
	return data
}

// payloadAt is where the payload of a packet begins.
func payloadAt(data []byte, i int) int {
	at := i * packetSize
	if data[at+3]&0x20 != 0 {
		return at + 5 + int(data[at+4])
	}
	return at + 4
}

func base(codec int32) *fixtures.Clip {
	if codec == fixtures.CodecH264 {
		return fixtures.H264()
	}
	return fixtures.H265()
}

// either picks the clip of a codec.
func either(h264, h265 func() *fixtures.Clip) func(int32) *fixtures.Clip {
	return func(codec int32) *fixtures.Clip {
		if codec == fixtures.CodecH264 {
			return h264()
		}
		return h265()
	}
}

var damages = []damage{
	{name: "nothing is wrong"},

	// The grid.
	{name: "a byte of a packet in the middle is lost", want: CodeGrid, text: "begins 187 bytes on",
		hurt: func(b []byte) []byte { at := 30*packetSize + 90; return slices.Delete(slices.Clone(b), at, at+1) }},
	{name: "a byte is put in", want: CodeGrid, text: "begins 189 bytes on",
		hurt: func(b []byte) []byte { return slices.Insert(slices.Clone(b), 30*packetSize+90, 0x11) }},
	{name: "a sync byte is wrong", want: CodeGrid, text: "sync byte 0x46",
		hurt: func(b []byte) []byte { return flip(b, 30*packetSize, 1) }},
	{name: "the first sync byte is wrong, where the PAT is", want: CodeGrid, text: "sync byte 0x46",
		hurt: func(b []byte) []byte { return flip(slices.Concat(b[:packetSize], b), 0, 1) }},
	{name: "the last packet is cut short", want: CodeGrid, text: "the last packet has 100 bytes",
		hurt: func(b []byte) []byte { return b[:len(b)-88] }},

	// The tables.
	{name: "CRC of the PAT", want: CodeCRC, text: "PAT", pid: 0,
		hurt: func(b []byte) []byte { return flip(b, 8, 4) }},
	{name: "CRC of the PMT", want: CodeCRC, text: "PMT", pid: testPMT,
		hurt: func(b []byte) []byte { return flip(b, packetSize+10, 4) }},
	{name: "no PAT", want: CodeTables, text: "no PAT",
		hurt: func(b []byte) []byte { return dropPacket(b, 0) }},
	{name: "no PMT", want: CodeTables, text: "no PMT",
		hurt: func(b []byte) []byte { return dropPacket(b, 1) }},
	{name: "PAT and PMT behind the media", want: CodeTables, text: "media before PAT and PMT",
		hurt: func(b []byte) []byte { return slices.Concat(b[2*packetSize:], b[:2*packetSize]) }},
	{name: "the PAT lists two programs", want: CodeTables, text: "2 programs",
		mux: func(m *mux) { m.pat = func(s []byte) []byte { return append(s, 0, 2, 0xe1, 0) } }},
	{name: "the PMT is of another program", want: CodeTables, text: "program 7",
		mux: func(m *mux) { m.pmt = func(s []byte) []byte { s[4] = 7; return s } }},
	{name: "the descriptors of the PMT are longer than it", want: CodeTables, text: "do not add up",
		mux: func(m *mux) { m.pmt = func(s []byte) []byte { s[11] = 200; return s } }},
	{name: "another PMT in the middle", want: CodeTables, text: "differs",
		mux: func(m *mux) {
			m.between = func(i int, m *mux) [][]byte {
				if i == 20 {
					version := m.pmt
					m.pmt = func(s []byte) []byte { s[5] ^= 2; return s }
					m.tables()
					m.pmt = version
				}
				return nil
			}
		}},
	{name: "an unknown stream type beside the others", want: CodeStreamType, text: "0x06",
		mux: func(m *mux) { m.pmt = func(s []byte) []byte { return append(s, 6, 0xe1, 0x50, 0xf0, 0) } }},
	{name: "a second video stream", want: CodeStreamType, text: "second video",
		mux: func(m *mux) { m.pmt = func(s []byte) []byte { return append(s, TypeH264, 0xe1, 0x50, 0xf0, 0) } }},
	{name: "the PMT lists a sound that is not there", want: CodePIDs, text: "no sample",
		pack: func(s []sample) []sample { return slices.DeleteFunc(s, func(s sample) bool { return !s.video }) }},
	{name: "the PMT does not list the sound", want: CodePIDs, text: "does not list", pid: testAudio,
		mux: func(m *mux) { m.audio = 0 }},

	// Packets.
	{name: "transport_error_indicator", want: CodeTransportError, pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, packetOf(b, testVideo, false, 3)*packetSize+1, 0x80) }},
	{name: "a scrambled packet", want: CodeScrambled, pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, packetOf(b, testVideo, false, 3)*packetSize+3, 0x80) }},
	{name: "a packet in the middle of a picture is lost", want: CodeContinuity, text: "1 packet is missing", pid: testVideo,
		hurt: func(b []byte) []byte { return dropPacket(b, packetOf(b, testVideo, false, 3)) }},
	{name: "the first packet of a picture is lost", want: CodeContinuity, text: "1 packet is missing", pid: testVideo,
		hurt: func(b []byte) []byte { return dropPacket(b, packetOf(b, testVideo, true, 5)) }},
	{name: "a packet of sound is lost", want: CodeContinuity, pid: testAudio,
		hurt: func(b []byte) []byte { return dropPacket(b, packetOf(b, testAudio, true, 5)) }},
	{name: "a packet twice", want: CodeDuplicate, pid: testVideo,
		hurt: func(b []byte) []byte { return repeatPacket(b, packetOf(b, testVideo, false, 3), 1) }},
	{name: "one wrong continuity counter", want: CodeContinuity, text: "not", pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, packetOf(b, testVideo, false, 3)*packetSize+3, 4) }},
	{name: "two packets in the wrong order", want: CodeContinuity, pid: testVideo, many: true,
		hurt: func(b []byte) []byte {
			i := packetOf(b, testVideo, false, 0) * packetSize
			return slices.Concat(b[:i], b[i+packetSize:i+2*packetSize], b[i:i+packetSize], b[i+2*packetSize:])
		}},
	{name: "an adaptation field longer than the packet", want: CodeAdaptation, pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, packetOf(b, testVideo, true, 5)*packetSize+4, 0xc0) }},

	// PES packets.
	{name: "no PES start code", want: CodePES, pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, payloadAt(b, packetOf(b, testVideo, true, 39)), 1) }},
	{name: "PES length too great", want: CodePESLength, pid: testAudio,
		hurt: func(b []byte) []byte { return flip(b, payloadAt(b, packetOf(b, testAudio, true, 5))+4, 1) }},
	{name: "PES length 0 of sound", want: CodePESLength, text: "only video", pid: testAudio,
		hurt: func(b []byte) []byte {
			b = slices.Clone(b)
			at := payloadAt(b, packetOf(b, testAudio, true, 5))
			b[at+4], b[at+5] = 0, 0
			return b
		}},
	{name: "PES length of a picture too small", want: CodePESLength, pid: testVideo,
		mux: func(m *mux) {
			m.pes = func(i int, pes []byte) []byte {
				binary.BigEndian.PutUint16(pes[4:], uint16(len(pes)-6-i/7))
				return pes[:]
			}
			m.pes = func(i int, pes []byte) []byte {
				if i == 7 {
					binary.BigEndian.PutUint16(pes[4:], uint16(len(pes)-7))
				}
				return pes
			}
		}},
	{name: "a picture without PTS", want: CodeTimeStamp, pid: testVideo,
		mux: func(m *mux) {
			m.pes = func(i int, pes []byte) []byte {
				if i == 7 {
					return slices.Concat(pes[:7], []byte{0, 0}, pes[14:])
				}
				return pes
			}
		}},
	{name: "a marker bit of PTS is 0", want: CodePES, text: "marker", pid: testVideo,
		mux: func(m *mux) {
			m.pes = func(i int, pes []byte) []byte {
				if i == 39 {
					pes[13] &^= 1
				}
				return pes
			}
		}},

	// Times.
	{name: "time goes back", want: CodeTimeOrder, pid: testVideo,
		mux: func(m *mux) { m.pcrEvery = 2 }, // not with the picture that is too early
		pack: func(s []sample) []sample {
			for i := range s {
				if s[i].video && s[i].ms == 550 {
					s[i].ms = 490
				}
			}
			return s
		}},
	{name: "DTS later than PTS", want: CodeClockOrder, text: "DTS is later", pid: testVideo,
		mux: func(m *mux) {
			m.dts = func(i int, s sample) int64 {
				if i == 7 {
					return s.ms*90 + 900
				}
				return s.ms * 90
			}
		}},
	{name: "PCR later than DTS", want: CodeClockOrder, text: "PCR is later",
		mux:  func(m *mux) { m.lead = -1; m.audio = 0 },
		pack: func(s []sample) []sample { return slices.DeleteFunc(s, func(s sample) bool { return !s.video }) }},
	{name: "PCR with every third picture", want: CodePCRInterval, text: "the longest 150 ms", pid: testVideo,
		mux: func(m *mux) { m.pcrEvery = 3 }},
	{name: "PCR in the first packet alone", want: CodePCRInterval, pid: testVideo,
		mux: func(m *mux) { m.pcrEvery = 1000 }},
	{name: "no PCR", want: CodePCR, text: "no PCR",
		mux: func(m *mux) { m.pmt = func(s []byte) []byte { s[9] = 0x80; return s } }},
	{name: "no PCR in the first packet", want: CodePCR, text: "first packet", pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, packetOf(b, testVideo, true, 0)*packetSize+5, 0x10) }},

	// Pictures.
	{name: "key frames without random_access_indicator", want: CodeRandomAccess, pid: testVideo,
		mux: func(m *mux) { m.noRandom = true }},
	{name: "random_access_indicator on a P frame", want: CodeRandomAccess, text: "not a key frame", pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, packetOf(b, testVideo, true, 5)*packetSize+5, 0x40) }},
	{name: "a P frame first", want: CodeKeyFrame, pid: testVideo,
		pack: func(s []sample) []sample {
			return slices.DeleteFunc(s, func(s sample) bool { return s.video && s.ms == 0 })
		}},
	{name: "no SPS", want: CodeParameterSets, text: "SPS", pid: testVideo,
		clip: either(func() *fixtures.Clip { return fixtures.H264().WithoutSPS() }, func() *fixtures.Clip { return fixtures.H265().WithoutSPS() })},
	{name: "no PPS", want: CodeParameterSets, text: "PPS", pid: testVideo,
		clip: either(func() *fixtures.Clip { return fixtures.H264().WithoutPPS() }, func() *fixtures.Clip { return fixtures.H265().WithoutPPS() })},
	{name: "no VPS", want: CodeParameterSets, text: "VPS", pid: testVideo, only: 1 + fixtures.CodecH265,
		clip: func(int32) *fixtures.Clip { return fixtures.H265().WithoutVPS() }},
	{name: "no access unit delimiter", want: CodeAUD, text: "40 such", pid: testVideo,
		mux: func(m *mux) { m.noAUD = true }},
	{name: "two pictures in one PES packet", want: CodeAccessUnit, text: "2 access units", pid: testVideo,
		pack: func(s []sample) []sample {
			video := slices.DeleteFunc(s, func(s sample) bool { return !s.video })
			video[6].data = slices.Concat(video[6].data, delimiter(video[7].data), video[7].data)
			return slices.Delete(video, 7, 8)
		},
		mux: func(m *mux) { m.audio = 0 }},
	{name: "a P frame is left out", want: CodeFrameNum, text: "1 frames that this one builds on", pid: testVideo, only: 1 + fixtures.CodecH264,
		pack: dropPicture(7)},
	{name: "three P frames are left out", want: CodeFrameNum, text: "3 frames that this one builds on", pid: testVideo, only: 1 + fixtures.CodecH264,
		pack: func(s []sample) []sample {
			s = dropPicture(7)(dropPicture(8)(dropPicture(9)(s)))
			for i := range s {
				if s[i].video && s[i].ms >= 500 {
					s[i].ms -= 150 // or PCR would be too far apart as well
				}
			}
			return s
		}},
	{name: "a P frame twice", want: CodeFrameNum, text: "twice", pid: testVideo, only: 1 + fixtures.CodecH264,
		pack: func(s []sample) []sample {
			for i := range s {
				if s[i].video && s[i].ms == 350 {
					again := s[i]
					again.ms += 10
					return slices.Insert(s, i+1, again)
				}
			}
			return s
		}},
	{name: "a picture that others refer to is left out", want: CodeReference, pid: testVideo, only: 1 + fixtures.CodecH265,
		pack: dropPicture(7)},
	{name: "the last picture, to which none refers, is left out", pack: dropPicture(39)},
	{name: "no start code in front", want: CodeNAL, text: "start code", pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, payloadAt(b, packetOf(b, testVideo, true, 39))+17, 1) }},
	{name: "forbidden_zero_bit", want: CodeNAL, text: "forbidden_zero_bit", pid: testVideo, only: 1 + fixtures.CodecH265,
		pack: func(s []sample) []sample {
			for i := range s {
				if s[i].video && s[i].ms == 1950 {
					s[i].data = append([]byte{0, 0, 0, 1, 0xce, 1, 5}, s[i].data...)
				}
			}
			return s
		}},
	{name: "a slice header that ends at once", want: CodeNAL, pid: testVideo,
		pack: func(s []sample) []sample {
			for i := range s {
				if s[i].video && s[i].ms == 1950 {
					s[i].data = s[i].data[:6+s[i].data[4]&2/2]
				}
			}
			return s
		}},

	{name: "tables alone", want: CodeEmpty, text: "no sample",
		pack: func([]sample) []sample { return nil }},
	{name: "a stream listed twice", want: CodeStreamType, text: "twice",
		mux: func(m *mux) {
			m.pmt = func(s []byte) []byte { return append(s, TypeAAC, 0xe1, testAudio&0xff, 0xf0, 0) }
		}},
	{name: "a second sound", want: CodeStreamType, text: "second audio",
		mux: func(m *mux) { m.pmt = func(s []byte) []byte { return append(s, TypeAAC, 0xe1, 0x50, 0xf0, 0) } }},
	{name: "PCR goes back", want: CodePCR, text: "goes back", pid: testVideo,
		hurt: func(b []byte) []byte {
			b = slices.Clone(b)
			at := packetOf(b, testVideo, true, 0)*packetSize + 6
			copy(b[at:], appendPCR(nil, -45000+4500+90)) // 1 ms more than the next
			return b
		}},
	{name: "a picture of parameter sets alone", want: CodeAccessUnit, text: "no slice", pid: testVideo,
		pack: func(s []sample) []sample {
			for i := range s {
				if s[i].video && s[i].ms == 1950 {
					s[i].data = s[0].data[:bytes.Index(s[0].data, []byte{0, 0, 1, s[0].data[4] + 1})]
				}
			}
			return s
		}, only: 1 + fixtures.CodecH264},
	{name: "stream_id of sound on the video PID", want: CodePES, text: "stream_id", pid: testVideo,
		hurt: func(b []byte) []byte { return flip(b, payloadAt(b, packetOf(b, testVideo, true, 39))+3, 0x20) }},

	// Sound.
	{name: "an ADTS syncword is wrong", want: CodeADTS, text: "syncword", pid: testAudio,
		hurt: func(b []byte) []byte { return flip(b, payloadAt(b, packetOf(b, testAudio, true, 5))+14, 1) }},
	{name: "the last ADTS frame is cut short", want: CodeADTS, text: "in the middle", pid: testAudio,
		pack: func(s []sample) []sample {
			for i := len(s) - 1; ; i-- {
				if !s[i].video {
					s[i].data = s[i].data[:len(s[i].data)-9]
					return s
				}
			}
		}},
	{name: "the sound changes its rate", want: CodeADTS, text: "8000 Hz", pid: testAudio,
		pack: func(s []sample) []sample {
			n := 0
			for i := range s {
				if !s[i].video {
					if n++; n > 20 {
						s[i].data = fixtures.AAC8().At(n)
					}
				}
			}
			return s
		}},
}

// delimiter returns the access unit delimiter that goes before a unit.
func delimiter(unit []byte) []byte {
	if unit[4]&0x1f == 1 {
		return []byte{0, 0, 0, 1, 9, 0xf0}
	}
	return []byte{0, 0, 0, 1, 0x46, 1, 0x50}
}

func dropPicture(n int64) func([]sample) []sample {
	return func(s []sample) []sample {
		return slices.DeleteFunc(s, func(s sample) bool { return s.video && s.ms == n*50 })
	}
}

// codecs are the codecs that the damage is of.
func (d *damage) codecs() []int32 {
	if d.only != 0 {
		return []int32{d.only - 1}
	}
	return []int32{fixtures.CodecH264, fixtures.CodecH265}
}

func (d *damage) segment(codec int32) []byte {
	clip := base(codec)
	if d.clip != nil {
		clip = d.clip(codec)
	}
	m := mux{video: streamType(clip), audio: TypeAAC}
	if d.mux != nil {
		d.mux(&m)
	}
	samples := withAudio(clipSamples(clip, 0, 40), fixtures.AAC())
	if d.pack != nil {
		samples = d.pack(samples)
	}
	data := m.segment(samples)
	if d.hurt != nil {
		data = d.hurt(data)
	}
	return data
}

func TestEachDamageGivesItsFindingAndNoOther(t *testing.T) {
	for _, d := range damages {
		for _, codec := range d.codecs() {
			t.Run(d.name+" "+base(codec).Name, func(t *testing.T) {
				r := Check(d.segment(codec))
				if r.Opaque {
					t.Fatal("taken for no transport stream")
				}
				if n := len(r.Find(d.want)); d.want != "" && n != 1 && !(d.many && n > 1) {
					t.Errorf("want one finding %q", d.want)
				}
				for _, f := range r.Findings {
					if f.Code != d.want || !strings.Contains(f.Text, d.text) || d.pid != 0 && f.PID != d.pid {
						t.Errorf("found %v", f)
					}
				}
			})
		}
	}
}
