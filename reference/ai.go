package reference

// AI types, iv_cs_ai_type_e.
const (
	AIClose      int32 = 0
	AIFallDetect int32 = 1
)

// SetAIProcess is iv_cs_set_ai_process. A setting lasts until iv_cs_exit and is
// sent with every event of its id.
func (d *Device) SetAIProcess(id, aiType int32) Err {
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	if id < minEventID || id > maxEventID || (aiType != AIClose && aiType != AIFallDetect) {
		return ErrCSInitPrmRange
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ai[id] = aiType
	return ErrNone
}

// GetAIProcess is iv_cs_get_ai_process.
func (d *Device) GetAIProcess(id int32, out *int32) Err {
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	if out == nil {
		return ErrCSInitPrmNull
	}
	if id < minEventID || id > maxEventID {
		return ErrCSInitPrmRange
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	*out = s.ai[id]
	return ErrNone
}
