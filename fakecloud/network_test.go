package fakecloud

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// within bounds a wait on machine time.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// ended returns what f returned, or fails when that takes too long.
func ended[T any](t testing.TB, what string, f <-chan T) T {
	t.Helper()
	select {
	case v := <-f:
		return v
	case <-within(t, 10*time.Second).Done():
		t.Fatalf("%s has not ended within 10 s", what)
		panic("unreachable")
	}
}

// start does f on a goroutine of its own.
func start[T any](f func() T) <-chan T {
	c := make(chan T, 1)
	go func() { c <- f() }()
	return c
}

func TestARefusingNetworkRefusesAndKeepsItsPort(t *testing.T) {
	b := newBench(t, WithNetwork())
	n := b.cloud.Network()
	if r := b.ask("GET", "plan", nil); r.status != http.StatusOK {
		t.Fatalf("plan over a healthy network: %d %s", r.status, r.body)
	}
	for range 20 {
		if err := n.Control.Refuse(); err != nil {
			t.Fatal(err)
		}
		if _, err := net.Dial("tcp", n.Control.addr()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("dialled a refusing network: %v", err)
		}
		if err := n.Control.Heal(); err != nil {
			t.Fatalf("heal: %v", err)
		}
		if r := b.ask("GET", "plan", nil); r.status != http.StatusOK {
			t.Fatalf("plan after healing: %d %s", r.status, r.body)
		}
	}
}

func TestPlanesAreDisturbedApart(t *testing.T) {
	b := newBench(t, WithNetwork())
	b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
	if err := b.cloud.Network().Storage.Refuse(); err != nil {
		t.Fatal(err)
	}
	g := b.grant(segment("r1", 1, 0, 100))
	if _, err := b.do(b.putRequest(g, media(0, 100))); err == nil {
		t.Error("the storage plane was reached through a network that refuses")
	}
	if err := b.cloud.Network().Heal(); err != nil {
		t.Fatal(err)
	}
	if r := b.put(g, media(0, 100)); r.status != http.StatusOK {
		t.Errorf("PUT after healing: %d %s", r.status, r.body)
	}
}

func TestABlackHoleHoldsEverythingAndLosesNothing(t *testing.T) {
	b := newBench(t, WithNetwork())
	b.ask("GET", "plan", nil) // a connection that is kept alive goes silent, too
	b.cloud.Network().Blackhole()
	answered := start(func() reply { return b.ask("GET", "plan", nil) })
	select {
	case r := <-answered:
		t.Fatalf("answered out of a black hole: %d", r.status)
	case <-within(t, 50*time.Millisecond).Done():
	}
	if n := len(b.device.Journal()); n != 1 {
		t.Errorf("%d requests have reached the cloud, want the first alone", n)
	}
	if err := b.cloud.Network().Heal(); err != nil {
		t.Fatal(err)
	}
	if r := ended(t, "the request", answered); r.status != http.StatusOK {
		t.Errorf("answer after healing: %d %s", r.status, r.body)
	}
}

func TestAResetCutsAfterItsBytesAndStoresNothing(t *testing.T) {
	for _, after := range []int64{0, 1, 100_000} {
		b := newBench(t, WithNetwork())
		b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
		g := b.grant(segment("r1", 1, 0, 300_000))
		b.cloud.Network().Storage.Reset(after)
		if r, err := b.do(b.putRequest(g, media(0, 300_000))); err == nil {
			t.Errorf("reset after %d bytes: answered %d", after, r.status)
		}
		if n := len(b.device.Segments()); n != 0 {
			t.Errorf("reset after %d bytes: %d segments stored", after, n)
		}
		if err := b.cloud.Network().Heal(); err != nil {
			t.Fatal(err)
		}
		if r := b.put(g, media(0, 300_000)); r.status != http.StatusOK {
			t.Errorf("PUT to the same grant after healing: %d %s", r.status, r.body)
		}
	}
}

func TestLatencyAndBandwidthCountTheCloudsClock(t *testing.T) {
	cases := []struct {
		name    string
		disturb func(*Link)
		takes   time.Duration // of domain time, for a PUT of 100,000 bytes
	}{
		{"one second of latency delays request and answer", func(l *Link) { l.Latency(time.Second) }, 2 * time.Second},
		{"10,000 bytes a second let 100,000 pass in ten seconds", func(l *Link) { l.Bandwidth(10_000) }, 10 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, WithNetwork())
			b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
			g := b.grant(segment("r1", 1, 0, 100_000))
			c.disturb(b.cloud.Network().Storage)
			begun := b.clock.Mono()
			answered := start(func() reply { return b.put(g, media(0, 100_000)) })
			ctx := within(t, 20*time.Second)
			var r reply
			for done := false; !done; {
				select {
				case r = <-answered:
					done = true
				case <-ctx.Done():
					t.Fatal("the PUT has not ended within 20 s of machine time")
				default:
					b.clock.Advance(10 * time.Millisecond)
					_ = clock.Machine(ctx, time.Millisecond) // lets the bytes travel
				}
			}
			if r.status != http.StatusOK {
				t.Fatalf("PUT: %d %s", r.status, r.body)
			}
			if took := b.clock.Mono() - begun; took < c.takes*95/100 || took > c.takes*3/2 {
				t.Errorf("the PUT took %v of the cloud's clock, want about %v", took, c.takes)
			}
		})
	}
}

func TestReservedPortsAreDistinctAndRefuse(t *testing.T) {
	seen := make(map[string]bool)
	for range 200 {
		p, err := reservePort("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := p.release(); err != nil {
				t.Error(err)
			}
		}()
		if seen[p.addr] {
			t.Fatalf("%s was given twice", p.addr)
		}
		seen[p.addr] = true
		if _, err := net.Dial("tcp", p.addr); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("a reserved port is open: %v", err)
		}
	}
}

func TestCloseIsQuickWithUploadsHeldByTheNetwork(t *testing.T) {
	b := newBench(t, WithNetwork())
	b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
	var puts []<-chan error
	for i := range 4 {
		g := b.grant(segment("r1", i*200, i*10, 2<<20))
		req := b.putRequest(g, bytes.Repeat([]byte("x"), 2<<20))
		if i == 0 {
			b.cloud.Network().Storage.Bandwidth(1 << 18)
		}
		puts = append(puts, start(func() error { _, err := b.do(req); return err }))
	}
	if err := b.cloud.Wait(within(t, 10*time.Second), "the uploads to begin", func() bool {
		return strings.Count(journalClasses(b.device), string(ClassSegmentPUT)) > 0
	}); err != nil {
		t.Fatal(err)
	}
	elapsed := clock.Elapsed()
	if err := b.cloud.Close(); err != nil {
		t.Fatal(err)
	}
	if took := elapsed(); took > time.Second {
		t.Errorf("Close took %v", took)
	}
	for _, p := range puts {
		if ended(t, "an upload", p) == nil {
			t.Error("an upload of 2 MB has succeeded while the clock stood still")
		}
	}
}

func journalClasses(d *Device) string {
	var b strings.Builder
	for _, e := range d.Journal() {
		b.WriteString(string(e.Class) + " ")
	}
	return b.String()
}
