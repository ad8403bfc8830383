package reference

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ivcs/conform/reference/mpegts"
)

// giveUp is how long a segment is tried in vain before it is given up. Ruling 11
// says no sooner than 60 s.
const giveUp = 90 * time.Second

// lastChanceAfter is how long after an attempt another one is worth making.
const lastChanceAfter = 20 * time.Second

// uploader brings the segments to the cloud, one after another in the order of
// recording, so that a slow link is not shared and memory is freed in order.
type uploader struct {
	rest    sleeper
	wait    backoff
	next    time.Duration // no attempt before this moment, monotonic
	tried   time.Duration // when the last attempt began
	refused bool          // it has been answered 401 or 403
	failing bool          // the last attempt failed; s.mu guards it

	// One muxer a recording: continuity carries on from segment to segment.
	muxer     mpegts.Muxer
	recording string
}

// uploadSegments is the uploader's goroutine.
func (s *session) uploadSegments(*sleeper) {
	for {
		seg, more := s.nextSegment()
		switch {
		case seg != nil:
			s.uploadSegment(seg)
		case more:
			s.upload.rest.park()
		default:
			return
		}
	}
}

// nextSegment is the segment that has waited longest.
func (s *session) nextSegment() (seg *segment, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.stream.segs) == 0 {
		return nil, !s.closing
	}
	return s.stream.segs[0], true
}

// uploadSegment tries until the segment is stored or given up, and tells the result.
func (s *session) uploadSegment(seg *segment) {
	u := &s.upload
	if u.recording != seg.recording {
		u.recording = seg.recording
		u.muxer = mpegts.Muxer{Video: mpegts.Codec(s.parm.AV.VideoType)}
	}
	up := &segmentUpload{seg: seg}
	layout := u.muxer
	if err := u.muxer.Next(&up.ts, newRingFrames(&s.stream.ring, seg)); err != nil {
		s.finishSegment(up, false) // what cannot be written is reported lost
		return
	}
	up.media = &body{size: up.ts.Size(), read: func() io.Reader {
		// Every reader walks the ring by itself: the layout is the same.
		m, ts := layout, new(mpegts.Segment)
		_ = m.Next(ts, newRingFrames(&s.stream.ring, seg)) // has succeeded before
		return ts.NewReader()
	}}
	for tried := false; ; tried = true {
		// What has gone wrong for one segment holds up the next one too: a cloud
		// in trouble is not asked more often because more is waiting.
		s.pauseSegment(seg, tried)
		last := tried && s.hopeless(seg)
		if last && !s.lastChance() {
			s.finishSegment(up, false)
			return
		}
		u.tried = s.clock.Mono()
		a, err := s.storeSegment(up)
		if err == nil {
			s.linkGood(store)
			u.wait.reset()
			s.finishSegment(up, true)
			return
		}
		if permanent(err) {
			s.finishSegment(up, false)
			return
		}
		u.next = s.clock.Mono() + u.wait.next(a)
		u.refused = refused(a)
		s.mu.Lock()
		u.failing = true
		s.mu.Unlock()
		if last {
			s.finishSegment(up, false)
			return
		}
	}
}

// pauseSegment waits for the next attempt, but with a segment that has had one
// not beyond the moment it is given up at.
func (s *session) pauseSegment(seg *segment, tried bool) {
	until := s.upload.next
	if tried {
		until = min(until, seg.since+giveUp)
	}
	s.pause(&s.upload.rest, until-s.clock.Mono())
}

// pause waits between two attempts; iv_cs_exit ends it.
func (s *session) pause(rest *sleeper, d time.Duration) {
	_ = rest.sleep(s.live, s.clock, d)
}

// hopeless says whether a segment that could not be stored is given up. At exit
// every segment has one attempt.
func (s *session) hopeless(seg *segment) bool {
	return s.live.Err() != nil || s.clock.Mono()-seg.since >= giveUp
}

// lastChance says whether a segment about to be given up is tried once more: the
// outage may have ended since. A cloud that refuses the device, or has been asked
// a moment ago, is spared.
func (s *session) lastChance() bool {
	u := &s.upload
	return s.live.Err() == nil && !u.refused && s.clock.Mono()-u.tried >= lastChanceAfter
}

// permanent says whether asking again would bring the same answer: there is no
// plan, or the cloud does not understand the request.
func permanent(err error) bool {
	var r *refusal
	if !errors.As(err, &r) || r.store {
		return false
	}
	if r.code == "no_service" {
		return true
	}
	return r.status/100 == 4 && r.status != http.StatusUnauthorized && r.status != http.StatusForbidden &&
		r.status != http.StatusRequestTimeout && r.status != http.StatusTooManyRequests
}

// segmentUpload is what the attempts to store one segment have in common.
type segmentUpload struct {
	seg   *segment
	ts    mpegts.Segment
	media *body
	grant *grant
}

// storeSegment is one attempt. A nil error means that the cloud has the whole segment.
func (s *session) storeSegment(up *segmentUpload) (*answer, error) {
	if !up.grant.usable(s.clock.Mono()) {
		g, a, err := s.askGrant(s.ctx, up.seg.grantRequest(up.ts.Size()))
		if err != nil {
			return a, err
		}
		up.grant = g
		if g.Stored {
			return a, nil // the answer to an earlier PUT was lost (ROB-021)
		}
	}
	a, err := s.put(s.ctx, up.grant, up.media)
	if err != nil {
		if a != nil && (a.status == http.StatusConflict || a.status == http.StatusForbidden || a.status == http.StatusBadRequest) {
			if a.status == http.StatusForbidden && !up.grant.usable(s.clock.Mono()) {
				up.seg.since = s.clock.Mono() // it expired while the segment was on its way: that was no failure
			}
			up.grant = nil // stored already, or expired: the next grant tells
			if a.status == http.StatusConflict {
				return s.confirm(up)
			}
		}
		return a, err
	}
	if strings.Trim(a.header.Get("ETag"), `"`) == up.media.etag() {
		return a, nil
	}
	return s.confirm(up)
}

var errNotStored = errors.New("the store has answered 200 but the cloud does not have the object")

// confirm asks for the grant again, which tells whether the segment is stored (ruling 4).
func (s *session) confirm(up *segmentUpload) (*answer, error) {
	g, a, err := s.askGrant(s.ctx, up.seg.grantRequest(up.ts.Size()))
	if err != nil {
		return a, err
	}
	up.grant = g
	if !g.Stored {
		s.linkWrong(store)
		return a, errNotStored
	}
	return a, nil
}

// finishSegment frees the memory and tells everybody who waits for the result.
func (s *session) finishSegment(up *segmentUpload, stored bool) {
	seg, sent, total := up.seg, int64(0), up.ts.Size()
	if up.media != nil {
		sent = up.media.detach()
	}
	state := UploadErr
	if stored {
		state, sent = UploadOK, total
	} else {
		sent = min(sent, max(total-1, 0))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored {
		s.upload.failing = false
	}
	s.release(seg)
	s.events.finished(seg, stored)
	if v := &seg.video; v.frames > 0 {
		s.tellSlice(SliceInfo{
			UTCSecA: uint64(seg.start) / 1000, UTCSecB: uint64(seg.end) / 1000,
			PTSMsA: v.firstPTS, PTSMsB: v.lastPTS,
			FrameSeqA: v.firstSeq, FrameSeqB: v.lastSeq,
			UploadSize: uint32(sent), TotalSize: uint32(total),
			State: state,
		})
	}
}
