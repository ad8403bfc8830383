package target

import (
	"fmt"
	"time"
)

// Function is one of the twelve iv_cs_* functions or one of the four hooks.
type Function uint8

// The functions of the specification, then the hooks of the cloud binding.
const (
	FnInit Function = iota
	FnExit
	FnPush
	FnDirectlyReport
	FnEventStart
	FnEventStop
	FnEventStartExt
	FnEventStopExt
	FnGetBalance
	FnSetAI
	FnGetAI
	FnSetTransTime
	FnConfigure
	FnClockFreeze
	FnClockAdvance
	FnClockStep
	functions
)

const firstHook = FnConfigure

var functionNames = [functions]string{
	"iv_cs_init", "iv_cs_exit", "iv_cs_push_stream", "iv_cs_event_directly_report",
	"iv_cs_event_start", "iv_cs_event_stop", "iv_cs_event_start_ext", "iv_cs_event_stop_ext",
	"iv_cs_get_balance_info", "iv_cs_set_ai_process", "iv_cs_get_ai_process", "iv_cs_set_trans_time",
	"ivcs_conform_configure", "ivcs_conform_clock_freeze", "ivcs_conform_clock_advance", "ivcs_conform_clock_step",
}

// String is the symbol.
func (f Function) String() string {
	if f < functions {
		return functionNames[f]
	}
	return fmt.Sprintf("function %d", uint8(f))
}

// Functions lists the twelve functions of the specification.
func Functions() []Function { return functionRange(0, firstHook) }

// Hooks lists the four optional hooks.
func Hooks() []Function { return functionRange(firstHook, functions) }

func functionRange(from, to Function) []Function {
	var all []Function
	for f := from; f < to; f++ {
		all = append(all, f)
	}
	return all
}

// Call is one call of a function; the fields its function has no use for are
// ignored. The constructors below fill it in.
type Call struct {
	Func   Function
	Thread int // 0 to 7; of no meaning inside a callback
	// Bound is the machine time after which the call counts as hung; zero: the
	// session's Watchdog.
	Bound time.Duration

	Init    *InitParm // iv_cs_init; nil: NULL
	Stream  int32     // iv_cs_push_stream: eCsStreamType
	Pack    *RawPack  // iv_cs_push_stream; nil: NULL
	EventID int32
	// Time and Time2 are the two numbers of a call, in its own order: event
	// and stream time, upload and reply time-out. Calls with one number
	// (directly_report's event_time_s, get_balance_info's timeout_s) use Time.
	Time, Time2 uint32
	Data        []byte // directly_report: the picture
	NullData    bool   // directly_report: pic_addr NULL, with Len as pic_len
	Len         uint32
	AIType      int32
	NullOut     bool   // get_balance_info, get_ai_process: the out-pointer is NULL
	Args        uint64 // set_ai_process, get_ai_process: the address that args is (AI-004)
	JSON        string // ivcs_conform_configure
	Millis      int64  // the clock hooks
}

// VencPack mirrors iv_cm_venc_pack_s.
type VencPack struct {
	Data      []byte
	PTS       uint64
	FrameType int32
	Seq       uint32
}

// AencPack mirrors iv_cm_aenc_pack_s.
type AencPack struct {
	Data []byte
	PTS  uint64
	Seq  uint32
}

// RawPack is a pack of either kind as a careless caller may fill it in. u32Len
// is len(Data), or Len when the address is NULL.
type RawPack struct {
	Null      bool // the pack pointer itself is NULL
	NullAddr  bool // pu8Addr is NULL
	Len       uint32
	Data      []byte
	PTS       uint64
	FrameType int32
	Seq       uint32
	// Audio selects the layout iv_cm_aenc_pack_s; otherwise iv_cm_venc_pack_s,
	// the longer one. PushRaw with a stream type of StreamAudio sets it.
	Audio bool
}

// On is the same call on another thread.
func (c Call) On(thread int) Call { c.Thread = thread; return c }

// Within is the same call with its own bound in machine time.
func (c Call) Within(d time.Duration) Call { c.Bound = d; return c }

// The constructors, in the order of the specification's list.

func InitCall(p InitParm) Call { return Call{Func: FnInit, Init: &p} }
func InitNullCall() Call       { return Call{Func: FnInit} }
func ExitCall() Call           { return Call{Func: FnExit} }

func PushVideoCall(p VencPack) Call {
	return PushRawCall(StreamVideo, RawPack{Data: p.Data, PTS: p.PTS, FrameType: p.FrameType, Seq: p.Seq})
}

func PushAudioCall(p AencPack) Call {
	return PushRawCall(StreamAudio, RawPack{Data: p.Data, PTS: p.PTS, Seq: p.Seq})
}

func PushRawCall(streamType int32, p RawPack) Call {
	p.Audio = p.Audio || streamType == StreamAudio
	return Call{Func: FnPush, Stream: streamType, Pack: &p}
}

func EventStartCall(id int32) Call { return Call{Func: FnEventStart, EventID: id} }
func EventStopCall(id int32) Call  { return Call{Func: FnEventStop, EventID: id} }

func EventStartExtCall(id int32, event, stream uint32) Call {
	return Call{Func: FnEventStartExt, EventID: id, Time: event, Time2: stream}
}

func EventStopExtCall(id int32, event, stream uint32) Call {
	return Call{Func: FnEventStopExt, EventID: id, Time: event, Time2: stream}
}

// DirectlyReportCall reports with the picture pic; nil: NULL and 0.
func DirectlyReportCall(id int32, timeS uint32, pic []byte) Call {
	return Call{Func: FnDirectlyReport, EventID: id, Time: timeS, Data: pic, NullData: pic == nil}
}

// DirectlyReportRawCall passes pic_addr and pic_len that do not fit together:
// NULL with a length, or an address with another length than its one page has.
func DirectlyReportRawCall(id int32, timeS uint32, nullAddr bool, length uint32) Call {
	c := Call{Func: FnDirectlyReport, EventID: id, Time: timeS, NullData: nullAddr, Len: length}
	if !nullAddr {
		c.Data = make([]byte, min(length, 1<<20))
	}
	return c
}

func GetBalanceCall(timeoutS uint32) Call { return Call{Func: FnGetBalance, Time: timeoutS} }
func SetAICall(id, aiType int32) Call     { return Call{Func: FnSetAI, EventID: id, AIType: aiType} }
func GetAICall(id int32) Call             { return Call{Func: FnGetAI, EventID: id} }

func SetTransTimeCall(uploadMS, replyMS uint32) Call {
	return Call{Func: FnSetTransTime, Time: uploadMS, Time2: replyMS}
}

// Balance mirrors iv_cs_balance_info_s. Both members hold 0xAAAAAAAA before the
// call: what the library did not write can be told (AMB-36).
type Balance struct{ Switch, Type int32 }

// Unwritten is what the shim puts into out-parameters before a call.
const Unwritten int32 = -0x55555556 // 0xAAAAAAAA

// Return is the end of a call.
type Return struct {
	Code    Code
	Balance Balance // get_balance_info
	AIType  int32   // get_ai_process
	// Modified: the library wrote into the struct that iv_cs_init was given
	// (INIT-002), first at the offset ModifiedAt.
	Modified   bool
	ModifiedAt int
	// Began and Ended are on the machine's monotonic clock.
	Began, Ended time.Duration
	// Err says why there is no code: a MissingError, or what Session.Fatal says.
	Err error
}

// Took is how long the call lasted in machine time.
func (r Return) Took() time.Duration { return r.Ended - r.Began }
