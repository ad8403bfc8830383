package target

import (
	"fmt"
	"testing"
)

func TestSlotsSayWhichCallbacksAreRegistered(t *testing.T) {
	table := []struct {
		name  string
		slots Slots
		want  string
	}{
		{"the zero value registers the six that have to be", 0, "[true true false true true true true]"},
		{"all", AllSlots, "[true true true true true true true]"},
		{"none", NoSlots, "[false false false false false false false]"},
		{"the six without one", Slots(0).Without(CBNotify), "[true true false true true true false]"},
		{"without any of the six", DefaultSlots.Without(Callbacks()...), "[false false false false false false false]"},
		{"some", SlotsOf(CBStart, CBAIService), "[true false true false false false false]"},
		{"an empty set", SlotsOf(), "[false false false false false false false]"},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			var got []bool
			for _, cb := range Callbacks() {
				got = append(got, c.slots.Has(cb))
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
			e := encoder{}
			e.initParm(&InitParm{Slots: c.slots})
			d := decoder{b: e.b[2:]}
			mask := d.u32()
			for i, has := range got {
				if has != (mask&(1<<i) != 0) {
					t.Errorf("on the wire: %07b", mask)
				}
			}
		})
	}
}

func TestWordsForPeople(t *testing.T) {
	table := []struct{ got, want any }{
		{ErrApplyNoService, "IV_ERR_CS_APPLY_NO_SERVICE (-607)"},
		{Code(-5), "-5"},
		{NoReturn, "no return"},
		{ErrNone.Known(), true},
		{Code(1).Known(), false},
		{NoReturn.Known(), false},
		{FnPush, "iv_cs_push_stream"},
		{Function(99), "function 99"},
		{CBNotify, "iv_cs_notify_cb"},
		{Callback(99), "callback 99"},
		{len(Functions()), 12},
		{len(Hooks()), 4},
		{Event{Kind: CallbackEntered, Callback: CBCapture, Args: &Args{EventID: 3}}, "iv_cs_event_capture_picture_cb entered for event 3"},
		{Event{Kind: CallbackEntered, Callback: CBNotify, Args: &Args{Message: 2}}, "iv_cs_notify_cb entered with message 2"},
		{Event{Kind: CallbackEntered, Callback: CBPicture, Args: &Args{Picture: 1, ErrCode: -613}}, "iv_cs_event_picture_result_cb entered for picture 1 with IV_ERR_CS_HTTP_DATA_FAIL (-613)"},
		{Event{Kind: CallbackEntered, Callback: CBReport, Args: &Args{Result: &EventResult{EventID: 4, ResultCode: 1}}}, "iv_cs_event_report_result_cb entered for event 4 with result_code 1"},
		{Event{Kind: CallbackLeft, Callback: CBStop, Answered: &Answered{Return: -1}}, "iv_cs_push_stream_stop_cb left with -1"},
		{Event{Kind: CallBegun, Thread: 2, Call: &Call{Func: FnExit}}, "iv_cs_exit begun on thread 2"},
		{Event{Kind: Died, Err: &ClosedError{}}, "died: the session is closed"},
		{Event{Kind: Stdout, Text: "hello"}, "stdout: hello"},
		{Event{Kind: Stderr, Text: "hello"}, "stderr: hello"},
		{Event{}, "event of kind 0"},
		{&MissingError{Func: FnClockStep}, "the library does not export the hook ivcs_conform_clock_step"},
	}
	for _, c := range table {
		if fmt.Sprint(c.got) != fmt.Sprint(c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}
