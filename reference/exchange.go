package reference

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/ivcs/conform/clock"
)

// Errors of an exchange that time has ended.
var (
	errConnectTimeout = errors.New("no connection within the reply time-out (iv_cs_set_trans_time)")
	errUploadTimeout  = errors.New("the request was not sent within the upload time-out (iv_cs_set_trans_time)")
	errReplyTimeout   = errors.New("no answer within the reply time-out (iv_cs_set_trans_time)")
)

// maxAnswer bounds what is read of an answer; none of the binding comes near it.
const maxAnswer = 64 << 10

// answer is what the cloud said. Its status may be any.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call is one exchange.
type call struct {
	method     string
	path       string // of a control request: what follows the device's path
	url        string
	header     map[string]string
	json       []byte        // body of a control request
	media      *body         // body of an upload
	signed     bool          // a control request
	extra      time.Duration // how much longer than usual the answer may take: the long poll
	background bool          // never waited for by ClockAdvance: the long poll
}

// exchange is do without the observer.
func (n *network) exchange(ctx context.Context, c call) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	limit := &deadline{clock: n.clock, cancel: cancel, moving: n.work.transfer(!c.background)}
	defer limit.moving.done()
	defer limit.stop()
	reply := time.Duration(n.reply.Load())
	limit.start(reply, errConnectTimeout)
	trace := &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			limit.start(time.Duration(n.upload.Load()), errUploadTimeout)
		},
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil {
				limit.start(reply+c.extra, errReplyTimeout)
			}
		},
	}
	ctx = context.WithValue(ctx, exchangeKey{}, ctx)
	req, err := n.request(httptrace.WithClientTrace(ctx, trace), c)
	if err != nil {
		return answer{}, err
	}
	// RoundTrip, not Client.Do: a redirect is no answer of the binding.
	res, err := n.transport.RoundTrip(req)
	if err != nil {
		return answer{}, because(ctx, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, because(ctx, err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: text}, nil
}

func (n *network) request(ctx context.Context, c call) (*http.Request, error) {
	var payload io.Reader
	if c.json != nil {
		payload = bytes.NewReader(c.json)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, c.url, payload)
	if err != nil {
		return nil, fmt.Errorf("%s %q cannot be sent, check the endpoint: %w", c.method, c.url, err)
	}
	if c.media != nil {
		req.ContentLength = c.media.size
		req.Body = c.media.open()
		// net/http repeats a request by itself when an idle connection turns out to be closed.
		req.GetBody = func() (io.ReadCloser, error) { return c.media.open(), nil }
	}
	if c.json != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.header {
		req.Header.Set(k, v)
	}
	if c.signed {
		now := n.clock.Now().Add(time.Duration(n.skew.Load()) * time.Millisecond)
		n.config.sign(req, c.json, now)
	}
	return req, nil
}

// because gives err the reason that ended the exchange.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// deadline is the time-out of the present phase of an exchange: first there has
// to be a connection, then the request has to go out, then the answer to come in.
type deadline struct {
	clock  *clock.Clock
	cancel context.CancelCauseFunc
	moving *transfer

	mu    sync.Mutex
	timer *clock.Timer
	over  bool
}

func (d *deadline) start(after time.Duration, why error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return
	}
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer = d.clock.AfterFunc(after, func() { d.expire(why) })
}

func (d *deadline) expire(why error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.over = true
		d.moving.expire()
		d.cancel(why)
	}
}

func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	if d.timer != nil {
		d.timer.Stop()
	}
}
