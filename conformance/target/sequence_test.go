package target

import (
	"slices"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/reference"
)

// numbered are n pushes whose packs carry the numbers 0 to n-1.
func numbered(n int) []Call {
	calls := make([]Call, n)
	for i := range calls {
		calls[i] = PushVideoCall(VencPack{Data: []byte("frame"), Seq: uint32(i)})
	}
	return calls
}

func codes(made []Return) []Code {
	var out []Code
	for _, r := range made {
		out = append(out, r.Code)
	}
	return out
}

func TestASequenceEndsBehindTheFirstRefusal(t *testing.T) {
	for _, c := range []struct {
		name, push string
		want       []Code
	}{
		{"nothing is refused", `PUSH=return 0`, []Code{0, 0, 0, 0, 0}},
		{"the first is refused", `PUSH=return -7`, []Code{-7}},
		{"one in the middle is refused", `PUSH=return v->seq == 2 ? -7 : 0`, []Code{0, 0, -7}},
		{"the last is refused", `PUSH=return v->seq == 4 ? -7 : 0`, []Code{0, 0, 0, 0, -7}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, load(t, wrong(t, c.push)), Options{})
			if got := codes(s.Sequence(0, false, numbered(5))); !slices.Equal(got, c.want) {
				t.Errorf("codes %v, want %v", got, c.want)
			}
			if got := s.EventStart(1); got != 0 {
				t.Errorf("the call after the sequence: %v", got)
			}
		})
	}
}

func TestASequenceMayGoThroughRefusals(t *testing.T) {
	s := open(t, load(t, wrong(t, `PUSH=return v->seq % 2 ? -7 : 0`)), Options{})
	if got, want := codes(s.Sequence(0, true, numbered(4))), []Code{0, -7, 0, -7}; !slices.Equal(got, want) {
		t.Errorf("codes %v, want %v", got, want)
	}
}

func TestASequenceOfTheReferenceEndsBehindTheFirstRefusal(t *testing.T) {
	s := newSession("reference", inProcess{}.Describe(), Options{})
	s.driver = newInproc(reference.New(reference.Config{}), s)
	defer s.Close()
	made := s.Sequence(0, false, append([]Call{AdvanceCall(0)}, numbered(3)...))
	if len(made) != 2 || made[0].Code != 0 || made[1].Code == 0 {
		t.Errorf("codes %v, want 0 of the hook and an error of the first push before iv_cs_init", codes(made))
	}
}

func TestTheTraceOfASequenceKeepsTheOrder(t *testing.T) {
	s := open(t, load(t, wrong(t, `PUSH=if (v->seq == 1) cb.start(); return 0`)), Options{})
	s.Init(InitParm{})
	s.Sequence(0, false, numbered(3))
	var got []Kind
	for _, e := range s.Trace()[2:] {
		got = append(got, e.Kind)
	}
	want := []Kind{CallBegun, CallReturned, CallBegun, CallbackEntered, CallbackLeft, CallReturned, CallBegun, CallReturned}
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestTheEndOfALibraryInASequenceIsThatOfItsCall(t *testing.T) {
	for _, c := range []struct{ name, push, want string }{
		{"crash", `PUSH=if (v->seq == 2) *(volatile int *)64 = 1; return 0`, `the library crashed: SIGSEGV (segmentation fault) in iv_cs_push_stream at address 0x40`},
		{"exit", `PUSH=if (v->seq == 2) exit(3); return 0`, `the library ended the process: exit code 3 in iv_cs_push_stream`},
		{"hang", `PUSH=if (v->seq == 2) pause(); return 0`, `the library hung: iv_cs_push_stream did not return within 500ms of machine time`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, load(t, wrong(t, c.push)), Options{Watchdog: 500 * time.Millisecond, Clock: new(clock.Clock)})
			made := s.Sequence(0, false, numbered(5))
			if got := codes(made); !slices.Equal(got[:min(2, len(got))], []Code{0, 0}) {
				t.Errorf("codes %v: the two pushes before the end have returned 0", got)
			}
			matches(t, s.Fatal(), c.want)
		})
	}
}

func BenchmarkSequence(b *testing.B) {
	t, err := Library(build(b, "wrong.c"), LibraryOptions{Cache: cache})
	if err != nil {
		b.Fatal(err)
	}
	s, err := t.Open(b.Context(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	calls := numbered(10)
	b.Run("one call", func(b *testing.B) {
		for b.Loop() {
			s.Call(calls[0])
		}
	})
	b.Run("ten in a sequence", func(b *testing.B) {
		for b.Loop() {
			s.Sequence(0, false, calls)
		}
	})
}
