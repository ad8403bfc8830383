package scenario

import (
	"time"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// How long a conformant library may take. The specification gives no figures
// ("promptly", "then"); these are the longest that the suite accepts, so that
// no library is failed for being slow rather than wrong.
const (
	// StartWithin is from the cause (init, a plan, an event) to start_cb (FLOW-003).
	StartWithin = 10 * time.Second
	// StopWithin is from the cause (event_stop, a plan's end) to stop_cb.
	StopWithin = 10 * time.Second
	// UploadWithin is from the end of a segment to its object and its slice on a
	// good network (AMB-52).
	UploadWithin = 30 * time.Second
	// ReportWithin is from event_stop to report_result_cb on a good network (AMB-77).
	ReportWithin = 60 * time.Second
	// PictureWithin is from capture_cb to picture_result_cb on a good network.
	PictureWithin = 30 * time.Second
	// SegmentLength is the longest segment to wait for at a GOP of two seconds;
	// its length is the library's choice (AMB-52).
	SegmentLength = 30 * time.Second
	// EventTimeSlack is by how much a reported time of an event or a segment may
	// differ from the call that caused it: it is in seconds, rounded or truncated,
	// of the call or of the callback, on a loaded machine (AMB-51, AMB-71).
	EventTimeSlack = 2 * time.Second
)

// Plans as the cloud sets them.
var (
	NoPlan    = fakecloud.Plan{Switch: 1, Type: int(target.PlanNone)}
	FullTime  = fakecloud.Plan{Switch: 1, Type: int(target.PlanFullTime)}
	EventPlan = fakecloud.Plan{Switch: 1, Type: int(target.PlanEvent)}
)

// Parm is the init parameter that most scenarios use: 800 KiB of buffer as in
// note 3, H.264 at 20 fps with AAC, watermark alarms off, video events, six
// callbacks.
func (e *Env) Parm() target.InitParm { return ParmFor(fixtures.H264(), fixtures.AAC()) }

// ParmFor is Parm for a clip and a sound, either of which may be nil.
func ParmFor(video *fixtures.Clip, sound *fixtures.Audio) target.InitParm {
	p := target.InitParm{
		MaxGopSize: 800 << 10,
		AV:         target.AVInfo{AudioType: target.AudioAAC, VideoType: target.VideoH264},
	}
	p.AV.AACType = 2 // IV_CM_AAC_TYPE_LC
	p.AV.BitWidth = target.BitWidth16
	p.AV.SampleRate, p.AV.SampleNumPerFrame = 16000, fixtures.FrameSamples
	if video != nil {
		p.AV.VideoType = video.Codec
		p.AV.Width, p.AV.Height, p.AV.Framerate = uint32(video.Width), uint32(video.Height), uint32(video.FPS)
	}
	if sound != nil {
		p.AV.AudioType = sound.Codec
		p.AV.SampleRate = int32(sound.Rate)
		p.AV.SampleNumPerFrame = uint32(fixtures.FrameSamples * sound.Channels)
		if sound.Channels == 2 {
			p.AV.AudioMode = target.ModeStereo
		}
	}
	return p
}

// SetPlan changes the device's plan at the cloud and, in virtual time, lets the
// library see it.
func (e *Env) SetPlan(p fakecloud.Plan) {
	e.Device.SetPlan(p)
	e.Settle()
}

// showPlan waits, when the plan has changed or expired, until the library has
// seen it: a step of virtual time does not wait for the long poll. A library
// that is not asking is judged by what it does next.
func (e *Env) showPlan() {
	_, rev := e.Device.Plan()
	if rev == e.shownPlan {
		return
	}
	e.shownPlan = rev
	if e.followsPlan() {
		ctx, cancel := e.machine(pollPatience)
		defer cancel()
		_ = e.Device.WaitPolled(ctx, rev)
	}
}

// pollPatience is the machine time in which a library that follows the plan asks
// for it again once it has been answered.
const pollPatience = 2 * time.Second

// followsPlan reports whether the library is initialised and has asked for its
// plan since.
func (e *Env) followsPlan() bool {
	var since time.Duration
	running := false
	for _, ev := range e.session.Trace() {
		if ev.Kind != target.CallReturned || ev.Return.Code != target.ErrNone {
			continue
		}
		switch ev.Call.Func {
		case target.FnInit:
			running, since = true, ev.Return.Began
		case target.FnExit:
			running = false
		}
	}
	if !running {
		return false
	}
	for _, entry := range e.Device.Journal() {
		if entry.Class == fakecloud.ClassPlan && entry.Mono >= since {
			return true
		}
	}
	return false
}

// Init initialises the library with p, which must succeed (INIT-001).
func (e *Env) Init(p target.InitParm) {
	e.Given("INIT-001", e.Lib.Init(p)).To(ReturnNone(), "iv_cs_init with a valid parameter")
}

// StartFullTime sets a full-time plan, initialises the library for the camera's
// formats and waits for start_cb (FLOW-003).
func (e *Env) StartFullTime(c *Camera) { e.StartFullTimeWith(c, ParmFor(c.Video, c.Sound)) }

// StartFullTimeWith is StartFullTime with a parameter of the scenario's own.
func (e *Env) StartFullTimeWith(_ *Camera, p target.InitParm) {
	e.Device.SetPlan(FullTime)
	e.Init(p)
	e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).
		NotTo(beNil(), "iv_cs_push_stream_start_cb within %v of iv_cs_init under a full-time plan", StartWithin)
}

// InitEvents sets an event plan, initialises the library for the camera's
// formats and lets it learn the plan.
func (e *Env) InitEvents(c *Camera) { e.InitEventsWith(c, ParmFor(c.Video, c.Sound)) }

// InitEventsWith is InitEvents with a parameter of the scenario's own.
func (e *Env) InitEventsWith(_ *Camera, p target.InitParm) {
	e.Device.SetPlan(EventPlan)
	e.Init(p)
	e.AwaitPlan(target.PlanEvent)
}

// AwaitPlan waits until the library's cached plan is of this type (BAL-007):
// events are refused by a library that does not know of the plan yet.
func (e *Env) AwaitPlan(planType int32) {
	var last target.Balance
	known := e.Await(StartWithin, func() bool {
		b, code := e.Lib.GetBalance(0)
		last = b
		return code == target.ErrNone && b.Type == planType
	})
	e.Given("BAL-007", known).To(beTrue(),
		"cached plan of type %d within %v; iv_cs_get_balance_info(0) says %d", planType, StartWithin, last.Type)
}

// StartEvent starts an event and waits for the start_cb that it causes
// (EVT-005); n is how many start_cb the scenario has then seen in all.
func (e *Env) StartEvent(id int32, n int) {
	e.Given("EVT-014", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) under an event plan", id)
	e.AwaitStart(n)
}

// AwaitStart waits for the n-th start_cb of the scenario.
func (e *Env) AwaitStart(n int) {
	e.Given("EVT-005", e.AwaitCallback(target.CBStart, n, StartWithin)).
		NotTo(beNil(), "start_cb number %d within %v", n, StartWithin)
}

// StopEvent stops an event (EVT-010).
func (e *Env) StopEvent(id int32) {
	e.Given("EVT-010", e.Lib.EventStop(id)).To(ReturnNone(), "iv_cs_event_stop(%d) of a running event", id)
}

// Exit de-initialises the library, which must succeed (EXIT-001). In virtual
// time it runs on a thread of its own while time passes: an exit may wait for
// transfers.
func (e *Env) Exit() target.Return {
	r, back := e.TryExit(2 * time.Minute)
	e.Given("EXIT-001", back).To(beTrue(), "iv_cs_exit back within two minutes (AMB-41)")
	e.Given("EXIT-001", r.Code).To(ReturnNone(), "iv_cs_exit")
	return r
}

// TryExit calls iv_cs_exit and leaves the judgement to the scenario: what it
// returned, and whether it was back within the span.
func (e *Env) TryExit(within time.Duration) (target.Return, bool) {
	return e.Finish(e.Go(exitThread, target.ExitCall()), within)
}

// exitThread is the library-side thread of Exit; thread 0 stays free for others.
const exitThread = 7

// Uploaded waits until every accepted frame of the camera that can be stored by
// now is stored or reported: no grant is open, no object is under way. It is
// meant for the end of a stream, after its stop.
func (e *Env) Uploaded(within time.Duration) bool {
	return e.Await(within, func() bool { return e.unaccounted() == 0 })
}
