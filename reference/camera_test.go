package reference

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// camera is a device under a frozen clock with a caller that writes down what it
// is told.
type camera struct {
	*Device
	t     testing.TB
	cloud *testCloud
	parm  InitParm

	video, audio int // frames pushed so far

	mu      sync.Mutex
	told    []string
	slices  []SliceInfo
	results []EventResult
	picture []byte
	hook    func(what string) // runs inside every callback
}

var epoch = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)

const gop = 40 // frames of 50 ms

func newCamera(t testing.TB, c *testCloud, change ...func(*InitParm)) *camera {
	t.Helper()
	cam := &camera{Device: New(c.config()), t: t, cloud: c, picture: padded([]byte{0xFF, 0xD8}, 3000)}
	cam.ClockFreeze(uint64(epoch.UnixMilli()))
	cam.parm = InitParm{MaxGopSize: 800 << 10, AV: AVDataInfo{AudioType: AudioAAC, VideoType: VideoH264, Framerate: 20}}
	cam.parm.Callbacks = Callbacks{
		PushStreamStart: func() int32 { cam.tell("start"); return 0 },
		PushStreamStop:  func() int32 { cam.tell("stop"); return 0 },
		EventCapturePicture: func(id int32) (Picture, int32) {
			cam.tell(fmt.Sprintf("capture %d", id))
			if cam.picture == nil {
				return Picture{}, 0
			}
			return Picture{Addr: unsafe.Pointer(&cam.picture[0]), Size: int32(len(cam.picture))}, 0
		},
		EventPictureResult: func(p Picture, code int32) int32 {
			cam.tell(fmt.Sprintf("picture %v", Err(code)))
			return 0
		},
		EventReportResult: func(r EventResult) int32 {
			cam.mu.Lock()
			cam.results = append(cam.results, r)
			cam.mu.Unlock()
			cam.tell(fmt.Sprintf("report %d: %d", r.EventID, r.ResultCode))
			return 0
		},
		Notify: func(msg int32, s []SliceInfo) int32 {
			if (msg == NotifyStateMsg) != (s != nil) || len(s) > MaxUploadInfoNum {
				t.Errorf("message %d with %d slices", msg, len(s))
			}
			cam.mu.Lock()
			cam.slices = append(cam.slices, s...)
			cam.mu.Unlock()
			cam.tell(fmt.Sprintf("notify %d", msg))
			return 0
		},
	}
	for _, f := range change {
		f(&cam.parm)
	}
	if err := cam.Init(&cam.parm); err != ErrNone {
		t.Fatalf("init: %v", err)
	}
	t.Cleanup(func() {
		if cam.current() != nil {
			cam.exit()
		}
	})
	cam.advance(0)
	return cam
}

func (c *camera) exit() {
	c.t.Helper()
	if err := c.Exit(); err != ErrNone {
		c.t.Errorf("exit: %v", err)
	}
}

func (c *camera) tell(what string) {
	c.mu.Lock()
	c.told = append(c.told, what)
	hook := c.hook
	c.mu.Unlock()
	if hook != nil {
		hook(what)
	}
}

// heard are the callbacks so far, or those that begin with one of the prefixes.
func (c *camera) heard(prefixes ...string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, w := range c.told {
		for _, p := range append(prefixes, "") {
			if strings.HasPrefix(w, p) && (p != "" || len(prefixes) == 0) {
				out = append(out, w)
				break
			}
		}
	}
	return strings.Join(out, ", ")
}

func (c *camera) advance(d time.Duration) {
	c.t.Helper()
	if c.ClockAdvance(uint32(d/time.Millisecond)) != 0 {
		c.t.Errorf("advance by %v has not come to rest within 10 s", d)
	}
}

// pushVideo pushes the next frame, 50 ms after the one before, a key frame every gop.
func (c *camera) pushVideo(size int) Err {
	n := c.video
	c.video++
	p := VencPack{PTS: uint64(n) * 50, Seq: uint32(n), FrameType: FrameP, Data: avcDelta(size)}
	if n%gop == 0 {
		p.FrameType, p.Data = FrameI, avcKey(size)
	}
	return c.PushVideo(&p)
}

func (c *camera) pushAudio() Err {
	n := c.audio
	c.audio++
	return c.PushAudio(&AencPack{Data: adts(200), PTS: uint64(n) * 64, Seq: 1e6 + uint32(n)})
}

// stream pushes for so long, video and the audio that belongs to it, all of
// which must be accepted.
func (c *camera) stream(d time.Duration) {
	c.t.Helper()
	for range int(d / (50 * time.Millisecond)) {
		if err := c.pushVideo(1000); err != ErrNone {
			c.t.Fatalf("video frame %d: %v", c.video-1, err)
		}
		for c.audio*64 < c.video*50 {
			if err := c.pushAudio(); err != ErrNone {
				c.t.Fatalf("audio frame %d: %v", c.audio-1, err)
			}
		}
		c.advance(50 * time.Millisecond)
	}
}

func (c *camera) expect(what, want string) {
	c.t.Helper()
	if what != want {
		c.t.Errorf("heard %q, want %q", what, want)
	}
}

func ptr(b []byte) unsafe.Pointer { return unsafe.Pointer(&b[0]) }
