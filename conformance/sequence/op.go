package sequence

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// Op is one step of a sequence.
type Op struct {
	Kind Kind
	N    int64 // its number: an event id, milliseconds, a plan's type, frames
}

// Kind is what a step does.
type Kind string

// The kinds of steps, with what their number means.
const (
	Init     Kind = "init"      // report option
	Exit     Kind = "exit"      //
	Plan     Kind = "plan"      // type, 0 to 2
	Push     Kind = "push"      // milliseconds of video with sound, paced
	Burst    Kind = "burst"     // milliseconds at once
	Start    Kind = "start"     // event id
	Stop     Kind = "stop"      // event id
	StartExt Kind = "start_ext" // event id, times (0, 0)
	StopExt  Kind = "stop_ext"  // event id, times (0, 0)
	Report   Kind = "report"    // event id, with a picture
	Balance  Kind = "balance"   //
	SetAI    Kind = "set_ai"    // event id
	GetAI    Kind = "get_ai"    // event id
	Wait     Kind = "wait"      // milliseconds
	Correct  Kind = "correct"   // milliseconds that the wall clock is corrected by
	Break    Kind = "break"     // index into classes: that class of requests fails
	Heal     Kind = "heal"      //
)

// classes are what Break can break.
var classes = []fakecloud.Class{
	fakecloud.ClassSegmentPUT, fakecloud.ClassPicturePUT, fakecloud.ClassEvent, fakecloud.ClassGrantSegment, fakecloud.ClassPlan,
}

// numbers are what the steps of a kind draw from; those that come first are
// simpler, and a shrunk sequence prefers them.
var numbers = map[Kind][]int64{
	Init: {int64(target.ReportTS), int64(target.ReportPic), int64(target.ReportTSOrPic)},
	Plan: {int64(target.PlanEvent), int64(target.PlanFullTime), int64(target.PlanNone)},
	Push: {500, 3000, 12_000}, Burst: {2000, 8000},
	Start: {1, 2, 16, 0, 17}, Stop: {1, 2, 16, 0, 17}, StartExt: {1, 2, 16}, StopExt: {1, 2, 16}, Report: {3, 1, 17},
	SetAI: {1, 17}, GetAI: {1, 17},
	Wait: {1000, 0, 100, 15_000, 130_000}, Correct: {-30_000, 30_000, -3_600_000},
	Break: {0, 1, 2, 3, 4},
}

// weights say how often each kind is drawn.
var weights = []struct {
	kind  Kind
	times int
}{
	{Push, 6}, {Start, 4}, {Stop, 4}, {Wait, 4}, {Plan, 3}, {Init, 3}, {Exit, 2}, {StartExt, 2}, {StopExt, 2}, {Balance, 1},
	{Report, 1}, {SetAI, 1}, {GetAI, 1}, {Burst, 1}, {Correct, 1}, {Break, 2}, {Heal, 2},
}

// Ops generates sequences: an init first, as a rule, then up to 20 steps.
func Ops() *rapid.Generator[[]Op] {
	var kinds []Kind
	for _, w := range weights {
		for range w.times {
			kinds = append(kinds, w.kind)
		}
	}
	step := rapid.Custom(func(t *rapid.T) Op {
		op := Op{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		if of := numbers[op.Kind]; len(of) > 0 {
			op.N = rapid.SampledFrom(of).Draw(t, "number")
		}
		return op
	})
	return rapid.Custom(func(t *rapid.T) []Op {
		ops := rapid.SliceOfN(step, 1, 20).Draw(t, "steps")
		if rapid.IntRange(0, 9).Draw(t, "init first") < 9 {
			ops = append([]Op{{Kind: Init}}, ops...)
		}
		return ops
	})
}

// String is the step as a line: "start 1".
func (o Op) String() string {
	if len(numbers[o.Kind]) == 0 {
		return string(o.Kind)
	}
	return fmt.Sprintf("%s %d", o.Kind, o.N)
}

// Text is the sequence, one step a line, with what it does behind it.
func Text(ops []Op) string {
	var b strings.Builder
	for _, op := range ops {
		fmt.Fprintf(&b, "%-16s # %s\n", op, op.does())
	}
	return b.String()
}

// does says the step in the words of the interface.
func (o Op) does() string {
	switch o.Kind {
	case Init:
		return fmt.Sprintf("iv_cs_init, event_report_opt %d", o.N)
	case Exit:
		return "iv_cs_exit"
	case Plan:
		return "the cloud changes the plan: " + map[int64]string{0: "none", 1: "full time", 2: "events"}[o.N]
	case Push:
		return fmt.Sprintf("%v of video with sound, at their pace", millis(o.N))
	case Burst:
		return fmt.Sprintf("%v of video with sound, at once", millis(o.N))
	case Start:
		return fmt.Sprintf("iv_cs_event_start(%d)", o.N)
	case Stop:
		return fmt.Sprintf("iv_cs_event_stop(%d)", o.N)
	case StartExt:
		return fmt.Sprintf("iv_cs_event_start_ext(%d, 0, 0)", o.N)
	case StopExt:
		return fmt.Sprintf("iv_cs_event_stop_ext(%d, 0, 0)", o.N)
	case Report:
		return fmt.Sprintf("iv_cs_event_directly_report(%d, 0, a picture)", o.N)
	case Balance:
		return "iv_cs_get_balance_info, time-out 0"
	case SetAI:
		return fmt.Sprintf("iv_cs_set_ai_process(%d, fall detection)", o.N)
	case GetAI:
		return fmt.Sprintf("iv_cs_get_ai_process(%d)", o.N)
	case Wait:
		return fmt.Sprintf("%v pass", millis(o.N))
	case Correct:
		return fmt.Sprintf("the wall clock is corrected by %v", millis(o.N))
	case Break:
		return fmt.Sprintf("the cloud answers 500 to every %s", classes[o.N])
	default: // Heal
		return "the cloud is well again"
	}
}

// Parse reads what Text has written. Empty lines and what stands behind a # are
// passed over.
func Parse(text string) ([]Op, error) {
	var ops []Op
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		op := Op{Kind: Kind(fields[0])}
		known := op.Kind == Exit || op.Kind == Balance || op.Kind == Heal || len(numbers[op.Kind]) > 0
		if !known {
			return nil, fmt.Errorf("line %d: %q is no step; the steps are those that conform fuzz prints", i+1, fields[0])
		}
		if len(numbers[op.Kind]) > 0 {
			if len(fields) != 2 {
				return nil, fmt.Errorf("line %d: %s needs one number", i+1, op.Kind)
			}
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil || op.Kind == Break && (n < 0 || n >= int64(len(classes))) {
				return nil, fmt.Errorf("line %d: %s %s: not a number that this step takes", i+1, op.Kind, fields[1])
			}
			op.N = n
		} else if len(fields) > 1 {
			return nil, fmt.Errorf("line %d: %s takes no number", i+1, op.Kind)
		}
		ops = append(ops, op)
	}
	return ops, nil
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
