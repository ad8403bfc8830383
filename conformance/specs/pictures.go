package specs

import (
	"bytes"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// What several chapters say of pictures.

// offer lets capture_picture_cb hand over these pictures in turn.
func offer(e *Env, pics ...[]byte) {
	var queue []target.Answer
	for _, pic := range pics {
		queue = append(queue, target.Answer{Picture: pic})
	}
	e.Lib.Answer(target.CBCapture, queue...)
}

// onePicture carries an event whose picture this is, until the cloud has it, or
// has had time enough.
func onePicture(e *Env, pic []byte) {
	cam := e.Camera(fixtures.H264(), nil)
	e.InitEvents(cam)
	offer(e, pic)
	e.StartEvent(1, 1)
	cam.Run(4 * time.Second)
	e.StopEvent(1)
	e.Given("EVT-010", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb")
	e.AwaitCallback(target.CBPicture, 1, PictureWithin)
	e.Await(time.Second, func() bool { return len(e.Device.Pictures()) > 0 })
}

// eventAnswered carries an event under the option, with this answer to
// capture_picture_cb, until its result is told.
func eventAnswered(e *Env, option int32, answer target.Answer) *Camera {
	cam := e.Camera(fixtures.H264(), nil)
	p := ParmFor(cam.Video, nil)
	p.EventReportOpt = option
	e.InitEventsWith(cam, p)
	e.Lib.Answer(target.CBCapture, answer)
	e.StartEvent(1, 1)
	e.Given("EVT-004", e.AwaitCallback(target.CBCapture, 1, StartWithin)).NotTo(BeNil(), "capture_picture_cb")
	cam.Run(4 * time.Second)
	e.StopEvent(1)
	e.Require(e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb within %v of iv_cs_event_stop", ReportWithin)
	e.Given("REPORT-006", e.Results()).NotTo(BeEmpty(), "the result that report_result_cb told")
	return cam
}

// expectPicture states that an event at the cloud has this picture.
func expectPicture(e *Env, ev fakecloud.Event, pic []byte) {
	stored := storedPicture(e, ev.PictureUploadID)
	e.Expect(stored).NotTo(BeNil(), "the picture that event %d refers to, %q", ev.EventID, ev.PictureUploadID)
	if stored != nil {
		expectSame(e, stored.Body, pic)
	}
}

// pictureUploads counts the uploads of pictures that were granted.
func pictureUploads(e *Env) int {
	n := 0
	for _, u := range e.Device.Uploads() {
		if u.Picture != nil {
			n++
		}
	}
	return n
}

// pictures numbers the pictures that capture_picture_cb has handed over, and
// those that picture_result_cb has released, in order.
func pictures(e *Env) (handed, released []int) {
	for _, ev := range e.Lib.Trace() {
		switch {
		case ev.Kind == target.CallbackLeft && ev.Callback == target.CBCapture && ev.Answered.Picture != 0:
			handed = append(handed, ev.Answered.Picture)
		case ev.Kind == target.CallbackEntered && ev.Callback == target.CBPicture:
			released = append(released, ev.Args.Picture)
		}
	}
	return handed, released
}

// storedPicture finds the picture of an upload; nil if it is not in the cloud.
func storedPicture(e *Env, uploadID string) *fakecloud.Picture {
	for _, p := range e.Device.Pictures() {
		if p.UploadID == uploadID {
			return &p
		}
	}
	return nil
}

// expectSame states that a stored picture is the one that was handed over.
func expectSame(e *Env, stored, given []byte) {
	e.Expect(len(stored)).To(Equal(len(given)), "bytes of the stored picture")
	e.Expect(bytes.Equal(stored, given)).To(BeTrue(), "the stored picture, byte for byte the one handed over, is so")
}

// expectReleased states that so many pictures were handed over, and each released
// once.
func expectReleased(e *Env, n int) {
	handed, released := pictures(e)
	e.Given("EVT-004", handed).To(HaveLen(n), "pictures handed over by capture_picture_cb")
	e.Expect(released).To(ConsistOf(handed), "pictures that picture_result_cb released, each once, against those handed over")
}

// pictureAttempts counts the requests made for pictures.
func pictureAttempts(e *Env) int {
	return requested(e, fakecloud.ClassGrantPicture) + requested(e, fakecloud.ClassPicturePUT)
}

// uploadsAfter counts the uploads of pictures that began after a picture's
// result. A request takes a moment from the library to the cloud.
func uploadsAfter(e *Env, result *target.Event) int {
	const onTheWay = 200 * time.Millisecond
	n := 0
	for _, entry := range e.Device.Journal() {
		if entry.Class == fakecloud.ClassPicturePUT && entry.Mono > result.Mono+onTheWay {
			n++
		}
	}
	return n
}
