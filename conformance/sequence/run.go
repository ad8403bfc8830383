package sequence

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// rule stands for the model in findings: it is no rule of the catalogue.
var rule = rules.Rule{ID: "MODEL", Level: rules.Must}

// callBound is the domain time in which any call has to be back: exit is the
// slowest, and two minutes are its bound (AMB-41).
const callBound = 3 * time.Minute

// Result is what a sequence came to.
type Result struct {
	Wrong  []string // what the library did wrong
	Broken []string // why the harness could not judge
}

// OK reports whether nothing was wrong.
func (r Result) OK() bool { return len(r.Wrong)+len(r.Broken) == 0 }

// Kind is the first thing that is wrong, without the step and the numbers in it:
// what a shorter sequence that goes wrong in the same way has in common.
func (r Result) Kind() string {
	first := strings.Join(append(slices.Clone(r.Broken), r.Wrong...), "\n")
	first, _, _ = strings.Cut(first, "\n")
	return particulars.ReplaceAllString(first, "")
}

var particulars = regexp.MustCompile(`step \d+, [^:]*: |-?\d+(\.\d+)?[a-z]*`)

// Run carries out a sequence on a fresh library.
func Run(cfg scenario.Config, ops []Op) Result {
	outcomes := scenario.RunOnce(cfg, rule, "a sequence", func(e *scenario.Env) {
		newRunner(e).run(ops)
	}, scenario.Breaks("UPL-015"))
	var r Result
	for _, o := range outcomes {
		for _, f := range o.Findings {
			text := fmt.Sprintf("%s: %s", o.Rule, strings.TrimSpace(f.Text))
			switch f.Severity {
			case verdict.Soft, verdict.Lacking:
			case verdict.Harness:
				r.Broken = append(r.Broken, text)
			default:
				r.Wrong = append(r.Wrong, text)
			}
		}
	}
	return r
}

type runner struct {
	e       *scenario.Env
	model   *Model
	cam     *scenario.Camera
	stops   int  // events that were surely stopped in this init
	faulty  bool // something is broken, or was in this init: what is stored is open
	results int  // report results before this init
}

func newRunner(e *scenario.Env) *runner {
	e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
	return &runner{e: e, model: NewModel()}
}

func (r *runner) run(ops []Op) {
	for i, op := range ops {
		r.step(i, op)
	}
	if r.model.initialised {
		r.step(len(ops), Op{Kind: Exit})
	}
}

// step carries out one operation and judges it.
func (r *runner) step(i int, op Op) {
	e, id := r.e, int32(op.N)
	switch op.Kind {
	case Init:
		r.init(i, op)
	case Exit:
		r.exit(i, op)
	case Plan:
		e.SetPlan(fakecloud.Plan{Switch: 1, Type: int(op.N)})
		r.model.onPlan(id)
	case Push, Burst:
		r.push(i, op)
	case Start:
		want := r.model.onStart(id)
		if code := r.call(i, op, want, target.EventStartCall(id)); code == target.ErrNone {
			r.model.started(id, false)
		}
	case StartExt:
		want := r.model.onStart(id)
		if code := r.call(i, op, want, target.EventStartExtCall(id, 0, 0)); code == target.ErrNone {
			r.model.started(id, true)
		}
	case Stop, StopExt:
		call := target.EventStopCall(id)
		if op.Kind == StopExt {
			call = target.EventStopExtCall(id, 0, 0)
		}
		if code := r.call(i, op, r.model.onStop(id, op.Kind == StopExt), call); code == target.ErrNone {
			r.model.stopped(id)
			r.stops++
		}
	case Report:
		want := Either
		if !legalID(id) {
			want = Decline
		}
		r.call(i, op, want, target.DirectlyReportCall(id, 0, fixtures.JPEG()))
	case Balance:
		r.balance(i, op)
	case SetAI:
		want := Either
		if r.model.initialised && legalID(id) {
			want = Accept
			r.model.ai[id] = target.AIFallDetect
		}
		r.call(i, op, want, target.SetAICall(id, target.AIFallDetect))
	case GetAI:
		r.getAI(i, op)
	case Wait:
		e.Advance(millis(op.N))
		r.learn(millis(op.N))
	case Correct:
		e.Step(millis(op.N))
	case Break:
		r.faulty = true
		e.Device.Faults().Set(classes[op.N], fakecloud.Fault{Status: 500})
	case Heal:
		e.Device.Faults().ClearAll()
	}
}

// learn: within StartWithin a library on a good network knows of its plan.
func (r *runner) learn(passed time.Duration) {
	if passed >= scenario.StartWithin && !r.faulty {
		r.model.known = true
	}
}

func (r *runner) init(i int, op Op) {
	p := r.e.Parm()
	p.EventReportOpt = int32(op.N)
	fresh := !r.model.initialised
	if fresh {
		r.stops, r.results = 0, len(r.e.Results())
		r.faulty = false
		r.e.Device.Faults().ClearAll()
	}
	r.call(i, op, r.model.onInit(), target.InitCall(p))
}

// exit: afterwards every stopped event has had its one result (AMB-77).
func (r *runner) exit(i int, op Op) {
	was := r.model.initialised
	r.call(i, op, r.model.onExit(), target.ExitCall())
	if told := len(r.e.Results()) - r.results; was && told < r.stops {
		r.e.Fail("step %d, %s: %d events were stopped, and report_result_cb came %d times by the return of iv_cs_exit", i+1, op, r.stops, told)
	}
	r.results = len(r.e.Results())
}

func (r *runner) push(i int, op Op) {
	if r.cam == nil {
		r.cam = r.e.Camera(fixtures.H264(), fixtures.AAC())
	}
	if r.model.wantsStream() && !r.faulty && !r.e.Await(scenario.StartWithin, r.streaming) {
		r.e.Fail("step %d, %s: no start_cb within %v although the stream is wanted", i+1, op, scenario.StartWithin)
		return
	}
	r.cam.ToKey()
	before := len(r.cam.Ledger)
	wanted, noService := r.model.wantsStream(), r.model.noService()
	if op.Kind == Burst {
		r.cam.Burst(millis(op.N))
	} else {
		r.cam.Run(millis(op.N))
		r.learn(millis(op.N))
	}
	if before == len(r.cam.Ledger) {
		return
	}
	first := r.cam.Ledger[before].Code
	switch {
	case wanted && !r.faulty && first != target.ErrNone && op.Kind == Push:
		r.e.Fail("step %d, %s: a key frame was refused with %v although the stream is wanted", i+1, op, first)
	case noService && first != target.ErrApplyNoService:
		r.e.Fail("step %d, %s: without a plan a push returned %v, expected %v (note 13)", i+1, op, first, target.ErrApplyNoService)
	}
}

// streaming reports whether start_cb was the last word.
func (r *runner) streaming() bool {
	return r.e.Count(target.CBStart) > r.e.Count(target.CBStop)
}

func (r *runner) balance(i int, op Op) {
	b, code := r.e.Lib.GetBalance(0)
	if r.model.initialised && r.model.known && !r.faulty && code == target.ErrNone && b.Type != r.model.plan {
		r.e.Fail("step %d, %s: cs_type %d, the plan at the cloud is %d", i+1, op, b.Type, r.model.plan)
	}
}

func (r *runner) getAI(i int, op Op) {
	id := int32(op.N)
	typ, code := r.e.Lib.GetAI(id)
	switch {
	case !r.model.initialised || !legalID(id):
	case code != target.ErrNone:
		r.e.Fail("step %d, %s: expected IV_ERR_NONE, got %v", i+1, op, code)
	case typ != r.model.ai[id] && r.model.ai[id] != 0:
		r.e.Fail("step %d, %s: ai_type %d, set was %d", i+1, op, typ, r.model.ai[id])
	}
}

// call makes a call on a thread of its own while domain time passes, and judges
// what it returns.
func (r *runner) call(i int, op Op, want Answer, c target.Call) target.Code {
	ret, back := r.e.Finish(r.e.Go(1, c), callBound)
	r.e.Require(back).To(gomega.BeTrue(), "step %d, %s: %v is back within %v", i+1, op, c.Func, callBound)
	if wrong := want.judge(ret.Code); wrong != "" {
		r.e.Fail("step %d, %s: %s", i+1, op, wrong)
	}
	return ret.Code
}
