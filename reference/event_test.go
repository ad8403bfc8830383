package reference

import (
	"fmt"
	"testing"
	"time"
)

const epochS = 1_768_467_600 // epoch in seconds

func TestAnEventFromStartToResult(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c)
	cam.expect(cam.heard(), "")
	if err := cam.SetAIProcess(3, AIFallDetect); err != ErrNone {
		t.Fatal(err)
	}
	if err := cam.EventStart(3); err != ErrNone {
		t.Fatal(err)
	}
	cam.advance(0)
	cam.expect(cam.heard(), "capture 3, start, picture IV_ERR_NONE")
	cam.stream(5 * time.Second)
	if err := cam.EventStop(3); err != ErrNone {
		t.Fatal(err)
	}
	cam.advance(0)
	cam.expect(cam.heard("capture", "st", "picture", "report"), "capture 3, start, picture IV_ERR_NONE, stop, report 3: 1")
	if want := (EventResult{ResultCode: 1, EventID: 3, StartTimeS: epochS, EndTimeS: epochS + 5}); cam.results[0] != want {
		t.Errorf("result %+v, want %+v", cam.results[0], want)
	}
	segs, pics := c.stored("segment"), c.stored("picture")
	if len(segs) != 1 || len(pics) != 1 || string(pics[0].body) != string(cam.picture) {
		t.Fatalf("%d segments and %d pictures stored", len(segs), len(pics))
	}
	if want := (pictureRequest{Kind: "picture", EventID: 3, EventUTC: epochS, Size: 3000, ContentType: "image/jpeg"}); pics[0].picture != want {
		t.Errorf("picture %+v, want %+v", pics[0].picture, want)
	}
	r := c.reports()
	if len(r) != 2 || r[0].State != "started" || r[1].State != "finished" || r[0].ReportID != r[1].ReportID {
		t.Fatalf("reports %+v", r)
	}
	last := r[1]
	if last.PictureID == nil || *last.PictureID != pics[0].id {
		t.Errorf("the report names picture %v", last.PictureID)
	}
	last.PictureID = nil
	want := eventReport{ReportID: r[0].ReportID, EventID: 3, State: "finished", Complete: true, StartUTC: epochS, EndUTC: epochS + 5,
		StreamStart: epochS * 1000, StreamEnd: (epochS + 5) * 1000, AIType: AIFallDetect}
	if last != want {
		t.Errorf("reported %+v, want %+v", last, want)
	}
}

func TestWhichEventCallsAreRefused(t *testing.T) {
	start := func(id int32) func(*camera) Err { return func(c *camera) Err { return c.EventStart(id) } }
	stop := func(id int32) func(*camera) Err { return func(c *camera) Err { return c.EventStop(id) } }
	startExt := func(id int32, a, b uint32) func(*camera) Err {
		return func(c *camera) Err { return c.EventStartExt(id, a, b) }
	}
	stopExt := func(id int32, a, b uint32) func(*camera) Err {
		return func(c *camera) Err { return c.EventStopExt(id, a, b) }
	}
	for _, c := range []struct {
		name  string
		plan  int32
		calls []func(*camera) Err
		want  Err // of the last call; the others succeed
		heard string
	}{
		{"id 0", PlanEvent, []func(*camera) Err{start(0)}, ErrCSInitPrmRange, ""},
		{"id 17", PlanEvent, []func(*camera) Err{start(17)}, ErrCSInitPrmRange, ""},
		{"id 16", PlanEvent, []func(*camera) Err{start(16)}, ErrNone, "start"},
		{"no plan", PlanNone, []func(*camera) Err{start(1)}, ErrCSApplyNoService, ""},
		{"the same event twice", PlanEvent, []func(*camera) Err{start(1), start(1)}, ErrCSEventIsValid, "start"},
		{"the same event by the other call", PlanEvent, []func(*camera) Err{start(1), startExt(1, 0, 0)}, ErrCSEventIsValid, "start"},
		{"a stop without a start", PlanEvent, []func(*camera) Err{stop(1)}, ErrCSEventIsValid, ""},
		{"a stop of another event", PlanEvent, []func(*camera) Err{start(1), stop(2)}, ErrCSEventIsValid, "start"},
		{"two stops", PlanEvent, []func(*camera) Err{start(1), stop(1), stop(1)}, ErrCSEventIsValid, "start, stop"},
		{"a stop id 0 while an event runs", PlanEvent, []func(*camera) Err{start(1), stop(0)}, ErrCSInitPrmRange, "start"},
		{"the stop of the other variant", PlanEvent, []func(*camera) Err{start(1), stopExt(1, 0, 0)}, ErrCSEventIsValid, "start"},
		{"the other way round", PlanEvent, []func(*camera) Err{startExt(1, 0, 0), stop(1)}, ErrCSEventIsValid, "start"},
		{"mixed times", PlanEvent, []func(*camera) Err{startExt(1, 15, epochS)}, ErrCSInitPrmRange, ""},
		{"mixed times at the stop, then the event still runs", PlanEvent, []func(*camera) Err{startExt(1, 0, 0),
			func(c *camera) Err {
				if got := c.EventStopExt(1, 5, epochS); got != ErrCSInitPrmRange {
					return got
				}
				return c.EventStopExt(1, 0, 0)
			}}, ErrNone, "start, stop"},
		{"an absolute start and a relative stop", PlanEvent, []func(*camera) Err{startExt(1, epochS, epochS), stopExt(1, 0, 0)}, ErrNone, "start, stop"},
		{"different events at once", PlanEvent, []func(*camera) Err{start(1), startExt(2, 0, 0), start(3), stop(3), stop(1)}, ErrNone, "start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cam := newCamera(t, newCloud(t, c.plan))
			for i, call := range c.calls {
				want := ErrNone
				if i == len(c.calls)-1 {
					want = c.want
				}
				if got := call(cam); got != want {
					t.Errorf("call %d: %v, want %v", i+1, got, want)
				}
				cam.advance(0)
			}
			cam.expect(cam.heard("start", "stop"), c.heard)
		})
	}
}

func TestParallelEventsShareOneStream(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c)
	for id := int32(1); id <= 16; id++ {
		if err := cam.EventStart(id); err != ErrNone {
			t.Fatalf("event %d: %v", id, err)
		}
	}
	cam.advance(0)
	cam.stream(4 * time.Second)
	for id := int32(1); id <= 16; id++ {
		cam.stream(time.Second)
		if err := cam.EventStop(id); err != ErrNone {
			t.Fatalf("stop %d: %v", id, err)
		}
	}
	cam.advance(30 * time.Second)
	cam.expect(cam.heard("start", "stop"), "start, stop")
	if len(cam.results) != 16 {
		t.Fatalf("%d results, want 16", len(cam.results))
	}
	for _, r := range cam.results {
		if want := (EventResult{1, r.EventID, epochS, epochS + 4 + uint32(r.EventID)}); r != want {
			t.Errorf("result %+v, want %+v", r, want)
		}
	}
	if n := len(c.stored("picture")); n != 16 {
		t.Errorf("%d pictures stored", n)
	}
	frames := uint32(0)
	for _, o := range c.stored("segment") {
		if o.segment.FirstSeq != frames {
			t.Errorf("a segment begins with frame %d, want %d", o.segment.FirstSeq, frames)
		}
		frames = o.segment.LastSeq + 1
	}
	if frames != uint32(cam.video) {
		t.Errorf("%d frames stored of %d", frames, cam.video)
	}
}

func TestPreRecordedVideoIsForTheFirstEvent(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c)
	cam.advance(20 * time.Second)
	for round := range 2 { // when all have ended, the next is a first one again
		from := cam.read().wall - 15_000
		if err := cam.EventStartExt(1, 0, 15); err != ErrNone {
			t.Fatal(err)
		}
		cam.advance(0)
		cam.video = (cam.video + gop - 1) / gop * gop
		for range 300 {
			if err := cam.pushVideo(500); err != ErrNone {
				t.Fatal(err)
			}
		}
		if err := cam.EventStartExt(2, 0, 15); err != ErrNone {
			t.Fatal(err)
		}
		cam.stream(10 * time.Second)
		for id := int32(1); id <= 2; id++ {
			if err := cam.EventStopExt(id, 0, 0); err != ErrNone {
				t.Fatal(err)
			}
		}
		cam.advance(40 * time.Second)
		segs := c.stored("segment")
		segs = segs[len(segs)-3:]
		for i, o := range segs {
			if want := from + int64(i)*10_000; o.segment.StartUTC < want-1 || o.segment.StartUTC > want+1 {
				t.Errorf("round %d: segment %d begins %d ms off", round, i, o.segment.StartUTC-want)
			}
		}
		r := c.reports()
		if got := r[len(r)-2].StreamStart; got != from {
			t.Errorf("round %d: the stream of event 1 begins %d ms off", round, got-from)
		}
	}
}

func TestALaterEventDoesNotMoveTheStreamBeforeItsFirstFrame(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c)
	_ = cam.EventStart(1)
	_ = cam.EventStartExt(2, 0, 15)
	cam.advance(0)
	cam.stream(3 * time.Second)
	cam.exit()
	if s := c.stored("segment"); len(s) != 1 || s[0].segment.StartUTC != epoch.UnixMilli() {
		t.Errorf("stored %+v, want one segment from the first event on (note 12)", s)
	}
}

func TestWhatMakesAnEventComplete(t *testing.T) {
	const ok, failed, none = 0, 1, 2
	names := []string{"stored", "failed", "none"}
	for opt, name := range []string{"TS_REQ", "PIC_REQ", "TS_OR_PIC_REQ"} {
		for video := ok; video <= none; video++ {
			for picture := ok; picture <= none; picture++ {
				t.Run(fmt.Sprintf("%s with video %s and picture %s", name, names[video], names[picture]), func(t *testing.T) {
					c := newCloud(t, PlanEvent)
					cam := newCamera(t, c, func(p *InitParm) { p.EventReportOpt = int32(opt) })
					if picture == none {
						cam.picture = nil
					}
					var bad []string
					if video == failed {
						bad = append(bad, "put segment")
					}
					if picture == failed {
						bad = append(bad, "put picture")
					}
					c.setFault(failing(500, bad...))
					_ = cam.EventStart(1)
					cam.advance(0)
					if video != none {
						cam.stream(4 * time.Second)
					}
					_ = cam.EventStop(1)
					cam.advance(2 * time.Minute)
					want := 0
					if opt != 1 && video == ok || opt != 0 && picture == ok {
						want = 1
					}
					cam.expect(cam.heard("report"), fmt.Sprintf("report 1: %d", want))
					r := c.reports()
					if last := r[len(r)-1]; last.State != "finished" || last.Complete != (want == 1) || (last.PictureID != nil) != (picture == ok) {
						t.Errorf("reported %+v", last)
					}
					released := map[int]string{ok: "picture IV_ERR_NONE", failed: "picture IV_ERR_CS_HTTP_DATA_FAIL", none: ""}[picture]
					cam.expect(cam.heard("picture"), released)
				})
			}
		}
	}
}

func TestAnEventThatCannotBeReportedFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		within time.Duration
	}{{"an outage", 500, 2 * time.Minute}, {"a report that is refused for good", 400, 0}} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanEvent)
			cloud.setFault(failing(c.status, "events"))
			cam := newCamera(t, cloud)
			_ = cam.EventStart(1)
			cam.advance(0)
			cam.stream(4 * time.Second)
			_ = cam.EventStop(1)
			cam.advance(c.within)
			cam.expect(cam.heard("report"), "report 1: 0")
		})
	}
}

func TestAPlanThatExpiresDuringAnEventStopsTheStream(t *testing.T) {
	c := newCloud(t, PlanEvent)
	cam := newCamera(t, c)
	_ = cam.EventStart(1)
	cam.advance(0)
	cam.stream(5 * time.Second)
	c.setPlan(1, PlanNone)
	cam.advance(0)
	cam.expect(cam.heard("st"), "start, stop")
	if err := cam.pushVideo(100); err != ErrCSApplyNoService {
		t.Errorf("push after the plan's end: %v", err)
	}
	if err := cam.EventStop(1); err != ErrNone {
		t.Errorf("stop after the plan's end: %v", err)
	}
	cam.advance(0)
	cam.expect(cam.heard("report"), "report 1: 1")
}

func TestEventsUnderAFullTimePlanLeaveTheStreamAlone(t *testing.T) {
	c := newCloud(t, PlanFullTime)
	cam := newCamera(t, c)
	cam.stream(3 * time.Second)
	if err := cam.EventStartExt(1, 0, 15); err != ErrNone {
		t.Fatal(err)
	}
	cam.stream(5 * time.Second)
	if err := cam.EventStopExt(1, 0, 0); err != ErrNone {
		t.Fatal(err)
	}
	cam.stream(4 * time.Second)
	cam.expect(cam.heard("st", "capture", "picture", "report"), "start, capture 1, picture IV_ERR_NONE, report 1: 1")
	cam.exit()
	frames := uint32(0)
	for i, o := range c.stored("segment") {
		if o.segment.FirstSeq != frames || o.segment.StartUTC != epoch.UnixMilli()+int64(frames)*50 {
			t.Errorf("segment %d: %+v, want it to begin with frame %d", i, o.segment, frames)
		}
		if frames%gop != 0 {
			t.Errorf("segment %d begins with frame %d, no key frame", i, frames)
		}
		frames = o.segment.LastSeq + 1
	}
}

func TestAnEventOverAQuietStreamIsFlushed(t *testing.T) {
	c := newCloud(t, PlanFullTime)
	cam := newCamera(t, c)
	_ = cam.EventStart(1)
	cam.stream(5 * time.Second)
	_ = cam.EventStop(1)
	cam.advance(20 * time.Second) // the caller has ceased to push
	cam.expect(cam.heard("report"), "report 1: 1")
}

func TestInconsistentPicturesAreNoPictures(t *testing.T) {
	some := padded(nil, 10)
	for _, c := range []struct {
		name string
		pic  Picture
		code int32
	}{
		{"no address but a size", Picture{Size: 100}, 0},
		{"an address without a size", Picture{Addr: ptr(some)}, 0},
		{"a negative size", Picture{Addr: ptr(some), Size: -1}, 0},
		{"a failed callback", Picture{Addr: ptr(some), Size: 10}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud := newCloud(t, PlanEvent)
			cam := newCamera(t, cloud, func(p *InitParm) {
				p.Callbacks.EventCapturePicture = func(int32) (Picture, int32) { return c.pic, c.code }
			})
			_ = cam.EventStart(1)
			cam.advance(0)
			cam.stream(3 * time.Second)
			_ = cam.EventStop(1)
			cam.advance(0)
			cam.expect(cam.heard("picture", "report"), "report 1: 1")
			if n := cloud.count("grant picture"); n != 0 {
				t.Errorf("%d grants asked for a picture", n)
			}
		})
	}
}
