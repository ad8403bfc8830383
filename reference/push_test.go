package reference

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

func TestPushAllocatesNothing(t *testing.T) {
	pcm := make([]byte, 2048)
	for _, c := range []struct {
		name   string
		change func(*InitParm)
		audio  []byte
		key    []byte
		delta  []byte
	}{
		{"H.264 and AAC", func(*InitParm) {}, adts(300), avcKey(3000), avcDelta(1000)},
		{"H.265 and PCM", func(p *InitParm) {
			p.AV = AVDataInfo{AudioType: AudioPCM, BitWidth: BitWidth16, SampleRate: 8000, SampleNumPerFrame: 1024, VideoType: VideoH265}
		}, pcm, au(hevcVPS, hevcSPS, hevcPPS, hevcIDR), au(hevcP3)},
	} {
		t.Run(c.name, func(t *testing.T) {
			cam := newCamera(t, newCloud(t, PlanFullTime), c.change)
			n := uint64(0)
			push := func() {
				p := VencPack{PTS: n * 10, FrameType: FrameP, Data: c.delta}
				if n%50 == 0 {
					p.FrameType, p.Data = FrameI, c.key
				}
				if err := cam.PushVideo(&p); err != ErrNone {
					t.Fatal(err)
				}
				if err := cam.PushAudio(&AencPack{PTS: n * 10, Data: c.audio}); err != ErrNone {
					t.Fatal(err)
				}
				n++
			}
			push() // opens the recording
			if got := testing.AllocsPerRun(400, push); got != 0 {
				t.Errorf("a push of video and audio allocates %v times", got)
			}
		})
	}
}

func TestPushedMemoryIsTheCallersAgain(t *testing.T) {
	cloud := newCloud(t, PlanEvent)
	cam := newCamera(t, cloud)
	_ = cam.EventStart(1)
	cam.advance(0)
	pack := VencPack{PTS: 0, FrameType: FrameI, Data: avcKey(5000)}
	pushed := bytes.Clone(pack.Data[100:200])
	if err := cam.PushVideo(&pack); err != ErrNone {
		t.Fatal(err)
	}
	for i := range pack.Data {
		pack.Data[i] = 0xA5
	}
	_ = cam.EventStop(1)
	cam.advance(0)
	segs := cloud.stored("segment")
	if len(segs) != 1 || !bytes.Contains(segs[0].body, pushed) || bytes.Contains(segs[0].body, []byte{0xA5, 0xA5, 0xA5, 0xA5}) {
		t.Error("what was stored is not what was pushed")
	}
}

func TestTheFirstFrameMustBeAKeyFrame(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud)
	cam.video = 38
	for _, want := range []Err{ErrCSNeedIDRFrame, ErrCSNeedIDRFrame, ErrNone, ErrNone} {
		if got := cam.pushVideo(500); got != want {
			t.Errorf("frame %d: %v, want %v", cam.video-1, got, want)
		}
	}
	cam.exit()
	if s := cloud.stored("segment"); len(s) != 1 || s[0].segment.FirstSeq != 40 {
		t.Errorf("stored %+v", s)
	}
}

func TestAFullBufferRefusesAndWhatIsStoredStaysDecodable(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud, func(p *InitParm) { p.MaxGopSize = 64 << 10 })
	_ = cam.SetTransTime(1000, 1000)
	cloud.setFault(failing(500, "put"))
	accepted := map[uint32]bool{}
	var refused, slow int
	push := func(n int) {
		for range n {
			used := clock.Elapsed()
			err := cam.pushVideo(1000)
			if used() > 50*time.Millisecond {
				slow++
			}
			switch err {
			case ErrNone:
				accepted[uint32(cam.video-1)] = true
			case ErrCSPrmMallocFail, ErrCSNeedIDRFrame:
				refused++
			default:
				t.Fatalf("frame %d: %v", cam.video-1, err)
			}
			cam.advance(50 * time.Millisecond)
		}
	}
	push(400)
	if refused == 0 {
		t.Error("64 KB took 400 frames of 1000 bytes")
	}
	cloud.setFault(nil)
	push(400)
	before := refused
	push(400)
	if refused != before {
		t.Errorf("%d frames were refused after the recovery", refused-before)
	}
	if slow > 5 { // a busy machine may hold up some of 1200
		t.Errorf("%d pushes took longer than 50 ms", slow)
	}
	cam.exit()
	var last uint32
	for i, s := range cam.slices {
		if s.State != UploadOK || i > 0 && s.FrameSeqA <= last {
			t.Errorf("told %+v", s)
		}
		if s.FrameSeqA%gop != 0 && (i == 0 || s.FrameSeqA != last+1) {
			t.Errorf("a segment begins with frame %d, whose reference was dropped", s.FrameSeqA)
		}
		for n := s.FrameSeqA; n <= s.FrameSeqB; n++ {
			if !accepted[n] {
				t.Errorf("frame %d was refused and is in a stored segment's range", n)
			}
			delete(accepted, n)
		}
		last = s.FrameSeqB
	}
	if len(accepted) != 0 {
		t.Errorf("%d accepted frames are in no segment", len(accepted))
	}
}

// TestABufferSmallerThanAGroupOfPictures is note 4's own example, 640 KB for
// groups of 760 KB, and note 3's, 800 KB.
func TestABufferSmallerThanAGroupOfPictures(t *testing.T) {
	for _, c := range []struct {
		name string
		size uint32
	}{{"800 KB", 819200}, {"640 KB", 655360}} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanFullTime)
			cam := newCamera(t, cloud, func(p *InitParm) { p.MaxGopSize = c.size })
			cam.current().stream.longest = 5 * time.Second // the machine may be busy
			for n := range 400 {                           // 20 s of 80 frames in 4 s, 700 KB of video, 60 KB of audio
				p := VencPack{PTS: uint64(n) * 50, Seq: uint32(n), FrameType: FrameP, Data: avcDelta(7300)}
				if n%80 == 0 {
					p.FrameType, p.Data = FrameI, avcKey(140_000)
				}
				if err := cam.PushVideo(&p); err != ErrNone {
					t.Fatalf("frame %d: %v", n, err)
				}
				if err := cam.PushAudio(&AencPack{PTS: uint64(n) * 50, Data: adts(768)}); err != ErrNone {
					t.Fatalf("audio %d: %v", n, err)
				}
				cam.advance(50 * time.Millisecond)
			}
			cam.exit()
			frames := uint32(0)
			for _, o := range cloud.stored("segment") {
				if o.segment.FirstSeq != frames {
					t.Errorf("a segment begins with frame %d, want %d", o.segment.FirstSeq, frames)
				}
				if c.size == 819200 && frames%80 != 0 {
					t.Errorf("a segment begins with frame %d, no key frame", frames)
				}
				frames = o.segment.LastSeq + 1
			}
			if frames != 400 {
				t.Errorf("%d frames stored of 400", frames)
			}
		})
	}
}

func TestASegmentEndsEarlierWhenTheNextGroupOfPicturesWouldNotFit(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud, func(p *InitParm) { p.MaxGopSize = 64 << 10 })
	for range 5 * gop { // of 40 KB each
		if err := cam.pushVideo(1000); err != ErrNone {
			t.Fatal(err)
		}
		cam.advance(50 * time.Millisecond)
	}
	cam.exit()
	segs := cloud.stored("segment")
	if len(segs) != 5 {
		t.Errorf("%d segments stored, want one a group", len(segs))
	}
	for _, o := range segs {
		if o.segment.FirstSeq%gop != 0 {
			t.Errorf("a segment begins with frame %d, no key frame", o.segment.FirstSeq)
		}
	}
}

func TestAnOversizedFrameIsRefusedAndTheStreamGoesOn(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud, func(p *InitParm) { p.MaxGopSize = 64 << 10 })
	cam.current().stream.longest = 5 * time.Second // the machine may be busy
	cam.stream(2 * time.Second)
	for _, c := range []struct {
		size int
		want Err
	}{{64<<10 + 1, ErrCSPrmMallocFail}, {128 << 10, ErrCSPrmMallocFail}, {60 << 10, ErrNone}} {
		cam.video = (cam.video + gop - 1) / gop * gop
		if got := cam.pushVideo(c.size); got != c.want {
			t.Errorf("a key frame of %d bytes: %v, want %v", c.size, got, c.want)
		}
		cam.advance(50 * time.Millisecond)
	}
	cam.stream(2 * time.Second)
	cam.exit()
	for _, s := range cam.slices {
		if s.State != UploadOK {
			t.Errorf("told %+v", s)
		}
	}
}

func TestWatermarks(t *testing.T) {
	marks := func(enable int8) func(*InitParm) {
		return func(p *InitParm) {
			p.MaxGopSize = 256 << 10
			p.Congestion = CongestionCtrl{LowMark: 64 << 10, WarnMark: 128 << 10, HighMark: 256 << 10, Enable: enable}
		}
	}
	fill := func(cam *camera, frames int) {
		for range frames {
			_ = cam.pushVideo(1024)
		}
		cam.advance(0)
	}
	t.Run("each crossing is told once, and again after the buffer has drained", func(t *testing.T) {
		cloud := newCloud(t, PlanFullTime)
		cam := newCamera(t, cloud, marks(1))
		for round := range 2 {
			cloud.setFault(failing(500, "put"))
			want := strings.Repeat("notify 3, notify 4, notify 5, ", round)
			fill(cam, 63)
			cam.expect(cam.heard("notify 3", "notify 4", "notify 5")+", ", want+", "[2*min(round, 1):])
			fill(cam, 2)
			cam.expect(cam.heard("notify 3", "notify 4", "notify 5"), want+"notify 3")
			fill(cam, 64)
			cam.expect(cam.heard("notify 3", "notify 4", "notify 5"), want+"notify 3, notify 4")
			fill(cam, 300) // until it refuses: the high mark is the buffer itself
			cam.expect(cam.heard("notify 3", "notify 4", "notify 5"), want+"notify 3, notify 4, notify 5")
			cloud.setFault(nil)
			cam.advance(70 * time.Second)
			cam.advance(70 * time.Second) // idle: what was being recorded is flushed too
			if got := cam.current().stream.bytes; got != 0 {
				t.Fatalf("%d bytes left", got)
			}
			cam.video = (cam.video + gop - 1) / gop * gop
		}
	})
	t.Run("none when they are off", func(t *testing.T) {
		cloud := newCloud(t, PlanFullTime)
		cam := newCamera(t, cloud, marks(0))
		cloud.setFault(failing(500, "put"))
		fill(cam, 500)
		cam.expect(cam.heard("notify 3", "notify 4", "notify 5"), "")
	})
	t.Run("noise around a mark raises one alarm", func(t *testing.T) {
		w := newWatermarks(CongestionCtrl{LowMark: 1000, WarnMark: 2000, HighMark: 3000, Enable: 1})
		told := &dispatcher{rest: sleeper{work: newWork()}}
		s := &session{calls: told, parm: InitParm{Callbacks: Callbacks{Notify: func(int32, []SliceInfo) int32 { return 0 }}}}
		for range 50 {
			w.rise(s, 1010)
			w.fall(990)
		}
		if n := len(told.queue); n != 1 {
			t.Errorf("%d alarms", n)
		}
		w.fall(870)
		w.rise(s, 1000)
		if n := len(told.queue); n != 2 {
			t.Errorf("%d alarms after the level has fallen", n)
		}
	})
}

func TestAnEndlessGroupOfPicturesStaysWithinTheBuffer(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud, func(p *InitParm) { p.MaxGopSize = 64 << 10 })
	cam.current().stream.longest = 5 * time.Second // the machine may be busy
	for n := range 1000 {
		p := VencPack{PTS: uint64(n) * 50, Seq: uint32(n), FrameType: FrameP, Data: avcDelta(1000)}
		if n == 0 {
			p.FrameType, p.Data = FrameI, avcKey(1000)
		}
		if err := cam.PushVideo(&p); err != ErrNone {
			t.Fatalf("frame %d: %v", n, err)
		}
		cam.advance(50 * time.Millisecond)
	}
	cam.exit()
	if n := len(cloud.stored("segment")); n < 14 {
		t.Errorf("%d segments of at most 72 KB", n)
	}
}

func TestAudioAloneIsStoredButNoSliceIsTold(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud)
	for range 400 {
		if err := cam.pushAudio(); err != ErrNone {
			t.Fatal(err)
		}
		cam.advance(64 * time.Millisecond)
	}
	cam.exit()
	segs := cloud.stored("segment")
	if len(segs) != 3 || segs[0].segment.FirstSeq != 1e6 || segs[0].segment.EndUTC-segs[0].segment.StartUTC < 10_000 {
		t.Errorf("%d segments stored, the first %+v", len(segs), segs[0].segment)
	}
	if len(cam.slices) != 0 {
		t.Errorf("told %+v of audio (iv_cs_upload_slice_info_s is about video)", cam.slices)
	}
}

func TestTwoPushersDoNotDisturbEachOther(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 500 {
			_ = cam.pushAudio()
		}
	}()
	for range 500 {
		if err := cam.pushVideo(300); err != ErrNone {
			t.Error(err)
		}
	}
	<-done
	cam.exit()
	if n := len(cloud.stored("segment")); n == 0 {
		t.Error("nothing stored")
	}
}

func TestPushDoesNotWaitForASilentCloud(t *testing.T) {
	cloud := newCloud(t, PlanFullTime)
	cam := newCamera(t, cloud, func(p *InitParm) { p.MaxGopSize = 32 << 10 })
	_ = cam.SetTransTime(500, 500)
	cloud.setFault(func(kind string, w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(kind, "put") {
			<-cloud.over
		}
		return false
	})
	slow := 0
	for range 300 {
		used := clock.Elapsed()
		_ = cam.pushVideo(1000)
		if used() > 30*time.Millisecond {
			slow++
		}
	}
	if slow > 5 {
		t.Errorf("%d of 300 pushes waited", slow)
	}
}
