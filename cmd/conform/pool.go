package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/ivcs/conform/conformance/verdict"
)

// pool deals scenarios out to worker processes and gathers their outcomes.
type pool struct {
	job      job
	size     int
	stdout   io.Writer // Ginkgo's own words, nil to drop them
	started  func(claim)
	finished func(verdict.Outcome)
	enough   func(verdict.Outcome) bool // of one outcome: begin nothing more; nil: never

	mu       sync.Mutex
	taken    map[claim]bool
	outcomes []verdict.Outcome
	over     bool
}

// deaths is how many workers may die without finishing a scenario before the
// pool gives up: then it is not a scenario that kills them.
const deaths = 3

// run returns when every scenario has an outcome.
func (p *pool) run(ctx context.Context) ([]verdict.Outcome, error) {
	p.taken = make(map[claim]bool)
	errs := make([]error, p.size)
	var wg sync.WaitGroup
	for i := range p.size {
		wg.Go(func() { errs[i] = p.slot(ctx, i) })
	}
	wg.Wait()
	return p.outcomes, errors.Join(errs...)
}

// slot keeps one worker alive until there is nothing left to claim.
func (p *pool) slot(ctx context.Context, i int) error {
	idle := 0
	for ctx.Err() == nil {
		claimed, current, err := p.worker(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
		if current != nil {
			p.add(verdict.Outcome{
				Rule: current.Rule, Scenario: current.Title, Status: verdict.Error,
				Findings: []verdict.Finding{{Severity: verdict.Harness, Text: fmt.Sprintf("%s died in this scenario: %v", describe(i+1), err)}},
			})
		}
		if idle++; claimed {
			idle = 0
		}
		if idle == deaths {
			return fmt.Errorf("%s: %w", describe(i+1), err)
		}
	}
	return ctx.Err()
}

// worker runs one worker process to its end. When it dies, current is the
// scenario it was in.
func (p *pool) worker(ctx context.Context) (claimed bool, current *claim, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, nil, fmt.Errorf("find this program to start workers of it: %w", err)
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		return false, nil, err
	}
	defer in.Close()
	out, theirOut, err := os.Pipe()
	if err != nil {
		theirIn.Close()
		return false, nil, err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, self, "worker")
	cmd.Env = append(os.Environ(), workerEnv+"=1")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = p.stdout, &stderr
	err = cmd.Start()
	theirIn.Close()
	theirOut.Close()
	if err != nil {
		return false, nil, fmt.Errorf("start a worker: %w", err)
	}
	claimed, current = p.serve(newWire(out, in))
	err = cmd.Wait()
	if err == nil && current != nil {
		err = errors.New("it ended before the scenario did")
	}
	if said := lastLine(stderr.String()); err != nil && said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return claimed, current, err
}

// serve answers a worker's claims until its pipe ends.
func (p *pool) serve(w *wire) (claimed bool, current *claim) {
	if w.send(p.job) != nil {
		return false, nil
	}
	for {
		var n note
		if w.receive(&n) != nil {
			return claimed, current
		}
		switch {
		case n.Claim != nil:
			mine := p.take(*n.Claim)
			if current = nil; mine {
				claimed, current = true, n.Claim
			}
			if w.send(mine) != nil {
				return claimed, current
			}
		case n.Outcome != nil:
			if current != nil && n.Outcome.Rule == current.Rule && n.Outcome.Scenario == current.Title {
				current = nil
			}
			p.add(*n.Outcome)
		}
	}
}

func (p *pool) take(c claim) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || p.taken[c] {
		return false
	}
	p.taken[c] = true
	if p.started != nil {
		p.started(c)
	}
	return true
}

func (p *pool) add(o verdict.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outcomes = append(p.outcomes, o)
	p.over = p.over || p.enough != nil && p.enough(o)
	if p.finished != nil {
		p.finished(o)
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
