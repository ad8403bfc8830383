package main

/*
#include "callbacks.h"
*/
import "C"

import (
	"slices"
	"unsafe"

	"github.com/ivcs/conform/reference"
)

// callbacks makes Go functions of those of p. A NULL stays nil.
func callbacks(parm *C.iv_cs_init_parm_s) reference.Callbacks {
	p := *parm // the caller's structure is the caller's again after iv_cs_init
	var c reference.Callbacks
	if p.iv_cs_push_stream_start_cb != nil {
		c.PushStreamStart = func() int32 { return int32(C.call_stream(&p, 1)) }
	}
	if p.iv_cs_push_stream_stop_cb != nil {
		c.PushStreamStop = func() int32 { return int32(C.call_stream(&p, 0)) }
	}
	if p.iv_cs_ai_service_notify_cb != nil {
		c.AIServiceNotify = func(kind uint32, expire uint64) {
			C.call_ai_service(&p, C.uint(kind), C.ulonglong(expire))
		}
	}
	if p.iv_cs_event_capture_picture_cb != nil {
		c.EventCapturePicture = func(id int32) (reference.Picture, int32) {
			got := C.call_capture(&p, C.int32_t(id))
			return reference.Picture{Addr: unsafe.Pointer(got.pic), Size: int32(got.size)}, int32(got.code)
		}
	}
	if p.iv_cs_event_picture_result_cb != nil {
		c.EventPictureResult = func(pic reference.Picture, code int32) int32 {
			return int32(C.call_picture_result(&p, (*C.uint8_t)(pic.Addr), C.int32_t(code)))
		}
	}
	if p.iv_cs_event_report_result_cb != nil {
		c.EventReportResult = func(r reference.EventResult) int32 {
			return int32(C.call_report_result(&p, C.iv_cs_event_result_info{
				result_code:  C.int32_t(r.ResultCode),
				event_id:     C.int32_t(r.EventID),
				start_time_s: C.uint32_t(r.StartTimeS),
				end_time_s:   C.uint32_t(r.EndTimeS),
			}))
		}
	}
	if p.iv_cs_notify_cb != nil {
		c.Notify = func(msg int32, told []reference.SliceInfo) int32 {
			return notify(&p, C.iv_cs_notify_msg_type_e(msg), told)
		}
	}
	return c
}

// notify tells about all slices, in as many calls as the fixed array of C needs.
// It returns what the last one answered.
func notify(p *C.iv_cs_init_parm_s, msg C.iv_cs_notify_msg_type_e, told []reference.SliceInfo) (code int32) {
	if told == nil {
		return int32(C.call_notify(p, msg))
	}
	for part := range slices.Chunk(told, C.MAX_UPLOAD_INFO_NUM) {
		var info [C.MAX_UPLOAD_INFO_NUM]C.iv_cs_upload_slice_info_s
		for i, s := range part {
			info[i] = C.iv_cs_upload_slice_info_s{
				utc_sec_a:   C.uint64_t(s.UTCSecA),
				utc_sec_b:   C.uint64_t(s.UTCSecB),
				pts_ms_a:    C.uint64_t(s.PTSMsA),
				pts_ms_b:    C.uint64_t(s.PTSMsB),
				frame_seq_a: C.uint32_t(s.FrameSeqA),
				frame_seq_b: C.uint32_t(s.FrameSeqB),
				upload_size: C.uint32_t(s.UploadSize),
				total_size:  C.uint32_t(s.TotalSize),
				state:       C.iv_cs_upload_state_e(s.State),
			}
		}
		code = int32(C.call_notify_slices(p, msg, &info[0], C.int32_t(len(part))))
	}
	return code
}
