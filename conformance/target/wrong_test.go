package target

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

func TestALibraryThatBreaksBecomesATypedError(t *testing.T) {
	table := []struct {
		name   string
		faults []string
		guard  bool
		calls  []Call
		answer *Answer // of the capture callback
		want   string  // "…" stands for anything
	}{
		{
			name: "crash in init", faults: []string{`INIT=*(volatile int *)64 = 1; return 0`},
			calls: []Call{InitCall(InitParm{})},
			want:  `the library crashed: SIGSEGV (segmentation fault) in iv_cs_init at address 0x40`,
		},
		{
			name: "abort in push, with a word on stderr", faults: []string{`PUSH=fputs("assertion failed\n",stderr);abort()`},
			calls: []Call{PushVideoCall(VencPack{Data: []byte("x")})},
			want:  `the library crashed: SIGABRT (aborted) in iv_cs_push_stream; stderr ends with "assertion failed"`,
		},
		{
			name: "kill from outside", faults: []string{`START=kill(getpid(),SIGKILL);return 0`},
			calls: []Call{EventStartCall(1)},
			want:  `the library crashed: SIGKILL (killed) in iv_cs_event_start`,
		},
		{
			name: "a signal that it sends itself", faults: []string{`START=raise(SIGFPE); return 0`},
			calls: []Call{EventStartCall(1)},
			want:  `the library crashed: SIGFPE (floating point exception) in iv_cs_event_start`,
		},
		{
			name: "crash on a thread of its own", faults: []string{`MORE=static void *die(void *p) { abort(); }`, `INIT=pthread_t t; pthread_create(&t, 0, die, 0); pause(); return 0`},
			calls: []Call{InitCall(InitParm{})},
			want:  `the library crashed: SIGABRT (aborted) in a thread of the library's own`,
		},
		{
			name: "exit(3) in push", faults: []string{`PUSH=exit(3)`},
			calls: []Call{PushVideoCall(VencPack{Data: []byte("x")})},
			want:  `the library ended the process: exit code 3 in iv_cs_push_stream`,
		},
		{
			name: "hang in exit", faults: []string{`EXIT=fputs("waiting\n",stderr); pause(); return 0`},
			calls: []Call{ExitCall().Within(300 * time.Millisecond)},
			want:  `the library hung: iv_cs_exit did not return within 300ms of machine time; stderr ends with "waiting"`,
		},
		{
			name: "garbage on the pipe", faults: []string{`START=write(4, "hello, world", 12); pause(); return 0`},
			calls: []Call{EventStartCall(1)},
			want:  `the shim's pipe carries something else: a frame begins with 68 65 6c 6c: a length of 1819043176 bytes, want 1 to 65536; the library may have written to a descriptor it did not open`,
		},
		{
			name: "a frame of unknown type on the pipe", faults: []string{`START=write(4, "\3\0\0\0abc", 7); pause(); return 0`},
			calls: []Call{EventStartCall(1)},
			want:  `the shim's pipe carries something else: a frame of type 0x61 with 3 bytes (61 62 63…): unknown type; the library may have written to a descriptor it did not open`,
		},
		{
			name: "half a frame on the pipe, then a hang", faults: []string{`START=write(4, "\37\0\0\0ab", 6); pause(); return 0`},
			calls: []Call{EventStartCall(1).Within(300 * time.Millisecond)},
			want:  `the library hung: iv_cs_event_start did not return within 300ms of machine time (the last frame broke off after 6 of 35 bytes)`,
		},
		{
			name: "half a frame on the pipe, then an exit", faults: []string{`START=write(4, "\37\0\0\0", 4); _exit(1)`},
			calls: []Call{EventStartCall(1)},
			want:  `the library ended the process: exit code 1 in iv_cs_event_start (the last frame broke off after 4 of 35 bytes)`,
		},
		{
			name: "the pipe closed", faults: []string{`START=close(3); close(4); pause(); return 0`},
			calls: []Call{EventStartCall(1)},
			want:  `the shim's pipe carries something else: it was closed while the process lived; the library may have written to a descriptor it did not open`,
		},
		{
			name: "a picture read after its result", faults: []string{`START=uint8_t *p; int32_t n; cb.capture(1, &p, &n); sink = p[5]; cb.picture(&p, 0); return p[5]`},
			calls: []Call{InitCall(InitParm{}), EventStartCall(1)}, answer: &Answer{Picture: []byte("a picture")},
			want: `the library crashed: SIGSEGV (segmentation fault) in iv_cs_event_start: touched picture 1 of iv_cs_event_capture_picture_cb after its result callback had returned`,
		},
		{
			name: "a picture read beyond its end", faults: []string{`START=uint8_t *p; int32_t n; cb.capture(1, &p, &n); return p[n]`}, guard: true,
			calls: []Call{InitCall(InitParm{}), EventStartCall(1)}, answer: &Answer{Picture: []byte("a picture")},
			want: `the library crashed: SIGSEGV (segmentation fault) in iv_cs_event_start: touched picture 1 of iv_cs_event_capture_picture_cb at offset 9 of its 9 bytes`,
		},
		{
			name: "the picture of a direct report read after the call", faults: []string{`DIRECT=kept = pic; return 0`, `START=return kept[0]`},
			calls: []Call{DirectlyReportCall(1, 0, []byte("a picture")), EventStartCall(1)},
			want:  `the library crashed: SIGSEGV (segmentation fault) in iv_cs_event_start: touched the picture of iv_cs_event_directly_report after the call had returned`,
		},
		{
			name: "a frame read after push", faults: []string{`PUSH=kept = v->addr; return 0`, `START=return kept[0]`}, guard: true,
			calls: []Call{PushVideoCall(VencPack{Data: []byte("a frame")}), EventStartCall(1)},
			want:  `the library crashed: SIGSEGV (segmentation fault) in iv_cs_event_start: touched a frame of iv_cs_push_stream after the call had returned`,
		},
		{
			name: "a frame read beyond its end", faults: []string{`PUSH=return v->addr[v->len]`}, guard: true,
			calls: []Call{PushVideoCall(VencPack{Data: []byte("a frame")})},
			want:  `the library crashed: SIGSEGV (segmentation fault) in iv_cs_push_stream: touched a frame of iv_cs_push_stream at offset 7 of its 7 bytes`,
		},
		{
			name: "outputs used although the callback failed", faults: []string{`START=uint8_t *p; int32_t n; cb.capture(1, &p, &n); return p[0]`},
			calls: []Call{InitCall(InitParm{}), EventStartCall(1)}, answer: &Answer{Return: -1, PictureRaw: &PictureRaw{Garbage: true, Size: 100}},
			want: `the library crashed: SIGSEGV (segmentation fault) in iv_cs_event_start at address 0x…`,
		},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, load(t, wrong(t, c.faults...)), Options{Guard: c.guard})
			if c.answer != nil {
				s.Answer(CBCapture, *c.answer)
			}
			var last Return
			for _, call := range c.calls {
				last = s.Call(call)
			}
			if last.Code != NoReturn {
				t.Fatalf("the last call returned %v", last.Code)
			}
			if err := s.Fatal(); err != last.Err {
				t.Errorf("the call says %v, the session %v", last.Err, err)
			}
			matches(t, last.Err, c.want)
			if after := s.Call(ExitCall()); after.Err != last.Err {
				t.Errorf("a call after the death says %v", after.Err)
			}
			exit := s.Close()
			if exit.Err != last.Err {
				t.Errorf("the end of the session says %v", exit.Err)
			}
			var hung *HungError
			if exit.Hung != errors.As(last.Err, &hung) {
				t.Errorf("hung: %v", exit.Hung)
			}
			trace := s.Trace()
			if died := trace[len(trace)-1]; died.Kind != Died || died.Err != last.Err {
				t.Errorf("the trace ends with %v", died)
			}
		})
	}
}

// TestACallToADyingProcessTellsWhyItDied: the pipe breaks before the harness
// knows of the crash.
func TestACallToADyingProcessTellsWhyItDied(t *testing.T) {
	for _, c := range []struct {
		name string
		kill syscall.Signal
		want string
	}{
		{"it crashes", syscall.SIGABRT, "the library crashed: SIGABRT (aborted)…"},
		{"it stands still, and its pipe is closed", syscall.SIGSTOP, "the shim's pipe carries something else: a call cannot be sent: …"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, load(t, wrong(t)), Options{})
			p := s.driver.(*process)
			if err := p.cmd.Process.Signal(c.kill); err != nil {
				t.Fatal(err)
			}
			p.to.Close()
			r := s.Call(ExitCall())
			matches(t, r.Err, c.want)
			if r.Err != s.Fatal() {
				t.Errorf("the call says %v, the session %v", r.Err, s.Fatal())
			}
		})
	}
}

// matches compares an error with a text in which "…" stands for anything.
func matches(t *testing.T, err error, want string) {
	t.Helper()
	got := fmt.Sprint(err)
	rest := got
	for i, part := range strings.Split(want, "…") {
		at := strings.Index(rest, part)
		if at < 0 || (i == 0 && at > 0) {
			t.Errorf("got  %s\nwant %s", got, want)
			return
		}
		rest = rest[at+len(part):]
	}
	if rest != "" && !strings.HasSuffix(want, "…") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOutputIsSeen(t *testing.T) {
	s := open(t, load(t, wrong(t, `INIT=puts("hello"); write(2, "oops\nno end", 11); return 0`)), Options{})
	if code := s.Init(InitParm{}); code != 0 {
		t.Fatal(code)
	}
	wait(t, s, "the line on stdout", func(ev []Event) bool { return has(ev, Stdout, "hello") })
	wait(t, s, "the line on stderr", func(ev []Event) bool { return has(ev, Stderr, "oops") })
	exit := s.Close()
	matches(t, exit.Err, `the library wrote to stdout: "hello"`)
	if fmt.Sprint(exit.Stderr) != "[oops no end]" || exit.Code != 0 || exit.Signal != 0 {
		t.Errorf("exit: %+v", exit)
	}
}

func has(events []Event, k Kind, text string) bool {
	for _, e := range events {
		if e.Kind == k && e.Text == text {
			return true
		}
	}
	return false
}

func TestACallbackAfterExitIsInTheTrace(t *testing.T) {
	s := open(t, load(t, wrong(t,
		`MORE=static void *late(void *p) { usleep(20000); cb.notify(0, 0); return 0; }`,
		`EXIT=pthread_t t; pthread_create(&t, 0, late, 0); return 0`)), Options{})
	s.Init(InitParm{})
	if code := s.Exit(); code != 0 {
		t.Fatal(code)
	}
	wait(t, s, "the notification", func(ev []Event) bool { return Left(ev, CBNotify) == 1 })
	last := s.Trace()[len(s.Trace())-1]
	if last.Thread != -1 || last.Inside != 0 || last.TID == 0 {
		t.Errorf("a callback on a thread of the library's own: got %+v", last)
	}
}

func TestManyThreadsCallBackAtOnce(t *testing.T) {
	s := open(t, load(t, wrong(t,
		`MORE=static void *notify(void *p) { int i; for (i = 0; i < 100; i++) cb.notify(i, 0); return 0; }`,
		`START=pthread_t t[8]; int i; for (i = 0; i < 8; i++) pthread_create(&t[i], 0, notify, 0); for (i = 0; i < 8; i++) pthread_join(t[i], 0); return 0`)), Options{})
	s.Init(InitParm{})
	if code := s.EventStart(1); code != 0 {
		t.Fatal(code)
	}
	inside := map[uint32]bool{}
	threads := map[int]bool{}
	for _, e := range s.Trace() {
		switch e.Kind {
		case CallbackEntered:
			inside[e.ID] = true
			threads[e.TID] = true
		case CallbackLeft:
			if !inside[e.ID] {
				t.Fatalf("%v without entry", e)
			}
			delete(inside, e.ID)
		}
	}
	if n := Left(s.Trace(), CBNotify); n != 800 || len(threads) != 8 || len(inside) != 0 {
		t.Errorf("%d callbacks from %d threads, %d of them open; want 800 from 8", n, len(threads), len(inside))
	}
}

func TestAMissingFunctionStopsNothingElse(t *testing.T) {
	target := load(t, wrong(t, `NO_EXIT`))
	if got := target.Describe().Missing(); fmt.Sprint(got) != "[iv_cs_exit]" {
		t.Errorf("missing: %v", got)
	}
	s := open(t, target, Options{})
	r := s.Call(ExitCall())
	matches(t, r.Err, "the library does not export iv_cs_exit; export it with C linkage and default visibility")
	if r.Code != NoReturn {
		t.Errorf("code: %v", r.Code)
	}
	if code := s.Init(InitParm{}); code != 0 || s.Fatal() != nil {
		t.Errorf("init: %v, %v", code, s.Fatal())
	}
}

func TestAMissingFunctionInsideACallback(t *testing.T) {
	s := open(t, load(t, wrong(t, `NO_EXIT`, `START=return cb.start()`)), Options{})
	s.Init(InitParm{})
	s.Answer(CBStart, Answer{Calls: []Call{ExitCall()}})
	if code := s.EventStart(1); code != 0 {
		t.Fatal(code)
	}
	for _, e := range s.Trace() {
		if e.Kind == CallReturned && e.Call.Func == FnExit {
			matches(t, e.Return.Err, "the library does not export iv_cs_exit; export it with C linkage and default visibility")
			return
		}
	}
	t.Error("the call is not in the trace")
}

func TestAProcessThatDoesNotEndIsKilled(t *testing.T) {
	s := open(t, load(t, wrong(t, `MORE=__attribute__((destructor)) static void never(void) { if (kept_len) pause(); }`, `INIT=kept_len = 1; return -1`)), Options{Watchdog: 500 * time.Millisecond})
	s.Init(InitParm{})
	exit := s.Close()
	matches(t, exit.Err, "the library hung: the end of the process did not return within 500ms of machine time")
	if !exit.Hung || exit.Signal != syscall.SIGKILL {
		t.Errorf("exit: %+v", exit)
	}
}

func TestChildrenOfTheLibraryEndWithIt(t *testing.T) {
	s := open(t, load(t, wrong(t, `INIT=int child = fork(); if (child == 0) { for (;;) pause(); } return child`)), Options{})
	child := s.Init(InitParm{})
	if child <= 0 {
		t.Fatal(child)
	}
	if exit := s.Close(); exit.Err != nil {
		t.Error(exit.Err)
	}
	bound, cancel := new(clock.Clock).WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for alive(int(child)) {
		if err := clock.Machine(bound, time.Millisecond); err != nil {
			t.Fatalf("process %d still runs", child)
		}
	}
}

func TestADeadProcessAnswersNoQuestions(t *testing.T) {
	s := open(t, load(t, wrong(t, `INIT=_exit(7)`)), Options{})
	s.Init(InitParm{})
	_, err := s.Stat()
	matches(t, err, "the library ended the process: exit code 7 in iv_cs_init")
	s.Close()
	if r := s.Call(ExitCall()); r.Err == nil {
		t.Error("a call after Close has an answer")
	}
}
