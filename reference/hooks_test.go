package reference

import (
	"context"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

func TestHooksWorkBeforeInitAndAfterExit(t *testing.T) {
	d := New(Config{})
	if got := d.ClockAdvance(5); got != 0 {
		t.Errorf("an advance of a clock that runs: %d", got)
	}
	d.ClockFreeze(uint64(epoch.UnixMilli()))
	d.ClockStep(-1500)
	if got := d.ClockAdvance(60_000); got != 0 {
		t.Errorf("an advance: %d", got)
	}
	if want := epoch.Add(60*time.Second - 1500*time.Millisecond); !d.clock.Now().Equal(want) {
		t.Errorf("the clock shows %v, want %v", d.clock.Now(), want)
	}
}

func TestConfigureTakesTheBindingsJSON(t *testing.T) {
	for _, c := range []struct {
		name, json string
		ok         bool
	}{
		{"everything", `{"endpoint":"http://127.0.0.1:1","product_id":"P1","device_name":"d-1","device_secret":"s","ca_file":""}`, true},
		{"no JSON", `endpoint=x`, false},
		{"no endpoint", `{"product_id":"P1","device_name":"d","device_secret":"s"}`, false},
		{"another scheme", `{"endpoint":"ftp://x","product_id":"P1","device_name":"d","device_secret":"s"}`, false},
		{"a product id with a slash", `{"endpoint":"http://x","product_id":"P/1","device_name":"d","device_secret":"s"}`, false},
		{"no device name", `{"endpoint":"http://x","product_id":"P1","device_secret":"s"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := New(Config{}).Configure([]byte(c.json)); (err == nil) != c.ok {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestADeviceWithoutAConfigurationIsNotInitialised(t *testing.T) {
	t.Setenv("IVCS_ENDPOINT", "")
	p := InitParm{MaxGopSize: 4096, AV: AVDataInfo{AudioType: AudioAAC},
		Callbacks: Callbacks{PushStreamStart: func() int32 { return 0 }, PushStreamStop: func() int32 { return 0 }}}
	if got := New(ConfigFromEnv()).Init(&p); got != ErrCSUploadAuthNotAvailable {
		t.Errorf("%v", got)
	}
}

func TestAnAdvanceReturnsWhenItsCallbacksHave(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c)
	cam.hook = func(what string) {
		_ = clock.Machine(context.Background(), 50*time.Millisecond)
		cam.mu.Lock()
		defer cam.mu.Unlock()
		cam.told = append(cam.told, "left "+what)
	}
	_ = cam.EventStart(1)
	cam.advance(0)
	cam.expect(cam.heard("left"), "left capture 1, left start, left picture IV_ERR_NONE")
}

func TestAnAdvanceStopsAtEachTimer(t *testing.T) {
	d := New(Config{})
	d.ClockFreeze(uint64(epoch.UnixMilli()))
	var at []time.Duration
	// Each timer's work makes the next timer: only an advance that waits for the
	// work sees them all.
	var next func()
	next = func() {
		d.work.begin()
		go func() {
			defer d.work.end()
			_ = clock.Machine(context.Background(), time.Millisecond)
			at = append(at, d.clock.Now().Sub(epoch))
			if len(at) < 5 {
				d.clock.AfterFunc(time.Second, next)
			}
		}()
	}
	d.clock.AfterFunc(time.Second, next)
	if got := d.ClockAdvance(10_000); got != 0 {
		t.Errorf("%d", got)
	}
	if len(at) != 5 || at[4] != 5*time.Second {
		t.Errorf("timers ran at %v", at)
	}
}

func TestAnAdvanceIsNotHeldByAFault(t *testing.T) {
	c := newCloud(t, PlanFullTime)
	c.setFault(silent("grant"))
	cam := newCamera(t, c)
	cam.stream(11 * time.Second)
	used := clock.Elapsed()
	for range 100 {
		cam.advance(10 * time.Millisecond)
	}
	if d := used(); d > 5*time.Second {
		t.Errorf("100 advances under a held transfer took %v", d)
	}
	_ = cam.SetTransTime(100, 100)
}

func TestAnIdleAdvanceIsCheap(t *testing.T) {
	cam := newCamera(t, newCloud(t, PlanFullTime))
	cam.stream(11 * time.Second)
	r := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			cam.ClockAdvance(0)
		}
	})
	t.Logf("%v", r)
	if d := time.Duration(r.NsPerOp()); d > time.Millisecond {
		t.Errorf("an advance with nothing to do takes %v", d)
	}
}
