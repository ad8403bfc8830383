package reference

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/ivcs/conform/clock"
)

// Event ids are 1 to 16; what they mean is the caller's affair.
const (
	minEventID = 1
	maxEventID = 16
)

// maxOpenEvents bounds the events that are running or not reported yet.
const maxOpenEvents = 64

// planPatience is how long an event waits for the first answer to the plan
// query, in machine time: event_start returns promptly (EVT-017).
const planPatience = 100 * time.Millisecond

// event is one event from its start to its result.
type event struct {
	id     int32
	ext    bool   // started by iv_cs_event_start_ext
	report string // the device's id of it (ruling 5)
	ai     int32
	start  int64 // UTC s
	stream int64 // UTC ms of its video's start; 0: of its first segment's
	called int64 // UTC ms of the start call
	rest   sleeper

	// s.mu guards what follows.
	stopped   bool
	stoppedAt time.Duration // monotonic
	end       int64
	streamEnd int64
	captured  bool // the caller has been asked for a picture
	picture   Picture
	pending   int // segments of its time that are neither stored nor given up
	stored    int
}

// events are the events of a session. s.mu guards them.
type events struct {
	table   [maxEventID + 1]*event // running, by id (note 10)
	running int
	open    map[*event]struct{} // running or not reported yet
}

// join ties a new segment to the events that run.
func (t *events) join(seg *segment) {
	for _, e := range t.table {
		if e == nil {
			continue
		}
		if e.stream == 0 {
			e.stream = seg.start
		}
		e.add(seg)
	}
}

func (e *event) add(seg *segment) {
	seg.events = append(seg.events, e)
	e.pending++
}

// finished tells the events of a segment what became of it.
func (t *events) finished(seg *segment, stored bool) {
	for _, e := range seg.events {
		e.pending--
		if stored {
			e.stored++
		}
		e.rest.wake()
	}
}

// EventStart is iv_cs_event_start: an event that begins now.
func (d *Device) EventStart(id int32) Err { return d.startEvent(id, false, 0, 0) }

// EventStartExt is iv_cs_event_start_ext: an event and its video, each with a
// time of its own.
func (d *Device) EventStartExt(id int32, eventS, streamS uint32) Err {
	return d.startEvent(id, true, eventS, streamS)
}

// EventStop is iv_cs_event_stop.
func (d *Device) EventStop(id int32) Err { return d.stopEvent(id, false, 0, 0) }

// EventStopExt is iv_cs_event_stop_ext.
func (d *Device) EventStopExt(id int32, eventS, streamS uint32) Err {
	return d.stopEvent(id, true, eventS, streamS)
}

func (d *Device) startEvent(id int32, ext bool, eventS, streamS uint32) Err {
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	if id < minEventID || id > maxEventID {
		return ErrCSInitPrmRange
	}
	_ = clock.Machine(s.planKnown, planPatience) // returns at once when it is known
	now := d.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.mayStart(id); e != ErrNone {
		return e
	}
	times, err := startTimes(eventS, streamS, now.wall, s.events.running > 0)
	if err != ErrNone {
		return err
	}
	e := &event{id: id, ext: ext, report: randomID(), ai: s.ai[id], start: times.event, called: now.wall,
		rest: sleeper{work: s.work}, captured: s.parm.Callbacks.EventCapturePicture == nil}
	e.stream = times.stream
	switch {
	case s.stream.wanted:
		// Only the first event has pre-recorded video: the stream that runs keeps
		// its time line (note 12, AMB-74).
		if e.stream == 0 {
			e.stream = now.wall
		}
	default:
		s.stream.from = times.stream
	}
	s.events.table[id] = e
	s.events.running++
	s.events.open[e] = struct{}{}
	if s.stream.seg != nil {
		e.add(s.stream.seg)
	}
	if !e.captured {
		s.calls.post(func() { s.capture(e) }) // before start_cb, as the flow chart has it (AMB-24)
	}
	s.follow()
	s.start(func(*sleeper) { s.runEvent(e) })
	return ErrNone
}

// mayStart says what keeps an event from starting. s.mu is held.
func (s *session) mayStart(id int32) Err {
	switch {
	case s.closing:
		return ErrCSPrmNotAvailable
	case !s.plan.known:
		return ErrDeviceOffline
	case s.plan.service() == PlanNone:
		return ErrCSApplyNoService // AMB-31
	case s.events.table[id] != nil:
		return ErrCSEventIsValid // note 10: not the same event twice at once
	case len(s.events.open) >= maxOpenEvents:
		return ErrCSPrmMallocFail
	}
	return ErrNone
}

func (d *Device) stopEvent(id int32, ext bool, eventS, streamS uint32) Err {
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	if id < minEventID || id > maxEventID {
		return ErrCSInitPrmRange
	}
	now := d.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return ErrCSPrmNotAvailable
	}
	e := s.events.table[id]
	if e == nil || e.ext != ext {
		return ErrCSEventIsValid // the two variants are paired each with its own (AMB-28)
	}
	times, err := stopTimes(eventS, streamS, now.wall)
	if err != ErrNone {
		return err
	}
	s.stop(e, times)
	return ErrNone
}

// stop ends an event: what belongs to it is flushed and then reported. s.mu is held.
func (s *session) stop(e *event, at times) {
	s.events.table[e.id] = nil
	s.events.running--
	e.stopped, e.stoppedAt = true, s.clock.Mono()
	e.end = max(at.event, e.start) // AMB-76
	e.streamEnd = max(at.stream, e.stream)
	s.follow()
	if s.stream.seg != nil {
		s.stream.seg.waiting = true // the stream goes on: cut at the next key frame
	}
	e.rest.wake()
}

func randomID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// waitFor parks until the condition holds, looking again whenever the event is
// woken and at the moment until returns (monotonic; 0: none). Every condition
// must come true when s.ctx has ended.
func (s *session) waitFor(e *event, condition func() bool, until func() time.Duration) {
	defer context.AfterFunc(s.ctx, e.rest.wake)()
	for {
		s.mu.Lock()
		done, at := condition(), until()
		s.mu.Unlock()
		switch {
		case done:
			return
		case at > s.clock.Mono():
			e.rest.parkUntil(s.ctx, s.clock, at)
		default:
			e.rest.park()
		}
	}
}
