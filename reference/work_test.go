package reference

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// settled runs settle beside the test and tells when it returns.
func settled(w *work, limit time.Duration) <-chan bool {
	out := make(chan bool, 1)
	go func() { out <- w.settle(limit, 0) }()
	return out
}

// still fails the test if ch delivers within a moment of machine time.
func still(t *testing.T, ch <-chan bool, what string) {
	t.Helper()
	_ = clock.Machine(context.Background(), 20*time.Millisecond)
	select {
	case <-ch:
		t.Errorf("settled while %s", what)
	default:
	}
}

func receive(t *testing.T, ch <-chan bool, what string) (v bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	over := make(chan struct{})
	go func() {
		_ = clock.Machine(ctx, 5*time.Second)
		close(over)
	}()
	select {
	case v = <-ch:
	case <-over:
		t.Fatalf("not settled 5 s after %s", what)
	}
	return v
}

func TestSettleWaitsForWork(t *testing.T) {
	w := newWork()
	w.begin()
	done := settled(w, 10*time.Second)
	still(t, done, "somebody works")
	w.end()
	if !receive(t, done, "the work had ended") {
		t.Error("settled late")
	}
}

func TestSettleGivesUpAtItsLimit(t *testing.T) {
	w := newWork()
	w.begin()
	used := clock.Elapsed()
	if w.settle(50*time.Millisecond, 0) {
		t.Error("settled although somebody works")
	}
	if d := used(); d < 50*time.Millisecond || d > time.Second {
		t.Errorf("gave up after %v", d)
	}
}

func TestSettleWaitsForBytesThatMove(t *testing.T) {
	w := newWork()
	w.begin()
	x := w.transfer(true)
	done := settled(w, 10*time.Second)
	for range 8 { // longer than a stall in all
		_ = clock.Machine(context.Background(), 100*time.Millisecond)
		w.touch()
	}
	still(t, done, "bytes move")
	used := clock.Elapsed()
	if !receive(t, done, "the last byte") {
		t.Error("settled late")
	}
	if d := used(); d < 400*time.Millisecond {
		t.Errorf("a transfer counted as held after %v of silence", d)
	}
	used = clock.Elapsed()
	if !w.settle(time.Second, 0) || used() > 100*time.Millisecond {
		t.Errorf("a transfer that is held was waited for again: %v", used())
	}
	x.done()
	still(t, settled(w, time.Second), "the transfer's goroutine goes on")
	w.end()
}

func TestSettleWaitsForATransferWhoseTimeIsUp(t *testing.T) {
	w := newWork()
	w.begin()
	x := w.transfer(true)
	_ = w.settle(10*time.Second, 0) // held by a fault
	x.expire()
	done := settled(w, 10*time.Second)
	still(t, done, "a time-out is about to end the transfer")
	x.done()
	still(t, done, "its goroutine goes on")
	w.end()
	receive(t, done, "the goroutine had ended")
}

func TestSettleDoesNotWaitForTheLongPoll(t *testing.T) {
	w := newWork()
	w.begin()
	x := w.transfer(false)
	used := clock.Elapsed()
	if !w.settle(time.Second, 0) || used() > 100*time.Millisecond {
		t.Errorf("waited %v for a poll", used())
	}
	x.done()
	w.end()
}

func TestSettleWaitsForAnAnswerThatHasArrived(t *testing.T) {
	w := newWork()
	n := &network{work: w, conns: map[*conn]struct{}{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	mine, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := n.watch(mine)
	if err != nil {
		t.Fatal(err)
	}
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	w.begin()
	x := w.transfer(false)
	if !w.settle(time.Second, 0) {
		t.Error("an empty connection was waited for")
	}
	if _, err := peer.Write([]byte("plan")); err != nil {
		t.Fatal(err)
	}
	done := settled(w, 10*time.Second)
	still(t, done, "an answer lies unread")
	if _, err := c.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	x.done()
	w.end()
	receive(t, done, "the answer had been read")
	n.mu.Lock()
	n.conns, w.conns = nil, map[*conn]struct{}{}
	n.mu.Unlock()
	_ = c.Close()
}

func TestASleeperHoldsNoTokenAndWakesWithOne(t *testing.T) {
	w := newWork()
	s := &sleeper{work: w}
	w.begin()
	woken := make(chan struct{})
	go func() {
		s.park()
		close(woken)
	}()
	if !w.settle(5*time.Second, 0) {
		t.Fatal("a parked goroutine counts as work")
	}
	s.wake()
	if w.settle(10*time.Millisecond, 0) {
		t.Error("settled before the woken goroutine has ended")
	}
	<-woken
	w.end()
	if !w.settle(time.Second, 0) {
		t.Error("a token has got lost")
	}
}

func TestAWakeThatComesEarlyIsKept(t *testing.T) {
	s := &sleeper{work: newWork()}
	s.wake()
	s.park() // returns at once
}

func TestSleepingEndsWithItsTimeOrItsContext(t *testing.T) {
	w := newWork()
	c := new(clock.Clock)
	c.Freeze(epoch)
	c.Settle = func() { w.settle(5*time.Second, 0) }
	s := &sleeper{work: w}
	out := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	nap := func() {
		w.begin()
		go func() {
			defer w.end()
			out <- s.sleep(ctx, c, time.Minute)
		}()
	}
	nap()
	c.Advance(59 * time.Second)
	if len(out) != 0 {
		t.Error("woke a second early")
	}
	c.Advance(time.Second)
	if len(out) != 1 {
		t.Fatal("did not wake in time")
	}
	if err := <-out; err != nil {
		t.Error(err)
	}
	nap()
	cancel()
	if err := <-out; err != context.Canceled {
		t.Errorf("%v", err)
	}
}
