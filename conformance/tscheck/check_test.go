package tscheck

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"
	"github.com/ivcs/conform/conformance/fixtures"
)

// cleanClips are the clips that no finding belongs to.
func cleanClips() []*fixtures.Clip {
	h264, h265 := fixtures.H264(), fixtures.H265()
	return []*fixtures.Clip{
		h264, h265, fixtures.H264Slices(), fixtures.H265Slices(), fixtures.H264NonReference(), h265.TrailN(),
		h264.WithAUD().WithSEI(), h265.WithAUD().WithSEI(), h264.ThreeByteStartCodes(), h265.ThreeByteStartCodes(),
		h264.RefIDC(1, 2), fixtures.H265CRA(), fixtures.H265CRA().KeyType(16), h265.KeyType(19),
	}
}

func TestCleanSegmentsGiveNoFinding(t *testing.T) {
	for _, c := range cleanClips() {
		t.Run(c.Name, func(t *testing.T) {
			samples := withAudio(clipSamples(c, 0, 2*len(c.Frames)), fixtures.AAC())
			m := mux{video: streamType(c), audio: TypeAAC}
			r := Check(m.segment(samples))
			for _, f := range r.Findings {
				t.Error(f)
			}
			if len(r.Video) != 2*len(c.Frames) || r.VideoType != streamType(c) || r.AudioType != TypeAAC {
				t.Errorf("%d pictures of type %#x, sound %#x", len(r.Video), r.VideoType, r.AudioType)
			}
			for i, f := range r.Video {
				if f.Key != c.At(i).Key || f.RandomAccess != f.Key || f.B {
					t.Errorf("picture %d: key %v, random access %v, B %v", i, f.Key, f.RandomAccess, f.B)
				}
			}
		})
	}
}

func TestSegmentsOfFFmpeg(t *testing.T) {
	for _, c := range []struct {
		file         string
		typ          byte
		video, audio int
	}{
		{"ffmpeg-h264-aac.ts", TypeH264, 80, 63},
		{"ffmpeg-h265.ts", TypeH265, 80, 0},
	} {
		t.Run(c.file, func(t *testing.T) {
			b, err := os.ReadFile("testdata/" + c.file)
			if err != nil {
				t.Fatal(err)
			}
			r := Check(b)
			for _, f := range r.Findings {
				t.Error(f)
			}
			if r.VideoType != c.typ || len(r.Video) != c.video || len(r.ADTS()) != c.audio {
				t.Errorf("type %#x, %d pictures, %d audio frames", r.VideoType, len(r.Video), len(r.ADTS()))
			}
		})
	}
}

// TestSegmentsOfMediacommon holds the judge against another writer. Its one known
// finding: a PCR with every third picture or so, 150 ms apart at 20 pictures a second.
func TestSegmentsOfMediacommon(t *testing.T) {
	sound := fixtures.AAC()
	for _, c := range []struct {
		clip  *fixtures.Clip
		codec codecs.Codec
	}{{fixtures.H264(), &codecs.H264{}}, {fixtures.H265(), &codecs.H265{}}} {
		t.Run(c.clip.Name, func(t *testing.T) {
			var b bytes.Buffer
			video := &mpegts.Track{Codec: c.codec}
			audio := &mpegts.Track{Codec: &codecs.MPEG4Audio{Config: mpeg4audio.AudioSpecificConfig{
				Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 16000, ChannelConfig: 1,
			}}}
			w := &mpegts.Writer{W: &b, Tracks: []*mpegts.Track{video, audio}}
			if err := w.Initialize(); err != nil {
				t.Fatal(err)
			}
			for _, s := range withAudio(clipSamples(c.clip, 0, 80), sound) {
				pts := s.ms * 90
				var err error
				switch {
				case !s.video:
					err = w.WriteMPEG4Audio(audio, pts, [][]byte{s.data[7:]})
				case c.clip.Codec == fixtures.CodecH264:
					err = w.WriteH264(video, pts, pts, fixtures.SplitNALs(s.data))
				default:
					err = w.WriteH265(video, pts, pts, fixtures.SplitNALs(s.data))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			r := Check(b.Bytes())
			for _, f := range r.Findings {
				t.Log(f)
				if f.Code != CodePCRInterval {
					t.Error(f)
				}
			}
			if len(r.Video) != 80 || len(r.ADTS()) != 62 {
				t.Errorf("%d pictures, %d audio frames", len(r.Video), len(r.ADTS()))
			}
			if d := r.MaxPCRInterval(); d != 150*time.Millisecond {
				t.Errorf("PCR at most %v apart", d)
			}
		})
	}
}
