package target

import (
	"errors"
	"fmt"
	"io"
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
	case skippedFrame:
		p.telling.Lock()
		defer p.telling.Unlock()
		if p.sink != nil {
			p.sink.skipped(f.First, f.End)
		}
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

// deaf is the sink of a process that is only looked at.
type deaf struct{}

func (deaf) event(Event)         {}
func (deaf) fail(error)          {}
func (deaf) skipped(_, _ uint32) {}
func (deaf) callOf(uint32) *Call { return nil }
