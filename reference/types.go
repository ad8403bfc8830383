package reference

import "unsafe"

// Audio codecs, iv_cm_aenc_type_e.
const (
	AudioPCM   int32 = 0
	AudioG711A int32 = 1
	AudioG711U int32 = 2
	AudioAAC   int32 = 4
)

// Audio modes, iv_cm_aenc_mode_e, and the one bit width that is supported,
// IV_CM_AENC_BIT_WIDTH_16.
const (
	AudioMono   int32 = 0
	AudioStereo int32 = 1
	BitWidth16  int32 = 1
)

// Video codecs, iv_cm_venc_type_e.
const (
	VideoH264 int32 = 0
	VideoH265 int32 = 1
)

// Frame types, iv_cm_frame_type_e.
const (
	FrameI int32 = 0
	FrameP int32 = 1
)

// Plans, iv_cs_type_e.
const (
	PlanNone     int32 = 0
	PlanFullTime int32 = 1
	PlanEvent    int32 = 2
)

// What makes an event complete, iv_cs_event_report_opt_e.
const (
	EventTSReq      int32 = 0
	EventPicReq     int32 = 1
	EventTSOrPicReq int32 = 2
)

// Upload states of a slice, iv_cs_upload_state_e.
const (
	UploadOK  int32 = 0
	UploadErr int32 = 1
)

// Notifications, iv_cs_notify_msg_type_e.
const (
	NotifyConnectFail     int32 = 0
	NotifyConnectRecover  int32 = 1
	NotifyStateMsg        int32 = 2
	NotifyWatermarkLow    int32 = 3
	NotifyWatermarkWarn   int32 = 4
	NotifyWatermarkHigh   int32 = 5
	NotifyCOSServiceWrong int32 = 6
)

// MaxUploadInfoNum is MAX_UPLOAD_INFO_NUM: the most slices one notification carries.
const MaxUploadInfoNum = 10

// InitParm is iv_cs_init_parm_s.
type InitParm struct {
	MaxGopSize     uint32 // bytes, a multiple of 4 KB
	Congestion     CongestionCtrl
	AV             AVDataInfo
	EventReportOpt int32
	Callbacks      Callbacks
}

// CongestionCtrl is iv_cs_congestion_ctrl_s: the marks of the watermark alarms, in bytes.
type CongestionCtrl struct {
	LowMark, WarnMark, HighMark uint64
	Enable                      int8
}

// AVDataInfo is iv_cm_av_data_info_s.
type AVDataInfo struct {
	AudioType, AACType, AudioMode, BitWidth, SampleRate int32
	SampleNumPerFrame                                   uint32 // samples times channels: 1024 mono, 2048 stereo
	VideoType                                           int32
	Width, Height, Framerate                            uint32 // Framerate 0: variable
}

// Callbacks are the functions of iv_cs_init_parm_s. Nil stands for NULL: start
// and stop are required, every other one may be absent (AMB-40).
//
// All are called from one goroutine, one after the other, with no lock held.
type Callbacks struct {
	PushStreamStart     func() int32
	PushStreamStop      func() int32
	AIServiceNotify     func(aiServerType uint32, utcExpire uint64) // never called: the specification does not use it yet
	EventCapturePicture func(id int32) (Picture, int32)
	EventPictureResult  func(pic Picture, code int32) int32
	EventReportResult   func(EventResult) int32
	Notify              func(msg int32, slices []SliceInfo) int32 // slices is nil but for NotifyStateMsg
}

// Picture is a snapshot in the caller's memory. The module reads it until
// EventPictureResult hands it back.
type Picture struct {
	Addr unsafe.Pointer
	Size int32
}

// EventResult is iv_cs_event_result_info. ResultCode: 0 failure, 1 success (AMB-14).
type EventResult struct {
	ResultCode, EventID  int32
	StartTimeS, EndTimeS uint32
}

// SliceInfo is iv_cs_upload_slice_info_s.
type SliceInfo struct {
	UTCSecA, UTCSecB     uint64
	PTSMsA, PTSMsB       uint64
	FrameSeqA, FrameSeqB uint32
	UploadSize           uint32
	TotalSize            uint32
	State                int32
}

// BalanceInfo is iv_cs_balance_info_s.
type BalanceInfo struct {
	CSSwitch int32
	CSType   int32
}

// VencPack is iv_cm_venc_pack_s. Data is the caller's again when PushVideo returns.
type VencPack struct {
	Data      []byte
	PTS       uint64 // milliseconds, any base
	FrameType int32
	Seq       uint32
}

// AencPack is iv_cm_aenc_pack_s. Data is the caller's again when PushAudio returns.
type AencPack struct {
	Data []byte
	PTS  uint64
	Seq  uint32
}
