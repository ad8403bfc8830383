package target

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// listen takes the shim's frames until the stream ends. A nil error is an end
// between two frames.
func (p *process) listen() error {
	for {
		b, err := p.reader.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil // conclude tells how far it came
		case err != nil:
			return &ProtocolError{Reason: err.Error()}
		}
		f, err := decodeFrame(b)
		if err == nil {
			err = p.take(f)
		}
		if err != nil {
			return &ProtocolError{Reason: err.Error()}
		}
	}
}

func (p *process) take(f frame) error {
	switch f := f.(type) {
	case helloFrame:
		if f.Protocol != protocol || f.Canary != canary {
			return fmt.Errorf("the shim speaks protocol %d with canary %#x, want %d and %#x; compile it from the sources of this version", f.Protocol, f.Canary, protocol, uint64(canary))
		}
		p.ready = f
	case loadedFrame:
		p.hello, p.symbols = p.ready, f.Symbols
		p.settle(nil)
	case loadErrorFrame:
		p.settle(&LoadError{Path: p.options.name, Reason: "cannot be loaded: " + f.Why, Remedy: "see that what it needs is installed (ldd), and that its symbols are resolved"})
	case refusedFrame:
		p.mu.Lock()
		p.refused = f.Why
		p.mu.Unlock()
	case crashFrame:
		p.mu.Lock()
		p.crash = &f
		p.mu.Unlock()
	case statFrame:
		p.reply(f.ID, f)
	case ackFrame:
		p.reply(f.ID, f)
	case byeFrame:
	case callFrame:
		return p.called(f)
	case callbackFrame:
		return p.visited(f)
	}
	return nil
}

// settle says, once, what came of loading.
func (p *process) settle(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.settled {
		return
	}
	p.settled = true
	p.started <- err
}

func (p *process) reply(id uint32, f frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.replies[id]; ok {
		c <- f
		delete(p.replies, id)
	}
}

// called passes the begin or the end of a call on, with the call itself.
func (p *process) called(f callFrame) error {
	e := f.Event
	if f.Answer == 0 {
		if e.Call = p.callOf(e.ID); e.Call == nil {
			return nil // its bound has passed
		}
	} else {
		p.mu.Lock()
		calls := p.answered[f.Answer]
		p.mu.Unlock()
		if int(f.Index) >= len(calls) {
			return fmt.Errorf("a call %d of an answer with %d calls", f.Index, len(calls))
		}
		e.Call = &calls[f.Index]
		if f.Missing && e.Return != nil {
			e.Return.Err = &MissingError{Func: e.Call.Func}
		}
	}
	p.tell(e)
	return nil
}

func (p *process) callOf(id uint32) *Call {
	p.telling.Lock()
	s := p.sink
	p.telling.Unlock()
	if s == nil {
		return nil
	}
	return s.callOf(id)
}

func (p *process) visited(f callbackFrame) error {
	e := f.Event
	p.mu.Lock()
	if e.Kind == CallbackEntered {
		p.visits[e.ID] = e.Args
	} else {
		e.Args = p.visits[e.ID]
		delete(p.visits, e.ID)
	}
	p.mu.Unlock()
	if e.Args == nil {
		return fmt.Errorf("%s left without having been entered", e.Callback)
	}
	p.tell(e)
	return nil
}

// conclude says how the process ended, when all of it has.
func (p *process) conclude(why error) {
	state := p.cmd.ProcessState
	status, _ := state.Sys().(syscall.WaitStatus)
	p.mu.Lock()
	asked, killed, crash, refused := p.asked, p.killed, p.crash, p.refused
	p.mu.Unlock()
	exit := Exit{Stderr: p.err.tail(), Stray: p.out.tail()}
	if status.Exited() {
		exit.Code = status.ExitStatus()
	}
	if status.Signaled() {
		exit.Signal = status.Signal()
	}
	var protocolErr *ProtocolError
	switch {
	case errors.As(why, &protocolErr):
		protocolErr.Stderr = exit.Stderr
		exit.Err = protocolErr
	case refused != "":
		exit.Err = &ProtocolError{Reason: "the shim gave up: " + refused, Stderr: exit.Stderr}
	case crash != nil && (status.Signaled() || exit.Code != 0):
		exit.Err = crash.error(exit.Stderr)
	case killed:
	case status.Signaled():
		exit.Err = &CrashedError{Signal: exit.Signal, Stderr: exit.Stderr}
	case !asked || exit.Code != 0:
		exit.Err = &ExitedError{Code: exit.Code, Read: p.reader.progress(), Stderr: exit.Stderr}
	}
	if exit.Err == nil && len(exit.Stray) > 0 {
		exit.Err = &StrayError{Lines: exit.Stray}
	}
	p.exit = exit
	p.settle(&LoadError{Path: p.options.name, Reason: "does not survive being loaded", Err: exit.Err, Remedy: "look at its constructors"})
	p.telling.Lock()
	defer p.telling.Unlock()
	if exit.Err != nil && !asked && p.sink != nil {
		p.sink.fail(exit.Err)
	}
}

func (c crashFrame) error(stderr []string) *CrashedError {
	e := &CrashedError{Signal: c.Signal, Addr: c.Addr, Guard: c.guard(), Stderr: stderr}
	switch {
	case c.Slot < callbacks:
		e.During = c.Slot.String()
	case c.Func < functions:
		e.During = c.Func.String()
	default:
		e.During = "a thread of the library's own"
	}
	return e
}

// deaf is the sink of a process that is only looked at.
type deaf struct{}

func (deaf) event(Event)         {}
func (deaf) fail(error)          {}
func (deaf) callOf(uint32) *Call { return nil }
