package reference

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAnOutageLosesNothingThatTheBufferHolds(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(string, http.ResponseWriter, *http.Request) bool
		msgs  string
	}{
		{"500 from the store", failing(500, "put"), "notify 6"},
		{"503 from the control plane", failing(503, "grant"), "notify 6"},
		{"403 from the store", failing(403, "put"), "notify 6"},
		{"cut connections", func(kind string, w http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(kind, "put") {
				panic(http.ErrAbortHandler)
			}
			return false
		}, "notify 0, notify 1"},
		{"a store that never answers", silent("put"), "notify 0, notify 1"},
		{"HTML instead of a grant", func(kind string, w http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(kind, "grant") {
				_, _ = io.WriteString(w, "<html>please log in</html>")
				return true
			}
			return false
		}, "notify 6"},
		{"a store that takes half and says 200", func(kind string, w http.ResponseWriter, r *http.Request) bool {
			return strings.HasPrefix(kind, "put")
		}, "notify 6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanFullTime)
			cam := newCamera(t, cloud)
			if err := cam.SetTransTime(3000, 3000); err != ErrNone {
				t.Fatal(err)
			}
			cam.stream(9 * time.Second)
			cloud.setFault(c.fault)
			cam.stream(25 * time.Second)
			if n := len(cloud.stored("segment")); n != 0 {
				t.Fatalf("%d segments were stored in the outage", n)
			}
			cloud.setFault(nil)
			cam.stream(26 * time.Second)
			cam.exit()
			frames := uint32(0)
			for _, o := range cloud.stored("segment") {
				if o.segment.FirstSeq != frames {
					t.Errorf("a segment begins with frame %d, want %d", o.segment.FirstSeq, frames)
				}
				frames = o.segment.LastSeq + 1
			}
			if frames != uint32(cam.video) {
				t.Errorf("%d frames stored of %d", frames, cam.video)
			}
			for _, s := range cam.slices {
				if s.State != UploadOK || s.UploadSize != s.TotalSize {
					t.Errorf("told %+v", s)
				}
			}
			cam.expect(cam.heard("notify 0", "notify 1", "notify 6"), c.msgs)
		})
	}
}

func TestALostAnswerDoesNotStoreTwice(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud)
	lose := true
	cloud.setFault(func(kind string, w http.ResponseWriter, r *http.Request) bool {
		if lose && strings.HasPrefix(kind, "put") {
			lose = false
			cloud.put(discard{}, r)
			panic(http.ErrAbortHandler)
		}
		return false
	})
	cam.stream(15 * time.Second)
	cam.exit()
	for i, o := range cloud.stored("segment") {
		if o.puts > 2 {
			t.Errorf("segment %d was put %d times", i, o.puts)
		}
	}
	if len(cam.slices) != 2 || cam.slices[0].State != UploadOK || cam.slices[1].State != UploadOK {
		t.Errorf("told %+v", cam.slices)
	}
}

// discard is an answer that nobody gets.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func TestAnExpiredGrantIsNotUsed(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cloud.life = 5 * time.Second
	cam := newCamera(t, cloud)
	cloud.setFault(failing(500, "put"))
	cam.stream(15 * time.Second)
	cam.advance(10 * time.Second)
	puts, grants := cloud.count("put"), cloud.count("grant")
	if puts < 3 || grants < 2 {
		t.Errorf("%d attempts under %d grants; the grants live 5 s", puts, grants)
	}
	cloud.setFault(failing(500, "grant"))
	cam.advance(60 * time.Second)
	if n := cloud.count("put"); n != puts {
		t.Errorf("%d PUTs after the end of the grant", n-puts)
	}
}

func TestASegmentIsGivenUpAfterAMinuteAtTheEarliest(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cloud.setFault(failing(500, "put"))
	cam := newCamera(t, cloud)
	cam.stream(12 * time.Second)
	cam.advance(60 * time.Second)
	if len(cam.slices) != 0 {
		t.Errorf("told %+v within a minute", cam.slices)
	}
	cam.advance(60 * time.Second)
	if len(cam.slices) != 1 || cam.slices[0].State != UploadErr || cam.slices[0].UploadSize >= cam.slices[0].TotalSize || cam.slices[0].FrameSeqB != 199 {
		t.Fatalf("told %+v within two minutes", cam.slices)
	}
	if got := cam.current().stream.bytes; got == 0 || got > 60_000 {
		t.Errorf("%d bytes are still held, want the 2 s that are being recorded", got)
	}
}

func TestASegmentIsTriedOnceMoreBeforeItIsGivenUp(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cloud.setFault(failing(500, "put"))
	cam := newCamera(t, cloud)
	cam.stream(11 * time.Second)
	cam.advance(80 * time.Second) // the next attempt is due after the segment's time is up
	cloud.setFault(nil)
	cam.advance(10 * time.Second)
	if len(cam.slices) != 1 || cam.slices[0].State != UploadOK {
		t.Errorf("told %+v", cam.slices)
	}
}

func TestACloudInTroubleIsNotHammered(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  int
		atMost  int // requests in 20 minutes
		atLeast int
	}{{"500", 500, 44, 20}, {"403", 403, 16, 4}, {"401", 401, 16, 4}} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanFullTime)
			cam := newCamera(t, cloud)
			cloud.setFault(failing(c.status, "grant"))
			for range 120 {
				for range 10 {
					_ = cam.pushVideo(200)
				}
				cam.video = (cam.video + gop - 1) / gop * gop
				cam.advance(10 * time.Second)
			}
			if n := cloud.count("grant"); n > c.atMost || n < c.atLeast {
				t.Errorf("%d requests in 20 minutes, want %d to %d", n, c.atLeast, c.atMost)
			}
		})
	}
}

func TestRetryAfterHoldsTheUploadsBack(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cloud.setFault(func(kind string, w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(kind, "grant") {
			return false
		}
		w.Header().Set("Retry-After", "40")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	cam := newCamera(t, cloud)
	cam.stream(11 * time.Second)
	cam.advance(38 * time.Second)
	if n := cloud.count("grant"); n != 1 {
		t.Errorf("asked %d times within Retry-After", n)
	}
	cloud.setFault(nil)
	cam.advance(3 * time.Second)
	if n := len(cloud.stored("segment")); n != 1 {
		t.Errorf("%d segments stored when the wait was over", n)
	}
}

func TestAClockThatIsOffIsLearned(t *testing.T) {
	for _, off := range []time.Duration{20 * time.Minute, -20 * time.Minute} {
		t.Run(off.String(), func(t *testing.T) {
			cloud := newCloud(t, PlanFullTime)
			cloud.setFault(func(kind string, w http.ResponseWriter, r *http.Request) bool {
				var stamp int64
				_, _ = fmt.Sscan(r.Header.Get("X-IV-Timestamp"), &stamp)
				now := epoch.Add(off)
				if strings.HasPrefix(kind, "put") || time.Unix(stamp, 0).Sub(now).Abs() < 15*time.Minute {
					return false
				}
				cloud.answer(w, 401, map[string]any{"error": "clock_skew", "utc_ms": now.UnixMilli()})
				return true
			})
			cam := newCamera(t, cloud)
			cam.stream(12 * time.Second)
			segs := cloud.stored("segment")
			if len(segs) != 1 || segs[0].segment.StartUTC != epoch.UnixMilli() {
				t.Errorf("stored %d segments; their time is the device's", len(segs))
			}
		})
	}
}

func TestTransferTimeouts(t *testing.T) {
	for _, c := range []struct {
		name          string
		upload, reply uint32
		fault         func(string, http.ResponseWriter, *http.Request) bool
		want          time.Duration
	}{
		{"no answer", 10_000, 2_000, silent("put"), 2 * time.Second},
		{"no answer to the grant request", 10_000, 3_000, silent("grant"), 3 * time.Second},
		{"a body that nobody takes", 2_000, 10_000, nil, 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanFullTime)
			cam := newCamera(t, cloud, func(p *InitParm) { p.MaxGopSize = 64 << 20 })
			if err := cam.SetTransTime(c.upload, c.reply); err != ErrNone {
				t.Fatal(err)
			}
			for range 200 { // stored before the fault
				if err := cam.pushVideo(1000); err != ErrNone {
					t.Fatal(err)
				}
			}
			for range 200 { // more than the buffers of a connection hold
				if err := cam.pushVideo(80_000); err != ErrNone {
					t.Fatal(err)
				}
			}
			cam.advance(0)
			if c.fault == nil {
				c.fault = func(kind string, w http.ResponseWriter, r *http.Request) bool {
					if strings.HasPrefix(kind, "put") {
						<-cloud.over
					}
					return false
				}
			}
			cloud.setFault(c.fault)
			if err := cam.pushVideo(1000); err != ErrNone { // a key frame: cuts
				t.Fatal(err)
			}
			cam.advance(c.want - 10*time.Millisecond)
			cam.expect(cam.heard("notify 0"), "")
			cam.advance(20 * time.Millisecond)
			cam.expect(cam.heard("notify 0"), "notify 0")
			_ = cam.SetTransTime(100, 100) // exit soon
		})
	}
}

func TestSettingsOfTheTimeouts(t *testing.T) {
	cam := newCamera(t, newCloud(t, PlanNone))
	for _, c := range []struct {
		upload, reply uint32
		want          Err
	}{{0, 5000, ErrCSInitPrmRange}, {5000, 0, ErrCSInitPrmRange}, {0, 0, ErrCSInitPrmRange}, {1, 1, ErrNone}, {1<<32 - 1, 1<<32 - 1, ErrNone}} {
		if got := cam.SetTransTime(c.upload, c.reply); got != c.want {
			t.Errorf("%d, %d: %v, want %v", c.upload, c.reply, got, c.want)
		}
	}
}
