package reference

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// How long a stopped event may wait, counted from its stop (ruling 11: its
// result is due within 120 s).
const (
	quietAfter  = 15 * time.Second  // a segment nobody adds to is flushed; a complete event waits no longer for the rest
	videoLimit  = 100 * time.Second // then the event is what it is
	reportLimit = 118 * time.Second // of the attempts to report it
)

// eventReport is the body of an event report.
type eventReport struct {
	ReportID    string  `json:"report_id"`
	EventID     int32   `json:"event_id"`
	Direct      bool    `json:"direct"`
	State       string  `json:"state"`
	Complete    bool    `json:"complete"`
	StartUTC    int64   `json:"start_utc_s"`
	EndUTC      int64   `json:"end_utc_s"`
	StreamStart int64   `json:"stream_start_utc_ms"`
	StreamEnd   int64   `json:"stream_end_utc_ms"`
	PictureID   *string `json:"picture_upload_id"`
	AIType      int32   `json:"ai_type"`
}

// runEvent brings an event from its start to its result.
func (s *session) runEvent(e *event) {
	s.reportStarted(e)
	picture := s.uploadCaptured(e)
	s.waitForVideo(e)
	s.reportFinished(e, picture)
}

// reportStarted tells the cloud that the event has been triggered, once: the
// report that counts is the one at its end (ruling 6).
func (s *session) reportStarted(e *event) {
	r := eventReport{ReportID: e.report, EventID: e.id, State: "started", StartUTC: e.start, EndUTC: e.start, AIType: e.ai}
	s.mu.Lock()
	r.StreamStart = e.streamStart()
	s.mu.Unlock()
	r.StreamEnd = r.StreamStart
	_, _ = s.postEvent(s.ctx, r)
}

var errNoReceipt = errors.New("the answer to an event report is no receipt of it")

// postEvent reports an event. An answer counts when it is a receipt of this report.
func (s *session) postEvent(ctx context.Context, r eventReport) (*answer, error) {
	a, err := s.post(ctx, "/events", r)
	if err != nil {
		return a, err
	}
	var receipt struct {
		ReportID string `json:"report_id"`
	}
	if json.Unmarshal(a.body, &receipt) != nil || receipt.ReportID != r.ReportID {
		s.linkWrong(control)
		return a, errNoReceipt
	}
	s.linkGood(control)
	return a, nil
}

// streamStart is where the event's video begins; s.mu is held.
func (e *event) streamStart() int64 {
	if e.stream != 0 {
		return e.stream
	}
	return e.called
}

// waitForVideo returns when the event has stopped and it is clear what has become
// of its video.
func (s *session) waitForVideo(e *event) {
	since := func() time.Duration { return s.clock.Mono() - e.stoppedAt }
	s.waitFor(e, func() bool {
		if s.ctx.Err() != nil {
			return true
		}
		if e.stopped && since() >= quietAfter {
			s.flushQuiet()
		}
		return e.stopped && (e.pending == 0 || since() >= videoLimit ||
			since() >= quietAfter && s.complete(e, false))
	}, func() time.Duration {
		switch {
		case !e.stopped:
			return 0
		case since() < quietAfter:
			return e.stoppedAt + quietAfter
		}
		return min(s.clock.Mono()+quietAfter, e.stoppedAt+videoLimit)
	})
}

// flushQuiet cuts a segment that an ended event waits for when the frames have
// ceased: no key frame will come to cut it. s.mu is held.
func (s *session) flushQuiet() {
	now := s.device.read()
	if seg := s.stream.seg; seg != nil && seg.waiting && now.mono-s.stream.last >= 5_000 {
		s.cut(now, -1)
	}
}

// complete says whether an event is what event_report_opt asks for. s.mu is held.
func (s *session) complete(e *event, picture bool) bool {
	switch s.parm.EventReportOpt {
	case EventPicReq:
		return picture
	case EventTSOrPicReq:
		return picture || e.stored > 0
	}
	return e.stored > 0
}

// reportFinished reports the event and tells the caller the result: 1 when the
// event is complete and the cloud knows it, else 0 (AMB-14, AMB-79).
func (s *session) reportFinished(e *event, picture *string) {
	s.mu.Lock()
	r := eventReport{
		ReportID: e.report, EventID: e.id, State: "finished", Complete: s.complete(e, picture != nil),
		StartUTC: e.start, EndUTC: e.end, StreamStart: e.streamStart(), StreamEnd: max(e.streamEnd, e.streamStart()),
		PictureID: picture, AIType: e.ai,
	}
	limit := e.stoppedAt + reportLimit
	s.mu.Unlock()

	reported := false
	for wait := (backoff{jitter: s.jitter}); ; {
		a, err := s.postEvent(s.ctx, r)
		if err == nil {
			reported = true
			break
		}
		if permanent(err) || s.live.Err() != nil || s.clock.Mono() >= limit {
			break
		}
		s.pause(&e.rest, min(wait.next(a), limit-s.clock.Mono()))
	}

	result := EventResult{EventID: e.id, StartTimeS: uint32(e.start), EndTimeS: uint32(r.EndUTC)}
	if reported && r.Complete {
		result.ResultCode = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.events.open, e)
	if s.parm.Callbacks.EventReportResult != nil {
		s.calls.post(func() { s.parm.Callbacks.EventReportResult(result) })
	}
}
