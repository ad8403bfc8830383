package bench

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/asticode/go-astits"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	theirs "github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"

	"github.com/ivcs/conform/reference/mpegts"
)

// sink takes what is written as a socket would, in pieces, and keeps io.Copy from
// another way around the buffer.
type sink struct{ n int64 }

func (s *sink) Write(p []byte) (int, error) {
	s.n += int64(len(p))
	return len(p), nil
}

// BenchmarkTSWriter writes the same ten seconds again and again: bytes of the
// segment a second.
func BenchmarkTSWriter(b *testing.B) {
	list := segment(10)
	data := written(list)
	run := func(name string, f func(b *testing.B)) {
		b.Run("writer="+name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			f(b)
		})
	}
	run("conform", func(b *testing.B) {
		var frames mpegts.Frames = list
		m, s, r, buf := new(mpegts.Muxer), new(mpegts.Segment), new(mpegts.Reader), make([]byte, 32<<10)
		out, in := io.Writer(new(sink)), io.Reader(struct{ io.Reader }{r})
		for b.Loop() {
			if err := m.Next(s, frames); err != nil {
				b.Fatal(err)
			}
			r.Reset(s)
			if _, err := io.CopyBuffer(out, in, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("copy", func(b *testing.B) {
		r, buf := bytes.NewReader(data), make([]byte, 32<<10)
		out, in := io.Writer(new(sink)), io.Reader(struct{ io.Reader }{r})
		for b.Loop() {
			r.Reset(data)
			if _, err := io.CopyBuffer(out, in, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("mediacommon", func(b *testing.B) { mediacommon(b, list) })
	run("astits", func(b *testing.B) { astitsWriter(b, list) })
}

// mediacommon wants NAL units and AAC without headers; they are made beforehand.
func mediacommon(b *testing.B, list mpegts.List) {
	units := make([][][]byte, len(list))
	for i, f := range list {
		units[i] = [][]byte{f.Data[7:]}
		if f.Video {
			var unit h264.AnnexB
			if err := unit.Unmarshal(f.Data); err != nil {
				b.Fatal(err)
			}
			units[i] = unit
		}
	}
	for b.Loop() {
		video := &theirs.Track{Codec: &codecs.H264{}}
		audio := &theirs.Track{Codec: &codecs.MPEG4Audio{Config: mpeg4audio.AudioSpecificConfig{
			Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 16000, ChannelConfig: 1,
		}}}
		w := &theirs.Writer{W: &sink{}, Tracks: []*theirs.Track{video, audio}}
		if err := w.Initialize(); err != nil {
			b.Fatal(err)
		}
		for i, f := range list {
			var err error
			if pts := int64(f.PTS) * 90; f.Video {
				err = w.WriteH264(video, pts, pts, units[i])
			} else {
				err = w.WriteMPEG4Audio(audio, pts, units[i])
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// astitsWriter gives go-astits whole access units, a PCR with each picture, and
// the tables at the start: no less than what a segment needs.
func astitsWriter(b *testing.B, list mpegts.List) {
	const videoPID, audioPID = 256, 257
	for b.Loop() {
		m := astits.NewMuxer(context.Background(), &sink{})
		for pid, typ := range map[uint16]astits.StreamType{videoPID: astits.StreamTypeH264Video, audioPID: astits.StreamTypeAACAudio} {
			if err := m.AddElementaryStream(astits.PMTElementaryStream{ElementaryPID: pid, StreamType: typ}); err != nil {
				b.Fatal(err)
			}
		}
		m.SetPCRPID(videoPID)
		if _, err := m.WriteTables(); err != nil {
			b.Fatal(err)
		}
		for _, f := range list {
			d := &astits.MuxerData{PID: audioPID, PES: &astits.PESData{
				Header: &astits.PESHeader{StreamID: 192, OptionalHeader: &astits.PESOptionalHeader{
					MarkerBits: 2, PTSDTSIndicator: astits.PTSDTSIndicatorOnlyPTS, PTS: &astits.ClockReference{Base: int64(f.PTS) * 90},
				}},
				Data: f.Data,
			}}
			if f.Video {
				d.PID, d.PES.Header.StreamID = videoPID, 224
				d.AdaptationField = &astits.PacketAdaptationField{
					HasPCR: true, PCR: &astits.ClockReference{Base: int64(f.PTS) * 90}, RandomAccessIndicator: f.Key,
				}
			}
			if _, err := m.WriteData(d); err != nil {
				b.Fatal(err)
			}
		}
	}
}
