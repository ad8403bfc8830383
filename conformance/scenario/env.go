package scenario

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// Env is what one scenario runs in: a fresh library, a fresh cloud, one clock.
// Its methods are for the goroutine of the scenario alone.
type Env struct {
	Rule  rules.Rule
	Lib   *target.Session
	Info  target.Info
	Cloud *fakecloud.Cloud
	// Device is this camera's account at the cloud.
	Device *fakecloud.Device
	// Network breaks connections; nil without the option WithNetwork.
	Network *fakecloud.Network

	cfg       Config
	opts      options
	clock     *clock.Clock
	session   *target.Session // is Lib
	began     time.Time       // domain time of the scenario's start
	shownPlan int             // revision of the plan that the library has been given time to see
	stepped   time.Duration   // what Step has added to the library's wall clock
	cameras   []*Camera
	next      unused // by any camera
	unplugged bool
	unsettled int  // steps that the library did not settle
	dead      bool // its end has been told
	afterEnd  func()
	checked   map[string]*Stored
	outcome   verdict.Outcome
	others    []verdict.Outcome // broken invariants, by the rule that states them
	marks     []mark            // where findings were made
}

func newEnv(cfg Config, rule rules.Rule, title string, o options) *Env {
	return &Env{
		Rule: rule, Info: cfg.Target.Describe(), cfg: cfg, opts: o,
		checked: make(map[string]*Stored), afterEnd: func() {},
		outcome: verdict.Outcome{Rule: rule.ID, Scenario: title},
	}
}

// run carries the scenario out and returns its outcome first, then those of
// invariants that other rules state.
func (e *Env) run(body func(*Env)) []verdict.Outcome {
	if why := e.lacking(); why != "" {
		e.outcome.Findings = []verdict.Finding{{Severity: verdict.Lacking, Text: why}}
	} else {
		e.guard(func() {
			e.open()
			body(e)
			e.Settle()
		})
		e.close()
	}
	e.outcome.Conclude(e.Rule)
	for i := range e.others {
		other, _ := e.cfg.Catalogue.Rule(e.others[i].Rule)
		e.others[i].Conclude(other)
	}
	e.testify()
	e.record()
	return append([]verdict.Outcome{e.outcome}, e.others...)
}

// lacking says which needed capability the target does not have.
func (e *Env) lacking() string {
	for _, need := range append(append([]rules.Capability(nil), e.Rule.Needs...), e.opts.needs...) {
		if why := e.cfg.Missing(need); why != "" {
			return why
		}
		if e.cfg.Refused == nil || e.Rule.ID == need.StatedBy() {
			continue
		}
		if why := e.cfg.Refused(need); why != "" {
			return why
		}
	}
	return ""
}

// guard runs f and turns the ways in which a scenario can end early into findings.
func (e *Env) guard(f func()) {
	defer func() {
		switch r := recover().(type) {
		case nil, stop:
		case death:
			e.dead = true
			severity := verdict.Crash
			if e.opts.deathIsSoft {
				severity = verdict.Soft
			}
			e.outcome.Findings = append(e.outcome.Findings, verdict.Finding{Severity: severity, Text: r.err.Error(), At: r.at})
		case harness:
			e.outcome.Findings = append(e.outcome.Findings, verdict.Finding{Severity: verdict.Harness, Text: r.err.Error()})
		default:
			e.outcome.Findings = append(e.outcome.Findings, verdict.Finding{
				Severity: verdict.Harness, Text: fmt.Sprintf("the spec panicked: %v\n%s", r, debug.Stack()),
			})
		}
	}()
	f()
}

// open starts the cloud and the library.
func (e *Env) open() {
	e.clock = new(clock.Clock)
	scale := (*target.Scale)(nil)
	switch e.cfg.Mode {
	case Virtual:
		e.clock.Freeze(Epoch)
	case Scaled:
		e.clock.Scale(Epoch, e.cfg.Rate)
		scale = &target.Scale{Rate: e.cfg.Rate, Start: Epoch}
	}
	opts := append(slices.Clone(e.cfg.Cloud), fakecloud.WithClock(e.clock))
	if host := e.Info.CloudHost; host != "" {
		opts = append(opts, fakecloud.WithListen(net.JoinHostPort(host, "0")))
	}
	if e.cfg.Recorded != nil {
		opts = append(opts, fakecloud.WithDeeds())
	}
	if e.opts.network {
		opts = append(opts, fakecloud.WithNetwork())
	}
	if e.cfg.Objects != nil {
		opts = append(opts, fakecloud.WithObjects(e.cfg.Objects()))
	}
	cloud, err := fakecloud.New(opts...)
	if err != nil {
		e.broken(fmt.Errorf("start the fake cloud: %w", err))
	}
	e.Cloud, e.Network = cloud, cloud.Network()
	if e.Device, err = cloud.Register("PRODUCT01", "camera-01", "secret-of-camera-01"); err != nil {
		e.broken(fmt.Errorf("register the device: %w", err))
	}
	cred := e.Device.Credentials()
	ctx, cancel := e.machine(e.cfg.Watchdog)
	defer cancel()
	if scale != nil {
		scale.Start = e.clock.Now()
	}
	e.session, err = e.cfg.Target.Open(ctx, target.Options{
		Env: cred.Env(), Config: cred.JSON(), Clock: e.clock, Watchdog: e.cfg.Watchdog,
		Guard: e.opts.guard, Scale: scale,
	})
	if err != nil {
		e.openFailed(err)
	}
	e.Lib = e.session
	if scale != nil {
		// The library's clock began to run a little later than this one.
		skew, err := e.session.Skew()
		if err != nil {
			e.died(err)
		}
		e.clock.Step(skew)
	}
	if e.cfg.Mode == Virtual {
		if err := e.session.Freeze(e.clock.Now()); err != nil {
			e.died(err)
		}
	}
	e.began = e.clock.Now()
}

// openFailed tells a library that dies while it is loaded from a harness that
// cannot run it.
func (e *Env) openFailed(err error) {
	var crashed *target.CrashedError
	var exited *target.ExitedError
	var hung *target.HungError
	if errors.As(err, &crashed) || errors.As(err, &exited) || errors.As(err, &hung) {
		panic(death{err: err, at: caller()})
	}
	e.broken(fmt.Errorf("open the library: %w", err))
}

// close ends the library and the cloud, and checks the invariants on what they left.
func (e *Env) close() {
	if e.session != nil {
		e.guard(e.endProcess)
		e.guard(e.afterEnd)
		e.guard(e.checkInvariants)
	}
	e.shut()
	e.auditCloud()
	if e.clock != nil {
		e.outcome.DomainMS = e.clock.Now().Sub(e.began).Milliseconds()
	}
}

// AfterEnd sets what is judged when the library's process has ended: all of its
// output is there by then.
func (e *Env) AfterEnd(judge func()) { e.afterEnd = judge }

// endProcess ends the library's process, and the scenario badly if that is how
// the process ends: it crashes in a destructor, hangs, or a checker that it runs
// under (--exec) has found something and says so with its exit code.
func (e *Env) endProcess() {
	exit := e.session.Close()
	var stray *target.StrayError
	var hung *target.HungError
	switch {
	case e.dead || exit.Err == nil || errors.As(exit.Err, &stray):
	case errors.As(exit.Err, &hung), e.session.Fatal() != nil:
		panic(death{err: exit.Err})
	default:
		panic(death{err: fmt.Errorf("when its process ended, after the scenario: %w", exit.Err)})
	}
}

// shut stops what is still running.
func (e *Env) shut() {
	if e.session != nil {
		e.session.Close()
	}
	e.guard(e.Replug) // the next scenario is in the same container
	if e.Cloud != nil {
		if err := e.Cloud.Close(); err != nil {
			e.outcome.Findings = append(e.outcome.Findings, verdict.Finding{Severity: verdict.Harness, Text: fmt.Sprintf("stop the fake cloud: %v", err)})
		}
	}
}

// death is the end of the library's process while it was wanted.
type death struct {
	err error
	at  string
}

// died ends the scenario because the library did: what err says, or what the
// session knows of it.
func (e *Env) died(err error) {
	if fatal := e.session.Fatal(); fatal != nil {
		err = fatal
	}
	var lacks *target.NotCapableError
	if errors.As(err, &lacks) {
		e.broken(err)
	}
	panic(death{err: err, at: caller()})
}

// checkAlive ends the scenario if the library is no more.
func (e *Env) checkAlive() {
	if err := e.session.Fatal(); err != nil {
		e.died(err)
	}
}

// find adds a finding. What a dead library or a missing function makes of an
// expectation is no finding of its own: the death, or the rule of the symbol, is.
func (e *Env) find(f verdict.Finding) {
	if e.session != nil {
		e.checkAlive()
		if missing := e.missingCall(); missing != nil && f.Severity != verdict.Blocked {
			f = verdict.Finding{Severity: verdict.Blocked, Text: "blocked by ABI-045: " + missing.Error(), At: f.At}
			e.outcome.Findings = append(e.outcome.Findings, f)
			panic(stop{})
		}
	}
	e.mark(f.Text)
	e.outcome.Findings = append(e.outcome.Findings, f)
}

// missingCall returns the first call of a function that is not exported.
func (e *Env) missingCall() *target.MissingError {
	for _, ev := range e.session.Trace() {
		var missing *target.MissingError
		if ev.Kind == target.CallReturned && ev.Return != nil && errors.As(ev.Return.Err, &missing) {
			return missing
		}
	}
	return nil
}

// breaks files a broken invariant under the rule that states it.
func (e *Env) breaks(rule, format string, args ...any) {
	for _, allowed := range e.opts.allow {
		if allowed == rule {
			return
		}
	}
	f := verdict.Finding{Severity: verdict.Plain, Text: fmt.Sprintf(format, args...)}
	if rule == e.Rule.ID {
		add(&e.outcome, f)
		return
	}
	for i := range e.others {
		if e.others[i].Rule == rule {
			add(&e.others[i], f)
			return
		}
	}
	e.others = append(e.others, verdict.Outcome{
		Rule:     rule,
		Scenario: strings.Join([]string{"invariant, seen in", e.Rule.ID + ":", e.outcome.Scenario}, " "),
		Findings: []verdict.Finding{f},
	})
}

// add files a finding of an invariant, once, and not more than a reader takes in:
// a library that breaks one may do so at every callback.
func add(o *verdict.Outcome, f verdict.Finding) {
	told := 0
	for _, other := range o.Findings {
		if other.Severity == f.Severity && other.At == "" {
			told++
		}
	}
	if told < mostFindings && !slices.Contains(o.Findings, f) {
		o.Findings = append(o.Findings, f)
	}
}

// Go makes a call on a thread of the library's process and does not wait for it.
func (e *Env) Go(thread int, c target.Call) *target.Pending { return e.Lib.Go(thread, c) }

// Finish waits until a pending call has returned, while domain time passes for
// at most within; it reports whether the call came back.
func (e *Env) Finish(p *target.Pending, within time.Duration) (target.Return, bool) {
	back := e.Await(within, func() bool { return e.returned(p, patience) })
	if !back && !e.returned(p, lastPatience) {
		return target.Return{}, false
	}
	r, err := p.Wait(e.cfg.Watchdog)
	if err != nil {
		e.died(err)
	}
	return r, true
}

// Virtual time runs ahead of the machine, and a call on another thread needs the
// machine's time too, to be scheduled and to get through a socket. So a call has
// patience of machine time before each step, and lastPatience at its bound.
const (
	patience     = 5 * time.Millisecond
	lastPatience = 2 * time.Second
)

// returned reports whether the call has come back; in virtual time it looks for
// as long as d of machine time.
func (e *Env) returned(p *target.Pending, d time.Duration) bool {
	if e.cfg.Mode == Virtual {
		ctx, cancel := e.machine(d)
		defer cancel()
		select {
		case <-p.Done():
		case <-ctx.Done():
		}
	}
	return isDone(p.Done())
}

// Stat looks at the threads, descriptors and memory of the library's process.
func (e *Env) Stat() target.Stat {
	st, err := e.Lib.Stat()
	if err != nil {
		e.died(err)
	}
	return st
}

// context bounds a wait in machine time by the watchdog.
func (e *Env) context() (context.Context, context.CancelFunc) { return e.machine(e.cfg.Watchdog) }
