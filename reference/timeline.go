package reference

import "time"

// reading is what both faces of the clock show at one moment.
type reading struct {
	wall int64 // UTC, ms
	mono int64 // ms
}

// read looks at both faces at one moment: time that passed between the two looks
// would pass for a correction.
func (d *Device) read() reading {
	for {
		before := d.clock.Mono()
		wall := d.clock.Now()
		if after := d.clock.Mono(); after-before < 10*time.Millisecond {
			return reading{wall: wall.UnixMilli(), mono: int64(after / time.Millisecond)}
		}
	}
}

// timeline tells at which UTC time a frame of a recording belongs. A frame's
// place follows from its PTS, the place of the first from the clock at its
// arrival or from the start of the pre-recorded video; corrections of the clock
// move what comes after them (note 15). PTS in a wrong unit, jumps and single
// frames off the line must not carry the recording away (ROB-008, -009, -013):
// where PTS make no sense the time of arrival rules.
type timeline struct {
	begun bool
	video track
	audio track
	base  int64 // UTC ms of media time 0
	shift int64 // wall − mono of the clock when base was set
	live  bool  // media time has reached the present; pre-recorded video has not yet
	end   int64 // UTC ms of the end of the last segment; 0: none that must not be overlapped
}

// track is the progress of one of the two streams.
type track struct {
	begun bool
	last  place // of the last frame
	line  place // of the last one whose PTS made sense: a frame off the line does not move it
	step  int64 // media time since the frame before
}

// place is where a frame lies.
type place struct {
	pts   uint64
	mono  int64 // of its arrival
	media int64 // ms since the recording's first frame
}

// follow gives the media time of a frame as its PTS say, and whether that makes
// sense seen from p.
func (p place) follow(pts uint64, now reading) (media int64, ok bool) {
	d := int64(pts - p.pts)
	return p.media + d, d >= -maxBack && d <= max(maxAhead, 3*(now.mono-p.mono)+maxBack)
}

// Bounds of what PTS may do, in milliseconds.
const (
	maxBack    = 1_000  // backwards
	maxAhead   = 10_000 // forwards, beyond what has really passed
	maxFuture  = 20_000 // of a segment before the present: material pushed in advance
	maxLag     = 5_000  // of a segment behind the present, once live
	minStep    = 250    // of the clock, to count as a correction
	claimSlack = 15_000 // beyond three times a segment's own duration
)

// begin starts a recording. from is the UTC time in ms of the pre-recorded
// video's start, 0 for a live one.
func (t *timeline) begin(from int64) {
	*t = timeline{base: from, live: from == 0, end: t.end, shift: t.shift}
}

// frame takes the next frame of a stream and returns its media time.
func (t *timeline) frame(video bool, pts uint64, now reading) (media int64) {
	sense := true
	k, other := &t.audio, &t.video
	if video {
		k, other = other, k
	}
	switch {
	case !t.begun:
		t.follow(now)
		t.begun = true
		if t.live {
			t.base = now.wall
		}
	case !k.begun:
		// The second stream joins. Usually both count from one base.
		o := other.last
		media = o.media + (now.mono - o.mono)
		if d := int64(pts - o.pts); d > -maxAhead && d < maxAhead {
			media = max(o.media+d, 0)
		}
	default:
		// Back on the line, or on another one that two frames agree on, or off it.
		var ok bool
		if media, ok = k.line.follow(pts, now); !ok {
			if media, ok = k.last.follow(pts, now); !ok {
				media, sense = k.last.media+now.mono-k.last.mono, false
			}
		}
		k.step = media - k.last.media
	}
	k.begun, k.last = true, place{pts: pts, mono: now.mono, media: media}
	if sense {
		k.line = k.last
	}
	return media
}

// follow moves the base along with a correction of the clock. Pre-recorded
// video keeps the time the caller gave until it has caught up.
func (t *timeline) follow(now reading) {
	shift := now.wall - now.mono
	if d := shift - t.shift; d >= minStep || d <= -minStep {
		// What the corrected clock implies may overlap (note 15).
		t.end = 0
		if t.live && t.begun {
			t.base += d
		}
	}
	t.shift = shift
}

// start gives the UTC start, in ms, of a segment whose first frame has the media
// time given and has just arrived.
func (t *timeline) start(media int64, now reading) int64 {
	t.follow(now)
	at := t.base + media
	if !t.live && at >= now.wall-maxBack {
		t.live = true
	}
	if at > now.wall+maxFuture || (t.live && at < now.wall-maxLag) {
		at = now.wall
		t.live = true
	}
	at = max(at, t.end)
	t.base = at - media
	return at
}

// finish gives the UTC end of a segment that began at start, has lasted for media
// ms of media time, and whose frames arrived within passed ms. Where the two have
// nothing to do with each other, PTS are in a wrong unit.
func (t *timeline) finish(start, media, passed int64, now reading) int64 {
	fast := media > 3*passed+claimSlack && start+media > now.wall+maxBack
	slow := t.live && passed > 3*media+maxLag
	if fast || slow {
		media = passed
	}
	t.end = start + max(media, 1)
	return t.end
}
