package clock

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

var nine = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)

func frozen() *Clock {
	c := new(Clock)
	c.Freeze(nine)
	return c
}

func TestFrozenClockMovesOnlyWhenTold(t *testing.T) {
	c := frozen()
	if got := c.Now(); !got.Equal(nine) {
		t.Fatalf("frozen at %v, want %v", got, nine)
	}
	before := c.Mono()
	c.Advance(90 * time.Second)
	if got := c.Now(); !got.Equal(nine.Add(90 * time.Second)) {
		t.Errorf("after 90 s: %v", got)
	}
	if got := c.Mono() - before; got != 90*time.Second {
		t.Errorf("monotonic moved by %v, want 90 s", got)
	}
}

func TestStepMovesTheWallClockAlone(t *testing.T) {
	c := frozen()
	fired := false
	c.AfterFunc(time.Second, func() { fired = true })
	before := c.Mono()
	c.Step(-time.Hour)
	if got := c.Now(); !got.Equal(nine.Add(-time.Hour)) {
		t.Errorf("wall clock at %v after a correction by -1 h", got)
	}
	if c.Mono() != before || fired {
		t.Errorf("a correction moved the monotonic clock (%v → %v, timer ran: %v)", before, c.Mono(), fired)
	}
}

func TestAdvanceRunsTimersInOrderAndSettlesBetween(t *testing.T) {
	c := frozen()
	var log []string
	c.Settle = func() { log = append(log, "settle") }
	at := func(d time.Duration, name string) {
		c.AfterFunc(d, func() { log = append(log, name+" at "+c.Now().Sub(nine).String()) })
	}
	at(3*time.Second, "third")
	at(time.Second, "first")
	at(time.Second, "second")
	at(time.Minute, "not due")
	c.Advance(5 * time.Second)
	want := []string{"settle", "first at 1s", "second at 1s", "settle", "third at 3s", "settle"}
	if !slices.Equal(log, want) {
		t.Errorf("got  %q\nwant %q", log, want)
	}
	if got := c.Now().Sub(nine); got != 5*time.Second {
		t.Errorf("ended at %v, want 5s", got)
	}
}

func TestTimerMadeByATimerRunsInTheSameAdvance(t *testing.T) {
	c := frozen()
	var at time.Duration
	c.AfterFunc(time.Second, func() {
		c.AfterFunc(time.Second, func() { at = c.Now().Sub(nine) })
	})
	c.Advance(2 * time.Second)
	if at != 2*time.Second {
		t.Errorf("second timer ran at %v, want 2s", at)
	}
}

func TestStoppedTimerNeverRuns(t *testing.T) {
	for name, c := range map[string]*Clock{"virtual": frozen(), "real": new(Clock)} {
		t.Run(name, func(t *testing.T) {
			timer := c.AfterFunc(time.Hour, func() { t.Error("ran") })
			if !timer.Stop() {
				t.Error("Stop of a pending timer said it was too late")
			}
			if timer.Stop() {
				t.Error("second Stop said it prevented something")
			}
			if c.Virtual() {
				c.Advance(2 * time.Hour)
			}
		})
	}
}

func TestFreezeTakesOverTimersUnderWay(t *testing.T) {
	c := new(Clock)
	fired := make(chan struct{})
	c.AfterFunc(time.Hour, func() { close(fired) })
	c.Freeze(nine)
	c.Advance(59 * time.Minute)
	select {
	case <-fired:
		t.Fatal("ran after 59 minutes, was set for an hour")
	default:
	}
	c.Advance(time.Minute)
	select {
	case <-fired:
	default:
		t.Fatal("did not run after the hour")
	}
}

func TestScaledClockRunsFaster(t *testing.T) {
	c := new(Clock)
	c.Scale(nine, 1000)
	if err := c.Sleep(context.Background(), 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if got := c.Now().Sub(nine); got < 5*time.Second {
		t.Errorf("slept for 5 domain seconds, the clock shows %v", got)
	}
}

func TestWithTimeoutEndsOnThisClock(t *testing.T) {
	c := frozen()
	ctx, cancel := c.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	c.Advance(2 * time.Second)
	if ctx.Err() != nil {
		t.Fatalf("ended after 2 s: %v", context.Cause(ctx))
	}
	c.Advance(time.Second)
	if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		t.Fatalf("cause after 3 s: %v, want a deadline", context.Cause(ctx))
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := frozen().Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestManyGoroutinesShareAClock(t *testing.T) {
	c := frozen()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				c.AfterFunc(time.Millisecond, func() {}).Stop()
				c.Now()
			}
		})
	}
	for range 50 {
		c.Advance(time.Millisecond)
	}
	wg.Wait()
}
