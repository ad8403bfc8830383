package main

/*
#include "../include/iv_cs.h"

// cgo has no unions.
enum { offset_of_pts = offsetof(iv_cm_aenc_pack_s, u64PTS) };
*/
import "C"

import (
	"math"
	"unsafe"

	"github.com/ivcs/conform/reference"
)

//export iv_cs_init
func iv_cs_init(p *C.iv_cs_init_parm_s) C.int {
	if p == nil {
		return C.IV_ERR_CS_INIT_PRM_NULL
	}
	marks, av := &p.congestion_cfg, &p.av_fmt
	return C.int(device.Init(&reference.InitParm{
		MaxGopSize: uint32(p.u32MaxGopSize),
		Congestion: reference.CongestionCtrl{
			LowMark:  uint64(marks.low_mark),
			WarnMark: uint64(marks.warn_mark),
			HighMark: uint64(marks.high_mark),
			Enable:   int8(marks.enable),
		},
		AV: reference.AVDataInfo{
			AudioType:         int32(av.eAudioType),
			AACType:           int32(av.u32AudioCodecOption),
			AudioMode:         int32(av.eAudioMode),
			BitWidth:          int32(av.eAudioBitWidth),
			SampleRate:        int32(av.eAudioSampleRate),
			SampleNumPerFrame: uint32(av.u32SampleNumPerFrame),
			VideoType:         int32(av.eVideoType),
			Width:             uint32(av.u32VideoWidth),
			Height:            uint32(av.u32VideoHeight),
			Framerate:         uint32(av.u32Framerate),
		},
		EventReportOpt: int32(p.event_report_opt),
		Callbacks:      callbacks(p),
	}))
}

//export iv_cs_exit
func iv_cs_exit() C.int { return C.int(device.Exit()) }

//export iv_cs_push_stream
func iv_cs_push_stream(kind C.iv_cm_stream_type_e, pack unsafe.Pointer) C.int {
	if pack == nil {
		return C.IV_ERR_CS_INIT_PRM_NULL
	}
	switch kind {
	case C.IV_CM_STREAM_TYPE_VIDEO:
		p := (*C.iv_cm_venc_pack_s)(pack)
		if p.pu8Addr == nil {
			return C.IV_ERR_CS_INIT_PRM_NULL
		}
		return C.int(device.PushVideo(&reference.VencPack{
			Data:      memory(p.pu8Addr, p.u32Len),
			PTS:       uint64(p.u64PTS),
			FrameType: int32(p.eFrameType),
			Seq:       uint32(p.u32Seq),
		}))
	case C.IV_CM_STREAM_TYPE_AUDIO:
		p := (*C.iv_cm_aenc_pack_s)(pack)
		if p.pu8Addr == nil {
			return C.IV_ERR_CS_INIT_PRM_NULL
		}
		return C.int(device.PushAudio(&reference.AencPack{
			Data: memory(p.pu8Addr, p.u32Len),
			PTS:  audioPTS(p),
			Seq:  uint32(p.u32Seq),
		}))
	}
	return C.IV_ERR_CS_INIT_PRM_RANGE
}

//export iv_cs_event_directly_report
func iv_cs_event_directly_report(id C.int32_t, at C.uint32_t, pic *C.uint8_t, size C.uint32_t) C.int {
	switch {
	case pic == nil && size > 0:
		return C.IV_ERR_CS_INIT_PRM_NULL
	case size > math.MaxInt32: // more than a captured picture could have (AMB-17)
		return C.IV_ERR_CS_INIT_PRM_RANGE
	}
	return C.int(device.EventDirectlyReport(int32(id), uint32(at), memory(pic, size)))
}

//export iv_cs_event_start
func iv_cs_event_start(id C.int32_t) C.int { return C.int(device.EventStart(int32(id))) }

//export iv_cs_event_stop
func iv_cs_event_stop(id C.int32_t) C.int { return C.int(device.EventStop(int32(id))) }

//export iv_cs_event_start_ext
func iv_cs_event_start_ext(id C.int32_t, event, stream C.uint32_t) C.int {
	return C.int(device.EventStartExt(int32(id), uint32(event), uint32(stream)))
}

//export iv_cs_event_stop_ext
func iv_cs_event_stop_ext(id C.int32_t, event, stream C.uint32_t) C.int {
	return C.int(device.EventStopExt(int32(id), uint32(event), uint32(stream)))
}

//export iv_cs_get_balance_info
func iv_cs_get_balance_info(out *C.iv_cs_balance_info_s, timeout C.uint32_t) C.int {
	if out == nil {
		return C.IV_ERR_CS_INIT_PRM_NULL
	}
	var b reference.BalanceInfo
	err := device.GetBalanceInfo(&b, uint32(timeout))
	if err == reference.ErrNone {
		out.cs_switch, out.cs_type = C.int(b.CSSwitch), C.iv_cs_type_e(b.CSType)
	}
	return C.int(err)
}

//export iv_cs_set_ai_process
func iv_cs_set_ai_process(id C.int32_t, kind C.iv_cs_ai_type_e, _ unsafe.Pointer) C.int {
	return C.int(device.SetAIProcess(int32(id), int32(kind)))
}

//export iv_cs_get_ai_process
func iv_cs_get_ai_process(id C.int32_t, out *C.iv_cs_ai_type_e, _ unsafe.Pointer) C.int {
	if out == nil {
		return C.IV_ERR_CS_INIT_PRM_NULL
	}
	var kind int32
	err := device.GetAIProcess(int32(id), &kind)
	if err == reference.ErrNone {
		*out = C.iv_cs_ai_type_e(kind)
	}
	return C.int(err)
}

//export iv_cs_set_trans_time
func iv_cs_set_trans_time(upload, reply C.uint32_t) C.int {
	return C.int(device.SetTransTime(uint32(upload), uint32(reply)))
}

// memory is the caller's, as a slice; nil for NULL.
func memory(p *C.uint8_t, size C.uint32_t) []byte {
	return unsafe.Slice((*byte)(p), int(size))
}

// audioPTS is the u64PTS of p.
func audioPTS(p *C.iv_cm_aenc_pack_s) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(p), C.offset_of_pts))
}
