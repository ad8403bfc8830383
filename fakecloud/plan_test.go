package fakecloud

import (
	"context"
	"strings"
	"testing"
	"time"
)

// poll asks for the plan with a long poll.
func (b *bench) poll(query string) <-chan planAnswer {
	req := b.signed(b.device, "GET", "/v1/devices/P1/cam-1/plan"+query, nil)
	return start(func() (p planAnswer) {
		r, err := b.do(req)
		if err != nil {
			b.t.Errorf("poll: %v", err)
			return p
		}
		r.json(b.t, &p)
		return p
	})
}

// polled waits until n plan requests have begun to wait.
func (b *bench) polled(n int) {
	b.t.Helper()
	if err := b.cloud.Wait(within(b.t, 10*time.Second), "the polls", func() bool {
		b.cloud.mu.Lock()
		defer b.cloud.mu.Unlock()
		return b.device.polls >= n
	}); err != nil {
		b.t.Fatal(err)
	}
}

func TestAPlanIsToldAtOnceUnlessTheDeviceKnowsIt(t *testing.T) {
	cases := []struct{ name, query string }{
		{"without rev", ""},
		{"without rev, though it would wait", "?wait=30"},
		{"with another rev", "?rev=1&wait=30"},
		{"with this rev, without wait", "?rev=2"},
		{"with this rev and no time to wait", "?rev=2&wait=0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t).service()
			if got, want := ended(t, "the poll", b.poll(c.query)), (planAnswer{Rev: 2, Switch: 1, Type: PlanFullTime}); got != want {
				t.Errorf("plan %+v, want %+v", got, want)
			}
		})
	}
}

func TestALongPollIsAnsweredByAChange(t *testing.T) {
	b := newBench(t)
	answered := b.poll("?rev=1&wait=60")
	b.polled(1)
	rev := b.device.SetPlan(Plan{Switch: 1, Type: PlanEvent})
	if got, want := ended(t, "the poll", answered), (planAnswer{Rev: rev, Switch: 1, Type: PlanEvent}); got != want {
		t.Errorf("plan %+v, want %+v", got, want)
	}
}

func TestALongPollEndsOnTheCloudsClock(t *testing.T) {
	for query, seconds := range map[string]int{"?rev=1&wait=30": 30, "?rev=1&wait=60": 60, "?rev=1&wait=3600": 60} {
		b := newBench(t)
		answered := b.poll(query)
		b.polled(1)
		b.clock.Advance(time.Duration(seconds)*time.Second - time.Millisecond)
		b.ask("GET", "plan", nil)
		if b.device.Journal()[0].Done {
			t.Errorf("%s: answered before %d s had passed", query, seconds)
		}
		b.clock.Advance(time.Millisecond)
		if got := ended(t, "the poll", answered); got.Rev != 1 {
			t.Errorf("%s: rev %d", query, got.Rev)
		}
		if took := b.device.Journal()[0].Took; took != time.Duration(seconds)*time.Second {
			t.Errorf("%s: took %v", query, took)
		}
	}
}

func TestAPlanExpiresOnTheCloudsClockAndIsToldAtOnce(t *testing.T) {
	b := newBench(t)
	rev := b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime, Expires: epoch.Add(20 * time.Second)})
	answered := b.poll("?rev=2&wait=60")
	b.polled(1)
	b.clock.Advance(19 * time.Second)
	if p, _ := b.device.Plan(); p.Type != PlanFullTime {
		t.Error("the plan has ended a second early")
	}
	b.clock.Advance(time.Second)
	if got, want := ended(t, "the poll", answered), (planAnswer{Rev: rev + 1, Switch: 1, Type: PlanNone}); got != want {
		t.Errorf("plan %+v, want %+v", got, want)
	}
}

func TestAPlanFollowsTheWallClockWhenItIsStepped(t *testing.T) {
	b := newBench(t)
	b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime, Expires: epoch.Add(time.Hour)})
	b.clock.Step(-30 * time.Minute)
	b.clock.Advance(time.Hour)
	if p, _ := b.device.Plan(); p.Type != PlanFullTime {
		t.Error("the plan has ended half an hour before its time")
	}
	b.clock.Advance(30 * time.Minute)
	if p, rev := b.device.Plan(); p.Type != PlanNone || rev != 3 {
		t.Errorf("plan %+v rev %d after its time", p, rev)
	}
	b.device.SetPlan(Plan{Switch: 1, Type: PlanFullTime, Expires: epoch.Add(2 * time.Hour)})
	b.clock.Step(3 * time.Hour)
	if p, _ := b.device.Plan(); p.Type != PlanNone {
		t.Error("the plan has outlived a step of the wall clock over its end")
	}
}

func TestAPollThatTheDeviceGivesUpIsNotAnswered(t *testing.T) {
	b := newBench(t)
	ctx, hangUp := context.WithCancel(context.Background())
	given := b.try(b.signed(b.device, "GET", "/v1/devices/P1/cam-1/plan?rev=1&wait=60", nil).WithContext(ctx))
	b.polled(1)
	hangUp()
	if o := ended(t, "the poll", given); o.err == nil {
		t.Errorf("answered %d", o.status)
	}
	if err := b.cloud.Wait(within(t, 10*time.Second), "the poll to end", func() bool { return b.device.Journal()[0].Done }); err != nil {
		t.Fatal(err)
	}
	if e := b.device.Journal()[0]; e.Status != 0 || !strings.Contains(e.Err, "hung up") {
		t.Errorf("entry %+v", e)
	}
}

func TestABadPlanQueryIsRefused(t *testing.T) {
	for _, query := range []string{"?rev=x", "?rev=-1", "?rev=1&wait=soon"} {
		b := newBench(t)
		if r := b.must(wrong(b.signed(b.device, "GET", "/v1/devices/P1/cam-1/plan"+query, nil))); r.status != 400 || r.code(t) != "bad_request" {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
}

func TestWaitPolledKnowsWhatTheDeviceHasSeen(t *testing.T) {
	b := newBench(t)
	rev := b.device.SetPlan(Plan{Switch: 1, Type: PlanEvent})
	b.ask("GET", "plan?rev=1", nil)
	short, cancel := context.WithCancel(context.Background())
	cancel()
	err := b.device.WaitPolled(short, rev)
	if err == nil || !strings.Contains(err.Error(), "rev=2") || !strings.Contains(err.Error(), "at last knowing rev 1") {
		t.Errorf("device has not seen the plan, yet: %v", err)
	}
	waited := start(func() error { return b.device.WaitPolled(within(t, 10*time.Second), rev) })
	b.ask("GET", "plan?rev=2", nil)
	if err := ended(t, "WaitPolled", waited); err != nil {
		t.Error(err)
	}
}
