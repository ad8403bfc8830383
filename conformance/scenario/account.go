package scenario

import (
	"fmt"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// Missing says for what the camera pushed and the library accepted in which way
// it is not in the cloud once, in order and byte for byte (an access unit
// delimiter in front aside), with its time. Video and AAC are compared; other
// audio is transcoded, so its bytes are not. Nothing is said about opaque objects.
func (c *Camera) Missing() []string {
	var out []string
	if c.Video != nil {
		out = append(out, describe("video", c.CompareVideo())...)
	}
	if c.Sound != nil && c.Sound.Codec == target.AudioAAC {
		out = append(out, describe("audio", c.CompareAudio())...)
	}
	return out
}

// mostFindings is how many findings of one kind a message lists.
const mostFindings = 10

func describe(kind string, c *tscheck.Comparison) []string {
	var out []string
	for i, f := range c.Findings {
		if i == mostFindings {
			out = append(out, fmt.Sprintf("%s: and %d more", kind, len(c.Findings)-i))
			break
		}
		out = append(out, kind+": "+f.String())
	}
	return out
}

// CompareVideo holds the stored access units against the accepted ones.
func (c *Camera) CompareVideo() *tscheck.Comparison {
	stored, typ := c.env.storedVideo()
	return tscheck.Compare(stored, pushed(c.Frames(true)), typ)
}

// CompareAudio holds the stored ADTS frames against the accepted ones.
func (c *Camera) CompareAudio() *tscheck.Comparison {
	var stored []tscheck.Frame
	for _, s := range c.env.Stored() {
		stored = append(stored, s.TS.AudioUnits()...)
	}
	return tscheck.Compare(stored, pushed(c.Frames(false)), tscheck.TypeAAC)
}

// storedVideo is all stored access units in the order of storing.
func (e *Env) storedVideo() (frames []tscheck.Frame, streamType byte) {
	for _, s := range e.Stored() {
		frames = append(frames, s.TS.Video...)
		if s.TS.VideoType != 0 {
			streamType = s.TS.VideoType
		}
	}
	return frames, streamType
}

func pushed(frames []Pushed) []tscheck.Pushed {
	out := make([]tscheck.Pushed, len(frames))
	for i, f := range frames {
		out[i] = tscheck.Pushed{Data: f.Data, PTS: f.PTS}
	}
	return out
}

// Strangers says which stored video frames are none of those that the cameras
// pushed and the library accepted: what must not be in the cloud.
func (e *Env) Strangers(cams ...*Camera) []string {
	var all []tscheck.Pushed
	for _, c := range cams {
		all = append(all, pushed(c.Frames(true))...)
	}
	stored, typ := e.storedVideo()
	comparison := tscheck.Compare(stored, all, typ)
	var out []string
	for i, match := range comparison.Matched {
		if match < 0 {
			out = append(out, fmt.Sprintf("stored video frame %d (stored PTS %d): none of the %d frames that were to be stored", i, stored[i].PTS, len(all)))
		}
	}
	return out
}

// Unreported says which accepted video frames no slice covers, neither an OK
// one nor a failed one.
func (c *Camera) Unreported() []string {
	var out []string
	slices := c.env.Slices()
frames:
	for _, f := range c.Frames(true) {
		for _, s := range slices {
			if covers(s.Slice, f) {
				continue frames
			}
		}
		out = append(out, fmt.Sprintf("frame %d (PTS %d ms)", f.Seq, f.PTS))
	}
	return out
}

// covers reports whether a slice's range holds the frame: by sequence number,
// which may wrap.
func covers(s target.Slice, f Pushed) bool {
	return f.Seq-s.SeqA <= s.SeqB-s.SeqA
}

// MatchVideo tells for each picture of a stored segment which of Frames(true)
// it is, or -1.
func (c *Camera) MatchVideo(seg *Stored) []int {
	before := 0
	for _, s := range c.env.Stored() {
		if s.UploadID == seg.UploadID {
			break
		}
		before += len(s.TS.Video)
	}
	return c.CompareVideo().Matched[before : before+len(seg.TS.Video)]
}
