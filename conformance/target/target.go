package target

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/ivcs/conform/clock"
)

// Target is something that can be judged: every Open gives a fresh library.
type Target interface {
	// Name is the path of the library, or "reference".
	Name() string
	Describe() Info
	Open(ctx context.Context, o Options) (*Session, error)
}

// Capabilities of a target.
const (
	CapCABI        = "c-abi"        // a C library: symbols, layouts, calling convention
	CapHooks       = "hooks"        // exports ivcs_conform_configure
	CapClockHooks  = "clock-hooks"  // exports the three clock hooks: virtual time
	CapScaledClock = "scaled-clock" // can run under libfaketime
	CapHeap        = "heap"         // its heap is counted, and can be made to fail
	CapProcesses   = "processes"    // a process a session: crash, threads, descriptors
	CapGuardPages  = "guard-pages"  // memory that was given back cannot be touched unseen
)

// Info describes a target without running a spec.
type Info struct {
	Kind    string // "library" or "reference"
	Machine string // "EM_X86_64, 64 bit"
	// Symbols and Hooks say for each name whether it is exported.
	Symbols map[string]bool
	Hooks   map[string]bool
	// ABI holds sizes and offsets as the shim was compiled:
	// "sizeof iv_cs_init_parm_s", "offsetof iv_cs_init_parm_s.av_fmt".
	ABI       map[string]int
	GoRuntime bool // a Go runtime is inside
	// CloudHost is the address of this machine at which the library finds the
	// cloud; "": loopback.
	CloudHost string
	// ClockBlockers are the reasons why the scaled clock cannot be used.
	ClockBlockers []string
	// Notes are findings for people: look-alikes of missing symbols and the like.
	Notes        []string
	Capabilities []string
}

// Can reports whether the target has the capability.
func (i Info) Can(capability string) bool { return slices.Contains(i.Capabilities, capability) }

// Missing lists the functions of the specification that are not exported.
func (i Info) Missing() []string {
	var m []string
	for _, f := range Functions() {
		if !i.Symbols[f.String()] {
			m = append(m, f.String())
		}
	}
	return m
}

// Options of one session. The zero value is a library with no cloud, in real time.
type Options struct {
	// Env is added to the environment of the library's process: "IVCS_ENDPOINT=…".
	Env []string
	// Config is the JSON object of the configure hook. A library without the
	// hook has Env alone.
	Config string
	// Clock stamps the events; nil: a clock in real time.
	Clock *clock.Clock
	// Watchdog is the machine time after which a call counts as hung; 0: 30 s.
	Watchdog time.Duration
	// Stderr gets a copy of what the library writes to stderr.
	Stderr io.Writer
	// Guard puts frame buffers at the end of a page, the next one and, once the
	// call has returned, the page itself without access: a read too far or too
	// late kills the library.
	Guard bool
	// Scale runs the process under libfaketime.
	Scale *Scale
}

// Scale is a clock that runs faster than the machine's, from Start at the
// moment the process begins.
type Scale struct {
	Rate  float64
	Start time.Time
}

func (o *Options) defaults() {
	if o.Clock == nil {
		o.Clock = new(clock.Clock)
	}
	if o.Watchdog == 0 {
		o.Watchdog = 30 * time.Second
	}
}

// LibraryOptions say how a shared object is run.
type LibraryOptions struct {
	// Shim is a ready-made shim; "" compiles the embedded one.
	Shim string
	// CC compiles the shim: command and arguments, "arm-linux-gnueabihf-gcc".
	// "": $CC, else "cc".
	CC string
	// CFlags are added to the compiler's flags: -DSHIM_NO_HEAP leaves the
	// allocator alone, for sanitizers.
	CFlags []string
	// Cache is where compiled shims are kept; "": the user's cache directory.
	Cache string
	// Exec is put before the shim: {"valgrind", "-q"}, {"qemu-arm", "-L", "/usr/arm-linux-gnueabihf"}.
	Exec []string
	// CloudHost is Info.CloudHost.
	CloudHost string
	// Env is added to the environment of every session, before Options.Env.
	Env []string
	// Faketime is the path of libfaketimeMT.so.1; "": where Debian puts it.
	Faketime string
}
