package target

import (
	"context"
	"time"

	"github.com/ivcs/conform/clock"
)

func (p *process) stat(bound time.Duration) (Stat, error) {
	f, err := p.ask("the count of threads and memory", bound, encodeStat)
	if err != nil {
		return Stat{}, err
	}
	return f.(statFrame).Stat, nil
}

func (p *process) heap(h heapControl, bound time.Duration) error {
	_, err := p.ask("a change of the allocator", bound, func(id uint32) []byte { return encodeHeap(id, h) })
	return err
}

// ask sends a request and waits for its reply.
func (p *process) ask(what string, bound time.Duration, encode func(id uint32) []byte) (frame, error) {
	reply := make(chan frame, 1)
	p.mu.Lock()
	p.requests++
	id := p.requests
	p.replies[id] = reply
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.replies, id)
		p.mu.Unlock()
	}()
	late, cancel := new(clock.Clock).WithTimeout(context.Background(), bound)
	defer cancel()
	_ = p.write(encode(id)) // a process that is gone says so itself
	select {
	case f := <-reply:
		return f, nil
	case <-p.done:
		if p.exit.Err != nil {
			return nil, p.exit.Err
		}
		return nil, &ClosedError{}
	case <-late.Done():
		return nil, p.hung(what, bound)
	}
}
