package scenario

import (
	"fmt"
	"slices"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// Missing says for what the camera pushed and the library accepted in which way
// it is not in the cloud once, in order and byte for byte (an access unit
// delimiter in front aside), with its time. Video and AAC are compared; other
// audio is transcoded, so its bytes are not. Nothing is said about opaque
// objects, nor about what an iv_cs_exit has given up and reported as lost:
// whether it flushes or cancels is open (AMB-41).
func (c *Camera) Missing() []string {
	var out []string
	if c.Video != nil {
		out = append(out, c.env.missing("video", c.CompareVideo(), c.Frames(true))...)
	}
	if c.Sound != nil && c.Sound.Codec == target.AudioAAC {
		out = append(out, c.env.missing("audio", c.CompareAudio(), c.Frames(false))...)
	}
	return out
}

// mostFindings is how many findings of one kind a message lists.
const mostFindings = 10

func (e *Env) missing(kind string, c *tscheck.Comparison, frames []Pushed) []string {
	var out []string
	for _, f := range c.Findings {
		if f.Code != tscheck.CodeMissing {
			out = append(out, kind+": "+f.String())
		}
	}
	lost := e.givenUp()
	for _, i := range c.Missing {
		if !slices.ContainsFunc(lost, func(s target.Slice) bool { return loses(s, frames[i]) }) {
			out = append(out, fmt.Sprintf("%s: frame %d (PTS %d ms) is not in the cloud", kind, frames[i].Seq, frames[i].PTS))
		}
	}
	if more := len(out) - mostFindings; more > 0 {
		out = append(out[:mostFindings], fmt.Sprintf("%s: and %d more", kind, more))
	}
	return out
}

// givenUp are the failed slices that came while or after an iv_cs_exit was called.
func (e *Env) givenUp() []target.Slice {
	var out []target.Slice
	exiting := false
	for _, ev := range e.session.Trace() {
		switch {
		case ev.Kind == target.CallBegun && ev.Call.Func == target.FnExit:
			exiting = true
		case exiting && ev.Kind == target.CallbackEntered && ev.Callback == target.CBNotify:
			for _, s := range ev.Args.Slices {
				if s.State != target.UploadOK {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// loses reports whether a failed slice covers a pack. Slices are about video
// (UPL-002), so a pack of audio is taken by its time, give or take a second.
func loses(s target.Slice, f Pushed) bool {
	if f.Video {
		return covers(s, f)
	}
	return f.PTS+1000 >= s.PTSA && f.PTS <= s.PTSB+1000
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
func (c *Camera) Unreported() []string { return c.unreported(c.env.Slices()) }

func (c *Camera) unreported(told []Slice) []string {
	var out []string
frames:
	for _, f := range c.Frames(true) {
		for _, s := range told {
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
