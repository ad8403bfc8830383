package target

import (
	"context"
	"errors"
	"time"
)

// Trace is everything that has happened so far, in order. It must not be changed.
func (s *Session) Trace() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.events[:len(s.events):len(s.events)]
}

// Callbacks is the entries of a callback so far, in order. It must not be changed.
func (s *Session) Callbacks(cb Callback) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	visits := s.visits[cb]
	return visits[:len(visits):len(visits)]
}

// Wait blocks until cond holds for the trace; it is asked again at each new
// event. It ends early, with an error, when the library has died.
func (s *Session) Wait(ctx context.Context, what string, cond func([]Event) bool) error {
	for {
		s.mu.Lock()
		events := s.events[:len(s.events):len(s.events)]
		changed, fatal, closed := s.changed, s.fatal, s.closed
		s.mu.Unlock()
		if cond(events) {
			return nil
		}
		last := "none"
		if n := len(events); n > 0 {
			last = events[n-1].String()
		}
		switch {
		case fatal != nil:
			return &WaitError{What: what, Last: last, Err: fatal}
		case closed:
			return &WaitError{What: what, Last: last, Err: &ClosedError{}}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return &WaitError{What: what, Last: last, Err: context.Cause(ctx)}
		}
	}
}

// event is the sink of the driver.
func (s *Session) event(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.append(e)
	p, ok := s.pending[e.ID]
	switch {
	case ok && e.Kind == CallBegun:
		p.begun = true
	case ok && e.Kind == CallReturned:
		delete(s.pending, e.ID)
		p.stop()
		p.result = *e.Return
		close(p.done)
	}
}

func (s *Session) callOf(id uint32) *Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.pending[id]; ok {
		return &p.call
	}
	return nil
}

// fail is the sink of the driver, and of the watchdog. The first reason stays.
func (s *Session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fatal != nil {
		return
	}
	var crashed *CrashedError
	var exited *ExitedError
	switch {
	case errors.As(err, &crashed) && crashed.During == "":
		crashed.During = s.during()
	case errors.As(err, &exited) && exited.During == "":
		exited.During = s.during()
	}
	s.fatal = err
	s.append(Event{Kind: Died, Thread: -1, Mono: s.lastMono(), Err: err})
	s.endPending(err)
}

// during names the oldest call under way; s.mu is held.
func (s *Session) during() string {
	var oldest *Pending
	for _, p := range s.pending {
		if oldest == nil || p.id < oldest.id {
			oldest = p
		}
	}
	if oldest == nil {
		return ""
	}
	if oldest.many && !oldest.begun {
		// What the calls of a sequence had to tell may have ended with the process.
		return oldest.call.Func.String() + " or a call behind it"
	}
	return oldest.call.Func.String()
}

func (s *Session) lastMono() time.Duration {
	if n := len(s.events); n > 0 {
		return s.events[n-1].Mono
	}
	return 0
}

// endPending ends every call under way; s.mu is held.
func (s *Session) endPending(err error) {
	for id, p := range s.pending {
		delete(s.pending, id)
		p.stop()
		p.refuse(err)
	}
}

// append puts e into the trace; s.mu is held.
func (s *Session) append(e Event) {
	e.Seq = len(s.events)
	e.Domain = s.options.Clock.Now()
	s.events = append(s.events, e)
	if e.Kind == CallbackEntered {
		s.visits[e.Callback] = append(s.visits[e.Callback], e)
	}
	s.wake()
}

func (s *Session) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}
