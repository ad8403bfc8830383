package reference

// watermarks are the alarms of congestion_cfg: each is given once when the bytes
// accepted and not yet stored rise to its mark, and armed again when they have
// fallen well below it, so that noise around a mark raises one alarm (AMB-09,
// ROB-023). s.mu guards it.
type watermarks struct {
	enabled bool
	marks   [3]mark
}

type mark struct {
	msg   int32
	level uint64
	over  bool
}

func newWatermarks(c CongestionCtrl) watermarks {
	return watermarks{enabled: c.Enable == 1, marks: [3]mark{
		{msg: NotifyWatermarkLow, level: c.LowMark},
		{msg: NotifyWatermarkWarn, level: c.WarnMark},
		{msg: NotifyWatermarkHigh, level: c.HighMark},
	}}
}

// rise looks at a level that has grown, or would have if there had been room: a
// high mark equal to the buffer is reached by the first refusal (ruling 2).
func (w *watermarks) rise(s *session, bytes int) {
	if !w.enabled {
		return
	}
	for i := range w.marks {
		if m := &w.marks[i]; !m.over && uint64(bytes) >= max(m.level, 1) {
			m.over = true
			s.notify(m.msg)
		}
	}
}

// fall looks at a level that has shrunk. An alarm is armed again an eighth below
// its mark.
func (w *watermarks) fall(bytes int) {
	for i := range w.marks {
		if m := &w.marks[i]; uint64(bytes) < m.level-m.level/8 || bytes == 0 {
			m.over = false
		}
	}
}
