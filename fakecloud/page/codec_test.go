package page

import "testing"

// stream is a transport stream with one program of the given stream type,
// behind an audio stream.
func stream(video byte) []byte {
	packet := func(pid int, table ...byte) []byte {
		p := append([]byte{0x47, 0x40 | byte(pid>>8), byte(pid), 0x10, 0}, table...)
		for len(p) < 188 {
			p = append(p, 0xff)
		}
		return p
	}
	pat := packet(0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x00, 0, 0, 0, 0)
	pmt := packet(0x1000, 2, 0xb0, 23, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, 0x0f, 0xe1, 1, 0xf0, 0, video, 0xe1, 0, 0xf0, 0, 0, 0, 0, 0)
	return append(pat, pmt...)
}

func TestTheVideoOfAStreamIsKnown(t *testing.T) {
	for _, video := range []byte{0x1b, streamH265} {
		if got := videoType(stream(video)); got != video {
			t.Errorf("0x%02x: found 0x%02x", video, got)
		}
	}
}

func FuzzVideoType(f *testing.F) {
	f.Add(stream(streamH265))
	f.Add([]byte("no stream"))
	f.Fuzz(func(_ *testing.T, ts []byte) { videoType(ts) })
}
