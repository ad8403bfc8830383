package target

import (
	"context"
	"path/filepath"
	"strings"
	"time"
)

// Library is the shared object at path as a target. It looks into the file, has
// a shim for it, and loads it once. What is wrong comes back as a FileError
// (there is no such file: exit code 2), or as a LoadError or ShimError (it
// cannot be loaded or driven: exit code 3). A library that lacks some of the
// functions is a target all the same: Info.Missing names them.
func Library(path string, o LibraryOptions) (Target, error) {
	obj, err := inspect(path)
	if err != nil {
		return nil, err
	}
	shim, err := shimProgram(o)
	if err != nil {
		return nil, err
	}
	if err := obj.sameMachine(path, shim); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, &LoadError{Path: path, Reason: "has no absolute path", Err: err}
	}
	l := &library{name: path, path: abs, shim: shim, options: o, object: obj}
	if err := l.probe(); err != nil {
		return nil, err
	}
	return l, nil
}

type library struct {
	name    string // as it was given
	path    string
	shim    string
	options LibraryOptions
	object  *object
	relay   []string // of a library on a board: what leads to the shim there
	info    Info
}

func (l *library) Name() string   { return l.name }
func (l *library) Describe() Info { return l.info }

// Open starts a process with a fresh library.
func (l *library) Open(ctx context.Context, o Options) (*Session, error) {
	s := newSession(l.name, l.info, o)
	p, err := l.start(ctx, s.options)
	if err != nil {
		return nil, err
	}
	s.driver = p
	p.begin(s)
	if o.Config != "" && l.info.Can(CapHooks) {
		if err := s.Configure(o.Config); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

// probeBound is the machine time in which a library must load when it is first
// looked at.
const probeBound = 30 * time.Second

// probe loads the library once: what only loading tells.
func (l *library) probe() error {
	p, err := l.start(context.Background(), Options{Watchdog: probeBound})
	if err != nil {
		return err
	}
	var silent deaf
	p.begin(silent)
	stat, statErr := p.stat(probeBound)
	exit := p.close(probeBound)
	if statErr != nil {
		return &LoadError{Path: l.name, Reason: "does not live after loading", Err: statErr, Remedy: "load it in a program of your own under a debugger"}
	}
	l.info = l.describe(p.hello, p.symbols, stat)
	if exit.Err != nil {
		l.info.Notes = append(l.info.Notes, "unloading it: "+exit.Err.Error())
	}
	return nil
}

func (l *library) describe(h helloFrame, symbols uint32, stat Stat) Info {
	i := Info{
		Kind: "library", Machine: machineName(l.object.machine, l.object.class),
		Symbols: map[string]bool{}, Hooks: map[string]bool{}, ABI: h.ABI,
		CloudHost: l.options.CloudHost, GoRuntime: l.object.goRuntime, Notes: l.object.notes, ClockBlockers: l.object.blockers,
		Capabilities: []string{CapCABI, CapProcesses, CapGuardPages},
	}
	if l.relay != nil && l.object.machine == 0 {
		i.Machine = boardMachine(h)
	}
	for _, f := range Functions() {
		i.Symbols[f.String()] = symbols&(1<<f) != 0
	}
	clockHooks := true
	for _, f := range Hooks() {
		has := symbols&(1<<f) != 0
		i.Hooks[f.String()] = has
		switch {
		case f == FnConfigure && has:
			i.Capabilities = append(i.Capabilities, CapHooks)
		case f != FnConfigure:
			clockHooks = clockHooks && has
		}
	}
	if clockHooks {
		i.Capabilities = append(i.Capabilities, CapClockHooks)
	}
	if stat.Heap.Known && !i.GoRuntime {
		// A Go library allocates where no allocator can be interposed.
		i.Capabilities = append(i.Capabilities, CapHeap)
	}
	if err := l.canScale(); err != nil && l.relay == nil {
		i.ClockBlockers = append(i.ClockBlockers, err.Error())
	}
	if len(i.ClockBlockers) == 0 {
		i.Capabilities = append(i.Capabilities, CapScaledClock)
	}
	return i
}

// start runs the shim and waits until the library is loaded.
func (l *library) start(ctx context.Context, o Options) (*process, error) {
	argv := append([]string{}, l.options.Exec...)
	argv = append(argv, l.shim, "3", "4", l.path)
	if l.relay != nil {
		argv = append([]string{}, l.relay...)
	}
	if o.Guard {
		argv = append(argv, "g")
	}
	env := environment(l.options.Env, o.Env)
	if o.Scale != nil {
		if len(l.info.ClockBlockers) > 0 {
			return nil, &LoadError{Path: l.name, Reason: "cannot run on a scaled clock: " + strings.Join(l.info.ClockBlockers, "; "), Remedy: "use the virtual or the real clock"}
		}
		env = append(env, l.scaled(env, *o.Scale)...)
	}
	return startProcess(ctx, processOptions{
		name: l.name, argv: argv, env: env, stderr: o.Stderr, bound: o.Watchdog,
	})
}
