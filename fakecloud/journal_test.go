package fakecloud

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

func TestTheJournalHasEveryRequestWithItsAnswer(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	b.put(g, media(0, 1000))
	p := b.grant(picture("e1", 50, false))
	b.put(p, media(0, 50))
	b.ask("POST", "events", report("e1", EventFinished))
	b.ask("GET", "plan", nil)
	b.must(wrong(b.signed(b.device, "POST", "/v1/devices/P1/cam-1/events", 5)))
	var got []string
	var last Entry
	for _, e := range b.device.Journal() {
		got = append(got, fmt.Sprintf("%s %s %d", e.Method, e.Class, e.Status))
		if e.Seq <= last.Seq || e.Mono < last.Mono || !e.Done || !e.At.Equal(epoch) || e.Device != "P1/cam-1" {
			t.Errorf("entry %+v after %+v", e, last)
		}
		media := e.Class == ClassSegmentPUT || e.Class == ClassPicturePUT
		if media && len(e.Request) > 0 || !media && e.Method == "POST" && len(e.Request) == 0 || !media && len(e.Answer) == 0 {
			t.Errorf("%s: %d bytes of request and %d of answer are kept", e.Class, len(e.Request), len(e.Answer))
		}
		if e.Class == ClassSegmentPUT && e.BytesIn != 1000 {
			t.Errorf("%d bytes in", e.BytesIn)
		}
		last = e
	}
	want := []string{
		"POST grant-segment 201", "PUT segment-put 200", "POST grant-picture 201", "PUT picture-put 200",
		"POST event 200", "GET plan 200", "POST event 400",
	}
	if !slices.Equal(got, want) {
		t.Errorf("journal %q, want %q", got, want)
	}
	if !strings.Contains(last.Err, "bad_request") {
		t.Errorf("a refusal without its reason: %q", last.Err)
	}
}

func TestFollowYieldsEveryEntryOnceAsItIsDone(t *testing.T) {
	b := newBench(t)
	b.ask("GET", "plan", nil)
	held := b.poll("?rev=1&wait=60")
	b.polled(2)
	b.ask("GET", "plan?rev=9", nil)
	ctx, cancel := context.WithCancel(within(t, 10*time.Second))
	defer cancel()
	var got []int
	for e := range b.cloud.Follow(ctx) {
		got = append(got, e.Seq)
		switch len(got) {
		case 2:
			b.device.SetPlan(Plan{Type: PlanEvent}) // ends the poll, which is the second to have begun
		case 3:
			cancel()
		}
	}
	if !slices.Equal(got, []int{1, 3, 2}) {
		t.Errorf("followed %v, want 1, 3, 2", got)
	}
	ended(t, "the poll", held)
}

func TestFollowEndsWithTheCloud(t *testing.T) {
	b := newBench(t)
	b.ask("GET", "plan", nil)
	followed := start(func() (n int) {
		for range b.cloud.Follow(context.Background()) {
			n++
		}
		return n
	})
	if err := b.cloud.Close(); err != nil {
		t.Fatal(err)
	}
	if n := ended(t, "Follow", followed); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestWaitNamesWhatWasMissing(t *testing.T) {
	b := newBench(t)
	b.ask("GET", "plan", nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := b.cloud.Wait(ctx, "a segment", func() bool { return len(b.device.Segments()) > 0 })
	for _, want := range []string{"a segment", "context canceled", "1 requests so far", "/plan, answered 200"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
}

func TestManyDevicesAtOnce(t *testing.T) {
	const devices, segments = 20, 25
	b := newBench(t)
	var wg sync.WaitGroup
	for i := range devices {
		d, err := b.cloud.Register("P7", fmt.Sprintf("cam-%d", i), "s")
		if err != nil {
			t.Fatal(err)
		}
		d.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
		own := *b
		own.device = d
		wg.Go(func() {
			for n := range segments {
				r, err := own.do(own.signed(d, "POST", "/v1/devices/"+d.id()+"/uploads", segment("r1", n*200, n*10, 2000)))
				if err != nil || r.status != http.StatusCreated {
					t.Errorf("%s: grant %d: %d %v", d.id(), n, r.status, err)
					return
				}
				var g grantAnswer
				r.json(t, &g)
				if r, err := own.do(own.putRequest(g, media(byte(i), 2000))); err != nil || r.status != http.StatusOK {
					t.Errorf("%s: PUT %d: %d %v", d.id(), n, r.status, err)
				}
			}
		})
		wg.Go(func() {
			for range 10 {
				d.SetPlan(Plan{Switch: 1, Type: PlanFullTime})
				_ = d.Segments()
				_ = d.Journal()
				_ = d.Timeline(time.Time{}, time.Time{})
			}
		})
	}
	wg.Wait()
	for i := range devices {
		d := b.cloud.Device("P7", fmt.Sprintf("cam-%d", i))
		line := d.Timeline(time.Time{}, time.Time{})
		if len(d.Segments()) != segments || len(line) != segments || len(d.Journal()) != 2*segments || len(d.Overwrites()) != 0 {
			t.Errorf("%s: %d segments, %d spans, %d requests, %d overwrites", d.id(), len(d.Segments()), len(line), len(d.Journal()), len(d.Overwrites()))
		}
		for _, s := range d.Segments() {
			if s.Body[0] != media(byte(i), 1)[0] {
				t.Fatalf("%s holds the bytes of another device", d.id())
			}
		}
	}
}

func TestCloseIsQuickAndLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		k := new(clock.Clock)
		k.Freeze(epoch)
		c, err := New(WithClock(k), WithNetwork())
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Register("P1", "cam-1", "secret-1")
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{}
		b := &bench{t: t, clock: k, cloud: c, device: d, client: &http.Client{Transport: transport}}
		d.SetPlan(Plan{Switch: 1, Type: PlanFullTime, Expires: epoch.Add(time.Hour)})
		requests := kinds(b)
		var waiting []<-chan outcome
		waiting = append(waiting, b.try(b.signed(d, "GET", "/v1/devices/P1/cam-1/plan?rev=2&wait=60", nil)))
		b.polled(1)
		for class, fault := range map[Class]Fault{
			ClassEvent: {Hang: true}, ClassSegmentPUT: {Hang: true}, ClassPicturePUT: {Bandwidth: 1},
			ClassGrantSegment: {Delay: time.Hour}, ClassGrantPicture: {LoseReply: true, Delay: time.Hour},
		} {
			d.Faults().Set(class, fault)
			waiting = append(waiting, b.try(requests[class]()))
			b.underway(class)
		}
		elapsed := clock.Elapsed()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if took := elapsed(); took > time.Second {
			t.Errorf("Close took %v", took)
		}
		for _, w := range waiting {
			if o := ended(t, "a request to a closed cloud", w); o.err == nil {
				t.Errorf("answered %d %s", o.status, o.body)
			}
		}
		for _, e := range c.Journal() {
			if !e.Done {
				t.Errorf("left open: %+v", e)
			}
		}
		if err := c.Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
		if _, err := c.Register("P1", "cam-3", "s"); err == nil {
			t.Error("registered at a closed cloud")
		}
		transport.CloseIdleConnections()
	}()
	ctx, left := within(t, 5*time.Second), 0
	for {
		// The client's own goroutines may take a moment.
		if left = runtime.NumGoroutine() - before; left <= 0 {
			return
		}
		if clock.Machine(ctx, time.Millisecond) != nil {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines are left:\n%s", left, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
