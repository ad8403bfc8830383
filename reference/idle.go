package reference

import "time"

// idleLimit is how long nothing may be pushed before the recording pauses: more
// than 120 s (note 5).
const idleLimit = 120*time.Second + time.Millisecond

// watchIdle begins to watch a recording. s.mu is held.
func (s *session) watchIdle() {
	if s.stream.idle == nil {
		recording := s.stream.recording
		s.stream.idle = s.clock.AfterFunc(idleLimit, func() { s.idle(recording) })
	}
}

// idle pauses the recording if nothing has come for long enough: what there is
// gets uploaded, the next frame begins a new recording, nobody is called
// (AMB-22).
func (s *session) idle(recording string) {
	s.work.begin()
	defer s.work.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stream.recording != recording || s.closing {
		return
	}
	last := time.Duration(s.stream.last) * time.Millisecond
	if left := last + idleLimit - s.clock.Mono().Truncate(time.Millisecond); left > 0 {
		s.stream.idle = s.clock.AfterFunc(left, func() { s.idle(recording) })
		return
	}
	s.endRecording()
}
