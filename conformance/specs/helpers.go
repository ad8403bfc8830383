package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// keyFrame is the first frame of the H.264 clip as a pack.
func keyFrame() target.VencPack {
	return target.VencPack{Data: fixtures.H264().At(0).Data, FrameType: target.FrameI}
}

// callbacksEntered counts the callbacks of all kinds.
func callbacksEntered(e *Env) int {
	n := 0
	for _, cb := range target.Callbacks() {
		n += e.Count(cb)
	}
	return n
}

// finishedEvents are the events that the cloud has been told to be over.
func finishedEvents(e *Env) []fakecloud.Event {
	var out []fakecloud.Event
	for _, ev := range e.Device.Events() {
		if ev.State == fakecloud.EventFinished {
			out = append(out, ev)
		}
	}
	return out
}

// pushAfterStop goes on pushing where stop_cb has asked to stop. What is in
// flight within a second of it may go either way; after that the library should
// refuse, and must not store (AMB-20).
func pushAfterStop(e *Env, before *Camera) {
	e.Advance(3 * time.Second)
	late := e.Camera(before.Video, nil)
	late.KeepGoing = true
	late.Run(time.Second)
	for _, p := range late.Ledger {
		if p.Accepted() {
			e.Warn("iv_cs_push_stream returned IV_ERR_NONE %s after stop_cb; expected an error IV_ERR_*", p.At.Sub(late.Ledger[0].At)+3*time.Second)
			break
		}
	}
	e.Exit()
	expectOnly(e, before)
}

// expectOnly states that the cloud holds frames of these cameras and no others.
func expectOnly(e *Env, cams ...*Camera) {
	e.Expect(e.Strangers(cams...)).To(BeEmpty(), "frames in the cloud that were not to be stored")
}

// storedPictures counts the pictures of video in the cloud.
func storedPictures(e *Env) int {
	n := 0
	for _, seg := range e.Stored() {
		n += len(seg.TS.Video)
	}
	return n
}

// uploadedBytes counts the bytes of stored segments.
func uploadedBytes(e *Env) int64 {
	var n int64
	for _, seg := range e.Device.Segments() {
		n += seg.Size
	}
	return n
}
