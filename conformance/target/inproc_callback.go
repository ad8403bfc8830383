package target

import (
	"context"
	"slices"
	"unsafe"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/reference"
)

// callbacks are the trampolines, as callbacks.c of the shim has them.
func (p *inproc) callbacks(slots Slots) reference.Callbacks {
	var c reference.Callbacks
	if slots.Has(CBStart) {
		c.PushStreamStart = func() int32 { return p.visit(CBStart, &Args{}, nil) }
	}
	if slots.Has(CBStop) {
		c.PushStreamStop = func() int32 { return p.visit(CBStop, &Args{}, nil) }
	}
	if slots.Has(CBAIService) {
		c.AIServiceNotify = func(kind uint32, expire uint64) {
			p.visit(CBAIService, &Args{AIServerType: kind, UTCExpire: expire}, nil)
		}
	}
	if slots.Has(CBCapture) {
		c.EventCapturePicture = p.capture
	}
	if slots.Has(CBPicture) {
		c.EventPictureResult = p.pictureResult
	}
	if slots.Has(CBReport) {
		c.EventReportResult = func(r reference.EventResult) int32 {
			return p.visit(CBReport, &Args{Result: &EventResult{
				ResultCode: r.ResultCode, EventID: r.EventID, StartTime: r.StartTimeS, EndTime: r.EndTimeS,
			}}, nil)
		}
	}
	if slots.Has(CBNotify) {
		c.Notify = p.notify
	}
	return c
}

// visit is a callback: it tells of its entry, does what its answer says, lets
// finish do what its slot does at the end, and tells that it leaves.
func (p *inproc) visit(cb Callback, args *Args, finish func(Answer, *Answered)) int32 {
	e := Event{Kind: CallbackEntered, ID: p.serial.Add(1), Thread: -1, Callback: cb, Args: args, Mono: machineMono()}
	p.tell(e)
	a := p.next(cb)
	if a.Delay > 0 {
		_ = clock.Machine(context.Background(), a.Delay)
	}
	for _, c := range a.Calls {
		p.run(p.serial.Add(1), c, -1, e.ID)
	}
	left := &Answered{Return: a.Return}
	if finish != nil {
		finish(a, left)
	}
	e.Kind, e.Answered, e.Mono = CallbackLeft, left, machineMono()
	p.tell(e)
	return a.Return
}

// page is what an inconsistent answer points to.
func page() []byte {
	b := make([]byte, 4096)
	copy(b, "\xff\xd8\xff")
	return b
}

func (p *inproc) capture(id int32) (reference.Picture, int32) {
	var give reference.Picture
	code := p.visit(CBCapture, &Args{EventID: id}, func(a Answer, left *Answered) {
		var data []byte
		switch raw := a.PictureRaw; {
		case raw == nil && len(a.Picture) == 0:
			return
		case raw == nil:
			data = slices.Clone(a.Picture)
			give.Size = int32(len(data))
		case raw.Untouched:
			return
		default:
			give.Size = raw.Size
			if raw.Null {
				return
			}
			data = page()
			if raw.Garbage {
				overwrite(data)
				give.Addr = unsafe.Pointer(&data[0])
				return
			}
		}
		give.Addr = unsafe.Pointer(&data[0])
		p.mu.Lock()
		defer p.mu.Unlock()
		p.captured++
		p.pictures[give.Addr] = &picture{id: p.captured, data: data}
		left.Picture, left.PictureAddr = p.captured, uint64(uintptr(give.Addr))
	})
	return give, code
}

func (p *inproc) pictureResult(pic reference.Picture, code int32) int32 {
	args := &Args{PicAddr: uint64(uintptr(pic.Addr)), ErrCode: code}
	p.mu.Lock()
	known := p.pictures[pic.Addr]
	if known != nil {
		args.Picture, args.Released = known.id, known.released
	}
	p.mu.Unlock()
	return p.visit(CBPicture, args, func(_ Answer, left *Answered) {
		if known == nil {
			return
		}
		left.Picture, left.PictureAddr = known.id, args.PicAddr
		p.mu.Lock()
		defer p.mu.Unlock()
		// From here on nobody may read it (CB-PIC-003). There is no page to take
		// away; what is read too late is wrong, and a race.
		overwrite(known.data)
		known.data, known.released = nil, true
	})
}

func (p *inproc) notify(message int32, told []reference.SliceInfo) int32 {
	if told == nil {
		return p.visit(CBNotify, &Args{Message: message, DataNull: true, InfoNull: true}, nil)
	}
	var code int32
	// The fixed array of C takes MAX_UPLOAD_INFO_NUM at a time.
	for part := range slices.Chunk(told, MaxUploadInfo) {
		args := &Args{Message: message, Num: int32(len(part)), Slices: readSlices(part)}
		code = p.visit(CBNotify, args, func(_ Answer, left *Answered) {
			left.Changed = !slices.Equal(readSlices(part), args.Slices)
		})
	}
	return code
}

func readSlices(part []reference.SliceInfo) []Slice {
	var all []Slice
	for _, s := range part {
		all = append(all, Slice{
			UTCA: s.UTCSecA, UTCB: s.UTCSecB, PTSA: s.PTSMsA, PTSB: s.PTSMsB,
			SeqA: s.FrameSeqA, SeqB: s.FrameSeqB, UploadSize: s.UploadSize, TotalSize: s.TotalSize, State: s.State,
		})
	}
	return all
}
