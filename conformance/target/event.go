package target

import (
	"fmt"
	"time"
)

// Kind is what an Event tells.
type Kind uint8

// The kinds of events.
const (
	CallBegun Kind = iota + 1
	CallReturned
	CallbackEntered
	CallbackLeft
	Stdout // a line on the library's stdout, where nothing is expected
	Stderr // a line on its stderr
	Died   // the library can no longer be asked anything; Err says why
)

// Event is one thing that happened. Events are never changed once they are in
// the trace.
type Event struct {
	Seq    int           // place in the trace, from 0
	Mono   time.Duration // CLOCK_MONOTONIC of the machine, also under a scaled clock
	Domain time.Time     // Options.Clock when the event was received
	Kind   Kind

	// ID pairs begun with returned and entered with left.
	ID uint32
	// Thread is the session's thread (0 to 7), or -1 for one of the library's own.
	Thread int
	TID    int // kernel thread, for AMB-86
	// Inside is the ID of the callback inside which a call was made, or of the
	// call inside which a callback came; 0: neither.
	Inside uint32

	Call     *Call     // CallBegun, CallReturned
	Return   *Return   // CallReturned
	Callback Callback  // CallbackEntered, CallbackLeft
	Args     *Args     // CallbackEntered, CallbackLeft (those of the entry)
	Answered *Answered // CallbackLeft
	Text     string    // Stdout, Stderr
	Err      error     // Died
}

// Entered counts how often a callback has been entered.
func Entered(events []Event, cb Callback) int {
	return count(events, CallbackEntered, cb)
}

// Left counts how often a callback has returned.
func Left(events []Event, cb Callback) int {
	return count(events, CallbackLeft, cb)
}

func count(events []Event, k Kind, cb Callback) int {
	n := 0
	for i := range events {
		if events[i].Kind == k && events[i].Callback == cb {
			n++
		}
	}
	return n
}

// String is one line for people: what happened, and to what.
func (e Event) String() string {
	switch e.Kind {
	case CallBegun:
		return fmt.Sprintf("%s begun on thread %d", e.Call.Func, e.Thread)
	case CallReturned:
		return fmt.Sprintf("%s returned %s after %v", e.Call.Func, e.Return.Code, e.Return.Took())
	case CallbackEntered:
		return fmt.Sprintf("%s entered%s", e.Callback, e.Args.text(e.Callback))
	case CallbackLeft:
		return fmt.Sprintf("%s left with %d", e.Callback, e.Answered.Return)
	case Stdout:
		return fmt.Sprintf("stdout: %s", e.Text)
	case Stderr:
		return fmt.Sprintf("stderr: %s", e.Text)
	case Died:
		return fmt.Sprintf("died: %v", e.Err)
	}
	return fmt.Sprintf("event of kind %d", e.Kind)
}

// GomegaString is how a finding of the suite shows the event.
func (e Event) GomegaString() string { return e.String() }

func (a *Args) text(cb Callback) string {
	switch {
	case a == nil:
	case cb == CBCapture:
		return fmt.Sprintf(" for event %d", a.EventID)
	case cb == CBPicture:
		return fmt.Sprintf(" for picture %d with %s", a.Picture, Code(a.ErrCode))
	case cb == CBReport && a.Result != nil:
		return fmt.Sprintf(" for event %d with result_code %d", a.Result.EventID, a.Result.ResultCode)
	case cb == CBNotify:
		return fmt.Sprintf(" with message %d", a.Message)
	}
	return ""
}
