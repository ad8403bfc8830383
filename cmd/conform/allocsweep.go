package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/specs"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// allocSweep fails each allocation of the library, one after the other, and tells
// what came of it (ROB-025, without its sample). It ends with 1 when a pass
// crashed or hung, with 4 when the harness failed in one.
func allocSweep(ctx context.Context, stdout, stderr io.Writer, o *options) error {
	s, err := newSweep(ctx, stderr, o)
	if err != nil {
		return err
	}
	defer shut(s.cfg.Target)
	clean, err := s.clean()
	if err != nil {
		return err
	}
	s.bar.total(int(clean.Allocs), "allocations")
	s.run(ctx, o.workerCount(s.cfg.Mode))
	s.bar.done()
	err = s.tell(stdout)
	if ctx.Err() != nil {
		fmt.Fprintln(stdout, "\ninterrupted: the allocations behind these were not made to fail")
		return exitCode(verdict.ExitIncomplete)
	}
	return err
}

// sweep is one sweep over a library's allocations.
type sweep struct {
	cfg   scenario.Config
	cloud bool
	most  int64 // live allocations that a pass without a failure leaves, at most
	bar   *progress
	under func() (target.Target, error) // the same library under gdb; nil: there is none

	mu   sync.Mutex
	next uint32
	end  uint32 // the first that was not reached; 0: not yet known
	all  []specs.FailedAlloc
}

func newSweep(ctx context.Context, stderr io.Writer, o *options) (*sweep, error) {
	t, err := o.library.open()
	if err != nil {
		return nil, err
	}
	info := t.Describe()
	if !info.Can(target.CapHeap) {
		return nil, &target.LoadError{Path: t.Name(), Reason: "its allocator cannot be reached", Remedy: "--alloc-sweep needs a library that allocates with malloc, and a shim that was not built with -DSHIM_NO_HEAP"}
	}
	mode, err := chooseClock(o.clock, info)
	if err != nil {
		return nil, err
	}
	catalogue, err := rules.Load()
	if err != nil {
		return nil, err
	}
	missing, err := missingCapabilities(ctx, o, t, mode)
	if err != nil {
		return nil, err
	}
	s := &sweep{
		cfg:   scenario.Config{Target: t, Mode: mode, Rate: o.rate, Catalogue: catalogue, Watchdog: o.watchdog},
		cloud: missing[string(rules.CloudBinding)] == "", bar: newProgress(stderr, false),
	}
	if _, err := exec.LookPath("gdb"); err == nil && !o.library.GDB && !o.library.onBoard() && o.library.Isolation.Kind == "" {
		library := o.library
		library.GDB = true
		s.under = library.open
	}
	return s, nil
}

// passes without a failure: what they leave differs by what happened to be
// under way, so the most of several counts.
const passes = 3

func (s *sweep) clean() (specs.FailedAlloc, error) {
	var last specs.FailedAlloc
	for range passes {
		last = specs.FailAlloc(s.cfg, 0, s.cloud, -1)
		if last.End != specs.AllocUnnoticed {
			return last, &driveError{fmt.Errorf("a pass in which no allocation fails ends with a %s: %s; mend that first", last.End, last.Text)}
		}
		s.most = max(s.most, last.Blocks)
	}
	return last, nil
}

// run deals the allocations out until one is not reached.
func (s *sweep) run(ctx context.Context, workers int) {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				n, more := s.claim()
				if !more {
					return
				}
				s.keep(s.try(n))
			}
		})
	}
	wg.Wait()
}

// try fails one allocation. A leak counts only if it is there twice.
func (s *sweep) try(n uint32) specs.FailedAlloc {
	r := specs.FailAlloc(s.cfg, n, s.cloud, s.most)
	if r.End == specs.AllocLeak {
		r = specs.FailAlloc(s.cfg, n, s.cloud, s.most)
	}
	return r
}

func (s *sweep) claim() (uint32, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end > 0 {
		return 0, false
	}
	s.next++
	return s.next, true
}

func (s *sweep) keep(r specs.FailedAlloc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bar.step()
	if r.Reached || r.End == specs.AllocHarness {
		s.all = append(s.all, r)
		return
	}
	if s.end == 0 || r.N < s.end {
		s.end = r.N
	}
}

// group is the passes that came to the same.
type group struct {
	specs.FailedAlloc // the first of them
	ns                []uint32
}

// groups joins what is the same but for its numbers and addresses.
func (s *sweep) groups() []*group {
	slices.SortFunc(s.all, func(a, b specs.FailedAlloc) int { return cmp.Compare(a.N, b.N) })
	var all []*group
	for _, r := range s.all {
		line, _, _ := strings.Cut(r.Text, "\n")
		i := slices.IndexFunc(all, func(g *group) bool {
			first, _, _ := strings.Cut(g.Text, "\n")
			return g.End == r.End && g.In == r.In && first == line
		})
		if i < 0 {
			all = append(all, &group{r, nil})
			i = len(all) - 1
		}
		all[i].ns = append(all[i].ns, r.N)
	}
	order := specs.AllocEnds()
	slices.SortStableFunc(all, func(a, b *group) int { return slices.Index(order, a.End) - slices.Index(order, b.End) })
	return all
}

// tell prints the groups, the worst first, crashes with a backtrace.
func (s *sweep) tell(w io.Writer) error {
	fmt.Fprintf(w, "%s: %d allocations of a pass from iv_cs_init to iv_cs_exit failed, one a process\n", s.cfg.Target.Name(), len(s.all))
	if !s.cloud {
		fmt.Fprintln(w, "the library does not reach the cloud: no callback was waited for")
	}
	worst := verdict.ExitConformant
	for _, g := range s.groups() {
		text := g.Text
		if g.End == specs.AllocCrash {
			text = s.backtraced(g.FailedAlloc)
		}
		head := string(g.End)
		if g.In != "" {
			head += ": " + g.In
		}
		fmt.Fprintf(w, "\n%s\n  %s\n  n = %s\n", head, strings.ReplaceAll(text, "\n", "\n  "), ranges(g.ns))
		switch g.End {
		case specs.AllocCrash, specs.AllocHang:
			worst = verdict.ExitNotConformant
		case specs.AllocHarness:
			if worst == verdict.ExitConformant {
				worst = verdict.ExitIncomplete
			}
		}
	}
	if worst != verdict.ExitConformant {
		return exitCode(worst)
	}
	return nil
}

// backtraced tells a crash once more, under gdb where there is one.
func (s *sweep) backtraced(r specs.FailedAlloc) string {
	if s.under == nil {
		return r.Text
	}
	t, err := s.under()
	if err != nil {
		return r.Text
	}
	cfg := s.cfg
	cfg.Target = t
	if again := specs.FailAlloc(cfg, r.N, s.cloud, s.most); again.End == specs.AllocCrash && strings.Contains(again.Text, "#0") {
		return again.Text
	}
	return r.Text
}

// ranges writes numbers in order: "1, 3-5, 9".
func ranges(ns []uint32) string {
	var out []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] == ns[j]+1 {
			j++
		}
		if j == i {
			out = append(out, fmt.Sprint(ns[i]))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", ns[i], ns[j]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}
