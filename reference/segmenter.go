package reference

import "time"

// Segments end at the first key frame at or after this much media time (field
// facts: a recording is cut into pieces of about 10 s).
const segmentTarget = 10_000

// lateTarget cuts a segment whose PTS run too slowly to ever reach the target
// (seconds or frame numbers instead of milliseconds, ROB-008).
const lateTarget = 3 * segmentTarget / 2

// record puts an accepted frame into the open segment, cutting before it where a
// segment ends. s.mu is held; waiting for room gives it up for a moment.
func (s *session) record(h frameHeader, data []byte, seq uint32) Err {
	st := &s.stream
	now := s.device.read()
	if st.recording == "" {
		if h.video && !h.key {
			return ErrCSNeedIDRFrame // nothing has been stored that it could refer to (AMB-61)
		}
		s.beginRecording()
	}
	if h.video {
		st.lastVideo = now.mono
	}
	if e := st.gate(h, now); e != ErrNone {
		return e
	}
	media := st.line.frame(h.video, h.pts, now)
	if s.ends(h, len(data), media, now) {
		s.cut(now, media)
	}
	if !s.makeRoom(cost(len(data))) {
		s.marks.rise(s, max(st.bytes+len(data), int(s.parm.MaxGopSize))) // full is full (ruling 2)
		if h.video {
			st.lose()
		}
		return ErrCSPrmMallocFail
	}
	// While it waited for room the stream may have ended.
	if e := s.allowed(); e != ErrNone {
		return e
	}
	if st.recording == "" {
		return ErrCSPrmMallocFail
	}
	if st.seg == nil {
		s.open(media, now)
	}
	s.add(h, data, seq, media)
	st.last = now.mono
	s.watchIdle()
	return ErrNone
}

// gate keeps out what must not be stored: video before the first key frame, and
// after a drop everything before the next one, since it could not be decoded.
// Audio alone, once the video has ceased, is let in again.
func (st *stream) gate(h frameHeader, now reading) Err {
	switch {
	case h.key:
		return ErrNone
	case h.video && st.needKey:
		return ErrCSNeedIDRFrame
	case !h.video && st.dropped && now.mono-st.lastVideo < 2_000:
		return ErrCSNeedIDRFrame
	}
	return ErrNone
}

// ends decides whether the open segment ends before a frame. s.mu is held.
func (s *session) ends(h frameHeader, size int, media int64, now reading) bool {
	st := &s.stream
	seg := st.seg
	if seg == nil {
		return false
	}
	full := media-seg.media >= segmentTarget || now.mono-seg.begun.mono >= lateTarget
	if !h.video {
		// Without video every frame is a place to cut.
		return seg.video.frames == 0 && (full || seg.waiting)
	}
	if !h.key || seg.video.frames == 0 {
		return false
	}
	// Ruling 1: earlier when the next group of pictures would not fit. It will be
	// about as large as the one before.
	return full || seg.waiting || st.ring.free() < max(st.run, st.gop, cost(size))
}

// open begins a segment with a frame that has the media time given. s.mu is held.
func (s *session) open(media int64, now reading) {
	st := &s.stream
	st.seg = &segment{
		recording: st.recording,
		from:      st.ring.tail,
		begun:     now,
		media:     media,
		start:     st.line.start(media, now),
	}
	s.events.join(st.seg)
}

// add puts a frame that fits into the open segment. s.mu is held.
func (s *session) add(h frameHeader, data []byte, seq uint32, media int64) {
	st := &s.stream
	st.ring.put(h, data)
	st.seg.frames++
	st.seg.bytes += len(data)
	st.bytes += len(data)
	if h.key {
		st.needKey, st.dropped = false, false
		st.gop, st.run = st.run, 0
	}
	st.run += cost(len(data))
	if h.video {
		st.seg.video.add(h.pts, seq, media, s.duration(&st.line.video))
	} else {
		st.seg.audio.add(h.pts, seq, media, s.duration(&st.line.audio))
	}
	s.marks.rise(s, st.bytes)
}

// duration is how long the latest frame of a stream lasts: as long as the one before.
func (s *session) duration(t *track) int64 {
	if t.step > 0 && t.step <= 1_000 {
		return t.step
	}
	if rate := s.parm.AV.Framerate; rate > 0 && rate <= 1_000 {
		return int64(1_000 / rate)
	}
	return 40
}

// cut ends the open segment and hands it to the uploader. next is the media time
// of the frame that follows, -1 if none does: segments of one recording abut.
// s.mu is held.
func (s *session) cut(now reading, next int64) {
	st := &s.stream
	seg := st.seg
	if seg == nil {
		return
	}
	st.seg = nil
	seg.to = st.ring.tail
	end := seg.main().endTime
	if next > end-1_000 && next < end+1_000 {
		end = next
	}
	seg.end = st.line.finish(seg.start, end-seg.media, st.last-seg.begun.mono, now)
	seg.since = s.clock.Mono()
	st.segs = append(st.segs, seg)
	s.upload.rest.wake()
}

// makeRoom gets n bytes of room in the ring. s.mu is held, and given up while it
// waits: at most 40 ms of machine time, and only while an upload that goes well
// is about to make room (ruling 1).
func (s *session) makeRoom(n int) bool {
	st := &s.stream
	if st.ring.free() >= n {
		return true
	}
	if n > len(st.ring.mem) {
		return false
	}
	if len(st.segs) == 0 {
		// One group of pictures fills the whole buffer (note 4): it has to go in
		// pieces. Decoding goes on from one to the next.
		s.cut(s.device.read(), -1)
	}
	for limit := newPatience(); st.ring.free() < n; {
		if !st.patient || s.upload.failing || len(st.segs) == 0 || s.closing {
			return false
		}
		if !limit.wait(s) && st.ring.free() < n {
			st.patient = false
			return false
		}
	}
	return true
}

// release frees the memory of the first waiting segment, which has been stored
// or given up. s.mu is held.
func (s *session) release(seg *segment) {
	st := &s.stream
	st.segs[0] = nil
	st.segs = st.segs[1:]
	st.ring.head = seg.to
	st.bytes -= seg.bytes
	st.patient = true
	if st.room != nil {
		close(st.room)
		st.room = nil
	}
	s.marks.fall(st.bytes)
}

// patienceLimit is how long one push may wait for room in all (ruling 1).
const patienceLimit = 40 * time.Millisecond
