package scenario

import (
	"bytes"
	"fmt"

	"github.com/ivcs/conform/conformance/tscheck"
)

// Missing compares what the camera pushed and the library accepted with what is
// stored, and says for each accepted frame that is not stored once, in order and
// byte for byte (an access unit delimiter in front aside) what is wrong. Video
// and AAC are compared; other audio is transcoded, so only video is.
func (c *Camera) Missing() []string {
	var out []string
	for _, f := range c.Compare() {
		out = append(out, f.Text)
	}
	return out
}

// Compare is Missing with tscheck's findings as they are.
func (c *Camera) Compare() []tscheck.Finding {
	var video, audio [][]byte
	for _, s := range c.env.Stored() {
		if s.TS.Opaque {
			continue
		}
		video = append(video, s.TS.VideoUnits()...)
		for _, a := range s.TS.ADTS() {
			audio = append(audio, a.Data)
		}
	}
	var out []tscheck.Finding
	if c.Video != nil {
		out = append(out, tscheck.Compare(data(c.Frames(true)), video)...)
	}
	if c.Sound != nil && c.Sound.Codec == 4 {
		out = append(out, tscheck.Compare(data(c.Frames(false)), audio)...)
	}
	return out
}

func data(frames []Pushed) [][]byte {
	out := make([][]byte, len(frames))
	for i, f := range frames {
		out[i] = f.Data
	}
	return out
}

// Reported says for each accepted video frame that is in no stored segment
// whether a failed slice reports it: the frames that are in neither.
func (c *Camera) Unreported() []string {
	stored := make(map[string]int)
	for _, s := range c.env.Stored() {
		for _, unit := range s.TS.VideoUnits() {
			stored[string(unit)]++
		}
	}
	var out []string
frames:
	for _, f := range c.Frames(true) {
		for _, s := range c.env.Slices() {
			if covers(s.Slice, f) {
				continue frames
			}
		}
		out = append(out, fmt.Sprintf("frame %d (PTS %d ms), accepted at %s", f.Seq, f.PTS, f.At.Format("15:04:05.000")))
	}
	return out
}

