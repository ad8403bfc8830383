package reference

import (
	"testing"
	"time"
)

func TestAFullTimePlanStreamsInPiecesOfTenSeconds(t *testing.T) {
	c := newCloud(t, PlanFullTime)
	cam := newCamera(t, c)
	cam.expect(cam.heard(), "start")
	cam.stream(25 * time.Second)
	cam.exit()

	segs := c.stored("segment")
	if len(segs) != 3 || len(cam.slices) != 3 {
		t.Fatalf("%d segments stored and %d told, want 3", len(segs), len(cam.slices))
	}
	for i, o := range segs {
		s, told := o.segment, cam.slices[i]
		first, last := i*200, min(i*200+199, 499)
		from, to := epoch.UnixMilli()+int64(i)*10_000, min(epoch.UnixMilli()+int64(i+1)*10_000, epoch.UnixMilli()+25_000)
		want := segmentRequest{Kind: "segment", StartUTC: from, EndUTC: to, FirstPTS: uint64(first * 50), LastPTS: uint64(last * 50),
			FirstSeq: uint32(first), LastSeq: uint32(last), Size: int64(len(o.body)), ContentType: "video/mp2t", Recording: segs[0].segment.Recording}
		if s != want {
			t.Errorf("segment %d:\n%+v, want\n%+v", i, s, want)
		}
		slice := SliceInfo{UTCSecA: uint64(from / 1000), UTCSecB: uint64(to / 1000), PTSMsA: want.FirstPTS, PTSMsB: want.LastPTS,
			FrameSeqA: want.FirstSeq, FrameSeqB: want.LastSeq, UploadSize: uint32(want.Size), TotalSize: uint32(want.Size), State: UploadOK}
		if told != slice {
			t.Errorf("told of segment %d:\n%+v, want\n%+v", i, told, slice)
		}
		if o.puts != 1 {
			t.Errorf("segment %d was put %d times", i, o.puts)
		}
	}
	cam.expect(cam.heard("start", "stop", "notify 0", "notify 1", "notify 6"), "start, stop")
}

func TestPushIsRefusedWithTheReason(t *testing.T) {
	frame := func(cam *camera) Err { return cam.PushVideo(&VencPack{Data: avcKey(100)}) }
	for _, c := range []struct {
		name string
		kind int32
		want Err
	}{
		{"no plan", PlanNone, ErrCSApplyNoService},
		{"an event plan without an event", PlanEvent, ErrCSEventIsValid},
	} {
		t.Run(c.name, func(t *testing.T) {
			cam := newCamera(t, newCloud(t, c.kind))
			if got := frame(cam); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
			cam.expect(cam.heard(), "")
		})
	}
	t.Run("the plan is not known yet", func(t *testing.T) {
		c := newCloud(t, PlanFullTime)
		c.setFault(silent("plan"))
		cam := newCamera(t, c)
		if got := frame(cam); got != ErrCSUploadAuthNotAvailable {
			t.Errorf("%v, want %v", got, ErrCSUploadAuthNotAvailable)
		}
	})
	t.Run("bad arguments", func(t *testing.T) {
		cam := newCamera(t, newCloud(t, PlanFullTime))
		for name, got := range map[string]Err{
			"nil video": cam.PushVideo(nil), "nil audio": cam.PushAudio(nil),
			"no video": cam.PushVideo(&VencPack{}), "no audio": cam.PushAudio(&AencPack{}),
		} {
			if got == ErrNone {
				t.Errorf("%s was accepted", name)
			}
		}
	})
}

func TestThePlanTurnsTheStreamOnAndOff(t *testing.T) {
	c := newCloud(t, PlanNone)
	cam := newCamera(t, c)
	set := func(sw, kind int32) {
		c.setPlan(sw, kind)
		cam.advance(0)
	}
	set(1, PlanFullTime)
	cam.expect(cam.heard(), "start")
	cam.stream(3 * time.Second)
	set(0, PlanFullTime) // the switch is off (AMB-21)
	cam.expect(cam.heard("st"), "start, stop")
	if got := cam.pushVideo(100); got != ErrCSApplyNoService {
		t.Errorf("push without service: %v", got)
	}
	if n := len(c.stored("segment")); n != 1 {
		t.Errorf("%d segments stored at the stop, want the 3 s before it", n)
	}
	set(1, PlanFullTime)
	set(1, PlanEvent)
	set(1, PlanNone)
	cam.expect(cam.heard("st"), "start, stop, start, stop")
	var b BalanceInfo
	if err := cam.GetBalanceInfo(&b, 0); err != ErrNone || b != (BalanceInfo{CSSwitch: 1, CSType: PlanNone}) {
		t.Errorf("the cached plan: %+v, %v", b, err)
	}
}

func TestAPauseOf120SecondsBeginsANewRecording(t *testing.T) {
	for _, c := range []struct {
		name    string
		gap     time.Duration
		audio   bool
		another bool
	}{
		{"119 s", 119 * time.Second, false, false},
		{"120 s", 120 * time.Second, false, false},
		{"121 s", 121 * time.Second, false, true},
		{"130 s with audio every 10 s", 130 * time.Second, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanFullTime)
			cam := newCamera(t, cloud)
			cam.stream(2 * time.Second)
			left := c.gap - 50*time.Millisecond // the stream ended 50 ms after its last frame
			for ; c.audio && left >= 10*time.Second; left -= 10 * time.Second {
				cam.advance(10 * time.Second)
				if err := cam.pushAudio(); err != ErrNone {
					t.Fatal(err)
				}
			}
			cam.advance(left)
			flushed := len(cloud.stored("segment"))
			cam.stream(2 * time.Second)
			cam.exit()
			segs := cloud.stored("segment")
			if another := segs[0].segment.Recording != segs[len(segs)-1].segment.Recording; another != c.another {
				t.Errorf("a new recording: %v, want %v", another, c.another)
			}
			if c.another {
				if flushed != 1 {
					t.Errorf("%d segments stored before the stream went on, want the one before the pause", flushed)
				}
				if gap := segs[1].segment.StartUTC - segs[0].segment.EndUTC; gap < 119_000 {
					t.Errorf("the recordings are %d ms apart", gap)
				}
			}
			cam.expect(cam.heard("st"), "start, stop")
		})
	}
}
