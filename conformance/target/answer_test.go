package target

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

func TestWhatTheCaptureCallbackOffers(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	if code := s.Init(sentinel()); code != 0 {
		t.Fatal(code)
	}
	table := []struct {
		name    string
		answer  Answer
		want    Code // size << 8 | first byte, or size when *pic is NULL, or what the callback returned
		picture int
	}{
		{"nothing", Answer{}, 0, 0},
		{"a picture", Answer{Picture: []byte{0xAB, 1, 2}}, 3<<8 | 0xAB, 1},
		{"the same picture in other pages", Answer{Picture: []byte{0xAB, 1, 2}}, 3<<8 | 0xAB, 2},
		{"NULL with a size", Answer{PictureRaw: &PictureRaw{Null: true, Size: 100}}, 100, 0},
		{"an address with size 0", Answer{PictureRaw: &PictureRaw{}}, 0xFF, 3},
		{"an address with a negative size", Answer{PictureRaw: &PictureRaw{Size: -1}}, -1<<8 | 0xFF, 4},
		{"outputs left as they were, with an error", Answer{Return: -1, PictureRaw: &PictureRaw{Untouched: true}}, -1, 0},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			s.Answer(CBCapture, c.answer)
			if code := s.EventStart(3); code != c.want {
				t.Errorf("the library saw %#x, want %#x", int32(code), int32(c.want))
			}
			trace := s.Trace()
			if left := trace[len(trace)-2].Answered; left.Picture != c.picture || (left.PictureAddr != 0) != (c.picture != 0) {
				t.Errorf("answered: %+v", left)
			}
		})
	}
}

func TestAPictureIsKnownByItsAddress(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	s.Init(sentinel())
	s.Answer(CBCapture, Answer{Picture: []byte("one")}, Answer{Picture: []byte("two")})
	for _, fire := range []int32{3, 3, 4, 4} {
		s.EventStart(fire)
	}
	var got []string
	for _, e := range s.Trace() {
		if e.Kind == CallbackEntered && e.Callback == CBPicture {
			got = append(got, fmt.Sprintf("%d %v %v %d", e.Args.Picture, e.Args.Released, e.Args.SameCell, e.Args.ErrCode))
		}
	}
	// honest.c hands the last one back twice, in the cell it was put into.
	if want := []string{"2 false true -608", "2 true true -608"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnAnswerTakesItsTimeAndMakesCalls(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	s.Init(sentinel())
	const delay = 60 * time.Millisecond
	s.Answer(CBStart, Answer{Return: -7, Delay: delay, Calls: []Call{
		SetAICall(5, 1), GetAICall(5), EventStartCall(1), PushVideoCall(VencPack{Data: []byte("video"), PTS: 0x1122334455667788, FrameType: 1, Seq: 0xFFFFFFF0}),
	}})
	r := s.Call(EventStartCall(0))
	if r.Code != -7 || r.Took() < delay {
		t.Errorf("got %v after %v", r.Code, r.Took())
	}
	var got []string
	var callback uint32
	for _, e := range s.Trace()[2:] {
		switch {
		case e.Kind == CallbackEntered && e.Callback == CBStart:
			callback = e.ID
		case e.Kind == CallReturned:
			got = append(got, fmt.Sprintf("%s %d inside %v", e.Call.Func, e.Return.Code, e.Inside == callback))
		}
	}
	want := "iv_cs_set_ai_process 0 inside true; iv_cs_get_ai_process 0 inside true; iv_cs_event_start 0 inside true; iv_cs_push_stream 0 inside true; iv_cs_event_start -7 inside false"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
}

func TestACallFromAnotherThreadWhileACallbackRuns(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	s.Init(sentinel())
	s.Answer(CBStart, Answer{Delay: 200 * time.Millisecond})
	blocked := s.Go(3, EventStartCall(0))
	wait(t, s, "start_cb", func(ev []Event) bool { return Entered(ev, CBStart) == 1 })
	if code := s.SetTransTime(3000, 5000); code != 0 {
		t.Error(code)
	}
	if _, err := blocked.Wait(time.Millisecond); err == nil || err.Error() != "iv_cs_event_start on thread 3 has not returned after 1ms of machine time" {
		t.Errorf("the blocked call: %v", err)
	}
	if r, err := blocked.Wait(10 * time.Second); err != nil || r.Code != 0 {
		t.Errorf("got %v, %v", r.Code, err)
	}
}

func TestDataThatChangesUnderACallbackIsSeen(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	s.Init(sentinel())
	s.Answer(CBReport, Answer{Calls: []Call{EventStopCall(77)}}, Answer{})
	s.EventStart(5)
	s.EventStart(5)
	var got []bool
	for _, e := range s.Trace() {
		if e.Kind == CallbackLeft {
			got = append(got, e.Answered.Changed)
		}
	}
	if fmt.Sprint(got) != "[true false]" {
		t.Errorf("changed: %v", got)
	}
}

func TestHooksAreNotForCallbacks(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	s.Answer(CBStart, Answer{Calls: []Call{{Func: FnClockAdvance}}})
	matches(t, s.Fatal(), "answer of iv_cs_push_stream_start_cb: ivcs_conform_clock_advance may not be called from inside a callback (cloud binding, hooks)")
}

func TestAModifiedStructIsReported(t *testing.T) {
	s := open(t, load(t, wrong(t, "INIT=p->opt = 5; return 0")), Options{})
	if r := s.Call(InitCall(InitParm{})); !r.Modified || r.ModifiedAt != 96 {
		t.Errorf("got %+v, want a change at event_report_opt, offset 96", r)
	}
}

func TestWhatTheCallerGaveIsOverwritten(t *testing.T) {
	s := open(t, load(t, wrong(t, "PUSH=if (kept_len++ == 0) { kept = pack; return 0; } return *(uint64_t *)kept == 0xA5A5A5A5A5A5A5A5u")), Options{})
	s.PushVideo(VencPack{Data: []byte("x")})
	// The second pack may lie where the first one was, then it is no longer 0xA5;
	// a NULL pack leaves the memory alone, which the allocator may have used for
	// its own lists in the first 16 bytes.
	if code := s.PushRaw(StreamVideo, RawPack{Null: true}); code != 0 && code != 1 {
		t.Error(code)
	}
}

func TestNothingHappensIsAnError(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	s.SetTransTime(1, 1)
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err := s.Wait(ctx, "a second start_cb", func(ev []Event) bool { return Entered(ev, CBStart) == 2 })
	matches(t, err, "waited in vain for a second start_cb (last event: iv_cs_set_trans_time returned -1 after …): context deadline exceeded")
}

func TestStderrIsCopied(t *testing.T) {
	var copied bytes.Buffer
	s := open(t, load(t, wrong(t, `INIT=fputs("one\ntwo\n", stderr); return 0`)), Options{Stderr: &copied})
	s.Init(InitParm{})
	s.Close()
	if copied.String() != "one\ntwo\n" {
		t.Errorf("got %q", copied.String())
	}
}

func TestEventsCarryTheDomainTime(t *testing.T) {
	var c clock.Clock
	noon := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	c.Freeze(noon)
	s := open(t, load(t, build(t, "honest.c")), Options{Clock: &c})
	s.SetTransTime(3000, 5000)
	c.Advance(10 * time.Second)
	s.SetTransTime(3000, 5000)
	trace := s.Trace()
	if !trace[0].Domain.Equal(noon) || !trace[2].Domain.Equal(noon.Add(10*time.Second)) {
		t.Errorf("got %v and %v", trace[0].Domain, trace[2].Domain)
	}
	if trace[2].Mono <= trace[1].Mono || trace[2].Mono-trace[1].Mono > time.Second {
		t.Errorf("the machine's time went from %v to %v", trace[1].Mono, trace[2].Mono)
	}
}
