package target

// InitParm mirrors iv_cs_init_parm_s. Everything is passed on as it is, also
// what no caller should pass.
type InitParm struct {
	MaxGopSize     uint32
	Congestion     Congestion
	AV             AVInfo
	EventReportOpt int32

	// Slots says which callbacks are registered; the others are NULL. Zero
	// means DefaultSlots.
	Slots Slots
	// PadFill is the byte that fills the padding of the struct (ABI-057).
	PadFill byte
}

// Congestion mirrors iv_cs_congestion_ctrl_s. The marks are cut to the size_t
// of the library's machine.
type Congestion struct {
	LowMark, WarnMark, HighMark uint64
	Enable                      int8
}

// AVInfo mirrors iv_cm_av_data_info_s.
type AVInfo struct {
	AudioType         int32
	AACType           int32
	AudioMode         int32
	BitWidth          int32
	SampleRate        int32
	SampleNumPerFrame uint32
	VideoType         int32
	Width, Height     uint32
	Framerate         uint32
}

// Values of the common module (abi-facts.md; the specification leaves them to
// another document).
const (
	AudioPCM   int32 = 0
	AudioG711A int32 = 1
	AudioG711U int32 = 2
	AudioG726  int32 = 3
	AudioAAC   int32 = 4
	AudioAMR   int32 = 5
	AudioADPCM int32 = 6
	AudioBUTT  int32 = 7

	BitWidth8    int32 = 0
	BitWidth16   int32 = 1
	BitWidth24   int32 = 2
	BitWidthBUTT int32 = 3

	ModeMono   int32 = 0
	ModeStereo int32 = 1
	ModeBUTT   int32 = 2

	StreamAudio int32 = 0
	StreamVideo int32 = 1
	StreamBUTT  int32 = 2

	VideoH264 int32 = 0
	VideoH265 int32 = 1
	VideoBUTT int32 = 2

	FrameI    int32 = 0
	FrameP    int32 = 1
	FrameBUTT int32 = 2
)

// Values of iv_cs_event_report_opt_e, iv_cs_type_e and iv_cs_ai_type_e.
const (
	ReportTS      int32 = 0 // CS_EVENT_TS_REQ
	ReportPic     int32 = 1 // CS_EVENT_PIC_REQ
	ReportTSOrPic int32 = 2 // CS_EVENT_TS_OR_PIC_REQ

	PlanNone     int32 = 0 // CS_TYPE_NONE
	PlanFullTime int32 = 1 // CS_TYPE_FULL_TIME
	PlanEvent    int32 = 2 // CS_TYPE_EVENT

	AIClose      int32 = 0 // CS_AI_TYPE_CLOSE
	AIFallDetect int32 = 1 // CS_AI_TYPE_FALL_DETECT
)

// Slots is a set of callbacks.
type Slots uint16

// noSlots tells an empty set from the zero value.
const noSlots Slots = 1 << 15

const (
	// DefaultSlots are the six callbacks the user has to register (ABI-046);
	// iv_cs_ai_service_notify_cb stays NULL, as the specification says (ABI-047).
	DefaultSlots = AllSlots &^ (1 << CBAIService)
	// AllSlots registers iv_cs_ai_service_notify_cb too, to see that it is not called.
	AllSlots Slots = 1<<callbacks - 1
	// NoSlots leaves all seven NULL.
	NoSlots = noSlots
)

// SlotsOf is the set of the given callbacks.
func SlotsOf(cbs ...Callback) Slots {
	s := noSlots
	for _, cb := range cbs {
		s |= 1 << cb
	}
	return s
}

// Without is s less the given callbacks.
func (s Slots) Without(cbs ...Callback) Slots {
	if s == 0 {
		s = DefaultSlots
	}
	for _, cb := range cbs {
		s &^= 1 << cb
	}
	return s | noSlots
}

// Has reports whether the callback is in the set.
func (s Slots) Has(cb Callback) bool {
	if s == 0 {
		s = DefaultSlots
	}
	return s&(1<<cb) != 0
}
