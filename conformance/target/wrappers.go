package target

// The typed wrappers, each on thread 0. A call that did not return gives
// NoReturn; Fatal says why.

func (s *Session) Init(p InitParm) Code      { return s.Call(InitCall(p)).Code }
func (s *Session) InitNull() Code            { return s.Call(InitNullCall()).Code }
func (s *Session) Exit() Code                { return s.Call(ExitCall()).Code }
func (s *Session) PushVideo(p VencPack) Code { return s.Call(PushVideoCall(p)).Code }
func (s *Session) PushAudio(p AencPack) Code { return s.Call(PushAudioCall(p)).Code }

func (s *Session) PushRaw(streamType int32, p RawPack) Code {
	return s.Call(PushRawCall(streamType, p)).Code
}

func (s *Session) EventStart(id int32) Code { return s.Call(EventStartCall(id)).Code }
func (s *Session) EventStop(id int32) Code  { return s.Call(EventStopCall(id)).Code }

func (s *Session) EventStartExt(id int32, event, stream uint32) Code {
	return s.Call(EventStartExtCall(id, event, stream)).Code
}

func (s *Session) EventStopExt(id int32, event, stream uint32) Code {
	return s.Call(EventStopExtCall(id, event, stream)).Code
}

// DirectlyReport reports with the picture pic; nil: NULL and 0.
func (s *Session) DirectlyReport(id int32, timeS uint32, pic []byte) Code {
	return s.Call(DirectlyReportCall(id, timeS, pic)).Code
}

// DirectlyReportRaw passes an address and a length that do not fit together.
func (s *Session) DirectlyReportRaw(id int32, timeS uint32, nullAddr bool, length uint32) Code {
	return s.Call(DirectlyReportRawCall(id, timeS, nullAddr, length)).Code
}

func (s *Session) GetBalance(timeoutS uint32) (Balance, Code) {
	r := s.Call(GetBalanceCall(timeoutS))
	return r.Balance, r.Code
}

func (s *Session) GetBalanceNull(timeoutS uint32) Code {
	c := GetBalanceCall(timeoutS)
	c.NullOut = true
	return s.Call(c).Code
}

func (s *Session) SetAI(id, aiType int32) Code { return s.Call(SetAICall(id, aiType)).Code }

func (s *Session) GetAI(id int32) (int32, Code) {
	r := s.Call(GetAICall(id))
	return r.AIType, r.Code
}

func (s *Session) GetAINull(id int32) Code {
	c := GetAICall(id)
	c.NullOut = true
	return s.Call(c).Code
}

func (s *Session) SetTransTime(uploadMS, replyMS uint32) Code {
	return s.Call(SetTransTimeCall(uploadMS, replyMS)).Code
}
