package target

import (
	"errors"
	"os"
	"syscall"
)

// supervise sees the process end, in whatever order its parts do, and says why.
func (p *process) supervise() {
	defer close(p.done)
	reaped, read := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(reaped)
		p.reap()
	}()
	var why error
	go func() {
		defer close(read)
		why = p.listen()
	}()
	select {
	case <-read:
		if why != nil {
			p.killGroup() // what comes over the pipe is no longer ours
		}
		if !p.asksEnd() && !within(lingering, reaped) {
			if why == nil {
				why = &ProtocolError{Reason: "it was closed while the process lived"}
			}
			p.killGroup()
		}
		<-reaped // or close kills it
	case <-reaped:
		if !within(lingering, read) {
			p.from.Close() // somebody has inherited the other end
			<-read
		}
	}
	for _, o := range []*output{&p.out, &p.err} {
		if !within(lingering, o.done) {
			o.file.Close()
			<-o.done
		}
	}
	closeAll([]*os.File{p.to, p.from, p.out.file, p.err.file})
	p.conclude(why)
}

// reap waits for the process. What it has started ends with it: its group is
// killed while the process, dead and not yet reaped, still keeps the number.
func (p *process) reap() {
	waitDead(p.cmd.Process.Pid)
	p.killGroup()
	p.ending.Lock()
	p.gone = true
	p.ending.Unlock()
	_ = p.cmd.Wait() // ProcessState tells all
}

func (p *process) killGroup() {
	p.ending.Lock()
	defer p.ending.Unlock()
	if !p.gone {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may be over already
	}
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
