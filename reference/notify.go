package reference

// notify queues a message without data. s.mu is held.
func (s *session) notify(msg int32) {
	if s.parm.Callbacks.Notify != nil {
		s.calls.post(func() { s.parm.Callbacks.Notify(msg, nil) })
	}
}

// tellSlice queues the result of a segment. Results that gather while a callback
// keeps the dispatcher go out together, at most MAX_UPLOAD_INFO_NUM at a time.
// s.mu is held.
func (s *session) tellSlice(info SliceInfo) {
	if s.parm.Callbacks.Notify == nil {
		return
	}
	s.slices = append(s.slices, info)
	if len(s.slices) == 1 {
		s.calls.post(s.tellSlices)
	}
}

func (s *session) tellSlices() {
	s.mu.Lock()
	n := min(len(s.slices), MaxUploadInfoNum)
	batch := s.slices[:n:n]
	s.slices = s.slices[n:]
	if len(s.slices) > 0 {
		s.calls.post(s.tellSlices)
	}
	s.mu.Unlock()
	s.parm.Callbacks.Notify(NotifyStateMsg, batch)
}
