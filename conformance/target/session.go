package target

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/ivcs/conform/clock"
)

// Threads is how many threads a session has for calls.
const Threads = 8

// hookThread runs the hooks, so that clock_advance blocks no call.
const hookThread = Threads

// Session is one fresh library. All methods may be called from any goroutine.
type Session struct {
	name    string
	info    Info
	options Options
	driver  driver
	machine clock.Clock // bounds of calls

	mu      sync.Mutex
	events  []Event
	visits  [callbacks][]Event // of events, the entries of each callback
	changed chan struct{}      // closed at the next event
	pending map[uint32]*Pending
	calls   uint32
	told    []Setting
	fatal   error
	closed  bool

	closing sync.Once
	exit    Exit
}

// Exit is how a session's library ended.
type Exit struct {
	Code   int
	Signal syscall.Signal // 0: none
	Hung   bool           // did not end by itself within the watchdog, and was killed
	Stderr []string       // last lines
	Stray  []string       // what it wrote to stdout
	Err    error          // what Fatal said before, or what went wrong at the end
}

func newSession(name string, info Info, o Options) *Session {
	o.defaults()
	return &Session{
		name: name, info: info, options: o,
		changed: make(chan struct{}),
		pending: make(map[uint32]*Pending),
	}
}

// Describe is the target's Info.
func (s *Session) Describe() Info { return s.info }

// Call makes a call and waits for it.
func (s *Session) Call(c Call) Return {
	p := s.start(c)
	<-p.done
	return p.result
}

// Go begins a call on a thread of the library's process. Calls on one thread
// run one after the other.
func (s *Session) Go(thread int, c Call) *Pending { return s.start(c.On(thread)) }

func (s *Session) start(c Call) *Pending {
	p := &Pending{session: s, call: c, done: make(chan struct{})}
	if c.Thread < 0 || c.Thread > hookThread {
		return p.refuse(fmt.Errorf("thread %d: a session has threads 0 to %d", c.Thread, Threads-1))
	}
	if !s.info.Symbols[c.Func.String()] && !s.info.Hooks[c.Func.String()] {
		missing := &MissingError{Func: c.Func}
		s.event(Event{Kind: CallReturned, Thread: c.Thread, Call: &p.call, Return: &Return{Code: NoReturn, Err: missing}})
		return p.refuse(missing)
	}
	s.mu.Lock()
	switch {
	case s.fatal != nil:
		defer s.mu.Unlock()
		return p.refuse(s.fatal)
	case s.closed:
		defer s.mu.Unlock()
		return p.refuse(&ClosedError{})
	}
	s.calls++
	p.id = s.calls
	s.pending[p.id] = p
	bound := c.Bound
	if bound == 0 {
		bound = s.options.Watchdog
	}
	p.timer = s.machine.AfterFunc(bound, func() { s.hung(p, bound) })
	s.mu.Unlock()
	if err := s.driver.call(p.id, c); err != nil {
		// The driver knows why, unless it is only now finding out.
		s.drop(p, err)
	}
	return p
}

// drop ends a call that could not be sent.
func (s *Session) drop(p *Pending, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fatal != nil {
		err = s.fatal
	}
	if _, live := s.pending[p.id]; live {
		delete(s.pending, p.id)
		p.stop()
		p.refuse(err)
	}
}

// hung is the end of a call's bound.
func (s *Session) hung(p *Pending, after time.Duration) {
	s.mu.Lock()
	_, live := s.pending[p.id]
	s.mu.Unlock()
	if live {
		read, stderr := s.driver.look()
		s.fail(&HungError{What: p.call.Func.String(), After: after, Read: read, Stderr: stderr})
		s.driver.kill()
	}
}

// Answer sets how a callback answers from now on: one Answer after the other,
// the last one for ever. Without any it returns to the zero Answer. A call of a
// hook from inside a callback is a mistake of the spec, and ends the session.
func (s *Session) Answer(cb Callback, answers ...Answer) {
	for _, a := range answers {
		for _, c := range a.Calls {
			if c.Func >= firstHook {
				s.fail(fmt.Errorf("answer of %s: %s may not be called from inside a callback (cloud binding, hooks)", cb, c.Func))
				return
			}
		}
	}
	s.note(Setting{Callback: cb, Answers: answers})
	if scale := s.options.Scale; scale != nil {
		answers = slices.Clone(answers)
		for i := range answers {
			answers[i].Delay = time.Duration(float64(answers[i].Delay) / scale.Rate)
		}
	}
	s.driver.answer(cb, answers)
}

// Fatal says why the library can no longer be asked anything: nil while it
// lives, else a CrashedError, HungError, ExitedError or ProtocolError.
func (s *Session) Fatal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fatal
}

// Stat looks at the library's process.
func (s *Session) Stat() (Stat, error) { return s.driver.stat(s.options.Watchdog) }

// ResetPeak sets the heap's high-water mark to what is in use now.
func (s *Session) ResetPeak() error {
	return s.control(CapHeap, heapControl{resetPeak: true})
}

// FailAlloc makes the n-th allocation of the library from now on fail, and the
// following ones until count have failed; count 0: all of them. n 0 ends it.
func (s *Session) FailAlloc(n, count uint32) error {
	if n > 0 {
		s.note(Setting{Other: fmt.Sprintf("from here on allocation %d fails", n)})
	}
	return s.control(CapHeap, heapControl{setFail: true, failNth: n, failCount: count})
}

// LimitMemory lets the process have that much address space beyond what it has
// now (RLIMIT_AS); 0 lifts the limit (INIT-014).
func (s *Session) LimitMemory(headroom uint64) error {
	s.note(Setting{Other: fmt.Sprintf("from here on the process may have %d bytes of address space more (0: as many as it likes)", headroom)})
	return s.control(CapProcesses, heapControl{setLimit: true, headroom: headroom})
}

func (s *Session) control(need string, h heapControl) error {
	if !s.info.Can(need) {
		return &NotCapableError{Target: s.name, Need: need}
	}
	return s.driver.heap(h, s.options.Watchdog)
}

// Close ends the library, and tells how it ended. It may be called again.
func (s *Session) Close() Exit {
	s.closing.Do(func() {
		s.mu.Lock()
		s.closed = true
		fatal := s.fatal
		s.mu.Unlock()
		exit := s.driver.close(s.options.Watchdog)
		s.mu.Lock()
		defer s.mu.Unlock()
		if fatal == nil {
			fatal = s.fatal
		}
		if fatal != nil {
			exit.Err = fatal
			var hung *HungError
			exit.Hung = errors.As(fatal, &hung)
		}
		s.exit = exit
		s.endPending(&ClosedError{})
		s.wake()
	})
	return s.exit
}
