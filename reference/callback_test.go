package reference

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// TestEveryCallFromInsideEveryCallback: each ends at once, with success or an
// error (ROB-003).
func TestEveryCallFromInsideEveryCallback(t *testing.T) {
	calls := map[string]func(c *camera) any{
		"init":            func(c *camera) any { return c.Init(&c.parm) },
		"exit":            func(c *camera) any { return c.Exit() },
		"push video":      func(c *camera) any { return c.PushVideo(&VencPack{Data: avcKey(100)}) },
		"push audio":      func(c *camera) any { return c.PushAudio(&AencPack{Data: adts(100)}) },
		"event_start":     func(c *camera) any { return c.EventStart(9) },
		"event_stop":      func(c *camera) any { return c.EventStop(9) },
		"event_start_ext": func(c *camera) any { return c.EventStartExt(10, 0, 0) },
		"event_stop_ext":  func(c *camera) any { return c.EventStopExt(10, 0, 0) },
		"directly_report": func(c *camera) any { return c.EventDirectlyReport(2, 0, []byte{0xFF, 0xD8}) },
		"get_balance 0":   func(c *camera) any { return c.GetBalanceInfo(new(BalanceInfo), 0) },
		"get_balance 5":   func(c *camera) any { return c.GetBalanceInfo(new(BalanceInfo), 5) },
		"set_ai":          func(c *camera) any { return c.SetAIProcess(1, AIFallDetect) },
		"get_ai":          func(c *camera) any { return c.GetAIProcess(1, new(int32)) },
		"set_trans_time":  func(c *camera) any { return c.SetTransTime(5000, 5000) },
		"advance":         func(c *camera) any { return c.ClockAdvance(10) },
	}
	want := map[string]string{"init": "-610", "exit": "-605", "advance": "1", "get_balance 0": "0", "set_ai": "0", "get_ai": "0",
		"set_trans_time": "0", "get_balance 5": "-608", "directly_report": "-605"}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, PlanEvent)
			cam := newCamera(t, c)
			cam.hook = func(what string) {
				if strings.Contains(what, "9") || strings.Contains(what, "10") {
					return // of the events that the calls have started
				}
				used := clock.Elapsed()
				got := call(cam)
				if d := used(); d > 2*time.Second {
					t.Errorf("from %q: took %v", what, d)
				}
				if e, ok := got.(Err); ok {
					got = int32(e)
				}
				if w := want[name]; w != "" && fmt.Sprint(got) != w && !strings.Contains(what, "stop") && !strings.Contains(what, "report") {
					t.Errorf("from %q: %v, want %s", what, got, w)
				}
			}
			_ = cam.EventStart(1)
			cam.advance(0)
			cam.video = 0
			for range 80 {
				_ = cam.pushVideo(1000)
			}
			_ = cam.EventStop(1)
			cam.advance(0)
			cam.exit()
			if !strings.Contains(cam.heard(), "report 1") {
				t.Errorf("heard %s", cam.heard())
			}
		})
	}
}

func TestACallbackThatBlocksStallsNothing(t *testing.T) {
	c := newCloud(t, PlanFullTime)
	cam := newCamera(t, c, func(p *InitParm) { p.MaxGopSize = 8 << 20 })
	held, let := make(chan struct{}), make(chan struct{})
	first := true
	cam.hook = func(what string) {
		if strings.HasPrefix(what, "notify") && first {
			first = false
			close(held)
			<-let
		}
	}
	push := func(n int) {
		for range n {
			if err := cam.pushVideo(1000); err != ErrNone {
				t.Errorf("push beside a blocked callback: %v", err)
			}
		}
	}
	push(201) // the second key frame after 10 s cuts
	<-held
	push(2200) // eleven segments more
	c.wait("the segments that follow", func() bool { return len(c.stored("segment")) == 12 })
	if err := cam.EventStart(1); err != ErrNone {
		t.Errorf("event_start beside a blocked callback: %v", err)
	}
	if err := cam.EventStop(1); err != ErrNone {
		t.Errorf("event_stop beside a blocked callback: %v", err)
	}
	if err := cam.EventDirectlyReport(2, 0, []byte{1}); err != ErrNone {
		t.Errorf("directly_report beside a blocked callback: %v", err)
	}
	close(let)
	cam.advance(0)
	if n := len(cam.slices); n != 12 {
		t.Errorf("told of %d segments, want 12", n)
	}
	if !strings.HasPrefix(cam.heard("notify"), "notify 2, notify 2, notify 2") || strings.Count(cam.heard("notify"), "notify 2") != 3 {
		t.Errorf("results that gather go out together, ten at most: %s", cam.heard("notify"))
	}
}

func TestCallbacksThatFailChangeNothing(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c, func(p *InitParm) {
		k := p.Callbacks
		p.Callbacks.PushStreamStart = func() int32 { k.PushStreamStart(); return -1 }
		p.Callbacks.PushStreamStop = func() int32 { k.PushStreamStop(); return -1 }
		p.Callbacks.EventPictureResult = func(p Picture, e int32) int32 { k.EventPictureResult(p, e); return -1 }
		p.Callbacks.EventReportResult = func(r EventResult) int32 { k.EventReportResult(r); return -1 }
		p.Callbacks.Notify = func(m int32, s []SliceInfo) int32 { k.Notify(m, s); return -1 }
	})
	for range 2 {
		_ = cam.EventStart(1)
		cam.advance(0)
		cam.video = 0
		cam.stream(4 * time.Second)
		_ = cam.EventStop(1)
		cam.advance(0)
	}
	cam.expect(cam.heard("st", "picture", "report"), strings.Repeat(", start, picture IV_ERR_NONE, stop, report 1: 1", 2)[2:])
}

func TestTheFirstPushFromInsideStartSucceeds(t *testing.T) {
	c := newCloud(t, PlanFullTime)
	var cam *camera
	got := make(chan Err, 1)
	cam = &camera{}
	d := New(c.config())
	p := InitParm{MaxGopSize: 800 << 10, AV: AVDataInfo{AudioType: AudioAAC}, Callbacks: Callbacks{
		PushStreamStart: func() int32 {
			other := make(chan Err)
			go func() { other <- d.PushVideo(&VencPack{Data: avcKey(100)}) }()
			got <- <-other
			return 0
		},
		PushStreamStop: func() int32 { return 0 },
	}}
	cam.Device = d
	if err := d.Init(&p); err != ErrNone {
		t.Fatal(err)
	}
	if err := <-got; err != ErrNone {
		t.Errorf("a push by another thread while start_cb runs: %v", err)
	}
	if err := d.Exit(); err != ErrNone {
		t.Error(err)
	}
}

func TestAPictureIsNotReadAfterItsResult(t *testing.T) {
	c := newCloud(t, PlanEvent)
	// Longer than the buffers of a connection, so that it is still being sent
	// when the time-out runs.
	big := make([]byte, 24<<20)
	c.setFault(func(kind string, w http.ResponseWriter, r *http.Request) bool {
		if kind == "put picture" {
			<-c.over
		}
		return false
	})
	cam := newCamera(t, c)
	cam.picture = big
	cam.parm.Callbacks.EventPictureResult = nil
	_ = cam.SetTransTime(500, 500)
	cam.hook = func(what string) {
		if strings.HasPrefix(what, "picture") {
			for i := range big { // the race detector sees a reader
				big[i] = 0xA5
			}
		}
	}
	_ = cam.EventStart(1)
	cam.advance(70 * time.Second)
	cam.expect(cam.heard("picture"), "picture IV_ERR_CS_HTTP_DATA_FAIL")
	_ = clock.Machine(context.Background(), 20*time.Millisecond)
}

func TestDirectReports(t *testing.T) {
	pic := padded([]byte{0xFF, 0xD8}, 2000)
	for _, c := range []struct {
		name  string
		plan  int32
		id    int32
		at    uint32
		pic   []byte
		fault func(string, http.ResponseWriter, *http.Request) bool
		want  Err
	}{
		{"with a picture", PlanEvent, 5, 0, pic, nil, ErrNone},
		{"without a picture", PlanFullTime, 16, 1_700_000_000, nil, nil, ErrNone},
		{"of time 15, which is absolute here", PlanEvent, 1, 15, pic, nil, ErrNone},
		{"without a plan but with a picture", PlanNone, 1, 0, pic, nil, ErrNone},
		{"without a plan and without a picture", PlanNone, 1, 0, nil, nil, ErrCSApplyNoService},
		{"an empty picture", PlanEvent, 1, 0, []byte{}, nil, ErrCSInitPrmRange},
		{"id 0", PlanEvent, 0, 0, pic, nil, ErrCSInitPrmRange},
		{"id 17", PlanEvent, 17, 0, pic, nil, ErrCSInitPrmRange},
		{"a store that fails", PlanEvent, 1, 0, pic, failing(500, "put"), ErrCSHTTPDataFail},
		{"a control plane that fails", PlanEvent, 1, 0, nil, failing(500, "events"), ErrCSHTTPDataFail},
		{"a control plane that refuses", PlanEvent, 1, 0, nil, failing(400, "events"), ErrCSHTTPDataFail},
		{"a store that fails once", PlanEvent, 1, 0, pic, func() func(string, http.ResponseWriter, *http.Request) bool {
			failed := false
			return func(kind string, w http.ResponseWriter, r *http.Request) bool {
				if kind != "put picture" || failed {
					return false
				}
				failed = true
				w.WriteHeader(503)
				return true
			}
		}(), ErrNone},
		{"a cloud that is silent", PlanEvent, 1, 0, pic, silent("grant"), ErrCSHTTPDataFail},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, c.plan)
			cam := newCamera(t, cloud)
			_ = cam.SetTransTime(300, 300)
			cloud.setFault(c.fault)
			if got := cam.EventDirectlyReport(c.id, c.at, c.pic); got != c.want {
				t.Fatalf("%v, want %v", got, c.want)
			}
			cam.advance(0)
			if got := cam.heard("st", "capture", "picture", "report"); c.plan == PlanEvent && got != "" {
				t.Errorf("heard %q", got)
			}
			if c.want != ErrNone {
				return
			}
			at := int64(c.at)
			if at == 0 {
				at = epochS
			}
			r := cloud.reports()
			if len(r) != 1 || !r[0].Direct || r[0].State != "finished" || r[0].EventID != c.id || r[0].StartUTC != at || r[0].StreamStart != 0 {
				t.Fatalf("reported %+v", r)
			}
			pics := cloud.stored("picture")
			switch {
			case c.pic == nil && (len(pics) != 0 || r[0].PictureID != nil):
				t.Errorf("a picture was stored")
			case c.pic != nil && (len(pics) != 1 || string(pics[0].body) != string(c.pic) || *r[0].PictureID != pics[0].id || !pics[0].picture.Direct):
				t.Errorf("stored %+v", pics)
			}
		})
	}
}

func TestBalance(t *testing.T) {
	cloud := newCloud(t, PlanEvent)
	d := New(cloud.config())
	b := BalanceInfo{CSSwitch: -1, CSType: -1}
	if got := d.GetBalanceInfo(&b, 0); got == ErrNone || b.CSType != -1 {
		t.Errorf("before anything was fetched: %v, %+v", got, b)
	}
	if got := d.GetBalanceInfo(nil, 0); got != ErrCSInitPrmNull {
		t.Errorf("nil: %v", got)
	}
	for range 100 {
		if got := d.GetBalanceInfo(&b, uint32(3*cloud.count("plan")%2)); got != ErrNone && cloud.count("plan") > 0 {
			t.Fatal(got)
		}
		if cloud.count("plan") == 0 {
			if got := d.GetBalanceInfo(&b, 3); got != ErrNone {
				t.Fatal(got)
			}
		}
	}
	if b != (BalanceInfo{1, PlanEvent}) {
		t.Errorf("%+v", b)
	}
	t.Run("a cloud that is silent", func(t *testing.T) {
		cloud.setFault(silent("plan"))
		used := clock.Elapsed()
		if got := d.GetBalanceInfo(&b, 1); got != ErrCSQueryServiceTimeout {
			t.Errorf("%v", got)
		}
		if d := used(); d < time.Second || d > 2*time.Second {
			t.Errorf("took %v, want 1 s", d)
		}
		if got := d.GetBalanceInfo(&b, 0); got != ErrNone || b != (BalanceInfo{1, PlanEvent}) {
			t.Errorf("afterwards the cache has %+v, %v", b, got)
		}
	})
	t.Run("garbage", func(t *testing.T) {
		cloud.setFault(func(kind string, w http.ResponseWriter, r *http.Request) bool {
			_, _ = w.Write([]byte(`{"rev":1,"cs_switch":7,"cs_type":9}`))
			return true
		})
		if got := d.GetBalanceInfo(&b, 3); got != ErrCSQueryServiceTimeout {
			t.Errorf("%v", got)
		}
	})
	t.Run("under a frozen clock it ends by the device's time", func(t *testing.T) {
		cloud.setFault(nil)
		cam := newCamera(t, cloud)
		cloud.setFault(silent("plan"))
		out, asked := make(chan bool, 1), cloud.count("plan")
		go func() { out <- cam.GetBalanceInfo(&b, 3600) == ErrCSQueryServiceTimeout }()
		cloud.wait("the query", func() bool { return cloud.count("plan") > asked })
		cam.advance(10 * time.Second)
		if !receive(t, out, "the reply time-out") {
			t.Error("it succeeded")
		}
	})
}

func TestAISettings(t *testing.T) {
	cam := newCamera(t, newCloud(t, PlanEvent))
	get := func(id int32) int32 {
		v := int32(-1)
		if err := cam.GetAIProcess(id, &v); err != ErrNone {
			t.Fatal(err)
		}
		return v
	}
	for id := int32(1); id <= 16; id++ {
		if err := cam.SetAIProcess(id, id%2); err != ErrNone {
			t.Fatal(err)
		}
	}
	for id := int32(1); id <= 16; id++ {
		if got := get(id); got != id%2 {
			t.Errorf("event %d: %d", id, got)
		}
	}
	for _, c := range [][2]int32{{0, 1}, {17, 1}, {-1, 1}, {2, 2}, {2, 3}, {2, -1}} {
		if err := cam.SetAIProcess(c[0], c[1]); err != ErrCSInitPrmRange {
			t.Errorf("set %v: %v", c, err)
		}
	}
	if get(2) != 0 {
		t.Error("a refused setting was kept")
	}
	if err := cam.GetAIProcess(1, nil); err != ErrCSInitPrmNull {
		t.Errorf("nil: %v", err)
	}
}
