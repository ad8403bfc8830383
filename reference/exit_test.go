package reference

import (
	"context"
	"net"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

func TestCallsOutOfOrderAreRefused(t *testing.T) {
	c := newCloud(t, PlanEvent)
	d := New(c.config())
	asked := 0
	check := func(when string) {
		t.Helper()
		var ai int32
		for name, got := range map[string]Err{
			"exit": d.Exit(), "push video": d.PushVideo(&VencPack{Data: avcKey(100)}), "push audio": d.PushAudio(&AencPack{Data: adts(100)}),
			"event_start": d.EventStart(1), "event_stop": d.EventStop(1), "event_start_ext": d.EventStartExt(1, 0, 0),
			"event_stop_ext": d.EventStopExt(1, 0, 0), "directly_report": d.EventDirectlyReport(1, 0, nil),
			"set_ai": d.SetAIProcess(1, 1), "get_ai": d.GetAIProcess(1, &ai), "set_trans_time": d.SetTransTime(1000, 1000),
		} {
			if got != ErrCSPrmNotAvailable {
				t.Errorf("%s %s: %v, want %v", name, when, got, ErrCSPrmNotAvailable)
			}
		}
		if n := c.count(""); n != asked {
			t.Errorf("%s the cloud has been asked %d times", when, n)
		}
	}
	check("before init")
	if got := d.Init(&InitParm{}); got != ErrCSInitCbNull {
		t.Errorf("an init without callbacks: %v", got)
	}
	check("after a failed init")
	cam := newCamera(t, c)
	if got := cam.Init(&cam.parm); got != ErrCSInitRepeat {
		t.Errorf("a second init: %v, want %v", got, ErrCSInitRepeat)
	}
	cam.exit()
	d, asked = cam.Device, c.count("")
	check("after exit")
}

func TestWhatInitRefuses(t *testing.T) {
	c := newCloud(t, PlanNone)
	pcm := func(p *InitParm) {
		p.AV.AudioType, p.AV.BitWidth, p.AV.SampleRate, p.AV.SampleNumPerFrame = AudioPCM, BitWidth16, 8000, 1024
	}
	for _, k := range []struct {
		name   string
		change func(*InitParm)
		want   Err
	}{
		{"nothing wrong", func(p *InitParm) {}, ErrNone},
		{"no buffer", func(p *InitParm) { p.MaxGopSize = 0 }, ErrCSInitPrmRange},
		{"4 KB", func(p *InitParm) { p.MaxGopSize = 4096 }, ErrNone},
		{"no multiple of 4 KB", func(p *InitParm) { p.MaxGopSize = 800_000 }, ErrCSInitPrmRange},
		{"4 GB", func(p *InitParm) { p.MaxGopSize = 0xFFFFF000 }, ErrCSInitPrmRange},
		{"report option 3", func(p *InitParm) { p.EventReportOpt = 3 }, ErrCSInitPrmRange},
		{"report option -1", func(p *InitParm) { p.EventReportOpt = -1 }, ErrCSInitPrmRange},
		{"marks up to the buffer", func(p *InitParm) { p.Congestion = CongestionCtrl{1, 2, 800 << 10, 1} }, ErrNone},
		{"a mark above the buffer", func(p *InitParm) { p.Congestion = CongestionCtrl{1, 2, 800<<10 + 1, 1} }, ErrCSInitPrmRange},
		{"the low mark above the buffer", func(p *InitParm) { p.Congestion = CongestionCtrl{1 << 40, 2, 3, 1} }, ErrCSInitPrmRange},
		{"marks that descend", func(p *InitParm) { p.Congestion = CongestionCtrl{3, 2, 1, 1} }, ErrCSInitPrmRange},
		{"wild marks that are off", func(p *InitParm) { p.Congestion = CongestionCtrl{1 << 60, 2, 1, 0} }, ErrNone},
		{"enable 2", func(p *InitParm) { p.Congestion = CongestionCtrl{1, 2, 3, 2} }, ErrCSInitPrmRange},
		{"video type 2", func(p *InitParm) { p.AV.VideoType = 2 }, ErrCSInitPrmRange},
		{"G.726", func(p *InitParm) { p.AV.AudioType = 3 }, ErrCSInitPrmRange},
		{"PCM", pcm, ErrNone},
		{"PCM of 8 bits", func(p *InitParm) { pcm(p); p.AV.BitWidth = 0 }, ErrCSInitPrmRange},
		{"PCM of no rate", func(p *InitParm) { pcm(p); p.AV.SampleRate = 0 }, ErrCSInitPrmRange},
		{"PCM of mode 2", func(p *InitParm) { pcm(p); p.AV.AudioMode = 2 }, ErrCSInitPrmRange},
		{"mono of 2048 samples", func(p *InitParm) { pcm(p); p.AV.SampleNumPerFrame = 2048 }, ErrCSInitPrmRange},
		{"stereo of 1024 samples", func(p *InitParm) { pcm(p); p.AV.AudioMode = AudioStereo }, ErrCSInitPrmRange},
		{"G.711 of 160 samples", func(p *InitParm) { pcm(p); p.AV.AudioType = AudioG711U; p.AV.SampleNumPerFrame = 160 }, ErrCSInitPrmRange},
		{"AAC with nothing else set", func(p *InitParm) { p.AV = AVDataInfo{AudioType: AudioAAC} }, ErrNone},
		{"no start callback", func(p *InitParm) { p.Callbacks.PushStreamStart = nil }, ErrCSInitCbNull},
		{"no stop callback", func(p *InitParm) { p.Callbacks.PushStreamStop = nil }, ErrCSInitCbNull},
	} {
		t.Run(k.name, func(t *testing.T) {
			p := InitParm{MaxGopSize: 800 << 10, AV: AVDataInfo{AudioType: AudioAAC},
				Callbacks: Callbacks{PushStreamStart: func() int32 { return 0 }, PushStreamStop: func() int32 { return 0 }}}
			k.change(&p)
			d := New(c.config())
			if got := d.Init(&p); got != k.want {
				t.Fatalf("%v, want %v", got, k.want)
			}
			if k.want == ErrNone {
				if err := d.Exit(); err != ErrNone {
					t.Error(err)
				}
			}
		})
	}
	t.Run("nil", func(t *testing.T) {
		if got := New(c.config()).Init(nil); got != ErrCSInitPrmNull {
			t.Errorf("%v", got)
		}
	})
}

func TestABufferThatCannotBeHadIsAnError(t *testing.T) {
	if _, err := allocate(1 << 62); err == nil {
		t.Error("2^62 bytes were allocated")
	}
}

func TestCallbacksMayBeAbsent(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c, func(p *InitParm) {
		p.Callbacks = Callbacks{PushStreamStart: p.Callbacks.PushStreamStart, PushStreamStop: p.Callbacks.PushStreamStop}
	})
	_ = cam.EventStart(1)
	cam.advance(0)
	cam.stream(4 * time.Second)
	_ = cam.EventStop(1)
	cam.advance(0)
	cam.exit()
	cam.expect(cam.heard(), "start, stop")
	if r := c.reports(); len(r) != 2 || !r[1].Complete {
		t.Errorf("reported %+v", r)
	}
}

func TestExitDeliversWhatIsOwed(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(string, http.ResponseWriter, *http.Request) bool
		stop  bool
		heard string
	}{
		{"a healthy cloud", nil, true, "start, picture IV_ERR_NONE, stop, report 1: 1"},
		{"a healthy cloud, the event still running", nil, false, "start, picture IV_ERR_NONE, stop, report 1: 1"},
		{"a store that refuses", failing(500, "put"), true, "start, stop, picture IV_ERR_CS_HTTP_DATA_FAIL, report 1: 0"},
		{"a cloud that is silent", silent("put", "grant", "events"), true, "start, stop, picture IV_ERR_CS_HTTP_DATA_FAIL, report 1: 0"},
		{"a cloud that is silent, the event still running", silent("put", "grant", "events"), false, "start, stop, picture IV_ERR_CS_HTTP_DATA_FAIL, report 1: 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanEvent)
			cam := newCamera(t, cloud)
			_ = cam.SetTransTime(400, 400)
			cloud.setFault(c.fault)
			_ = cam.EventStart(1)
			cam.advance(0)
			for range 60 {
				if err := cam.pushVideo(1000); err != ErrNone {
					t.Fatal(err)
				}
			}
			if c.stop {
				_ = cam.EventStop(1)
			}
			took := clock.Elapsed()
			cam.exit()
			if d := took(); d > 2*time.Second {
				t.Errorf("exit took %v", d)
			}
			cam.expect(cam.heard("st", "picture", "report"), c.heard)
			if len(cam.slices) != 1 || cam.slices[0].FrameSeqB != 59 {
				t.Errorf("told %+v", cam.slices)
			}
			after := cam.heard()
			cam.advance(5 * time.Minute)
			cam.expect(cam.heard(), after)
		})
	}
}

// TestExitOfAnUnreachableDevice: nobody takes the connection, neither answer nor
// refusal comes.
func TestExitOfAnUnreachableDevice(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := New(Config{Endpoint: "http://" + l.Addr().String(), ProductID: "P", DeviceName: "d", DeviceSecret: "s"})
	p := InitParm{MaxGopSize: 4096, AV: AVDataInfo{AudioType: AudioAAC},
		Callbacks: Callbacks{PushStreamStart: func() int32 { return 0 }, PushStreamStop: func() int32 { return 0 }}}
	if err := d.Init(&p); err != ErrNone {
		t.Fatal(err)
	}
	if got := d.EventStart(1); got != ErrDeviceOffline {
		t.Errorf("an event of an offline device: %v", got)
	}
	took := clock.Elapsed()
	if err := d.Exit(); err != ErrNone {
		t.Fatal(err)
	}
	if d := took(); d > 5*time.Second {
		t.Errorf("exit took %v", d)
	}
}

func TestNothingIsLeftAfterAThousandInits(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c)
	cam.exit()
	round := func() {
		if err := cam.Init(&cam.parm); err != ErrNone {
			t.Fatal(err)
		}
		cam.advance(0)
		_ = cam.EventStart(1)
		cam.advance(0)
		cam.video = 0
		for range 3 {
			_ = cam.pushVideo(200)
		}
		_ = cam.EventStop(1)
		cam.exit()
	}
	for range 20 {
		round()
	}
	before := resources(t)
	for range n {
		round()
	}
	// What net/http has been told to close ends a moment later.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	over := clock.Elapsed()
	after := resources(t)
	for after != before && over() < 3*time.Second {
		_ = clock.Machine(ctx, 10*time.Millisecond)
		after = resources(t)
	}
	if after.goroutines > before.goroutines+2 || after.files > before.files+2 {
		t.Errorf("%+v before, %+v after %d rounds", before, after, n)
	}
}

type usage struct{ goroutines, files int }

func resources(t testing.TB) usage {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		files = nil // no such directory on this system
	}
	return usage{runtime.NumGoroutine(), len(files)}
}
