package fakecloud

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// exchange is one request on its way to its answer.
type exchange struct {
	c      *Cloud
	w      http.ResponseWriter
	r      *http.Request
	entry  *Entry
	device *Device
	fault  *activeFault // nil: none
	acts   Fault        // what it does to this request; zero: nothing
	start  time.Duration
	body   []byte
	media  bool // neither body of request nor of answer belongs in the journal
}

// begin opens the exchange; false when the cloud is closed. The caller owes end.
func (c *Cloud) begin(w http.ResponseWriter, r *http.Request, class Class, device string) (*exchange, bool) {
	if !c.enter() {
		return nil, false
	}
	return &exchange{c: c, w: w, r: r, start: c.clock.Mono(), entry: c.record(r, class, device)}, true
}

// end closes the exchange. An answer that was never given (the client is gone,
// the cloud is closed) is noted as such.
func (x *exchange) end() {
	x.finish(answer{}, "no answer was given")
	x.c.working.Done()
}

// finish completes the journal's entry, once. It comes before the answer is
// written: who has read an answer finds it in the journal.
func (x *exchange) finish(a answer, err string) {
	c := x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	e := x.entry
	if e.Done {
		return
	}
	e.Done, e.Took, e.Status, e.Err = true, c.clock.Mono()-x.start, a.status, err
	e.Reply = a.header
	if !x.media {
		e.Request = x.body
	}
	if !x.media || a.status >= 300 {
		e.Answer = a.body
	}
	c.finished = append(c.finished, e)
	c.over++
	c.notify()
}

// note adds to the entry while the exchange goes on.
func (x *exchange) note(f func(e *Entry)) {
	x.c.mu.Lock()
	defer x.c.mu.Unlock()
	f(x.entry)
	x.c.notify()
}

// answer writes a, or its first bytes when a fault cuts it.
func (x *exchange) answer(a answer) {
	limit := int64(len(a.body))
	f := x.met()
	cut := f.ResetAfter > 0 && f.ResetAfter < int64(len(x.body))+limit
	if cut {
		limit = max(0, f.ResetAfter-int64(len(x.body)))
		a.note = "fault: cut within the answer"
	}
	x.finish(a, a.note)
	h := x.w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	x.w.WriteHeader(a.status)
	if x.r.Method == http.MethodHead {
		return
	}
	if _, err := x.w.Write(a.body[:limit]); err != nil {
		x.note(func(e *Entry) { e.Err = "answer not delivered: " + err.Error() })
	}
	if cut {
		x.hangUp(false)
	}
}

// cut ends the exchange without an answer.
func (x *exchange) cut(why string) {
	x.finish(answer{}, why)
	x.hangUp(true)
}

// hangUp closes the connection: with a reset, or in good order after what was
// written.
func (x *exchange) hangUp(reset bool) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // closes the connection, too
	}
	inner := conn
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		inner = t.NetConn()
	}
	if t, ok := inner.(*net.TCPConn); ok && reset {
		_ = t.SetLinger(0) // a connection that is gone already cannot be reset
		_ = t.Close()
	}
	_ = conn.Close()
}

var errClosed = errors.New("the cloud was closed")

// pause waits d on the cloud's clock, or until the fault in force is cleared. It
// fails when the client has gone or the cloud is closed.
func (x *exchange) pause(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	over := make(chan struct{})
	t := x.c.clock.AfterFunc(d, func() { close(over) })
	defer t.Stop()
	return x.await(over)
}

// await returns when over is closed or the fault in force is cleared.
func (x *exchange) await(over <-chan struct{}) error {
	var cleared <-chan struct{}
	if x.fault != nil {
		cleared = x.fault.cleared
	}
	select {
	case <-over:
		return nil
	case <-cleared:
		return nil
	case <-x.r.Context().Done():
		return context.Cause(x.r.Context())
	case <-x.c.done:
		return errClosed
	}
}

// read takes the request's body, at most limit bytes and one, as fast as the
// fault in force allows, and tells got of its progress. A fault that cuts within
// the body ends it with errCut.
func (x *exchange) read(limit int64, got func(int)) error {
	const chunk = 32 << 10
	want := limit + 1 // one byte more than allowed shows that the body is too long
	cut := x.met().ResetAfter
	if cut > 0 && x.r.ContentLength >= cut {
		want = min(want, cut)
	} else {
		cut = 0
	}
	x.body = make([]byte, 0, min(want, max(x.r.ContentLength, 0)+1))
	due := x.c.clock.Mono() // when the bytes so far are due at the fault's bandwidth
	for int64(len(x.body)) < want {
		n := int(min(chunk, want-int64(len(x.body))))
		rate := x.bandwidth()
		if rate > 0 {
			n = min(n, max(1, int(rate/10))) // steps of 0.1 s
		}
		if len(x.body) == cap(x.body) {
			x.body = slices.Grow(x.body, n) // longer than announced
		}
		n = min(n, cap(x.body)-len(x.body))
		k, err := x.r.Body.Read(x.body[len(x.body) : len(x.body)+n])
		x.body = x.body[:len(x.body)+k]
		if k > 0 {
			got(k)
			x.note(func(e *Entry) { e.BytesIn += int64(k) })
		}
		if rate > 0 {
			// Counting from the beginning, not from the last step: a frozen clock
			// that jumps lets as much pass as one that runs.
			due += time.Duration(k) * time.Second / time.Duration(rate)
			if err := x.pause(due - x.c.clock.Mono()); err != nil {
				return err
			}
		}
		switch {
		case cut > 0 && int64(len(x.body)) == cut:
			return errCut
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

var errCut = errors.New("fault: connection cut within the request")

// met is the fault that this request has met. Clearing it later only shortens its
// waits.
func (x *exchange) met() Fault {
	return x.acts
}

// bandwidth is the rate at which the body may be read now, 0 for any.
func (x *exchange) bandwidth() int64 {
	if x.fault == nil {
		return 0
	}
	select {
	case <-x.fault.cleared:
		return 0
	default:
		return x.fault.fault.Bandwidth
	}
}

// meet looks for the fault that the request meets.
func (x *exchange) meet() {
	if x.fault = x.c.fault(x.device, x.entry.Class); x.fault != nil {
		x.acts = x.fault.fault.of(max(x.r.ContentLength, int64(len(x.body))))
		x.note(func(e *Entry) { e.Fault = &x.acts })
	}
}

// play lets the fault in force have its way and, if that leaves it to be done,
// does the work. By now the request's body is in.
func (x *exchange) play(instead func(status int) answer, do func() answer) {
	f := x.met()
	switch {
	case f.ResetAfter < 0:
		x.cut("fault: connection reset")
		return
	case f.Hang:
		err := x.await(nil)
		if err == nil {
			err = errors.New("until the fault was cleared")
		}
		x.cut("fault: hung; " + err.Error())
		return
	}
	var a answer
	switch {
	case f.Body != "":
		a = answer{status: f.Status, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(f.Body)}
		if a.status == 0 {
			a.status = http.StatusOK
		}
	case f.Status != 0:
		a = instead(f.Status)
	default:
		a = x.durably(do())
	}
	if a.status == 0 {
		x.cut("no answer: " + a.note)
		return
	}
	if f.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.FormatInt(int64((f.RetryAfter+time.Second-1)/time.Second), 10))
	}
	if err := x.pause(f.Delay); err != nil {
		x.cut("fault: answer delayed; " + err.Error())
		return
	}
	if f.LoseReply {
		x.cut("fault: reply lost")
		return
	}
	x.answer(a)
}

// durably lets an answer pass as soon as what it acknowledges is on the disk.
func (x *exchange) durably(a answer) answer {
	err := x.c.commit()
	switch {
	case err == nil:
		return a
	case x.media:
		return refuseObject(http.StatusInternalServerError, "InternalError", "the data folder: %v", err)
	}
	return refuse(http.StatusInternalServerError, "storage", "the data folder: %v", err)
}
