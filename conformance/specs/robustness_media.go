package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// robustMedia: what comes out of a broken encoder.
func robustMedia(s *Suite) {
	s.Rule("ROB-024", func(r *Rule) {
		clip := fixtures.H264()
		lying := func(by int) []byte { // aac_frame_length of an ADTS header
			frame := fixtures.AAC().At(0)
			n := len(frame) + by
			frame[3] = frame[3]&^3 | byte(n>>11)
			frame[4], frame[5] = byte(n>>3), frame[5]&0x1F|byte(n<<5)
			return frame
		}
		for _, c := range []struct {
			name string
			push target.Call
		}{
			{"an empty frame", video(nil)},
			{"one byte", video([]byte{0x65})},
			{"8 MB", video(clip.Oversized(8 << 20).Data)},
			{"length-prefixed NAL units", video(clip.AVCC().At(0).Data)},
			{"3-byte start codes", video(clip.ThreeByteStartCodes().At(0).Data)},
			{"a start code at the very end", video(append(clip.At(0).Data, 0, 0, 0, 1))},
			{"an ADTS length too long", target.PushAudioCall(target.AencPack{Data: lying(100), PTS: 100, Seq: 2_000_000})},
			{"an ADTS length too short", target.PushAudioCall(target.AencPack{Data: lying(-10), PTS: 100, Seq: 2_000_000})},
			{"an ADTS length of 0", target.PushAudioCall(target.AencPack{Data: lying(-len(fixtures.AAC().At(0))), PTS: 100, Seq: 2_000_000})},
		} {
			r.Scenario(c.name+" ends in an error or is stored as it is", func(e *Env) {
				cam := e.Camera(clip, fixtures.AAC())
				e.StartFullTime(cam)
				cam.Run(2 * time.Second)
				code := e.Lib.Call(c.push).Code
				e.Measure(c.name, "%v", code)
				cam.ToKey()
				e.Expect(cam.PushVideo()).To(ReturnNone(), "a key frame after %s", c.name)
				cam.Run(4 * time.Second)
				e.Expect(refusals(cam)).To(BeEmpty(), "good frames refused after %s", c.name)
				e.Exit()
				if code == target.ErrNone && transparent(e) && c.push.Stream == target.StreamVideo {
					e.Expect(storedAs(e, c.push.Pack.Data)).To(BeTrue(), "%s, which was accepted, in the cloud as it was pushed", c.name)
				}
			}, Guarded(), Breaks("UPL-015", "TS-001", "TS-003", "TS-004"))
		}
	})
}

func video(data []byte) target.Call {
	if data == nil {
		data = []byte{}
	}
	return target.PushVideoCall(target.VencPack{Data: data, PTS: 2010, FrameType: target.FrameI, Seq: 1 << 20})
}

// storedAs reports whether a stored picture is this frame, with or without a
// delimiter that the library put in front.
func storedAs(e *Env, frame []byte) bool {
	for _, seg := range e.Stored() {
		for _, f := range seg.TS.Video {
			if tscheck.SameUnit(f.Data, frame, seg.TS.VideoType) {
				return true
			}
		}
	}
	return false
}
