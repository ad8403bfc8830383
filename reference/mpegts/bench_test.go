package mpegts

import (
	"bytes"
	"io"
	"testing"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	theirs "github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"
)

// tenSeconds is a segment of the usual kind: 10 s of 1 Mbit/s at 20 fps and AAC.
func tenSeconds() List {
	v := video(0, 200, 50)
	for i := range v {
		if v[i].Key = i%40 == 0; v[i].Key {
			v[i].Data = h264Key(40_000)
		} else {
			v[i].Data = h264P(5_000)
		}
	}
	return merge(v, audio(0, 156, 64))
}

func TestWritingDoesNotAllocate(t *testing.T) {
	l, m, s, r := Frames(tenSeconds()), new(Muxer), new(Segment), new(Reader)
	buf := make([]byte, 32<<10)
	if n := testing.AllocsPerRun(20, func() {
		if err := m.Next(s, l); err != nil {
			t.Error(err)
		}
		r.Reset(s)
		if _, err := io.CopyBuffer(io.Discard.(plainWriter), r, buf); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a segment", n)
	}
}

// plainWriter keeps io.CopyBuffer from another way around the buffer.
type plainWriter interface{ io.Writer }

func BenchmarkSegment(b *testing.B) {
	l, m, s, r := Frames(tenSeconds()), new(Muxer), new(Segment), new(Reader)
	buf := make([]byte, 32<<10)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Next(s, l); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(s.Size())
		for r.Reset(s); ; {
			if _, err := r.Read(buf); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkMediacommon writes the same segment with the library one would take
// otherwise. It wants NAL units and AAC without headers; they are made beforehand.
func BenchmarkMediacommon(b *testing.B) {
	l := tenSeconds()
	aus := make([][][]byte, len(l))
	size := int64(0)
	for i, f := range l {
		aus[i] = [][]byte{f.Data[7:]}
		if f.Video {
			var au h264.AnnexB
			if err := au.Unmarshal(f.Data); err != nil {
				b.Fatal(err)
			}
			aus[i] = au
		}
		size += int64(len(f.Data))
	}
	b.ReportAllocs()
	b.SetBytes(size)
	for b.Loop() {
		v := &theirs.Track{Codec: &codecs.H264{}}
		a := &theirs.Track{Codec: &codecs.MPEG4Audio{Config: mpeg4audio.AudioSpecificConfig{
			Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 16000, ChannelConfig: 1,
		}}}
		w := &theirs.Writer{W: io.Discard, Tracks: []*theirs.Track{v, a}}
		if err := w.Initialize(); err != nil {
			b.Fatal(err)
		}
		for i, f := range l {
			var err error
			if pts := int64(f.PTS) * 90; f.Video {
				err = w.WriteH264(v, pts, pts, aus[i])
			} else {
				err = w.WriteMPEG4Audio(a, pts, aus[i])
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// A second opinion: the library reads what we write.
func TestMediacommonReadsASegment(t *testing.T) {
	l := tenSeconds()
	for i := range l {
		if !l[i].Video { // a header that tells the truth: LC, 16 kHz, mono
			n := len(l[i].Data)
			copy(l[i].Data, []byte{0xFF, 0xF1, 0x60, 0x40 | byte(n>>11), byte(n >> 3), byte(n<<5) | 0x1F, 0xFC})
		}
	}
	r := &theirs.Reader{R: bytes.NewReader(all(t, lay(t, new(Muxer), l)))}
	if err := r.Initialize(); err != nil {
		t.Fatal(err)
	}
	r.OnDecodeError(func(err error) { t.Errorf("the library finds fault: %v", err) })
	var v, a List
	for _, track := range r.Tracks() {
		switch track.Codec.(type) {
		case *codecs.H264:
			r.OnDataH264(track, func(pts, dts int64, au [][]byte) error {
				if pts != dts {
					t.Errorf("PTS %d, DTS %d", pts, dts)
				}
				b, err := h264.AnnexB(au).Marshal() // the reader has taken the delimiter away
				v = append(v, Frame{Video: true, PTS: uint64(pts) / 90, Data: b})
				return err
			})
		case *codecs.MPEG4Audio:
			r.OnDataMPEG4Audio(track, func(pts int64, aus [][]byte) error {
				a = append(a, Frame{PTS: uint64(pts) / 90, Data: aus[0]})
				return nil
			})
		default:
			t.Fatalf("a track of %T", track.Codec)
		}
	}
	for {
		if err := r.Read(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if len(v) != 200 || len(a) != 156 {
		t.Fatalf("%d pictures and %d audio frames, want 200 and 156", len(v), len(a))
	}
	for _, f := range l {
		var got Frame
		want := f.Data
		if f.Video {
			got, v = v[0], v[1:]
		} else {
			got, a = a[0], a[1:]
			want = want[7:]
		}
		if got.PTS != f.PTS || !bytes.Equal(got.Data, want) {
			t.Fatalf("frame at %d ms (video %v) comes back at %d ms as % x…, want % x…", f.PTS, f.Video, got.PTS, got.Data[:min(20, len(got.Data))], want[:min(20, len(want))])
		}
	}
}
