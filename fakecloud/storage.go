package fakecloud

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// serveStorage is the storage plane: an S3 API of which only presigned PUT and
// GET of granted objects is open. Everything is verified here; gofakes3 behind
// it would answer 200 to anything.
func (c *Cloud) serveStorage(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/"+bucket+"/")
	c.mu.Lock()
	u := c.uploads[key]
	c.mu.Unlock()
	class, id := ClassOther, ""
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		class = ClassViewer
	case u == nil:
	case u.Kind == kindPicture:
		class, id = ClassPicturePUT, u.device.id()
	default:
		class, id = ClassSegmentPUT, u.device.id()
	}
	x, ok := c.begin(w, r, class, id)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	defer x.end()
	x.media = true
	switch {
	case u == nil || r.URL.RawPath != "":
		x.refuseUnread(refuseObject(http.StatusForbidden, "AccessDenied", "nothing was granted under %s", r.URL.Path))
	case class == ClassViewer:
		x.getObject(u)
	case r.Method == http.MethodPut:
		x.putObject(u)
	default:
		x.refuseUnread(refuseObject(http.StatusForbidden, "AccessDenied", "a grant is for PUT, not for %s", r.Method))
	}
}

// putObject takes the object of u, or refuses it and leaves u as it was.
func (x *exchange) putObject(u *upload) {
	if refused := x.checkPut(u); refused != nil {
		x.refuseUnread(*refused)
		return
	}
	x.device = u.device
	x.meet()
	if x.met().ResetAfter >= 0 {
		first := true
		err := x.read(MaxObjectSize, func(n int) {
			x.c.mu.Lock()
			defer x.c.mu.Unlock()
			if first && u.State != UploadStored {
				u.Received, first = 0, false
			}
			if u.State != UploadStored {
				u.Received += int64(n)
			}
		})
		if err != nil {
			x.cut("object not received: " + err.Error())
			return
		}
	}
	x.play(objectFault, func() answer {
		a := x.keep(u)
		if a.status == http.StatusOK && x.met().Truncate == 0 {
			x.c.inspect(u, x.body)
		}
		return a
	})
}

// checkPut judges a PUT by its header alone.
func (x *exchange) checkPut(u *upload) *answer {
	c, r := x.c, x.r
	c.mu.Lock()
	defer c.mu.Unlock()
	headers := objectHeaders(r.Header.Get("Content-Type"), u.Size)
	expires, ok := c.objects.signer.verify(r.Method, r.Host, r.URL.Path, r.URL.Query(), headers)
	no := func(status int, code, format string, args ...any) *answer {
		a := refuseObject(status, code, format, args...)
		return &a
	}
	switch now := c.clock.Now(); {
	case !ok:
		return no(http.StatusForbidden, "SignatureDoesNotMatch",
			"the URL was not granted for this request; send PUT to it as it is, with the grant's headers")
	case u.State == UploadStored:
		return no(http.StatusConflict, "ObjectAlreadyStored", "%s is stored already; nothing was changed", u.ID)
	case !now.Before(expires):
		return no(http.StatusForbidden, "AccessDenied", "Request has expired: %s ago; ask for the grant again", now.Sub(expires).Round(time.Millisecond))
	case r.ContentLength < 0:
		return no(http.StatusBadRequest, "MissingContentLength", "send Content-Length: %d", u.Size)
	case r.ContentLength != u.Size:
		return no(http.StatusBadRequest, "IncorrectSize", "granted were %d bytes, sent are %d", u.Size, r.ContentLength)
	}
	u.Puts++
	c.notify()
	return nil
}

// keep stores the body that has arrived. Of two PUTs to one grant the first to
// come here wins, the other gets 409.
func (x *exchange) keep(u *upload) answer {
	u.commit.Lock()
	defer u.commit.Unlock()
	c := x.c
	c.mu.Lock()
	stored, size := u.State == UploadStored, u.Size
	c.mu.Unlock()
	body := x.body
	switch {
	case stored:
		return refuseObject(http.StatusConflict, "ObjectAlreadyStored", "%s is stored already; nothing was changed", u.ID)
	case int64(len(body)) != size:
		return refuseObject(http.StatusBadRequest, "IncorrectSize", "granted are %d bytes now, sent were %d", size, len(body))
	}
	kept := body
	if n := x.met().Truncate; n != 0 {
		kept = body[:min(int64(len(body)), max(0, n))]
	}
	a, err := c.objects.put(u.key, u.contentType, kept)
	if err != nil {
		return refuseObject(http.StatusInternalServerError, "InternalError", "%v", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(kept) < len(body) {
		u.Received = int64(len(kept))
		c.notify()
		return a
	}
	switch {
	case c.lies(LieLoseObject):
	case c.lies(LieTruncateObject):
		u.stored(body[:len(body)/2])
	default:
		u.stored(body)
	}
	return a
}

// getObject serves a stored object to a viewer.
func (x *exchange) getObject(u *upload) {
	c, r := x.c, x.r
	expires, ok := c.objects.signer.verify(r.Method, r.Host, r.URL.Path, r.URL.Query(), nil)
	c.mu.Lock()
	stored := u.State == UploadStored
	c.mu.Unlock()
	switch {
	case !ok:
		x.answer(refuseObject(http.StatusForbidden, "SignatureDoesNotMatch", "the URL was not made for this request"))
	case !c.clock.Now().Before(expires):
		x.answer(refuseObject(http.StatusForbidden, "AccessDenied", "Request has expired; ask for the playlist again"))
	case !stored:
		x.answer(refuseObject(http.StatusNotFound, "NoSuchKey", "%s is not stored", u.ID))
	default:
		bare := r.Clone(r.Context())
		bare.URL.RawQuery = ""
		w := &statusWriter{ResponseWriter: x.w, status: http.StatusOK}
		c.objects.s3.ServeHTTP(w, bare)
		x.finish(answer{status: w.status}, "")
	}
}

// statusWriter remembers the status that gofakes3 answers with.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// refuseUnread answers before the body was read. A client that has announced
// Expect: 100-continue has not sent it; any other is heard to the end first,
// since many report a broken pipe instead of an early answer.
func (x *exchange) refuseUnread(a answer) {
	if x.r.Header.Get("Expect") == "" {
		n, err := io.Copy(io.Discard, io.LimitReader(x.r.Body, MaxObjectSize))
		x.note(func(e *Entry) { e.BytesIn += n })
		if err != nil {
			x.cut(errors.Join(errors.New(a.note), err).Error())
			return
		}
	}
	x.answer(a)
}

// objectFault is the storage plane's answer to Fault.Status.
func objectFault(status int) answer {
	code := map[int]string{
		http.StatusForbidden:           "AccessDenied",
		http.StatusInternalServerError: "InternalError",
		http.StatusServiceUnavailable:  "SlowDown",
	}[status]
	if code == "" {
		code = fmt.Sprintf("Fault%d", status)
	}
	if status < 400 {
		return answer{status: status, header: http.Header{}}
	}
	return refuseObject(status, code, "the cloud was told to answer %d", status)
}
