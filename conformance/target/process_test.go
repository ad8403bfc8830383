package target

import (
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

func TestTheProcessIsCounted(t *testing.T) {
	s := open(t, load(t, wrong(t,
		`MORE=static void *idle(void *p) { pause(); return 0; }`,
		`INIT=pthread_t t; pthread_create(&t, 0, idle, 0); open("/dev/null", 0); socket(1, 1, 0); kept = malloc(1000000); return 0`,
		`EXIT=free(kept); return 0`)), Options{})
	before, err := s.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if before.Threads != 0 || before.Descriptors != 0 || before.Sockets != 0 || !before.Heap.Known || before.RSS < 1<<16 {
		t.Errorf("before: %+v", before)
	}
	s.Init(InitParm{})
	during, err := s.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if during.Threads != 1 || during.Descriptors != 2 || during.Sockets != 1 {
		t.Errorf("during: %+v", during)
	}
	grown := during.Heap.InUse - before.Heap.InUse
	if grown < 1000000 || grown > 1010000 || during.Heap.Peak < during.Heap.InUse {
		t.Errorf("the heap grew by %d: %+v", grown, during.Heap)
	}
	s.Exit()
	if err := s.ResetPeak(); err != nil {
		t.Fatal(err)
	}
	after, err := s.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if after.Heap.InUse != during.Heap.InUse-grown+(during.Heap.InUse-before.Heap.InUse-grown) && after.Heap.InUse > before.Heap.InUse+10000 {
		t.Errorf("after: %+v", after.Heap)
	}
	if after.Heap.Peak != after.Heap.InUse || after.Heap.Blocks != during.Heap.Blocks-1 {
		t.Errorf("after: %+v, during: %+v", after.Heap, during.Heap)
	}
}

func TestTheShimsOwnMemoryIsNotCounted(t *testing.T) {
	s := open(t, load(t, build(t, "wrong.c")), Options{})
	s.Init(InitParm{})
	before, err := s.Stat()
	if err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 1<<20)
	for i := 0; i < 20; i++ {
		s.PushVideo(VencPack{Data: big})
		s.Answer(CBCapture, Answer{Picture: big})
	}
	after, err := s.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if after.Heap != before.Heap {
		t.Errorf("before %+v, after %+v", before.Heap, after.Heap)
	}
}

func TestEveryWayToAllocateIsCounted(t *testing.T) {
	s := open(t, load(t, wrong(t, `START=void *p[8]; int i;
p[0] = malloc(100); p[1] = calloc(10, 10); p[2] = realloc(malloc(50), 5000); p[3] = 0; posix_memalign(&p[3], 64, 100);
p[4] = aligned_alloc(64, 128); p[5] = memalign(64, 100); p[6] = strdup("text"); p[7] = valloc(100);
for (i = 0; i < 8; i++) { if (!p[i]) return -1; if (id) free(p[i]); }
return 0`)), Options{})
	count := func() Heap {
		st, err := s.Stat()
		if err != nil {
			t.Fatal(err)
		}
		return st.Heap
	}
	s.EventStart(1) // the first use of a thread is behind us
	before := count()
	if code := s.EventStart(1); code != 0 {
		t.Fatal(code)
	}
	if freed := count(); freed.InUse != before.InUse || freed.Blocks != before.Blocks || freed.Allocs != before.Allocs+9 {
		t.Errorf("before %+v, after %+v", before, freed)
	}
	s.EventStart(0)
	if kept := count(); kept.InUse < before.InUse+5600 || kept.Blocks != before.Blocks+8 {
		t.Errorf("before %+v, with eight kept %+v", before, kept)
	}
}

func TestAllocationsFailOnDemand(t *testing.T) {
	s := open(t, load(t, wrong(t, `START=int i, got = 0; for (i = 0; i < 5; i++) { void *p = malloc(10); if (p) got |= 1 << i; free(p); } return got`)), Options{})
	table := []struct {
		name       string
		nth, count uint32
		want       Code
		failed     int64
	}{
		{"none", 0, 0, 0b11111, 0},
		{"the first", 1, 1, 0b11110, 1},
		{"the third", 3, 1, 0b11011, 1},
		{"the second and third", 2, 2, 0b11001, 2},
		{"all from the fourth on", 4, 0, 0b00111, 2},
	}
	s.EventStart(1)
	for _, c := range table {
		if err := s.FailAlloc(c.nth, c.count); err != nil {
			t.Fatal(err)
		}
		if code := s.EventStart(1); code != c.want {
			t.Errorf("%s: got %05b, want %05b", c.name, int(code), int(c.want))
		}
		if st, err := s.Stat(); err != nil || st.Heap.Failed != c.failed {
			t.Errorf("%s: %d failed, want %d (%v)", c.name, st.Heap.Failed, c.failed, err)
		}
	}
	if err := s.FailAlloc(0, 0); err != nil {
		t.Fatal(err)
	}
}

// libfaketime takes memory for each condition variable, and crashes without:
// that is not the library's fault.
func TestAllocationsOfTheScaledClockDoNotFail(t *testing.T) {
	s := open(t, load(t, wrong(t, `START=
pthread_condattr_t a; pthread_cond_t c; void *p;
pthread_condattr_init(&a); pthread_condattr_setclock(&a, CLOCK_MONOTONIC); pthread_cond_init(&c, &a); pthread_cond_destroy(&c);
p = malloc(10); free(p); return p ? 0 : -1`)), Options{Scale: &Scale{Rate: 20, Start: time.Unix(1700000000, 0)}})
	s.EventStart(1)
	if err := s.FailAlloc(1, 1); err != nil {
		t.Fatal(err)
	}
	if r := s.Call(EventStartCall(1)); r.Err != nil || r.Code != -1 {
		t.Errorf("got %v (%v), want the library's own allocation to fail", r.Code, r.Err)
	}
}

func TestTheAddressSpaceIsLimited(t *testing.T) {
	s := open(t, load(t, wrong(t, `START=kept = malloc(200 << 20); if (!kept) return -1; free(kept); return 0`)), Options{})
	if code := s.EventStart(1); code != 0 {
		t.Fatal(code)
	}
	for _, c := range []struct {
		headroom uint64
		want     Code
	}{{64 << 20, -1}, {0, 0}} {
		if err := s.LimitMemory(c.headroom); err != nil {
			t.Fatal(err)
		}
		if code := s.EventStart(1); code != c.want {
			t.Errorf("with %d bytes more: got %v, want %v", c.headroom, code, c.want)
		}
	}
}

func TestAScaledClockMovesAllOfTheLibrarysTime(t *testing.T) {
	target := load(t, wrong(t, `START=
struct timespec ts; pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; pthread_cond_t c = PTHREAD_COND_INITIALIZER;
if (id == 1) { usleep(2000000); return 0; }
clock_gettime(CLOCK_REALTIME, &ts); ts.tv_sec += 2; pthread_mutex_lock(&m); pthread_cond_timedwait(&c, &m, &ts); return 0`))
	start := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	s := open(t, target, Options{Scale: &Scale{Rate: 20, Start: start}})
	s.Answer(CBStart, Answer{})
	for id := int32(1); id <= 2; id++ {
		r := s.Call(EventStartCall(id))
		if r.Code != 0 || r.Took() < 90*time.Millisecond || r.Took() > time.Second {
			t.Errorf("2 s at 20 times the speed took %v", r.Took())
		}
	}
	st, err := s.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if gone := st.Wall.Sub(start); gone < 4*time.Second || gone > 60*time.Second {
		t.Errorf("the library's clock shows %v, %v after its start", st.Wall, gone)
	}
}

func TestASessionKnowsHowFarTheClocksAreApart(t *testing.T) {
	var c clock.Clock
	c.Freeze(time.Unix(1700000000, 0))
	s := open(t, load(t, build(t, "wrong.c")), Options{Clock: &c, Scale: &Scale{Rate: 1, Start: time.Unix(1700000060, 0)}})
	skew, err := s.Skew()
	if err != nil || skew < time.Minute || skew > time.Minute+10*time.Second {
		t.Errorf("got %v (%v), want a minute and a little", skew, err)
	}
}

func TestAScaledClockIsRefusedWhereItCannotWork(t *testing.T) {
	target := load(t, wrong(t, "PUSH=struct timespec ts; sem_timedwait(0, &ts); return 0"))
	_, err := target.Open(t.Context(), Options{Scale: &Scale{Rate: 20}})
	matches(t, err, "…: cannot run on a scaled clock: it imports sem_timedwait, which libfaketime does not scale; use the virtual or the real clock")
}

func TestADelayPassesOnTheScaledClock(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{Scale: &Scale{Rate: 20, Start: time.Unix(1700000000, 0)}})
	s.Init(sentinel())
	s.Answer(CBStart, Answer{Delay: 4 * time.Second})
	if r := s.Call(EventStartCall(0)); r.Took() < 200*time.Millisecond || r.Took() > 2*time.Second {
		t.Errorf("4 s at ×20 took %v of machine time, want 200 ms and a little", r.Took())
	}
}
