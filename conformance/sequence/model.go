package sequence

import (
	"fmt"

	"github.com/ivcs/conform/conformance/target"
)

// Model is what the specification says of the module's state.
type Model struct {
	initialised bool
	plan        int32
	known       bool // the library has been given time to learn the plan
	events      map[int32]bool
	ext         map[int32]bool // the event was started by the _ext form
	doubtful    map[int32]bool // the plan ended while it ran: whether it still does is open (AMB-88)
	ai          map[int32]int32
}

// NewModel is the state before the first call.
func NewModel() *Model {
	return &Model{events: map[int32]bool{}, ext: map[int32]bool{}, doubtful: map[int32]bool{}, ai: map[int32]int32{}}
}

// Answer is what a call may return.
type Answer int

const (
	Either  Answer = iota // the text leaves it open
	Accept                // IV_ERR_NONE
	Decline               // any error
)

// judge says what is wrong with a code; "" if nothing is.
func (a Answer) judge(code target.Code) string {
	switch {
	case a == Accept && code != target.ErrNone:
		return fmt.Sprintf("expected IV_ERR_NONE, got %v", code)
	case a == Decline && code == target.ErrNone:
		return "expected an error IV_ERR_*, got IV_ERR_NONE"
	}
	return ""
}

func legalID(id int32) bool { return id >= 1 && id <= 16 }

// onInit: a first init succeeds (INIT-001); what a second one returns is open
// (AMB-39), and it changes nothing.
func (m *Model) onInit() Answer {
	if m.initialised {
		return Either
	}
	m.initialised, m.known = true, false
	return Accept
}

// onExit: EXIT-001, AMB-39.
func (m *Model) onExit() Answer {
	if !m.initialised {
		return Either
	}
	plan := m.plan
	*m = *NewModel()
	m.plan = plan
	return Accept
}

// onPlan: a plan's end or change leaves running events in doubt (AMB-88).
func (m *Model) onPlan(plan int32) {
	if plan != m.plan {
		for id := range m.events {
			m.doubtful[id] = true
		}
	}
	m.plan, m.known = plan, false
}

// onStart: ids 1 to 16 (EVT-001), not twice at a time (PAR-002), under an event
// plan (EVT-014). What other plans make of it is open (AMB-29, AMB-31).
func (m *Model) onStart(id int32) Answer {
	switch {
	case !legalID(id):
		return Decline
	case !m.initialised || m.plan != target.PlanEvent || !m.known || m.events[id]:
		return Either
	}
	return Accept
}

// started takes down that an event has begun.
func (m *Model) started(id int32, ext bool) {
	if m.initialised && legalID(id) && !m.events[id] {
		m.events[id], m.ext[id] = true, ext
	}
}

// onStop: a running event can be stopped (EVT-010, EXT-015) by the form that it
// was started with; by the other one it may be (AMB-28). An event that does not
// run cannot (EVT-011).
func (m *Model) onStop(id int32, ext bool) Answer {
	switch {
	case !legalID(id):
		return Decline
	case m.doubtful[id]:
		return Either
	case m.events[id] && m.ext[id] == ext:
		return Accept
	case m.events[id]:
		return Either
	}
	return Decline
}

// stopped takes down that an event has ended.
func (m *Model) stopped(id int32) {
	delete(m.events, id)
	delete(m.ext, id)
	delete(m.doubtful, id)
}

// wantsStream reports whether the stream is surely wanted: nothing is refused
// then but for the buffer's or the frame's sake.
func (m *Model) wantsStream() bool {
	return m.initialised && m.known && (m.plan == target.PlanFullTime || m.plan == target.PlanEvent && len(m.events) > 0)
}

// noService reports whether there is surely no plan: a push says so (note 13).
func (m *Model) noService() bool { return m.initialised && m.known && m.plan == target.PlanNone }
