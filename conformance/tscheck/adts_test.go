package tscheck

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/ivcs/conform/conformance/fixtures"
)

func TestADTSFramesAreCutAsMediacommonCutsThem(t *testing.T) {
	for _, a := range []*fixtures.Audio{fixtures.AAC(), fixtures.AAC48Stereo(), fixtures.AAC8()} {
		es := bytes.Join(a.Frames, nil)
		frames, err := ADTSFrames(es)
		if err != nil {
			t.Fatal(err)
		}
		var packets mpeg4audio.ADTSPackets
		if err := packets.Unmarshal(es); err != nil {
			t.Fatal(err)
		}
		if len(frames) != len(packets) {
			t.Fatalf("%s: %d frames, mediacommon cuts %d", a.Name, len(frames), len(packets))
		}
		for i, f := range frames {
			p := packets[i]
			if !bytes.Equal(f.Data[7:], p.AU) || f.Rate != p.SampleRate || f.Channels != int(p.ChannelConfig) || f.Object != int(p.Type) || f.Samples != 1024 {
				t.Errorf("%s, frame %d: %+v", a.Name, i, f)
			}
		}
		if d := frames[0].Duration(); d != 1024*time.Second/time.Duration(a.Rate) {
			t.Errorf("%s: %v a frame", a.Name, d)
		}
	}
}

func TestADTSHeadersThatLie(t *testing.T) {
	good := fixtures.AAC().At(3)
	change := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for _, c := range []struct {
		name, text string
		data       []byte
	}{
		{"no syncword", "syncword", change(0, 0xfe)},
		{"another layer", "layer", change(1, 0xf7)},
		{"no sampling frequency", "sampling_frequency_index", change(2, 0x7c)},
		{"a length less than the header", "less than the header", []byte{0xff, 0xf1, 0x60, 0x40, 0, 0xc0, 0xfc, 0, 0}},
		{"a length beyond the end", "cut short", change(4, good[4]+1)},
		{"half a header", "cut short", good[:4]},
	} {
		frames, err := ADTSFrames(append(fixtures.AAC().At(2), c.data...))
		if err == nil || !strings.Contains(err.Error(), c.text) || len(frames) != 1 {
			t.Errorf("%s: %d frames, %v", c.name, len(frames), err)
		}
	}
}
