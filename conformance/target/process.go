package target

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/ivcs/conform/clock"
)

// lingering is the machine time that the ends of a process may lie apart: its
// pipes, its exit, the output of what it has started.
const lingering = 2 * time.Second

type processOptions struct {
	name   string
	argv   []string
	env    []string
	stderr io.Writer
	bound  time.Duration
}

// process is a shim process: the driver of a library.
type process struct {
	options processOptions
	hello   helloFrame
	symbols uint32

	cmd     *exec.Cmd
	to      *os.File
	from    *os.File
	reader  frameReader
	out     output // its stdout and stderr
	err     output
	started chan error    // what came of loading
	done    chan struct{} // everything is over and joined
	exit    Exit          // valid after done

	writing sync.Mutex

	telling sync.Mutex // one event at a time
	sink    sink       // nil until begin
	early   []Event    // from before

	ending sync.Mutex
	gone   bool // the process is being reaped: its number may soon be another's

	mu       sync.Mutex
	replies  map[uint32]chan frame
	requests uint32
	answered map[uint32][]Call // answers by number, for the calls in them
	answers  uint32
	visits   map[uint32]*Args // callbacks under way
	calls    map[uint32]*Call // calls from inside callbacks, under way
	crash    *crashFrame
	refused  string
	settled  bool
	asked    bool // close has asked it to end
	killed   bool
	ready    helloFrame
}

// startProcess runs the shim and waits until it has loaded the library. Events
// are held back until begin.
func startProcess(ctx context.Context, o processOptions) (*process, error) {
	p := &process{
		options: o,
		started: make(chan error, 1), done: make(chan struct{}),
		replies: map[uint32]chan frame{}, answered: map[uint32][]Call{}, visits: map[uint32]*Args{}, calls: map[uint32]*Call{},
	}
	if err := p.run(); err != nil {
		return nil, err
	}
	late, cancel := new(clock.Clock).WithTimeout(ctx, o.bound)
	defer cancel()
	select {
	case err := <-p.started:
		if err != nil {
			p.abandon()
			return nil, err
		}
		return p, nil
	case <-late.Done():
		err := context.Cause(late)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = p.hung("loading", o.bound)
		}
		p.abandon()
		return nil, &LoadError{Path: o.name, Reason: "cannot be loaded", Err: err, Remedy: "look at its constructors"}
	}
}

// abandon ends a process that nobody has begun to use.
func (p *process) abandon() {
	p.kill()
	p.begin(deaf{})
	<-p.done
}

// run starts the process and what listens to it.
func (p *process) run() error {
	var files []*os.File
	pipe := func() (r, w *os.File) {
		r, w, err := os.Pipe()
		if err == nil {
			files = append(files, r, w)
		}
		return r, w
	}
	childIn, to := pipe()
	from, childOut := pipe()
	outR, outW := pipe()
	errR, errW := pipe()
	if len(files) < 8 {
		closeAll(files)
		return &ShimError{Reason: "no descriptors left for its pipes", Remedy: "raise the limit of open files (ulimit -n)"}
	}
	p.cmd = exec.Command(p.options.argv[0], p.options.argv[1:]...)
	p.cmd.Env = p.options.env
	p.cmd.Stdout, p.cmd.Stderr = outW, errW
	p.cmd.ExtraFiles = []*os.File{childIn, childOut}        // 3 and 4
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its children end with it
	err := p.cmd.Start()
	closeAll([]*os.File{childIn, childOut, outW, errW}) // the child has its own
	if err != nil {
		closeAll([]*os.File{to, from, outR, errR})
		return &ShimError{Reason: "cannot start " + p.options.argv[0], Err: err, Remedy: "see that it is there and can be run on this machine"}
	}
	p.to, p.from = to, from
	p.reader.r = bufio.NewReaderSize(from, maxFrame)
	p.out = output{file: outR, tell: p.line(Stdout), done: make(chan struct{})}
	p.err = output{file: errR, copy: p.options.stderr, tell: p.line(Stderr), done: make(chan struct{})}
	go p.out.run()
	go p.err.run()
	go p.supervise()
	return nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// begin lets the events flow, first those that came before it.
func (p *process) begin(s sink) {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.sink = s
	for _, e := range p.early {
		s.event(e)
	}
	p.early = nil
}

func (p *process) tell(e Event) {
	p.telling.Lock()
	defer p.telling.Unlock()
	if p.sink == nil {
		p.early = append(p.early, e)
		return
	}
	p.sink.event(e)
}

// line makes an event of a line of output.
func (p *process) line(k Kind) func(string) {
	return func(text string) {
		p.tell(Event{Kind: k, Thread: -1, Mono: machineMono(), Text: text})
	}
}

// within waits for c at most d of machine time.
func within(d time.Duration, c <-chan struct{}) bool {
	late := make(chan struct{})
	t := new(clock.Clock).AfterFunc(d, func() { close(late) })
	defer t.Stop()
	select {
	case <-c:
		return true
	case <-late:
		return false
	}
}

func (p *process) asksEnd() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked || p.killed
}

// kill ends the process at once.
func (p *process) kill() {
	p.mu.Lock()
	p.killed = true
	p.mu.Unlock()
	p.killGroup()
}

// look tells how far the read of a frame came, and how stderr ends.
func (p *process) look() (string, []string) { return p.reader.progress(), p.err.tail() }

// hung is the error of something that has not come within the bound.
func (p *process) hung(what string, bound time.Duration) error {
	read, stderr := p.look()
	return &HungError{What: what, After: bound, Read: read, Stderr: stderr}
}

// write sends a frame. The shim's main thread reads all the time, so this
// blocks only when the process is stopped; then a watchdog kills it.
func (p *process) write(b []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	_, err := p.to.Write(b)
	return err
}

// call sends a call. One that cannot be sent meets a process that is ending:
// supervise finds out why, which is worth more than a broken pipe.
func (p *process) call(id uint32, c Call) error {
	err := p.write(encodeCall(id, c))
	if err != nil && !within(lingering, p.done) {
		p.telling.Lock()
		p.sink.fail(&ProtocolError{Reason: "a call cannot be sent", Err: err})
		p.telling.Unlock()
		p.kill()
		<-p.done
	}
	return err
}

func (p *process) sequence(first uint32, thread int, through bool, calls []Call) error {
	return p.write(encodeSequence(first, thread, through, calls))
}

func (p *process) answer(cb Callback, queue []Answer) {
	p.mu.Lock()
	first := p.answers + 1
	p.answers += uint32(len(queue))
	for i, a := range queue {
		if len(a.Calls) > 0 {
			p.answered[first+uint32(i)] = a.Calls
		}
	}
	p.mu.Unlock()
	_ = p.write(encodeAnswers(cb, first, queue)) // a process that is gone says so itself
}

// close ends the process in good order.
func (p *process) close(bound time.Duration) Exit {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
	_ = p.write(encodeBye()) // a process that is gone says so itself
	hung := false
	if !within(bound, p.done) {
		hung = true
		p.kill()
		<-p.done
	}
	exit := p.exit
	if hung {
		exit.Hung = true
		exit.Err = p.hung("the end of the process", bound)
	}
	return exit
}
