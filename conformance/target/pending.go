package target

import (
	"context"
	"fmt"
	"time"

	"github.com/ivcs/conform/clock"
)

// Pending is a call under way.
type Pending struct {
	session *Session
	id      uint32
	call    Call
	timer   *clock.Timer
	done    chan struct{}
	many    bool // one of a sequence
	begun   bool // the shim has told that the call is under way
	result  Return
}

// Done is closed when the call has ended.
func (p *Pending) Done() <-chan struct{} { return p.done }

// ID is the call's number in the trace.
func (p *Pending) ID() uint32 { return p.id }

// Wait waits at most d of machine time for the call. An error says that it has
// not returned, or why it never will; a call that has not returned goes on.
func (p *Pending) Wait(d time.Duration) (Return, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	late := p.session.machine.AfterFunc(d, cancel)
	defer late.Stop()
	select {
	case <-p.done:
		return p.result, p.result.Err
	case <-ctx.Done():
		err := fmt.Errorf("%s on thread %d has not returned after %v of machine time", p.call.Func, p.call.Thread, d)
		return Return{Code: NoReturn, Err: err}, err
	}
}

// stop ends the watch on the call; one of a sequence has none of its own.
func (p *Pending) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

// refuse ends the call without a code.
func (p *Pending) refuse(err error) *Pending {
	p.result = Return{Code: NoReturn, Err: err}
	close(p.done)
	return p
}
