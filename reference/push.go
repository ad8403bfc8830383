package reference

// PushVideo is iv_cs_push_stream for video: one access unit in Annex B. It
// copies the frame and never waits for the network.
func (d *Device) PushVideo(p *VencPack) Err {
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	if p == nil {
		return ErrCSInitPrmNull
	}
	if len(p.Data) == 0 {
		return ErrCSInitPrmRange
	}
	s.pushing.Lock()
	defer s.pushing.Unlock()
	if e := s.mayPush(); e != ErrNone {
		return e
	}
	key, e := s.video.check(s.parm.AV.VideoType, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e != ErrNone {
		if key {
			s.stream.lose()
		}
		return e
	}
	if len(p.Data) > int(s.parm.MaxGopSize) {
		s.stream.lose()
		return ErrCSPrmMallocFail
	}
	if e := s.allowed(); e != ErrNone {
		return e
	}
	e = s.record(frameHeader{pts: p.PTS, video: true, key: key}, p.Data, p.Seq)
	if e == ErrNone {
		s.video.accept()
	}
	return e
}

// mayPush says whether a frame may be pushed now, before it is looked at.
func (s *session) mayPush() Err {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allowed()
}

// lose notes that a frame which others refer to has not been stored.
func (st *stream) lose() { st.needKey, st.dropped = true, true }

// PushAudio is iv_cs_push_stream for audio: ADTS frames, or a pack of PCM or
// G.711, which is stored as AAC.
func (d *Device) PushAudio(p *AencPack) Err {
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	if p == nil {
		return ErrCSInitPrmNull
	}
	if len(p.Data) == 0 {
		return ErrCSInitPrmRange
	}
	s.pushing.Lock()
	defer s.pushing.Unlock()
	if e := s.mayPush(); e != ErrNone {
		return e
	}
	data, e := s.audio.accept(p.Data)
	if e != ErrNone {
		return e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.allowed(); e != ErrNone {
		return e
	}
	return s.record(frameHeader{pts: p.PTS}, data, p.Seq)
}
