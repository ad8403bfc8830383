package target

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/reference"
)

// inproc is the driver of the reference in this process. A session's threads
// are goroutines.
type inproc struct {
	device *reference.Device
	sink   sink

	serial atomic.Uint32 // of callbacks and of calls inside them
	live   atomic.Bool   // initialised and not exited
	frozen atomic.Bool   // on virtual time
	dead   atomic.Bool   // crashed, hung or closed: nothing more is told

	jobs    [hookThread + 1]chan job
	workers sync.WaitGroup

	mu       sync.Mutex
	answers  [callbacks][]Answer
	pictures map[unsafe.Pointer]*picture
	captured int
	over     bool // no thread takes a call any more
}

// job is a call, or a sequence of calls, for a thread.
type job struct {
	first   uint32 // number of the first call
	through bool   // a refused push is no end
	calls   []Call
}

// picture is memory that a callback has handed out.
type picture struct {
	id       int
	data     []byte // nil once released
	released bool
}

// maxJobs may wait for one thread.
const maxJobs = 4096

func newInproc(d *reference.Device, s sink) *inproc {
	p := &inproc{device: d, sink: s, pictures: map[unsafe.Pointer]*picture{}}
	p.serial.Store(1 << 31) // as in the shim: calls of the session count from 1
	for i := range p.jobs {
		p.jobs[i] = make(chan job, maxJobs)
		p.workers.Add(1)
		go func() {
			defer p.workers.Done()
			for j := range p.jobs[i] {
				p.work(j, i)
			}
		}()
	}
	return p
}

func (p *inproc) call(id uint32, c Call) error {
	return p.sequence(id, c.Thread, false, []Call{c})
}

func (p *inproc) sequence(first uint32, thread int, through bool, calls []Call) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return &ClosedError{}
	}
	select {
	case p.jobs[thread] <- job{first, through, calls}:
		return nil
	default:
		return fmt.Errorf("thread %d: %d calls wait for it already", thread, maxJobs)
	}
}

// work makes a job's calls, up to one that returns anything but 0.
func (p *inproc) work(j job, thread int) {
	for i, c := range j.calls {
		code, ok := p.run(j.first+uint32(i), c, thread, 0)
		if !ok {
			return
		}
		if j.through && c.Func == FnPush {
			continue
		}
		if rest := j.calls[i+1:]; code != 0 && len(rest) > 0 {
			p.sink.skipped(j.first+uint32(i)+1, j.first+uint32(len(j.calls)))
			return
		}
	}
}

// run makes a call, from a thread or from inside a callback; not ok: it has panicked.
func (p *inproc) run(id uint32, c Call, thread int, inside uint32) (code Code, ok bool) {
	e := Event{Kind: CallBegun, Thread: thread, ID: id, Inside: inside, Call: &c, Mono: machineMono()}
	p.tell(e)
	r, ok := p.make(c)
	if !ok {
		return NoReturn, false
	}
	e.Kind, e.Return, e.Mono = CallReturned, &r, r.Ended
	p.tell(e)
	return r.Code, true
}

// make makes the call; not ok: it has panicked.
func (p *inproc) make(c Call) (r Return, ok bool) {
	defer func() {
		if err := recover(); err != nil {
			p.sink.fail(&CrashedError{Panic: fmt.Sprintf("%v\n%s", err, debug.Stack()), During: c.Func.String()})
			p.kill()
		}
	}()
	r.Balance = Balance{Switch: Unwritten, Type: Unwritten}
	r.AIType = Unwritten
	begin := p.prepare(c, &r)
	r.Began = machineMono()
	code, end := begin()
	r.Ended = machineMono()
	r.Code = Code(code)
	if end != nil {
		end()
	}
	switch {
	case c.Func == FnInit && r.Code == 0:
		p.live.Store(true)
	case c.Func == FnExit && r.Code == 0:
		p.live.Store(false)
	case c.Func == FnClockFreeze:
		p.frozen.Store(true)
	}
	return r, true
}

func (p *inproc) tell(e Event) {
	if !p.dead.Load() {
		p.sink.event(e)
	}
}

func (p *inproc) answer(cb Callback, queue []Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[cb] = queue
}

// next takes the next answer; the last one stays.
func (p *inproc) next(cb Callback) Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := p.answers[cb]
	switch len(queue) {
	case 0:
		return Answer{}
	case 1:
	default:
		p.answers[cb] = queue[1:]
	}
	return queue[0]
}

func (p *inproc) stat(time.Duration) (Stat, error) {
	return Stat{}, &NotCapableError{Target: "reference", Need: CapProcesses}
}

func (p *inproc) heap(heapControl, time.Duration) error {
	return &NotCapableError{Target: "reference", Need: CapHeap}
}

func (p *inproc) look() (string, []string) { return "", nil }

// kill cannot end a goroutine; it is left behind, and nothing of it is told.
func (p *inproc) kill() { p.dead.Store(true) }

// close ends the device as iv_cs_exit does when nobody has called that: what is
// no process cannot be killed.
func (p *inproc) close(bound time.Duration) Exit {
	if p.dead.Swap(true) {
		return Exit{} // it has crashed or hangs: its goroutines are lost
	}
	p.mu.Lock()
	p.answers = [callbacks][]Answer{} // what delays or calls back would keep it
	p.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if p.live.Load() {
			p.exit()
		}
		p.mu.Lock()
		p.over = true
		for _, jobs := range p.jobs {
			close(jobs)
		}
		p.mu.Unlock()
		p.workers.Wait()
	}()
	if within(bound, ended) {
		return Exit{}
	}
	return Exit{Hung: true, Err: &HungError{What: "the end of the session", After: bound}}
}

// exit calls iv_cs_exit, and lets virtual time pass until it returns: it may
// wait for a time-out that only that ends.
func (p *inproc) exit() {
	over, done := context.WithCancel(context.Background())
	var advancing sync.WaitGroup
	if p.frozen.Load() {
		advancing.Add(1)
		go func() {
			defer advancing.Done()
			for clock.Machine(over, 100*time.Millisecond) == nil {
				p.device.ClockAdvance(10_000)
			}
		}()
	}
	_, _ = p.make(ExitCall())
	done()
	advancing.Wait()
}
