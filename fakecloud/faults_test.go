package fakecloud

import (
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// outcome is what a client sees of a request.
type outcome struct {
	reply
	err error
}

func (b *bench) try(req *http.Request) <-chan outcome {
	return start(func() outcome { r, err := b.do(req); return outcome{r, err} })
}

// underway waits until a request of the class has met its fault.
func (b *bench) underway(class Class) {
	b.t.Helper()
	if err := b.cloud.Wait(within(b.t, 10*time.Second), "a request to meet its fault", func() bool {
		for _, e := range b.device.Journal() {
			if e.Class == class && e.Fault != nil && !e.Done {
				return true
			}
		}
		return false
	}); err != nil {
		b.t.Fatal(err)
	}
}

// kinds are a request of each class that a device sends, once all is prepared.
func kinds(b *bench) map[Class]func() *http.Request {
	g, p := b.grant(segment("r1", 1, 0, 1000)), b.grant(picture("e0", 1000, false))
	below := func(method, path string, body any) func() *http.Request {
		return func() *http.Request { return b.signed(b.device, method, "/v1/devices/P1/cam-1/"+path, body) }
	}
	return map[Class]func() *http.Request{
		ClassTime: func() *http.Request {
			req, err := http.NewRequest("GET", b.cloud.Endpoint()+"/v1/time", nil)
			if err != nil {
				b.t.Fatal(err)
			}
			return req
		},
		ClassPlan:         below("GET", "plan", nil),
		ClassGrantSegment: below("POST", "uploads", segment("r2", 1, 10, 1000)),
		ClassGrantPicture: below("POST", "uploads", picture("e1", 1000, false)),
		ClassEvent:        below("POST", "events", report("e1", EventFinished)),
		ClassSegmentPUT:   func() *http.Request { return b.putRequest(g, media(0, 1000)) },
		ClassPicturePUT:   func() *http.Request { return b.putRequest(p, media(0, 1000)) },
	}
}

func TestEveryClassMeetsItsOwnFaultAndNoOther(t *testing.T) {
	for _, class := range DeviceClasses {
		t.Run(string(class), func(t *testing.T) {
			b := newBench(t).service()
			requests := kinds(b)
			before := b.state()
			b.cloud.Faults().Set(class, Fault{Status: 503, RetryAfter: 1500 * time.Millisecond})
			if r := b.must(requests[class]()); r.status != 503 || r.header.Get("Retry-After") != "2" {
				t.Errorf("answered %d, Retry-After %q", r.status, r.header.Get("Retry-After"))
			}
			if after := b.state(); after != before {
				t.Errorf("a request that was answered 503 has changed the cloud:\n%s\nto\n%s", before, after)
			}
			for other, request := range requests {
				if other == class {
					continue
				}
				if r := b.must(request()); r.status >= 300 {
					t.Errorf("%s met the fault of %s: %d %s", other, class, r.status, r.body)
				}
			}
			b.cloud.Faults().Clear(class)
			if r := b.must(requests[class]()); r.status >= 300 {
				t.Errorf("after Clear: %d %s", r.status, r.body)
			}
		})
	}
}

func TestAFaultThatCutsLeavesNothingBehindUnlessTheReplyIsLost(t *testing.T) {
	cases := []struct {
		name  string
		fault Fault
		done  bool // whether the work is done all the same
	}{
		{"reset at once", Fault{ResetAfter: -1}, false},
		{"the reply is lost", Fault{LoseReply: true}, true},
		{"the answer is cut within its body", Fault{ResetAfter: 1010}, true},
	}
	for _, c := range cases {
		for _, class := range []Class{ClassSegmentPUT, ClassGrantSegment, ClassEvent} {
			if c.fault.ResetAfter > 0 && class == ClassSegmentPUT {
				continue // the store's answer has no body that could be cut
			}
			t.Run(fmt.Sprintf("%s: %s", c.name, class), func(t *testing.T) {
				b := newBench(t).service()
				requests := kinds(b)
				req := requests[class]()
				fault := c.fault
				if fault.ResetAfter > 0 {
					fault.ResetAfter = req.ContentLength + 10
				}
				before := b.state()
				b.device.Faults().Set(class, fault)
				if r, err := b.do(req); err == nil {
					t.Errorf("answered %d %s", r.status, r.body)
				}
				if changed := b.state() != before; changed != c.done {
					t.Errorf("the cloud has changed: %v, want %v\n%s", changed, c.done, b.state())
				}
			})
		}
	}
}

func TestAResetAtOnceIsAReset(t *testing.T) {
	b := newBench(t)
	b.device.Faults().Set(ClassPlan, Fault{ResetAfter: -1})
	_, err := b.do(b.signed(b.device, "GET", "/v1/devices/P1/cam-1/plan", nil))
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("cut with %v", err)
	}
}

func TestAPutIsCutAfterItsBytes(t *testing.T) {
	for _, after := range []int64{1, 500_000, 1_000_000} {
		b := newBench(t).service()
		g := b.grant(segment("r1", 1, 0, 1_000_000))
		b.device.Faults().Set(ClassSegmentPUT, Fault{ResetAfter: after, Times: 1})
		if r, err := b.do(b.putRequest(g, media(0, 1_000_000))); err == nil {
			t.Errorf("cut after %d bytes: answered %d", after, r.status)
		}
		if u := b.device.Uploads()[0]; u.Received != after || u.State != UploadGranted {
			t.Errorf("cut after %d bytes: %d received, %s", after, u.Received, u.State)
		}
		if r := b.put(g, media(0, 1_000_000)); r.status != 200 {
			t.Errorf("PUT to the same grant: %d %s", r.status, r.body)
		}
	}
}

func TestSkipAndTimesCount(t *testing.T) {
	cases := []struct {
		name  string
		fault Fault
		want  string
	}{
		{"always", Fault{Status: 500}, "xxxxxx"},
		{"twice", Fault{Status: 500, Times: 2}, "xx...."},
		{"all but the first two", Fault{Status: 500, Skip: 2}, "..xxxx"},
		{"the third alone", Fault{Status: 500, Skip: 2, Times: 1}, "..x..."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.device.Faults().Set(ClassPlan, c.fault)
			got := ""
			for range 6 {
				if r := b.ask("GET", "plan", nil); r.status == 500 {
					got += "x"
				} else {
					got += "."
				}
			}
			if got != c.want {
				t.Errorf("struck %s, want %s", got, c.want)
			}
			if n := b.device.Faults().Struck(ClassPlan); n != strings.Count(c.want, "x") {
				t.Errorf("Struck %d", n)
			}
		})
	}
}

func TestADevicesOwnFaultGoesBeforeThatForAll(t *testing.T) {
	b := newBench(t)
	other, err := b.cloud.Register("P1", "cam-2", "secret-2")
	if err != nil {
		t.Fatal(err)
	}
	b.cloud.Faults().Set(ClassPlan, Fault{Status: 500})
	b.device.Faults().Set(ClassPlan, Fault{Status: 503})
	ofOther := b.must(b.signed(other, "GET", "/v1/devices/P1/cam-2/plan", nil))
	if own := b.ask("GET", "plan", nil); own.status != 503 || ofOther.status != 500 {
		t.Errorf("own device %d, other device %d", own.status, ofOther.status)
	}
	b.device.Faults().ClearAll()
	if r := b.ask("GET", "plan", nil); r.status != 500 {
		t.Errorf("own fault cleared: %d", r.status)
	}
}

func TestARefusedRequestDoesNotCount(t *testing.T) {
	b := newBench(t)
	b.device.Faults().Set(ClassPlan, Fault{Status: 500, Times: 1})
	req := b.signed(b.device, "GET", "/v1/devices/P1/cam-1/plan", nil)
	req.Header.Del("Authorization")
	if r := b.must(wrong(req)); r.status != 401 {
		t.Errorf("unsigned: %d", r.status)
	}
	if r := b.ask("GET", "plan", nil); r.status != 500 {
		t.Errorf("signed: %d", r.status)
	}
}

func TestGarbageIsAnsweredInsteadOfTheWork(t *testing.T) {
	for _, status := range []int{0, 502} {
		b := newBench(t).service()
		before := b.state()
		b.device.Faults().Set(ClassGrantSegment, Fault{Status: status, Body: "<html>captive portal</html>"})
		r := b.ask("POST", "uploads", segment("r1", 1, 0, 9))
		if r.status != max(status, 200) || string(r.body) != "<html>captive portal</html>" || r.header.Get("Content-Type") != "text/html" {
			t.Errorf("answered %d %s", r.status, r.body)
		}
		if after := b.state(); after != before {
			t.Errorf("garbage has changed the cloud:\n%s", after)
		}
	}
}

func TestATruncatedObjectIsAnswered200ButNotStored(t *testing.T) {
	for _, keep := range []int64{-1, 1, 500} {
		b := newBench(t).service()
		g := b.grant(segment("r1", 1, 0, 1000))
		b.device.Faults().Set(ClassSegmentPUT, Fault{Truncate: keep, Times: 1})
		r := b.put(g, media(0, 1000))
		if want := fmt.Sprintf(`"%x"`, md5.Sum(media(0, int(max(0, keep))))); r.status != 200 || r.header.Get("ETag") != want {
			t.Errorf("keep %d: %d, ETag %s, want %s", keep, r.status, r.header.Get("ETag"), want)
		}
		if n := len(b.device.Segments()); n != 0 {
			t.Errorf("keep %d: %d segments stored", keep, n)
		}
		if again := b.grant(segment("r1", 1, 0, 1000)); again.Stored {
			t.Errorf("keep %d: told as stored", keep)
		}
		if r := b.put(g, media(0, 1000)); r.status != 200 || len(b.device.Segments()) != 1 {
			t.Errorf("keep %d: PUT once more: %d, %d segments", keep, r.status, len(b.device.Segments()))
		}
	}
}

func TestADelayedAnswerComesOnTheCloudsClockAfterTheWork(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	b.device.Faults().Set(ClassSegmentPUT, Fault{Delay: 5 * time.Second})
	answered := b.try(b.putRequest(g, media(0, 1000)))
	if err := b.cloud.Wait(within(t, 10*time.Second), "the segment", func() bool { return len(b.device.Segments()) == 1 }); err != nil {
		t.Fatal(err)
	}
	b.advanceUntil(answered)
	if took := b.device.Journal()[1].Took; took < 5*time.Second || took > 6*time.Second {
		t.Errorf("answered after %v of the cloud's clock", took)
	}
}

// advanceUntil moves the clock in small steps until the request is answered, and
// puts the outcome back.
func (b *bench) advanceUntil(answered <-chan outcome) outcome {
	b.t.Helper()
	ctx := within(b.t, 20*time.Second)
	for {
		select {
		case o := <-answered:
			return o
		case <-ctx.Done():
			b.t.Fatal("no answer within 20 s of machine time")
		default:
			b.clock.Advance(50 * time.Millisecond)
			_ = clock.Machine(ctx, 200*time.Microsecond)
		}
	}
}

func TestAThrottledStoreTakesBytesOnTheCloudsClock(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 100_000))
	b.device.Faults().Set(ClassSegmentPUT, Fault{Bandwidth: 10_000})
	answered := b.try(b.putRequest(g, media(0, 100_000)))
	b.underway(ClassSegmentPUT)
	if o := b.advanceUntil(answered); o.err != nil || o.status != 200 {
		t.Fatalf("PUT: %d %v", o.status, o.err)
	}
	if took := b.device.Journal()[1].Took; took < 9*time.Second || took > 15*time.Second {
		t.Errorf("100,000 bytes at 10,000 a second took %v", took)
	}
}

func TestAJumpOfAFrozenClockLetsAsMuchPassAsRunningTime(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 100_000))
	b.device.Faults().Set(ClassSegmentPUT, Fault{Bandwidth: 10_000})
	answered := b.try(b.putRequest(g, media(0, 100_000)))
	b.underway(ClassSegmentPUT)
	received := func(n int64) {
		t.Helper()
		if err := b.cloud.Wait(within(t, 10*time.Second), fmt.Sprint(n, " bytes to arrive"), func() bool { return b.device.Uploads()[0].Received >= n }); err != nil {
			t.Fatalf("%v; %d bytes have", err, b.device.Uploads()[0].Received)
		}
	}
	received(1)
	b.clock.Advance(5 * time.Second)
	received(50_000)
	b.clock.Advance(5 * time.Second)
	if o := ended(t, "the PUT", answered); o.err != nil || o.status != 200 {
		t.Errorf("PUT: %d %v", o.status, o.err)
	}
}

func TestClearReleasesWhatIsHeld(t *testing.T) {
	cases := []struct {
		name     string
		fault    Fault
		answered bool
	}{
		{"a request that hangs is cut", Fault{Hang: true}, false},
		{"an answer that is late comes at once", Fault{Delay: time.Hour}, true},
		{"a body that trickles comes at once", Fault{Bandwidth: 1}, true},
	}
	for _, c := range cases {
		for _, class := range []Class{ClassSegmentPUT, ClassEvent} {
			t.Run(fmt.Sprintf("%s: %s", c.name, class), func(t *testing.T) {
				b := newBench(t).service()
				request := kinds(b)[class]()
				b.device.Faults().Set(class, c.fault)
				before := b.state()
				answered := b.try(request)
				b.underway(class)
				b.device.Faults().ClearAll()
				o := ended(t, "the request", answered)
				if c.answered != (o.err == nil && o.status == 200) {
					t.Errorf("%d %v", o.status, o.err)
				}
				if stored := b.state() != before; stored != c.answered {
					t.Errorf("the cloud has changed: %v", stored)
				}
			})
		}
	}
}

func TestACutIsAResetAlsoWhenAllBytesWereRead(t *testing.T) {
	b := newBench(t).service()
	g := b.grant(segment("r1", 1, 0, 1000))
	b.device.Faults().Set(ClassSegmentPUT, Fault{ResetAfter: 10})
	c := b.dial(g, 10, 1000)
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("cut with %v, want a reset", err)
	}
}
