package specs

import (
	"time"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// What several chapters say of a buffer that fills because nothing leaves it.

// fps is the frame rate of the fixtures' clips.
const fps = 20

// steady is the H.264 clip with frames of one size, so that so many bytes are
// pushed in a second, at 20 frames a second.
func steady(bytesPerSecond int) *fixtures.Clip {
	return fixtures.H264().Padded(bytesPerSecond/fps, bytesPerSecond/fps)
}

// stall lets the cloud take no segment, neither its grant nor its bytes, so that
// what the library accepts stays in its buffer.
func stall(e *Env) {
	e.Device.Faults().SetAll(fakecloud.Fault{Status: 503}, fakecloud.ClassGrantSegment, fakecloud.ClassSegmentPUT)
}

// waiting counts the bytes of video that the library has accepted and that are
// not in the cloud: what has to be in its buffer (AMB-11).
func waiting(e *Env, cams ...*Camera) int64 {
	var n int64
	for _, cam := range cams {
	frames:
		for _, f := range cam.Frames(true) {
			for _, seg := range e.Device.Segments() {
				if f.Seq-seg.FirstSeq <= seg.LastSeq-seg.FirstSeq {
					continue frames
				}
			}
			n += int64(len(f.Data))
		}
	}
	return n
}

// fillTo pushes in real time until so many bytes are waiting, or the library
// refuses a frame; it reports whether it did.
func fillTo(e *Env, bytes int64, cam *Camera, others ...*Camera) (refused bool) {
	before := len(cam.Refused())
	for waiting(e, append(others, cam)...) < bytes && len(cam.Refused()) == before {
		cam.Run(time.Second / fps)
	}
	return len(cam.Refused()) > before
}

// pushUntil streams until met holds, for at most within, and reports whether it
// came to hold.
func pushUntil(e *Env, cam *Camera, within time.Duration, met func() bool) bool {
	for began := e.Now(); !met(); {
		if e.Since(began) >= within {
			return false
		}
		cam.Run(time.Second)
	}
	return true
}

// alarms are the watermark messages so far, in order.
func alarms(e *Env) []target.Event {
	var out []target.Event
	for _, ev := range e.Callbacks(target.CBNotify) {
		switch ev.Args.Message {
		case target.MsgWatermarkLow, target.MsgWatermarkWarn, target.MsgWatermarkHigh:
			out = append(out, ev)
		}
	}
	return out
}
