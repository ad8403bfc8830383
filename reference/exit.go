package reference

import (
	"time"

	"github.com/ivcs/conform/clock"
)

// Exit is iv_cs_exit. It tells the caller to stop, brings what is left to the
// cloud within bounds, hands every picture back, and returns when nothing of the
// module is left: no callback comes any more (AMB-41). From inside a callback it
// would wait for itself and is refused (AMB-42).
func (d *Device) Exit() Err {
	if d.inCallback() {
		return ErrCSPrmNotAvailable
	}
	d.mu.Lock()
	s := d.session
	if s == nil || d.leaving {
		d.mu.Unlock()
		return ErrCSPrmNotAvailable
	}
	d.leaving = true
	d.mu.Unlock()

	s.end()

	d.mu.Lock()
	defer d.mu.Unlock()
	d.session, d.leaving = nil, false
	return ErrNone
}

// end ends the session.
func (s *session) end() {
	s.endStream()
	s.endLive()
	s.upload.rest.wake()

	joined := make(chan struct{})
	go func() {
		s.blockedCalls.Wait()
		s.joined.Wait()
		close(joined)
	}()
	limit := s.exitLimit()
	timer := s.clock.AfterFunc(limit, s.cancel)
	machine := make(chan struct{})
	go func() { // the other clock of ruling 10
		defer close(machine)
		if clock.Machine(s.ctx, limit) == nil {
			s.cancel()
		}
	}()
	<-joined
	timer.Stop()
	s.cancel()
	<-machine
	s.calls.close()
	<-s.dispatcherDone
	s.net.close()

	s.pushing.Lock()
	defer s.pushing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audio.close()
	free(s.stream.ring.mem)
	s.stream.ring = ring{}
}

// endStream refuses everything from now on, flushes the recording, ends the
// events that still run and tells the caller to stop.
func (s *session) endStream() {
	now := s.device.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stream.open = false
	for _, e := range s.events.table {
		if e != nil {
			s.stop(e, times{event: now.wall / 1000, stream: now.wall})
		}
	}
	s.plan = plan{}
	s.follow()
	s.endRecording()
	s.closing = true
}

// exitLimit bounds what iv_cs_exit still tries: half a minute by default would be
// long for a caller who wants to leave, so it is the shorter of the time-outs
// and half the time for an answer (EXIT-005, AMB-41: below twice the reply time-out).
func (s *session) exitLimit() time.Duration {
	upload, reply := s.net.upload.Load(), s.net.reply.Load()
	return time.Duration(min(upload, reply) + reply/2)
}
