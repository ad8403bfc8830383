package target

import (
	"math"

	"github.com/ivcs/conform/reference"
)

// made is a call that has been made: its code, and what is overwritten after it.
type made = func() (code int32, end func())

// prepare copies the arguments into memory of their own and returns the call.
// What only C can pass (NULL, lengths without bytes) is answered as the C face of
// the reference answers it, which has no more to go by.
func (p *inproc) prepare(c Call, r *Return) made {
	d := p.device
	code := func(f func() reference.Err) made {
		return func() (int32, func()) { return int32(f()), nil }
	}
	switch c.Func {
	case FnInit:
		return p.prepareInit(c.Init, r)
	case FnExit:
		return code(d.Exit)
	case FnPush:
		return p.preparePush(c)
	case FnDirectlyReport:
		return p.prepareReport(c)
	case FnEventStart:
		return code(func() reference.Err { return d.EventStart(c.EventID) })
	case FnEventStop:
		return code(func() reference.Err { return d.EventStop(c.EventID) })
	case FnEventStartExt:
		return code(func() reference.Err { return d.EventStartExt(c.EventID, c.Time, c.Time2) })
	case FnEventStopExt:
		return code(func() reference.Err { return d.EventStopExt(c.EventID, c.Time, c.Time2) })
	case FnGetBalance:
		return p.prepareBalance(c, r)
	case FnSetAI:
		return code(func() reference.Err { return d.SetAIProcess(c.EventID, c.AIType) })
	case FnGetAI:
		out := &r.AIType
		if c.NullOut {
			out = nil
		}
		return code(func() reference.Err { return d.GetAIProcess(c.EventID, out) })
	case FnSetTransTime:
		return code(func() reference.Err { return d.SetTransTime(c.Time, c.Time2) })
	}
	return p.prepareHook(c)
}

func (p *inproc) prepareHook(c Call) made {
	return func() (int32, func()) {
		switch c.Func {
		case FnConfigure:
			if p.device.Configure([]byte(c.JSON)) != nil {
				return -1, nil
			}
		case FnClockFreeze:
			p.device.ClockFreeze(uint64(c.Millis))
		case FnClockAdvance:
			return int32(p.device.ClockAdvance(uint32(c.Millis))), nil
		case FnClockStep:
			p.device.ClockStep(c.Millis)
		}
		return 0, nil
	}
}

func (p *inproc) prepareInit(from *InitParm, r *Return) made {
	if from == nil {
		return func() (int32, func()) { return int32(p.device.Init(nil)), nil }
	}
	parm := &reference.InitParm{
		MaxGopSize:     from.MaxGopSize,
		Congestion:     reference.CongestionCtrl(from.Congestion),
		AV:             reference.AVDataInfo(from.AV),
		EventReportOpt: from.EventReportOpt,
		Callbacks:      p.callbacks(from.Slots),
	}
	plain := func() reference.InitParm {
		q := *parm
		q.Callbacks = reference.Callbacks{} // functions cannot be compared
		return q
	}
	before := plain()
	return func() (int32, func()) {
		return int32(p.device.Init(parm)), func() {
			after := plain()
			r.Modified = before.MaxGopSize != after.MaxGopSize || before.Congestion != after.Congestion ||
				before.AV != after.AV || before.EventReportOpt != after.EventReportOpt
			*parm = reference.InitParm{MaxGopSize: stale << 24, EventReportOpt: stale}
		}
	}
}

func (p *inproc) preparePush(c Call) made {
	fixed := func(e reference.Err) made { return func() (int32, func()) { return int32(e), nil } }
	if c.Pack == nil || c.Pack.Null {
		return fixed(reference.ErrCSInitPrmNull)
	}
	if c.Stream != StreamVideo && c.Stream != StreamAudio {
		return fixed(reference.ErrCSInitPrmRange)
	}
	if c.Pack.NullAddr {
		return fixed(reference.ErrCSInitPrmNull)
	}
	data := append([]byte{}, c.Pack.Data...)
	if c.Stream == StreamAudio {
		pack := &reference.AencPack{Data: data, PTS: c.Pack.PTS, Seq: c.Pack.Seq}
		return func() (int32, func()) {
			return int32(p.device.PushAudio(pack)), func() {
				overwrite(data)
				*pack = reference.AencPack{PTS: stale, Seq: stale}
			}
		}
	}
	pack := &reference.VencPack{Data: data, PTS: c.Pack.PTS, FrameType: c.Pack.FrameType, Seq: c.Pack.Seq}
	return func() (int32, func()) {
		return int32(p.device.PushVideo(pack)), func() {
			overwrite(data)
			*pack = reference.VencPack{PTS: stale, Seq: stale, FrameType: stale}
		}
	}
}

func (p *inproc) prepareReport(c Call) made {
	switch {
	case c.NullData && c.Len > 0:
		return func() (int32, func()) { return int32(reference.ErrCSInitPrmNull), nil }
	case c.Len > math.MaxInt32:
		return func() (int32, func()) { return int32(reference.ErrCSInitPrmRange), nil }
	}
	var pic []byte
	if !c.NullData {
		pic = append([]byte{}, c.Data...)
	}
	return func() (int32, func()) {
		return int32(p.device.EventDirectlyReport(c.EventID, c.Time, pic)), func() { overwrite(pic) }
	}
}

func (p *inproc) prepareBalance(c Call, r *Return) made {
	if c.NullOut {
		return func() (int32, func()) { return int32(p.device.GetBalanceInfo(nil, c.Time)), nil }
	}
	out := &reference.BalanceInfo{CSSwitch: Unwritten, CSType: Unwritten}
	return func() (int32, func()) {
		return int32(p.device.GetBalanceInfo(out, c.Time)), func() {
			r.Balance = Balance{Switch: out.CSSwitch, Type: out.CSType}
		}
	}
}
