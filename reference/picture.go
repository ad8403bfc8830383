package reference

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unsafe"
)

// pictureLimit is how long a captured picture is tried, from its capture.
const pictureLimit = 60 * time.Second

// capture asks the caller for the picture of an event, on the dispatcher. An
// inconsistent answer is no picture and owes no release (AMB-82).
func (s *session) capture(e *event) {
	var pic Picture
	if s.live.Err() == nil {
		var code int32
		pic, code = s.parm.Callbacks.EventCapturePicture(e.id)
		if code != 0 || pic.Addr == nil || pic.Size <= 0 {
			pic = Picture{}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.picture, e.captured = pic, true
	e.rest.wake()
}

// uploadCaptured uploads the event's picture and gives it back to the caller,
// whatever came of it: until then it is the module's to read, afterwards never
// again (CB-PIC-002, -003). It returns the upload's id, nil if there is none.
func (s *session) uploadCaptured(e *event) *string {
	s.waitFor(e, func() bool { return e.captured }, func() time.Duration { return 0 })
	pic := e.picture
	if pic.Addr == nil {
		return nil
	}
	up := s.newPicture(unsafe.Slice((*byte)(pic.Addr), pic.Size), e.id, e.start, false)
	limit := s.clock.Mono() + pictureLimit
	var id *string
	for wait := (backoff{jitter: s.jitter}); ; {
		a, err := s.storePicture(s.ctx, up)
		if err == nil {
			id = &up.grant.UploadID
			break
		}
		if permanent(err) || s.live.Err() != nil || s.clock.Mono() >= limit {
			break
		}
		s.pause(&e.rest, min(wait.next(a), limit-s.clock.Mono()))
	}
	up.media.detach()
	code := ErrNone
	if id == nil {
		code = ErrCSHTTPDataFail
	}
	if s.parm.Callbacks.EventPictureResult != nil {
		s.calls.post(func() { s.parm.Callbacks.EventPictureResult(pic, int32(code)) })
	}
	return id
}

// pictureUpload is what the attempts to store one picture have in common.
type pictureUpload struct {
	request pictureRequest
	media   *body
	grant   *grant
}

func (s *session) newPicture(data []byte, id int32, at int64, direct bool) *pictureUpload {
	return &pictureUpload{
		request: pictureRequest{Kind: "picture", EventID: id, EventUTC: at, Size: int64(len(data)),
			ContentType: "image/jpeg", Direct: direct},
		media: &body{size: int64(len(data)), read: func() io.Reader { return bytes.NewReader(data) }},
	}
}

var errTruncated = errors.New("the store has answered 200 for something else than was sent")

// storePicture is one attempt.
func (s *session) storePicture(ctx context.Context, up *pictureUpload) (*answer, error) {
	if !up.grant.usable(s.clock.Mono()) {
		g, a, err := s.askGrant(ctx, up.request)
		if err != nil {
			return a, err
		}
		up.grant = g
		if g.Stored {
			return a, nil
		}
	}
	a, err := s.put(ctx, up.grant, up.media)
	switch {
	case err == nil:
		if tag := strings.Trim(a.header.Get("ETag"), `"`); len(tag) == 32 && tag != up.media.etag() {
			s.linkWrong(store)
			return a, errTruncated
		}
		s.linkGood(store)
		return a, nil
	case a != nil && a.status == http.StatusConflict:
		return a, nil // an earlier PUT under this grant was stored, its answer was lost
	case a != nil && (a.status == http.StatusForbidden || a.status == http.StatusBadRequest):
		up.grant = nil // expired while it was used
	}
	return a, err
}
