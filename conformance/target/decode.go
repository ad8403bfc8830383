package target

import (
	"fmt"
	"syscall"
	"time"
)

// What the shim tells a session. Frames are one of the types below.
type frame any

type helloFrame struct {
	Protocol uint32
	Canary   uint64
	Pointer  int // bytes
	Little   bool
	ABI      map[string]int
}

type loadedFrame struct{ Symbols uint32 }
type loadErrorFrame struct{ Why string }
type refusedFrame struct{ Why string }
type byeFrame struct{}
type ackFrame struct{ ID uint32 }

// skippedFrame: the calls first to end-1 of a sequence are not made.
type skippedFrame struct{ First, End uint32 }

type statFrame struct {
	ID   uint32
	Stat Stat
}

// callFrame is the begin or the end of a call. Answer and Index tell which call
// of which answer it is, when it was made from inside a callback.
type callFrame struct {
	Event
	Answer, Index uint32
	Missing       bool
}

type callbackFrame struct{ Event }

type crashFrame struct {
	Signal   syscall.Signal
	Addr     uint64
	Thread   int
	TID      uint32
	Func     Function // functions: none
	Slot     Callback // callbacks: none
	Region   byte     // 0: none; else a kind of region
	Picture  uint32
	Released bool
	Offset   int64
	Len      uint64
}

const canary = 0x0123456789ABCDEF

// decodeFrame takes a frame of the shim apart. It never panics: the bytes may
// come from a library that writes to descriptors of others.
func decodeFrame(b []byte) (frame, error) {
	d := &decoder{b: b}
	kind := d.u8()
	f, err := d.frame(kind)
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, fmt.Errorf("a frame of type %#02x with %d bytes (% x…): %w", kind, len(b), b[:min(len(b), 16)], err)
	}
	return f, nil
}

func (d *decoder) frame(kind byte) (frame, error) {
	switch kind {
	case outHello:
		return d.hello()
	case outLoaded:
		return loadedFrame{Symbols: d.u32()}, nil
	case outLoadError:
		return loadErrorFrame{Why: d.text()}, nil
	case outRefused:
		return refusedFrame{Why: d.text()}, nil
	case outBye:
		return byeFrame{}, nil
	case outAck:
		return ackFrame{ID: d.u32()}, nil
	case outSkipped:
		return skippedFrame{First: d.u32(), End: d.u32()}, nil
	case outStat:
		return d.stat(), nil
	case outCallBegin, outCallEnd:
		return d.call(kind), nil
	case outCBEnter, outCBLeave:
		return d.callback(kind)
	case outCrash:
		return d.crash(), nil
	}
	return nil, fmt.Errorf("unknown type")
}

func (d *decoder) hello() (frame, error) {
	if magic := string(d.take(4)); magic != "IVCS" {
		return nil, fmt.Errorf("the greeting begins with %q, want \"IVCS\"", magic)
	}
	h := helloFrame{Protocol: d.u32(), Canary: d.u64(), Pointer: int(d.u8()), Little: d.u8() != 0, ABI: map[string]int{}}
	for d.err == nil && len(d.b) > 0 {
		name := d.text()
		h.ABI[name] = int(d.u32())
	}
	return h, nil
}

func (d *decoder) stat() frame {
	f := statFrame{ID: d.u32()}
	f.Stat = Stat{
		Threads: int(d.i32()), Descriptors: int(d.i32()), Sockets: int(d.i32()), RSS: int64(d.u64()),
		Wall: time.Unix(0, int64(d.u64())).UTC(),
	}
	f.Stat.Heap = Heap{
		Known: d.u8() != 0,
		InUse: int64(d.u64()), Peak: int64(d.u64()), Blocks: int64(d.u64()), Allocs: int64(d.u64()), Failed: int64(d.u64()),
	}
	return f
}

func (d *decoder) mono() time.Duration { return time.Duration(d.u64()) }

func (d *decoder) call(kind byte) frame {
	f := callFrame{Event: Event{Kind: CallBegun, ID: d.u32(), Thread: int(int8(d.u8())), TID: int(d.u32()), Mono: d.mono(), Inside: d.u32()}}
	f.Answer, f.Index = d.u32(), d.u32()
	if kind == outCallBegin {
		return f
	}
	f.Kind = CallReturned
	r := &Return{Began: d.mono(), Ended: f.Mono, Code: Code(d.i32())}
	flags := d.u8()
	r.Modified, f.Missing = flags&1 != 0, flags&2 != 0
	r.ModifiedAt = int(d.u32())
	first, second := d.i32(), d.i32()
	r.Balance = Balance{Switch: first, Type: second}
	r.AIType = first
	f.Return = r
	return f
}

func (d *decoder) callback(kind byte) (frame, error) {
	f := callbackFrame{Event{Kind: CallbackEntered, ID: d.u32(), Callback: Callback(d.u8()), Thread: int(int8(d.u8())), TID: int(d.u32()), Mono: d.mono(), Inside: d.u32()}}
	if f.Callback >= callbacks {
		return nil, fmt.Errorf("slot %d: there are %d", f.Callback, callbacks)
	}
	if kind == outCBLeave {
		f.Kind = CallbackLeft
		f.Answered = &Answered{Return: d.i32(), Picture: int(d.u32()), PictureAddr: d.u64(), Changed: d.u8() != 0}
		return f, nil
	}
	f.Args = d.args(f.Callback)
	return f, nil
}

func (d *decoder) args(cb Callback) *Args {
	a := new(Args)
	switch cb {
	case CBAIService:
		a.AIServerType, a.UTCExpire = d.u32(), d.u64()
	case CBCapture:
		a.EventID = d.i32()
		null := d.u8()
		a.PicNull, a.SizeNull = null&1 != 0, null&2 != 0
		a.PicBefore, a.SizeBefore = d.u64(), d.i32()
	case CBPicture:
		a.PicNull = d.u8() != 0
		a.PicAddr = d.u64()
		a.Picture = int(d.u32())
		flags := d.u8()
		a.Released, a.SameCell = flags&1 != 0, flags&2 != 0
		a.ErrCode = d.i32()
	case CBReport:
		if null := d.u8() != 0; !null {
			a.Result = &EventResult{ResultCode: d.i32(), EventID: d.i32(), StartTime: d.u32(), EndTime: d.u32()}
		}
	case CBNotify:
		a.Message = d.i32()
		null := d.u8()
		a.DataNull, a.InfoNull = null&1 != 0, null&2 != 0
		a.Num = d.i32()
		n := d.u32()
		for i := uint32(0); i < n && d.err == nil; i++ {
			a.Slices = append(a.Slices, Slice{
				UTCA: d.u64(), UTCB: d.u64(), PTSA: d.u64(), PTSB: d.u64(),
				SeqA: d.u32(), SeqB: d.u32(), UploadSize: d.u32(), TotalSize: d.u32(), State: d.i32(),
			})
		}
	}
	return a
}

func (d *decoder) crash() frame {
	return crashFrame{
		Signal: syscall.Signal(d.u32()), Addr: d.u64(), Thread: int(int8(d.u8())), TID: d.u32(),
		Func: Function(d.u8()), Slot: Callback(d.u8()),
		Region: d.u8(), Picture: d.u32(), Released: d.u8() != 0, Offset: int64(d.u64()), Len: d.u64(),
	}
}

// guard says in words which guarded memory a fault lies in; "" for any other.
func (c crashFrame) guard() string {
	var what string
	switch c.Region {
	case 1:
		what = fmt.Sprintf("picture %d of iv_cs_event_capture_picture_cb", c.Picture)
	case 2:
		what = "the picture of iv_cs_event_directly_report"
	case 3:
		what = "a frame of iv_cs_push_stream"
	default:
		return ""
	}
	switch {
	case c.Released && c.Region == 1:
		what += " after its result callback had returned"
	case c.Released:
		what += " after the call had returned"
	case c.Offset < 0:
		what += fmt.Sprintf(" %d bytes before its begin", -c.Offset)
	default:
		what += fmt.Sprintf(" at offset %d of its %d bytes", c.Offset, c.Len)
	}
	return what
}
