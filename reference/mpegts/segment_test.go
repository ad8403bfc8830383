package mpegts

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
)

func lay(t testing.TB, m *Muxer, l Frames) *Segment {
	t.Helper()
	s := new(Segment)
	if err := m.Next(s, l); err != nil {
		t.Fatal(err)
	}
	return s
}

func all(t testing.TB, s *Segment) []byte {
	t.Helper()
	b, err := io.ReadAll(s.NewReader())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkFrames compares what was taken apart with what was pushed.
func checkFrames(d *demux, codec Codec, l List) error {
	if len(d.frames) != len(l) {
		return fmt.Errorf("%d frames, want %d", len(d.frames), len(l))
	}
	aud := map[Codec]string{H264: "\x00\x00\x00\x01\x09\xF0", H265: "\x00\x00\x00\x01\x46\x01\x50"}[codec]
	for i, f := range l {
		got := d.frames[i]
		want := bytes.Join([][]byte{f.Data, f.Tail}, nil)
		pid := uint16(pidAudio)
		if f.Video {
			pid = pidVideo
			if !bytes.HasPrefix(want, []byte(aud)) {
				want = append([]byte(aud), want...)
			}
		}
		switch {
		case got.pid != pid || got.random != (f.Video && f.Key):
			return fmt.Errorf("frame %d: PID %#x, random access %v", i, got.pid, got.random)
		case got.pts != f.PTS*90%(1<<33):
			return fmt.Errorf("frame %d: PTS %d, want %d", i, got.pts, f.PTS*90%(1<<33))
		case !bytes.Equal(got.es, want):
			return fmt.Errorf("frame %d: other bytes: % x…, want % x…", i, got.es[:min(len(got.es), 30)], want[:min(len(want), 30)])
		}
	}
	return nil
}

func TestSegments(t *testing.T) {
	for _, c := range segments {
		t.Run(c.name, func(t *testing.T) {
			s := lay(t, &Muxer{Video: c.codec}, c.frames)
			got := all(t, s)
			if int64(len(got)) != s.Size() {
				t.Fatalf("%d bytes, Size says %d", len(got), s.Size())
			}
			d := new(demux)
			if err := d.read(got); err != nil {
				t.Fatal(err)
			}
			if err := checkFrames(d, c.codec, c.frames); err != nil {
				t.Fatal(err)
			}
			if want := map[Codec]byte{H264: 0x1B, H265: 0x24}[c.codec]; d.streams[pidVideo] != 0 && d.streams[pidVideo] != want {
				t.Errorf("stream type %#x, want %#x", d.streams[pidVideo], want)
			}
			if a := d.streams[pidAudio]; a != 0 && a != 0x0F {
				t.Errorf("stream type %#x, want 0x0F", a)
			}
			jumps := 0
			for _, p := range d.pcrs {
				if p.jump {
					jumps++
				}
			}
			if c.jumps >= 0 && jumps != c.jumps {
				t.Errorf("%d discontinuities, want %d", jumps, c.jumps)
			}
			if c.alone >= 0 && d.alone != c.alone {
				t.Errorf("%d packets with a PCR alone, want %d", d.alone, c.alone)
			}
			if d.alone > 1200+len(c.frames) {
				t.Errorf("%d packets with a PCR alone bloat the segment", d.alone)
			}
		})
	}
}

func TestReadersOfASegmentGiveTheSameBytes(t *testing.T) {
	l := merge(video(0, 60, 50), audio(0, 45, 64))
	m := new(Muxer)
	lay(t, m, l) // so that the counters do not begin at 0
	s := lay(t, m, l)
	want := all(t, s)
	lay(t, m, l)
	half := s.NewReader()
	if _, err := io.CopyN(io.Discard, half, 1000); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{
		"a retry":                            s.NewReader(),
		"a retry byte by byte":               iotest.OneByteReader(s.NewReader()),
		"a retry by halves of the buffer":    iotest.HalfReader(s.NewReader()),
		"a retry in steps of 187":            pieces{s.NewReader(), 187},
		"a retry in steps of 189":            pieces{s.NewReader(), 189},
		"a retry in steps of 32 KB":          pieces{s.NewReader(), 32 << 10},
		"a reader reset in mid-segment":      func() io.Reader { half.Reset(s); return half }(),
		"a reader that is asked for no byte": noByte{s.NewReader()},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, %v: not the %d bytes of the first reader", len(got), err, len(want))
			}
		})
	}
	if err := iotest.TestReader(s.NewReader(), want); err != nil {
		t.Error(err)
	}
}

// pieces reads in pieces of n bytes at most.
type pieces struct {
	r io.Reader
	n int
}

func (s pieces) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

// noByte asks for nothing before every read.
type noByte struct{ r io.Reader }

func (r noByte) Read(p []byte) (int, error) {
	if n, err := r.r.Read(nil); n != 0 || err != nil {
		return n, fmt.Errorf("asked for nothing, got %d bytes and %w", n, err)
	}
	return r.r.Read(p)
}

func TestAFrameInTwoParts(t *testing.T) {
	whole := video(0, 3, 50)
	want := all(t, lay(t, new(Muxer), whole))
	for cut := range whole[0].Data {
		parts := append(List{}, whole...)
		parts[0].Data, parts[0].Tail = whole[0].Data[:cut], whole[0].Data[cut:]
		if !bytes.Equal(all(t, lay(t, new(Muxer), parts)), want) {
			t.Fatalf("cut after %d bytes the segment is another one", cut)
		}
	}
}

func TestCRC(t *testing.T) {
	// The check value of CRC-32/MPEG-2.
	if got := crc32([]byte("123456789")); got != 0x0376E6E7 {
		t.Errorf("got %#x, want 0x0376E6E7", got)
	}
}

// FuzzSegments makes frames of any times and sizes and wants every promise kept.
func FuzzSegments(f *testing.F) {
	f.Add([]byte{1, 0, 50, 3, 2, 0, 64, 1, 1, 0, 200, 0}, uint64(0))
	f.Add([]byte{3, 40, 0, 200, 2, 255, 255, 1, 1, 128, 0, 9, 2, 0, 0, 255}, uint64(1<<33/90))
	f.Fuzz(func(t *testing.T, script []byte, base uint64) {
		var l List
		at := base
		for ; len(script) >= 4 && len(l) < 500; script = script[4:] {
			at += uint64(int64(int16(uint16(script[1])<<8 | uint16(script[2]))))
			size := int(script[3]) * int(script[3])
			fr := Frame{Video: script[0]&1 != 0, Key: script[0]&3 == 3, PTS: at, Data: adts(size)}
			if fr.Video {
				fr.Data = h264P(size)
			}
			if script[0]&4 != 0 {
				fr.PTS = base + uint64(script[0])<<script[1]
			}
			l = append(l, fr)
		}
		if len(l) == 0 {
			return
		}
		m, d := new(Muxer), new(demux)
		for range 2 {
			s := lay(t, m, l)
			got := all(t, s)
			if int64(len(got)) != s.Size() {
				t.Fatalf("%d bytes, Size says %d", len(got), s.Size())
			}
			if err := d.read(got); err != nil {
				t.Fatal(err)
			}
			if err := checkFrames(d, H264, l); err != nil {
				t.Fatal(err)
			}
		}
	})
}
