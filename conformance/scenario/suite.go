package scenario

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// Mode is how domain time passes in a run.
type Mode string

const (
	Virtual Mode = "virtual" // moves only when told: the target has the clock hooks
	Scaled  Mode = "scaled"  // libfaketime around the shim, the cloud at the same rate
	Real    Mode = "real"
)

// Config is what a run hands to its scenarios.
type Config struct {
	Target    target.Target
	Mode      Mode
	Rate      float64 // domain seconds per machine second in the scaled mode
	Catalogue *rules.Catalogue
	// Selected reports whether a rule is wanted; nil wants all.
	Selected func(id string) bool
	// Missing names why the target lacks a capability; "" when it has it.
	Missing func(rules.Capability) string
	// Refused names why the library was seen to refuse a medium that nobody has
	// declared away; "" when it was not. Nil: nothing was. Rules that need the medium are then not
	// judged, but for the one that states its support (RULED-22).
	Refused func(rules.Capability) string
	// Done receives the outcome of each scenario as soon as it has ended.
	Done func(verdict.Outcome)
	// Claim, if set, is asked before each scenario whether this process is to
	// run it: several processes share one run.
	Claim func(rule, title string) bool
	// Watchdog bounds each library call in machine time; 0 means 30 s.
	Watchdog time.Duration
	// Include is the folder of the vendor's headers, CC the compiler command for
	// the library's machine; "" is $CC, else cc (ABI-055).
	Include, CC string
	// Artifacts is the folder in which red scenarios leave what they stored and
	// saw; "" leaves nothing.
	Artifacts string
	// Recorded, if set, receives each scenario when it has ended, as often as it
	// is carried out.
	Recorded func(Recording)
	// Cloud are options for each scenario's cloud, beside those of the run.
	Cloud []fakecloud.Option
	// Plug is the network of a target that has a machine of its own; nil without.
	Plug Plug
	// Objects, if set, is asked once a scenario for the store of its objects; see
	// fakecloud.WithObjects.
	Objects func() http.Handler
}

// Suite collects the chapters' rules as Ginkgo nodes.
type Suite struct {
	cfg   Config
	rules map[string]bool
	// Declared lists what each rule declared, in order; the catalogue check reads it.
	Declared []Declared
}

// Declared is one scenario as a chapter declared it.
type Declared struct{ Rule, Title string }

// NewSuite makes a suite for one run. Its rules are declared by the chapters of
// package specs before ginkgo.RunSpecs.
func NewSuite(cfg Config) *Suite {
	if cfg.Watchdog == 0 {
		cfg.Watchdog = 30 * time.Second
	}
	if cfg.Rate == 0 {
		cfg.Rate = 1
	}
	if cfg.Done == nil {
		cfg.Done = func(verdict.Outcome) {}
	}
	return &Suite{cfg: cfg, rules: make(map[string]bool)}
}

// Rule declares the scenarios of the rule id, once, in the file of its chapter.
// An id that the catalogue does not know, or one declared twice, is a mistake
// in the suite and panics before anything runs.
func (s *Suite) Rule(id string, declare func(*Rule)) {
	rule, ok := s.cfg.Catalogue.Rule(id)
	switch {
	case !ok:
		panic(fmt.Sprintf("spec cites rule %s, which conformance/rules does not have", id))
	case s.rules[id]:
		panic(fmt.Sprintf("rule %s has its scenarios in two places: join them", id))
	}
	s.rules[id] = true
	r := &Rule{suite: s, rule: rule}
	if s.cfg.Selected != nil && !s.cfg.Selected(id) {
		r.listing = true
		declare(r)
		return
	}
	ginkgo.Describe(rule.ID, ginkgo.Label(rule.ID), func() { declare(r) })
}

// Virtual reports whether time moves only when told.
func (s *Suite) Virtual() bool { return s.cfg.Mode == Virtual }

// Has reports whether a spec cites the rule.
func (s *Suite) Has(id string) bool { return s.rules[id] }

// Rule is a rule of the catalogue while its scenarios are declared.
type Rule struct {
	suite   *Suite
	rule    rules.Rule
	listing bool // not selected: scenarios are only counted
}

// Option changes how a scenario runs.
type Option func(*options)

type options struct {
	deathIsSoft bool
	needs       []rules.Capability
	network     bool
	allow       []string
	guard       bool
	heapLimit   uint64
	unhurried   bool
	timed       bool
}

// DeathIsSoft turns a crash, a hang or an exit of the library into a warning:
// for a caller's fault on which the specification is silent (AMB-38, AMB-68).
func DeathIsSoft() Option { return func(o *options) { o.deathIsSoft = true } }

// Needs adds capabilities to those that the rule itself needs.
func Needs(caps ...rules.Capability) Option {
	return func(o *options) { o.needs = append(o.needs, caps...) }
}

// WithNetwork puts the network proxy between the library and the cloud, so that
// the scenario can break connections: Env.Network.
func WithNetwork() Option { return func(o *options) { o.network = true } }

// Guarded puts frame buffers at the edge of an unmapped page, so that reading
// past their end kills the library.
func Guarded() Option { return func(o *options) { o.guard = true } }

// AddressSpace limits the library's address space to n bytes (INIT-014).
func AddressSpace(n uint64) Option { return func(o *options) { o.heapLimit = n } }

// Unhurried lets scaled time run no faster than unhurriedRate: for a scenario in
// which the machine has to keep pace with a buffer that holds no more than what
// is being uploaded.
func Unhurried() Option { return func(o *options) { o.unhurried = true } }

const unhurriedRate = 2

// MachineTimed carries the scenario out again when it is red, up to thrice: it
// measures machine time, and on a busy machine any call may lie waiting for the
// processor. A library that waits does so each time.
func MachineTimed() Option { return func(o *options) { o.timed = true } }

const machineTimes = 3

// Breaks names invariants that the scenario's own caller breaks, so that they
// are not checked on its trace.
func Breaks(rules ...string) Option { return func(o *options) { o.allow = append(o.allow, rules...) } }

// Scenario declares one scenario of the rule. Its title reads as a sentence and
// is unique within the rule.
func (r *Rule) Scenario(title string, body func(*Env), opts ...Option) {
	s := r.suite
	d := Declared{Rule: r.rule.ID, Title: title}
	if slices.Contains(s.Declared, d) {
		panic(fmt.Sprintf("rule %s has two scenarios titled %q", r.rule.ID, title))
	}
	s.Declared = append(s.Declared, d)
	if r.listing {
		return
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	var labels ginkgo.Labels
	if slices.Contains(o.needs, rules.Isolation) {
		labels = ginkgo.Label("container")
	}
	ginkgo.It(title, labels, func() {
		ginkgo.GinkgoHelper()
		if s.cfg.Claim != nil && !s.cfg.Claim(r.rule.ID, title) {
			return
		}
		read := clock.Elapsed()
		outcomes := s.carryOut(r.rule, title, o, body)
		outcomes[0].RealMS = read().Milliseconds()
		// The scenario's own comes last: who waits for it then has all of them.
		for _, out := range append(outcomes[1:len(outcomes):len(outcomes)], outcomes[0]) {
			s.cfg.Done(out)
		}
		tellGinkgo(outcomes[0])
	})
}

// slowdown is how much slower a scenario is repeated that failed in scaled time,
// down to real time.
const slowdown = 5

// carryOut runs a scenario. In scaled time a machine that falls behind for
// 100 ms is two domain seconds late, and so may look like a slow library: what
// is red there is run once more at a lower rate, and that counts.
func (s *Suite) carryOut(rule rules.Rule, title string, o options, body func(*Env)) []verdict.Outcome {
	cfg := s.cfg
	if o.unhurried {
		cfg.Rate = min(cfg.Rate, unhurriedRate)
	}
	outcomes := newEnv(cfg, rule, title, o).run(body)
	for i := 1; o.timed && i < machineTimes && slices.ContainsFunc(outcomes, red); i++ {
		outcomes = newEnv(cfg, rule, title, o).run(body)
	}
	if cfg.Mode != Scaled || cfg.Rate <= 1 || !slices.ContainsFunc(outcomes, red) {
		return outcomes
	}
	slower := cfg
	slower.Rate = max(1, cfg.Rate/slowdown)
	again := newEnv(slower, rule, title, o).run(body)
	if !slices.ContainsFunc(again, red) {
		again[0].Records = append(again[0].Records, verdict.Record{
			Key: "red at a higher rate", Value: fmt.Sprintf("×%g, not at ×%g: the machine was late", cfg.Rate, slower.Rate),
		})
	}
	return again
}

func red(o verdict.Outcome) bool {
	return o.Status == verdict.Fail || o.Status == verdict.Warn || o.Status == verdict.Error || o.Status == verdict.NotJudged && !o.LeftOut()
}

// tellGinkgo lets `go test` show what the verdict says.
func tellGinkgo(o verdict.Outcome) {
	switch o.Status {
	case verdict.Fail, verdict.Error:
		ginkgo.Fail(o.Text(), 2)
	case verdict.NotJudged:
		ginkgo.Skip(o.Text(), 2)
	case verdict.Warn:
		ginkgo.AddReportEntry("warning", o.Text())
	}
}

// RunOnce carries out one scenario outside a suite, on behalf of the rule, and
// returns its outcome first and those of broken invariants behind it.
func RunOnce(cfg Config, rule rules.Rule, title string, body func(*Env), opts ...Option) []verdict.Outcome {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	return newEnv(NewSuite(cfg).cfg, rule, title, o).run(body)
}
