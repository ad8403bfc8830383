package verdict

import "fmt"

// MomentKind is which part of the scenario a moment belongs to.
type MomentKind string

const (
	CallMoment     MomentKind = "call"     // a call of an iv_cs_* function
	CallbackMoment MomentKind = "callback" // the library called back
	RequestMoment  MomentKind = "request"  // the library asked the cloud
	OutputMoment   MomentKind = "output"   // a line on the library's stdout or stderr
	DeathMoment    MomentKind = "death"    // the library's process ended or hung
	FindingMoment  MomentKind = "finding"  // here the scenario noticed what is wrong
	GapMoment      MomentKind = "gap"      // Times moments are left out
)

// Moment is a line of a scenario's time line.
type Moment struct {
	// AtMS is domain time since the scenario began, UntilMS when the last of
	// Times equal ones ended, or this one, if that is later.
	AtMS    int64      `json:"at_ms"`
	UntilMS int64      `json:"until_ms,omitempty"`
	Kind    MomentKind `json:"kind"`
	// What happened, the details of it, and what it came to.
	What   string `json:"what,omitempty"`
	Detail string `json:"detail,omitempty"`
	Result string `json:"result,omitempty"`
	// Times counts equal moments in a row, when there are more than one.
	Times int `json:"times,omitempty"`
}

// Text is the moment without its time: "37 × iv_cs_push_stream(video) → IV_ERR_NONE (0)".
func (m Moment) Text() string {
	text := m.What
	if m.Times > 1 {
		text = fmt.Sprintf("%d × %s", m.Times, text)
	}
	if m.Detail != "" {
		text += " " + m.Detail
	}
	if m.Result != "" {
		text += " → " + m.Result
	}
	return text
}

// When is the moment's time, or span of time, in domain milliseconds.
func (m Moment) When() string {
	if m.UntilMS > m.AtMS {
		return fmt.Sprintf("%d…%d", m.AtMS, m.UntilMS)
	}
	return fmt.Sprint(m.AtMS)
}

// MomentKinds lists all kinds.
func MomentKinds() []MomentKind {
	return []MomentKind{CallMoment, CallbackMoment, RequestMoment, OutputMoment, DeathMoment, FindingMoment, GapMoment}
}
