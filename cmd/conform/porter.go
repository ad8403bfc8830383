package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/pflag"

	"github.com/ivcs/conform/conformance/target"
)

// porter are the tools of somebody who looks for the cause of one failure.
type porter struct {
	Seed   int64 // of the order of scenarios; 0: the catalogue's
	Repeat int   // runs until one fails, at most
	GDB    bool
	Wait   bool // for a debugger
	Sweep  bool // over the library's allocations, instead of a run
}

func (p *porter) flags(f *pflag.FlagSet) {
	f.Int64Var(&p.Seed, "seed", 0, "run the scenarios in the random order of `N` (0: that of the specification)")
	f.IntVar(&p.Repeat, "repeat-until-failure", 0, "run again and again until something fails, at most `N` times")
	f.BoolVar(&p.GDB, "gdb", false, "run the library under gdb: a crash is told with its backtrace")
	f.BoolVar(&p.Sweep, "alloc-sweep", false, "instead of judging: fail each allocation of the library, one a process, and tell what came of it (ROB-025)")
	f.BoolVar(&p.Wait, "wait-for-debugger", false, "each scenario waits until a debugger is attached to its process; implies --workers 1")
}

// attached is how long a call may take while somebody looks at it in a debugger.
const attached = 24 * time.Hour

// prepare sets what the tools imply.
func (o *options) prepare() error {
	switch p := o.porter; {
	case p.Repeat < 0:
		return fmt.Errorf("--repeat-until-failure %d: give a number of at least 1", p.Repeat)
	case (p.GDB || p.Wait) && (o.library.Path == inProcess || o.library.onBoard() || o.library.Isolation.Kind != ""):
		return errors.New("--gdb and --wait-for-debugger: give a library with --target; on a board start gdb there; leave --isolate away")
	case p.Sweep && o.library.Path == inProcess:
		return errors.New("--alloc-sweep: give a library with --target; its allocator is what is made to fail")
	case p.Sweep && (p.Wait || p.Repeat > 0):
		return errors.New("--alloc-sweep: it goes with neither --wait-for-debugger nor --repeat-until-failure")
	case p.GDB:
		if _, err := exec.LookPath("gdb"); err != nil {
			return errors.New("--gdb: there is no gdb; install it (Debian: apt install gdb)")
		}
	}
	o.library.GDB = o.porter.GDB
	if o.porter.Wait {
		o.workers, o.watchdog = 1, attached
	}
	return nil
}

// repeated judges until a run is not conformant, or as often as was asked.
func repeated(ctx context.Context, stdout, stderr io.Writer, o *options) error {
	if o.porter.Repeat == 0 {
		return judge(ctx, stdout, stderr, o)
	}
	for i := 1; i <= o.porter.Repeat; i++ {
		err := judge(ctx, stdout, stderr, o)
		if err != nil {
			fmt.Fprintf(stderr, "conform: run %d of %d was the first to fail\n", i, o.porter.Repeat)
			return err
		}
		if o.porter.Seed != 0 {
			o.porter.Seed++ // another order each time; the report names it
		}
	}
	fmt.Fprintf(stderr, "conform: %d runs, none failed\n", o.porter.Repeat)
	return nil
}

// waitVariable makes the shim wait for a debugger; shim.c has it too.
const waitVariable = "CONFORM_WAIT_FOR_DEBUGGER"

// await makes the sessions of this process wait, once the library has been probed.
func (p porter) await() error {
	if !p.Wait {
		return nil
	}
	return os.Setenv(waitVariable, "1")
}

// debugged is the runner with gdb in front of the shim.
func debugged(runner []string) []string {
	return append(runner, target.UnderGDB()...)
}
