package mpegts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"testing"
	"testing/iotest"
)

// Access units of the forms that note 1 and iv_cs_push_stream print, filled up to n bytes.
func h264Key(n int) []byte {
	return fill([]byte{0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65}, n)
}
func h264P(n int) []byte { return fill([]byte{0, 0, 0, 1, 0x41}, n) }
func h265Key(n int) []byte {
	return fill([]byte{0, 0, 0, 1, 0x40, 1, 0, 0, 0, 1, 0x42, 1, 0, 0, 0, 1, 0x44, 1, 0, 0, 0, 1, 0x2A, 1}, n)
}
func h265P(n int) []byte { return fill([]byte{0, 0, 0, 1, 0x02, 1}, n) }
func adts(n int) []byte  { return fill([]byte{0xFF, 0xF1, 0x60, 0x40}, n) }

// fill makes b at least n bytes long, each byte another one than its neighbours.
func fill(b []byte, n int) []byte {
	for i := len(b); i < n; i++ {
		b = append(b, byte(i*7+i>>8)|1)
	}
	return b
}

// video is n frames every step ms, from a key frame on.
func video(from uint64, n int, step uint64) List {
	var l List
	for i := range n {
		f := Frame{Video: true, Key: i == 0, PTS: from + uint64(i)*step, Data: h264P(300 + 61*i%900)}
		if f.Key {
			f.Data = h264Key(9000)
		}
		l = append(l, f)
	}
	return l
}

// audio is n frames every step ms.
func audio(from uint64, n int, step uint64) List {
	var l List
	for i := range n {
		l = append(l, Frame{PTS: from + uint64(i)*step, Data: adts(200 + i*31%100)})
	}
	return l
}

// merge puts frames in the order of their times, video first.
func merge(v, a List) List {
	var l List
	for len(v) > 0 || len(a) > 0 {
		if len(a) == 0 || len(v) > 0 && int64(v[0].PTS-a[0].PTS) <= 0 {
			l, v = append(l, v[0]), v[1:]
		} else {
			l, a = append(l, a[0]), a[1:]
		}
	}
	return l
}

func concat(ls ...List) List {
	var all List
	for _, l := range ls {
		all = append(all, l...)
	}
	return all
}

var segments = []struct {
	name   string
	codec  Codec
	frames List
	alone  int // packets with nothing but a PCR; -1: any number
	jumps  int // discontinuities
}{
	{"ten seconds of H.264 at 20 fps with audio", H264, merge(video(0, 200, 50), audio(0, 156, 64)), 0, 0},
	{"a key frame alone", H264, video(7, 1, 50), 0, 0},
	{"an audio frame alone", H264, audio(7, 1, 64), 0, 0},
	{"video at 10 fps: PCR just 100 ms apart", H264, video(0, 30, 100), 0, 0},
	{"video at 1 fps", H264, video(0, 10, 1000), 9 * 9, 0},
	{"video at 1 fps with audio", H264, merge(video(0, 10, 1000), audio(0, 150, 64)), -1, 0},
	{"audio alone at 16 kHz", H264, audio(0, 50, 64), 0, 0},
	{"audio alone at 8 kHz: 128 ms a frame", H264, audio(0, 50, 128), 49, 0},
	{"audio before the first picture", H264, concat(audio(100, 2, 64), video(200, 20, 50)), 1, 0},
	{"audio stops", H264, concat(merge(video(0, 20, 50), audio(0, 5, 64)), video(1000, 20, 50)), 0, 0},
	{"audio pushed 400 ms after its picture", H264, pushedLate(video(0, 100, 50), audio(0, 60, 64), 400), 0, 0},
	{"audio pushed 5 s after its picture", H264, pushedLate(video(0, 200, 50), audio(0, 60, 64), 5000), 0, 0},
	{"video pushed 5 s after its sound", H264, pushedLate(audio(0, 300, 64), video(0, 200, 50), 5000), -1, 0},
	{"audio of another origin, 30 s later", H264, pushedLate(video(0, 20, 50), audio(30000, 10, 64), -30000), -1, -1},
	{"audio of another origin, 50 years earlier", H264, pushedLate(video(50*365*86400e3, 20, 50), audio(0, 10, 64), 50*365*86400e3), 10, -1},
	{"one frame 10 h ahead", H264, concat(video(0, 20, 50), List{{Video: true, PTS: 36000e3, Data: h264P(100)}}, video(1000, 20, 50)), 0, 2},
	{"PTS in microseconds", H264, video(0, 200, 50000), -1, -1},
	{"PTS that stands still", H264, video(5, 20, 0), 0, 0},
	{"a hole of 115 s", H264, concat(video(0, 20, 50), video(115950, 20, 50)), 1149, 0},
	{"the 33-bit wrap of PTS", H264, merge(video((1<<33)/90-1000, 60, 50), audio((1<<33)/90-1000, 45, 64)), 0, 0},
	{"the 32-bit wrap of milliseconds", H264, video(1<<32-1000, 60, 50), 0, 0},
	{"milliseconds near 2^41", H264, video(1<<41-1000, 60, 50), 0, 0},
	{"milliseconds near 2^53", H264, video(1<<53-1000, 60, 50), 0, 0},
	{"milliseconds across 2^64", H264, video(math.MaxUint64-1000, 60, 50), 0, 0},
	{"H.265 with a CRA", H265, List{{Video: true, Key: true, PTS: 9, Data: h265Key(5000)}, {Video: true, PTS: 59, Data: h265P(500)}}, 0, 0},
	{"a key frame of 8 MB", H264, List{{Video: true, Key: true, Data: h264Key(8 << 20)}}, 0, 0},
	{"the largest audio frame", H264, List{{Data: adts(MaxAudio)}}, 0, 0},
	{"video whose PES length just fits", H264, List{{Video: true, Data: h264P(0xFFFF - 8 - 6)}}, 0, 0},
	{"video whose PES length just does not fit", H264, List{{Video: true, Data: h264P(0xFFFF - 8 - 5)}}, 0, 0},
	{"frames without a byte", H264, List{{Video: true, Key: true}, {}}, 0, 0},
	{"frames of one byte", H264, List{{Video: true, Key: true, Data: []byte{0}}, {Data: []byte{1}}}, 0, 0},
}

// pushedLate is merge with each frame of b pushed late ms after its time.
func pushedLate(a, b List, late int64) List {
	shifted := make(List, len(b))
	for i, f := range b {
		f.PTS += uint64(late)
		shifted[i] = f
	}
	l := merge(a, shifted)
	for i := range l {
		if len(b) > 0 && l[i].Video == b[0].Video {
			l[i].PTS -= uint64(late)
		}
	}
	return l
}

// everySize adds segments in which a frame ends at each place of a packet.
func everySize() List {
	var l List
	for n := range 3 * PacketSize {
		l = append(l,
			Frame{Video: true, Key: n%2 == 0, PTS: uint64(n * 40), Data: h264P(5 + n)},
			Frame{PTS: uint64(n * 40), Data: adts(4 + n)})
	}
	return l
}

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
	cases := append(segments, struct {
		name   string
		codec  Codec
		frames List
		alone  int
		jumps  int
	}{"frames that end at every place of a packet", H264, everySize(), 0, 0})
	for _, c := range cases {
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

func TestASegmentFollowsTheOneBefore(t *testing.T) {
	cases := []struct {
		name    string
		frames  List
		version byte
		jump    bool  // the first PCR begins a new time base
		lead    int64 // ms from the first PCR to the first PTS
	}{
		{"the first", merge(video(0, 40, 50), audio(0, 31, 64)), 0, false, 500},
		{"the next", merge(video(2000, 40, 50), audio(1984, 31, 64)), 0, false, 500},
		{"audio has stopped", video(4000, 40, 50), 1, false, 500},
		{"without audio still", video(6000, 40, 50), 1, false, 500},
		{"audio is back", merge(video(8000, 40, 50), audio(8000, 31, 64)), 2, false, 500},
		{"audio alone", audio(10000, 31, 64), 3, false, 500},
		{"both, after a hole of 20 s", merge(video(30000, 40, 50), audio(30000, 31, 64)), 4, false, 500},
		{"audio 5 s late: PCR must fall back", pushedLate(video(32000, 200, 50), audio(32000, 60, 64), 5000), 4, true, 5000},
		{"PCR stays back", merge(video(42000, 40, 50), audio(42000, 31, 64)), 4, false, 5000},
		{"the pushed time begins anew", merge(video(0, 40, 50), audio(0, 31, 64)), 4, true, 5000},
	}
	m, d := new(Muxer), new(demux)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := d.read(all(t, lay(t, m, c.frames))); err != nil {
				t.Fatal(err)
			}
			if err := checkFrames(d, H264, c.frames); err != nil {
				t.Error(err)
			}
			if d.version != c.version {
				t.Errorf("PMT version %d, want %d", d.version, c.version)
			}
			if d.pcrs[0].jump != c.jump {
				t.Errorf("discontinuity %v, want %v", d.pcrs[0].jump, c.jump)
			}
			if got := signed(d.frames[0].pts-d.pcrs[0].ticks) / 90; got != c.lead {
				t.Errorf("PCR leads by %d ms, want %d", got, c.lead)
			}
		})
	}
}

func TestPMTVersionWraps(t *testing.T) {
	m, d := new(Muxer), new(demux)
	for i := range 70 {
		l := audio(uint64(i)*1000, 3, 64)
		if i%2 == 0 {
			l = video(uint64(i)*1000, 3, 50)
		}
		if err := d.read(all(t, lay(t, m, l))); err != nil {
			t.Fatal(err)
		}
		if d.version != byte(i%32) {
			t.Fatalf("segment %d: PMT version %d, want %d", i, d.version, i%32)
		}
	}
}

func TestDelimiter(t *testing.T) {
	for _, c := range []struct {
		name  string
		codec Codec
		data  string
		tail  string
		want  bool // one is put in front
	}{
		{"H.264 without", H264, "\x00\x00\x00\x01\x67", "", true},
		{"H.264 with", H264, "\x00\x00\x00\x01\x09\xF0\x00\x00\x00\x01\x67", "", false},
		{"H.264 with, after a start code of three bytes", H264, "\x00\x00\x01\x09\x30", "", false},
		{"H.264 with, after more zeros", H264, "\x00\x00\x00\x00\x00\x01\x09\x30", "", false},
		{"H.264 with, nal_ref_idc set", H264, "\x00\x00\x01\x69\x30", "", false},
		{"H.264 with, across the end of the ring", H264, "\x00\x00", "\x01\x09\x30", false},
		{"H.264 with one in the middle", H264, "\x00\x00\x01\x67\x00\x00\x01\x09\xF0", "", true},
		{"H.265 without", H265, "\x00\x00\x00\x01\x40\x01", "", true},
		{"H.265 with", H265, "\x00\x00\x00\x01\x46\x01\x50", "", false},
		{"H.265 with, of an upper layer", H265, "\x00\x00\x01\x47\x01\x50", "", false},
		{"H.265 whose first byte looks like one of H.264", H265, "\x00\x00\x00\x01\x09\xF0", "", true},
		{"H.264 whose first byte looks like one of H.265", H264, "\x00\x00\x00\x01\x46\x01", "", true},
		{"NAL units behind their lengths", H264, "\x00\x00\x00\x02\x09\xF0", "", true},
		{"two bytes of a start code", H264, "\x00\x01\x09", "", true},
		{"a start code alone", H264, "\x00\x00\x00\x01", "", true},
		{"nothing", H264, "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Frame{Video: true, Data: []byte(c.data), Tail: []byte(c.tail)}
			if got := delimiter(&f, c.codec) != nil; got != c.want {
				t.Errorf("a delimiter is put in front: %v, want %v", got, c.want)
			}
		})
	}
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

func TestWhatIsNoSegment(t *testing.T) {
	good := video(0, 3, 50)
	for name, c := range map[string]struct {
		frames List
		want   error
	}{
		"no frame":                {nil, ErrEmpty},
		"an audio frame too long": {append(video(0, 1, 50), Frame{Data: make([]byte, MaxAudio), Tail: []byte{1}}), ErrAudioSize},
	} {
		t.Run(name, func(t *testing.T) {
			m, fresh := new(Muxer), new(Muxer)
			lay(t, m, good)
			lay(t, fresh, good)
			if err := m.Next(new(Segment), c.frames); !errors.Is(err, c.want) {
				t.Fatalf("Next says %v, want %v", err, c.want)
			}
			if !bytes.Equal(all(t, lay(t, m, good)), all(t, lay(t, fresh, good))) {
				t.Error("the refused segment left its mark on the next one")
			}
		})
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
