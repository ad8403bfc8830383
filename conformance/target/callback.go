package target

import (
	"fmt"
	"time"
)

// Callback is a slot of iv_cs_init_parm_s, in the order of the struct.
type Callback uint8

// The seven slots.
const (
	CBStart     Callback = iota // iv_cs_push_stream_start_cb
	CBStop                      // iv_cs_push_stream_stop_cb
	CBAIService                 // iv_cs_ai_service_notify_cb
	CBCapture                   // iv_cs_event_capture_picture_cb
	CBPicture                   // iv_cs_event_picture_result_cb
	CBReport                    // iv_cs_event_report_result_cb
	CBNotify                    // iv_cs_notify_cb
	callbacks
)

// Callbacks lists the seven slots in the order of the struct.
func Callbacks() []Callback {
	return []Callback{CBStart, CBStop, CBAIService, CBCapture, CBPicture, CBReport, CBNotify}
}

var callbackNames = [callbacks]string{
	"iv_cs_push_stream_start_cb", "iv_cs_push_stream_stop_cb", "iv_cs_ai_service_notify_cb",
	"iv_cs_event_capture_picture_cb", "iv_cs_event_picture_result_cb", "iv_cs_event_report_result_cb",
	"iv_cs_notify_cb",
}

// String is the name of the slot in the specification.
func (c Callback) String() string {
	if c < callbacks {
		return callbackNames[c]
	}
	return fmt.Sprintf("callback %d", uint8(c))
}

// Answer is how a callback behaves when it is called. The zero Answer returns
// IV_ERR_NONE at once, and offers no picture.
type Answer struct {
	Return int32
	// Delay is how long the callback takes: in machine time, or in the library's
	// where Options.Scale makes it run faster.
	Delay time.Duration
	// Calls are made from inside the callback, after the delay, on its thread.
	Calls []Call
	// Picture is what iv_cs_event_capture_picture_cb hands over: a copy in
	// guarded pages for each call. Empty: NULL and 0.
	Picture []byte
	// PictureRaw, if set, is an inconsistent answer instead.
	PictureRaw *PictureRaw
}

// PictureRaw is an answer of iv_cs_event_capture_picture_cb that does not fit
// together (CB-CAP-007).
type PictureRaw struct {
	// Null puts NULL in *pic. Otherwise *pic points to a page of bytes.
	Null bool
	// Size goes into *size as it is.
	Size int32
	// Untouched leaves *pic and *size as the library had them.
	Untouched bool
	// Garbage puts an address into *pic that nobody may touch: for answers with
	// an error code, whose outputs the library must not use.
	Garbage bool
}

// Args are the arguments of a callback; those that its slot does not have are zero.
type Args struct {
	// iv_cs_event_capture_picture_cb
	EventID           int32
	PicNull, SizeNull bool   // the out-pointers were NULL (CB-CAP-006); PicNull also in picture_result_cb
	PicBefore         uint64 // *pic on entry
	SizeBefore        int32  // *size on entry

	// iv_cs_event_picture_result_cb
	Picture  int    // which picture (Answered.Picture of the capture); 0: none that was handed out
	Released bool   // it had had its result before
	PicAddr  uint64 // *pic
	SameCell bool   // pic itself is the pointer that capture_cb got (AMB-13)
	ErrCode  int32

	// iv_cs_event_report_result_cb; nil: NULL
	Result *EventResult

	// iv_cs_notify_cb
	Message  int32
	DataNull bool    // pst_notify_data is NULL
	InfoNull bool    // av_result_info is NULL
	Num      int32   // as delivered, also when out of range
	Slices   []Slice // the first Num, at most 10

	// iv_cs_ai_service_notify_cb
	AIServerType uint32
	UTCExpire    uint64
}

// Messages of iv_cs_notify_cb.
const (
	MsgConnectFail     int32 = 0
	MsgConnectRecover  int32 = 1
	MsgUploadState     int32 = 2
	MsgWatermarkLow    int32 = 3
	MsgWatermarkWarn   int32 = 4
	MsgWatermarkHigh   int32 = 5
	MsgCOSServiceWrong int32 = 6
	MsgBUTT            int32 = 7
)

// MaxUploadInfo is MAX_UPLOAD_INFO_NUM (AMB-46).
const MaxUploadInfo = 10

// Slice mirrors iv_cs_upload_slice_info_s.
type Slice struct {
	UTCA, UTCB            uint64
	PTSA, PTSB            uint64
	SeqA, SeqB            uint32
	UploadSize, TotalSize uint32
	State                 int32
}

// Values of iv_cs_upload_state_e.
const (
	UploadOK  int32 = 0
	UploadErr int32 = 1
)

// EventResult mirrors iv_cs_event_result_info.
type EventResult struct {
	ResultCode int32 // 0 failure, 1 success (AMB-14)
	EventID    int32
	StartTime  uint32
	EndTime    uint32
}

// Answered is what a callback has done.
type Answered struct {
	Return int32
	// Picture numbers the picture handed out, from 1; 0 if none was.
	Picture     int
	PictureAddr uint64
	// Changed: the data behind pst_notify_data or pst_result_info changed while
	// the callback ran (NOTIFY-009).
	Changed bool
}
