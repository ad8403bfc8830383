package target

import (
	"errors"
	"time"
)

// errSkipped ends a call of a sequence that is not made.
var errSkipped = errors.New("not made: the call before it did not return 0")

// Sequence makes the calls one behind the other on one thread, with nothing
// between them, and waits for the last. It ends early behind a call that returns
// anything but 0, unless it goes through refused pushes, and behind the first one
// whose function is not exported: what comes back is one Return for each call that
// was made. Over a pipe it costs about as much as one call.
//
// The session's Watchdog bounds the whole of it.
func (s *Session) Sequence(thread int, through bool, calls []Call) []Return {
	if n := s.exported(calls); n < 2 {
		return []Return{s.Call(calls[0].On(thread))}
	} else {
		calls = calls[:n]
	}
	begun, err := s.begin(thread, calls)
	if err != nil {
		return []Return{{Code: NoReturn, Err: err}}
	}
	late := s.machine.AfterFunc(s.options.Watchdog, func() { s.stuck(begun, s.options.Watchdog) })
	defer late.Stop()
	if err := s.driver.sequence(begun[0].id, thread, through, calls); err != nil {
		for _, p := range begun {
			s.drop(p, err)
		}
	}
	var made []Return
	for _, p := range begun {
		<-p.done
		if errors.Is(p.result.Err, errSkipped) {
			break
		}
		made = append(made, p.result)
	}
	return made
}

// exported counts the calls up to the first whose function is missing.
func (s *Session) exported(calls []Call) int {
	for i, c := range calls {
		if !s.info.Symbols[c.Func.String()] && !s.info.Hooks[c.Func.String()] {
			return i
		}
	}
	return len(calls)
}

// begin gives the calls of a sequence their numbers.
func (s *Session) begin(thread int, calls []Call) ([]*Pending, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.fatal != nil:
		return nil, s.fatal
	case s.closed:
		return nil, &ClosedError{}
	}
	begun := make([]*Pending, len(calls))
	for i, c := range calls {
		s.calls++
		begun[i] = &Pending{session: s, id: s.calls, call: c.On(thread), done: make(chan struct{}), many: true}
		s.pending[s.calls] = begun[i]
	}
	return begun, nil
}

// stuck is the end of a sequence's bound. The shim may hold what the calls that
// have returned had to tell; an answer of its main thread brings that along, and
// the oldest call that is left is the one that hangs.
func (s *Session) stuck(begun []*Pending, after time.Duration) {
	_, _ = s.driver.stat(lingering)
	for _, p := range begun {
		s.hung(p, after)
	}
}

// skipped is the sink of the driver: calls of a sequence that are not made.
func (s *Session) skipped(first, end uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := first; id < end; id++ {
		if p, ok := s.pending[id]; ok {
			delete(s.pending, id)
			p.refuse(errSkipped)
		}
	}
}
