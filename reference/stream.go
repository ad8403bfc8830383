package reference

import (
	"time"

	"github.com/ivcs/conform/clock"
)

// stream is the state of pushing: whether there is a reason to push, whether the
// caller has been told, and the recording that the frames go into. s.mu guards it.
type stream struct {
	wanted bool // a full-time plan, or an event under an event plan
	open   bool // the caller has been told: from here on push is accepted
	turn   int  // counts starts and stops, so that a late start opens nothing

	ring  ring
	bytes int        // of frames, accepted and not yet stored or given up
	segs  []*segment // cut and waiting for the uploader, the first may be under way
	seg   *segment   // being recorded, nil when there is none

	recording string // "" between recordings
	from      int64  // UTC ms where the next recording's video begins, 0: at its first frame
	line      timeline
	needKey   bool // no video before the next key frame
	dropped   bool // because a frame was lost: nothing at all before it
	lastVideo int64
	gop, run  int // bytes of the last whole group of pictures, and of the present one

	room    chan struct{} // closed when room is made; nil when nobody waits
	patient bool          // a push may wait for room once per segment under way
	longest time.Duration // that it may wait

	last int64        // mono ms of the last frame
	idle *clock.Timer // of note 5
}

// follow starts or stops the stream when the plan or the events have changed
// whether there is a reason for it. Starts and stops alternate: there is one
// start for the first reason and one stop after the last (AMB-25, AMB-26).
// s.mu is held.
func (s *session) follow() {
	var wanted bool
	switch s.plan.service() {
	case PlanFullTime:
		wanted = true
	case PlanEvent:
		wanted = s.events.running > 0
	}
	if wanted == s.stream.wanted {
		return
	}
	s.stream.wanted = wanted
	s.stream.turn++
	if wanted {
		turn := s.stream.turn
		s.calls.post(func() { s.openStream(turn) })
		return
	}
	s.stream.open = false
	s.endRecording()
	s.calls.post(func() { s.parm.Callbacks.PushStreamStop() })
}

// openStream lets frames in and tells the caller so, in this order: a push made
// by another thread as soon as the callback runs must succeed (CB-START-002).
func (s *session) openStream(turn int) {
	s.mu.Lock()
	if s.stream.turn == turn && !s.closing {
		s.stream.open = true
	}
	s.mu.Unlock()
	s.parm.Callbacks.PushStreamStart()
}

// allowed says whether a frame may be pushed now. s.mu is held.
func (s *session) allowed() Err {
	switch {
	case s.closing:
		return ErrCSPrmNotAvailable
	case s.stream.open:
		return ErrNone
	case !s.plan.known:
		return ErrCSUploadAuthNotAvailable // not asked yet, or not reachable
	case s.plan.service() == PlanNone:
		return ErrCSApplyNoService // note 13
	case s.plan.service() == PlanEvent:
		return ErrCSEventIsValid // no event is running (AMB-87)
	}
	return ErrCSUploadAuthNotAvailable // before start_cb (AMB-19)
}

// endRecording flushes what has been recorded. The next frame begins a new
// recording. s.mu is held.
func (s *session) endRecording() {
	s.cut(s.device.read(), -1)
	s.stream.recording = ""
	s.stream.from = 0
	if s.stream.idle != nil {
		s.stream.idle.Stop()
		s.stream.idle = nil
	}
}

// beginRecording names a recording and puts its time line at the start of the
// pre-recorded video, or at the present. s.mu is held.
func (s *session) beginRecording() {
	st := &s.stream
	st.recording = randomID()
	st.line.begin(st.from)
	st.from = 0
	st.needKey, st.dropped = true, false
	st.gop, st.run = 0, 0
	st.patient = true
}
