package target

import "encoding/binary"

// What a session tells the shim.

func encodeCall(id uint32, c Call) []byte {
	e := newFrame(inCall)
	e.u32(id)
	e.u8(byte(c.Thread))
	e.u8(byte(c.Func))
	e.callBody(c)
	return e.frame()
}

// encodeSequence numbers the calls from first on.
func encodeSequence(first uint32, thread int, through bool, calls []Call) []byte {
	e := newFrame(inSequence)
	e.u32(first)
	e.u8(byte(thread))
	e.flag(through)
	e.u32(uint32(len(calls)))
	for _, c := range calls {
		e.u8(byte(c.Func))
		length := len(e.b)
		e.u32(0)
		e.callBody(c)
		binary.LittleEndian.PutUint32(e.b[length:], uint32(len(e.b)-length-4))
	}
	return e.frame()
}

func (e *encoder) callBody(c Call) {
	switch c.Func {
	case FnInit:
		e.initParm(c.Init)
	case FnPush:
		e.push(c.Stream, c.Pack)
	case FnDirectlyReport:
		length := uint32(len(c.Data))
		if c.NullData || c.Len != 0 {
			length = c.Len
		}
		e.i32(c.EventID)
		e.u32(c.Time)
		e.flag(c.NullData)
		e.u32(length)
		e.bytes(c.Data)
	case FnEventStart, FnEventStop:
		e.i32(c.EventID)
	case FnEventStartExt, FnEventStopExt:
		e.i32(c.EventID)
		e.u32(c.Time)
		e.u32(c.Time2)
	case FnGetBalance:
		e.flag(c.NullOut)
		e.u32(c.Time)
	case FnSetAI:
		e.i32(c.EventID)
		e.i32(c.AIType)
		e.u64(c.Args)
	case FnGetAI:
		e.i32(c.EventID)
		e.flag(c.NullOut)
		e.u64(c.Args)
	case FnSetTransTime:
		e.u32(c.Time)
		e.u32(c.Time2)
	case FnConfigure:
		e.bytes([]byte(c.JSON))
	case FnClockFreeze, FnClockStep:
		e.u64(uint64(c.Millis))
	case FnClockAdvance:
		e.u32(uint32(c.Millis))
	}
}

func (e *encoder) initParm(p *InitParm) {
	if p == nil {
		e.flag(true)
		e.u8(0)
		e.u32(0)
		return
	}
	e.flag(false)
	e.u8(p.PadFill)
	slots := p.Slots
	if slots == 0 {
		slots = DefaultSlots
	}
	e.u32(uint32(slots & AllSlots))
	e.u32(p.MaxGopSize)
	e.u64(p.Congestion.LowMark)
	e.u64(p.Congestion.WarnMark)
	e.u64(p.Congestion.HighMark)
	e.u8(byte(p.Congestion.Enable))
	e.i32(p.AV.AudioType)
	e.i32(p.AV.AACType)
	e.i32(p.AV.AudioMode)
	e.i32(p.AV.BitWidth)
	e.i32(p.AV.SampleRate)
	e.u32(p.AV.SampleNumPerFrame)
	e.i32(p.AV.VideoType)
	e.u32(p.AV.Width)
	e.u32(p.AV.Height)
	e.u32(p.AV.Framerate)
	e.i32(p.EventReportOpt)
}

func (e *encoder) push(stream int32, p *RawPack) {
	var pack RawPack
	if p == nil {
		pack.Null = true
	} else {
		pack = *p
	}
	e.i32(stream)
	e.flag(pack.Null, pack.NullAddr, pack.Audio)
	e.u32(pack.Len)
	e.u64(pack.PTS)
	e.i32(pack.FrameType)
	e.u32(pack.Seq)
	e.bytes(pack.Data)
}

// What an answer does with the outputs of the capture callback; callbacks.c has
// the same list.
const (
	offerNothing = iota
	offerPicture
	offerNull
	offerPage
	offerUntouched
	offerGarbage
)

// encodeAnswers numbers the answers from first on, so that calls made from
// inside a callback can be told by answer and place.
func encodeAnswers(cb Callback, first uint32, queue []Answer) []byte {
	e := newFrame(inAnswer)
	e.u8(byte(cb))
	e.u32(uint32(len(queue)))
	for i, a := range queue {
		offer, size := byte(offerNothing), int32(0)
		switch raw := a.PictureRaw; {
		case raw == nil && len(a.Picture) > 0:
			offer = offerPicture
		case raw == nil:
		case raw.Untouched:
			offer = offerUntouched
		case raw.Garbage:
			offer, size = offerGarbage, raw.Size
		case raw.Null:
			offer, size = offerNull, raw.Size
		default:
			offer, size = offerPage, raw.Size
		}
		e.u32(first + uint32(i))
		e.i32(a.Return)
		e.u64(uint64(max(a.Delay, 0)))
		e.u8(offer)
		e.i32(size)
		e.bytes(a.Picture)
		e.u32(uint32(len(a.Calls)))
		for _, c := range a.Calls {
			var body encoder
			body.callBody(c)
			e.u8(byte(c.Func))
			e.bytes(body.b)
		}
	}
	return e.frame()
}

func encodeStat(id uint32) []byte {
	e := newFrame(inStat)
	e.u32(id)
	return e.frame()
}

func encodeHeap(id uint32, h heapControl) []byte {
	e := newFrame(inHeap)
	e.u32(id)
	e.flag(h.resetPeak, h.setFail)
	e.u32(h.failNth)
	e.u32(h.failCount)
	e.flag(h.setLimit)
	e.u64(h.headroom)
	return e.frame()
}

func encodeBye() []byte { return newFrame(inBye).frame() }
