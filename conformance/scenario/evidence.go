package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
	"github.com/ivcs/conform/fakecloud"
)

func beNil() types.GomegaMatcher  { return gomega.BeNil() }
func beTrue() types.GomegaMatcher { return gomega.BeTrue() }

// Callbacks returns the entries of one callback so far, in order.
func (e *Env) Callbacks(cb target.Callback) []target.Event { return e.session.Callbacks(cb) }

// Count is how often a callback has been entered.
func (e *Env) Count(cb target.Callback) int { return len(e.session.Callbacks(cb)) }

// Notices returns the entries of iv_cs_notify_cb with this message.
func (e *Env) Notices(message int32) []target.Event {
	var out []target.Event
	for _, ev := range e.Callbacks(target.CBNotify) {
		if ev.Args.Message == message {
			out = append(out, ev)
		}
	}
	return out
}

// Slice is one reported slice and when it was reported.
type Slice struct {
	target.Slice
	At time.Time
}

// OK reports whether the library calls the segment uploaded.
func (s Slice) OK() bool { return s.State == target.UploadOK }

// Slices returns every slice reported so far, in order.
func (e *Env) Slices() []Slice {
	var out []Slice
	for _, ev := range e.Notices(target.MsgUploadState) {
		for _, s := range ev.Args.Slices {
			out = append(out, Slice{Slice: s, At: ev.Domain})
		}
	}
	return out
}

// Output returns the lines that the library has written to stdout so far.
func (e *Env) Output() []string {
	var out []string
	for _, ev := range e.session.Trace() {
		if ev.Kind == target.Stdout {
			out = append(out, ev.Text)
		}
	}
	return out
}

// Results returns what report_result_cb has told so far, in order.
func (e *Env) Results() []target.EventResult {
	var out []target.EventResult
	for _, ev := range e.Callbacks(target.CBReport) {
		if ev.Args.Result != nil {
			out = append(out, *ev.Args.Result)
		}
	}
	return out
}

// Stored is one segment in the store and what tscheck says of it.
type Stored struct {
	fakecloud.Segment
	TS *tscheck.Report
}

// Name is how findings name a segment.
func (s *Stored) Name() string {
	return fmt.Sprintf("segment %s…%s (frames %d–%d)", s.Start.Format("15:04:05.000"), s.End.Format("15:04:05.000"), s.FirstSeq, s.LastSeq)
}

// Stored returns every stored segment in the order of storing. Each is parsed once.
func (e *Env) Stored() []*Stored {
	var out []*Stored
	for _, seg := range e.Device.Segments() {
		s, ok := e.checked[seg.UploadID]
		if !ok {
			s = &Stored{Segment: seg, TS: tscheck.Check(seg.Body)}
			e.checked[seg.UploadID] = s
		}
		out = append(out, s)
	}
	return out
}

// SliceFor returns the OK slice with the same video range as the stored
// segment; nil if there is none.
func (e *Env) SliceFor(s *Stored) *Slice {
	for _, sl := range e.Slices() {
		if sl.OK() && sl.SeqA == s.FirstSeq && sl.SeqB == s.LastSeq && sl.PTSA == s.FirstPTS {
			return &sl
		}
	}
	return nil
}

// unaccounted counts the accepted video frames that no slice has reported yet.
func (e *Env) unaccounted() int {
	n, told := 0, e.Slices()
	for _, c := range e.cameras {
		n += len(c.unreported(told))
	}
	return n
}
