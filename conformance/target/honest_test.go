package target

import (
	"reflect"
	"testing"
	"time"
)

// sentinel is what honest.c wants to be initialised with.
func sentinel() InitParm {
	return InitParm{
		MaxGopSize: 819200,
		Congestion: Congestion{LowMark: 11, WarnMark: 22, HighMark: 33, Enable: -1},
		AV: AVInfo{
			AudioType: AudioAAC, AACType: 2, AudioMode: ModeStereo, BitWidth: BitWidth16, SampleRate: 48000, SampleNumPerFrame: 2048,
			VideoType: VideoH265, Width: 320, Height: 180, Framerate: 20,
		},
		EventReportOpt: ReportTSOrPic,
		Slots:          AllSlots,
		PadFill:        0xFF,
	}
}

func TestEveryArgumentArrives(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{Config: `{"endpoint":"x"}`})
	balance := GetBalanceCall(0)
	balance.NullOut = true
	ai := GetAICall(3)
	ai.NullOut = true
	table := []struct {
		name string
		call Call
		want Code
	}{
		{"init takes NULL", InitNullCall(), ErrInitPrmNull},
		{"init takes every field of the struct", InitCall(sentinel()), 0},
		{"init takes a struct without callbacks", InitCall(func() InitParm { p := sentinel(); p.Slots = NoSlots; return p }()), ErrInitCBNull},
		{"init takes a struct without one callback", InitCall(func() InitParm { p := sentinel(); p.Slots = p.Slots.Without(CBReport); return p }()), ErrInitCBNull},
		{"push takes a video pack", PushVideoCall(VencPack{Data: []byte("video"), PTS: 0x1122334455667788, FrameType: FrameP, Seq: 0xFFFFFFF0}), 0},
		{"push takes an audio pack", PushAudioCall(AencPack{Data: []byte("audio"), PTS: 0x99AABBCCDDEEFF00, Seq: 7}), 0},
		{"push takes NULL for a pack", PushRawCall(StreamVideo, RawPack{Null: true}), -1},
		{"push takes NULL for an address, with a length", PushRawCall(StreamVideo, RawPack{NullAddr: true, Len: 77}), -77},
		{"push takes a length of zero", PushRawCall(StreamVideo, RawPack{}), -2},
		{"push takes another stream type", PushRawCall(StreamBUTT, RawPack{}), -602},
		{"push takes a negative stream type", PushRawCall(-1, RawPack{}), -599},
		{"directly_report takes a picture", DirectlyReportCall(-16, 1700000000, []byte("jpg")), 0},
		{"directly_report takes no picture", DirectlyReportCall(1, 0, nil), 0},
		{"directly_report takes NULL with a length", DirectlyReportRawCall(1, 0, true, 100), -100},
		{"directly_report takes an address with no length", DirectlyReportRawCall(1, 0, false, 0), -2},
		{"event_start_ext takes both times", EventStartExtCall(1, 15, 0xFFFFFFFF), 0},
		{"event_stop_ext takes both times", EventStopExtCall(2, 300, 299), 0},
		{"set_ai_process takes id and type", SetAICall(3, AIFallDetect), 0},
		{"set_ai_process takes args that is not NULL", withArgs(SetAICall(3, AIFallDetect), 5), -5},
		{"get_ai_process takes args that is not NULL", withArgs(GetAICall(3), 6), -6},
		{"set_trans_time takes both times", SetTransTimeCall(3000, 5000), 0},
		{"get_balance_info takes NULL", balance, -1},
		{"get_ai_process takes NULL", ai, -1},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			r := s.Call(c.call)
			if r.Err != nil || r.Code != c.want || r.Modified {
				t.Errorf("got %v (error %v, struct modified %v), want %v", r.Code, r.Err, r.Modified, c.want)
			}
		})
	}
	if b, code := s.GetBalance(2); code != 0 || b != (Balance{Switch: 1, Type: PlanEvent}) {
		t.Errorf("balance: got %+v, %v", b, code)
	}
	if b, code := s.GetBalance(0); code != 0 || b != (Balance{Switch: 1, Type: Unwritten}) {
		t.Errorf("balance that is not written in full: got %+v, %v", b, code)
	}
	if typ, code := s.GetAI(3); code != 0 || typ != AIFallDetect {
		t.Errorf("AI type: got %d, %v", typ, code)
	}
	if exit := s.Close(); exit.Err != nil || exit.Code != 0 || exit.Signal != 0 || exit.Hung {
		t.Errorf("the process ended badly: %+v", exit)
	}
}

func TestEveryCallbackArrivesAndIsAnswered(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	if code := s.Init(sentinel()); code != 0 {
		t.Fatalf("init: %v", code)
	}
	for _, cb := range Callbacks() {
		s.Answer(cb, Answer{Return: 100 + int32(cb)}, Answer{Return: 200 + int32(cb)})
	}
	var slices []Slice
	for i := uint32(0); i < 10; i++ {
		slices = append(slices, Slice{
			UTCA: 100 + uint64(i), UTCB: 200 + uint64(i), PTSA: 300 + uint64(i), PTSB: 400 + uint64(i),
			SeqA: 500 + i, SeqB: 600 + i, UploadSize: 700 + i, TotalSize: 800 + i, State: int32(i & 1),
		})
	}
	table := []struct {
		name string
		fire int32
		cb   Callback
		want Args
	}{
		{"start", 0, CBStart, Args{}},
		{"stop", 1, CBStop, Args{}},
		{"AI service", 2, CBAIService, Args{AIServerType: 0xCAFE, UTCExpire: 0x1122334455667788}},
		{"capture", 3, CBCapture, Args{EventID: 9, PicBefore: 0x1234, SizeBefore: 4711}},
		{"capture without outputs", 8, CBCapture, Args{EventID: 1, PicNull: true, SizeNull: true}},
		{"report", 5, CBReport, Args{Result: &EventResult{ResultCode: 1, EventID: 16, StartTime: 0x11111111, EndTime: 0xEEEEEEEE}}},
		{"report of NULL", 10, CBReport, Args{}},
		{"picture of NULL", 9, CBPicture, Args{PicNull: true}},
		{"upload states", 6, CBNotify, Args{Message: MsgUploadState, Num: 10, Slices: slices}},
		{"notification without data", 7, CBNotify, Args{DataNull: true, InfoNull: true}},
	}
	seen := map[Callback]int32{}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			want := Code(100 + int32(c.cb) + 100*min(seen[c.cb], 1))
			if c.cb == CBAIService {
				want = 0 // it returns nothing
			}
			seen[c.cb]++
			if code := s.EventStart(c.fire); code != want {
				t.Errorf("the library got %d from the callback, want %d", code, want)
			}
			trace := s.Trace()
			last := trace[len(trace)-4:]
			kinds := []Kind{last[0].Kind, last[1].Kind, last[2].Kind, last[3].Kind}
			if !reflect.DeepEqual(kinds, []Kind{CallBegun, CallbackEntered, CallbackLeft, CallReturned}) {
				t.Fatalf("events: %v", last)
			}
			if got := *last[1].Args; !reflect.DeepEqual(got, c.want) {
				t.Errorf("arguments: got %+v, want %+v", got, c.want)
			}
			if last[1].Callback != c.cb || last[1].ID != last[2].ID || last[1].Inside != last[0].ID || last[1].Thread != 0 {
				t.Errorf("callback event: got %+v", last[1])
			}
			for i := 1; i < 4; i++ {
				if last[i].Mono < last[i-1].Mono {
					t.Errorf("monotonic time goes back from %v to %v", last[i-1], last[i])
				}
			}
		})
	}
}

func TestClockHooksGetTheirTimes(t *testing.T) {
	s := open(t, load(t, build(t, "honest.c")), Options{})
	if !s.HasClock() {
		t.Fatal("the clock hooks were not found")
	}
	for _, err := range []error{s.Freeze(time.UnixMilli(1700000000000)), s.Advance(4 * time.Second), s.Step(-30 * time.Second)} {
		if err != nil {
			t.Error(err)
		}
	}
	err := s.Advance(10001 * time.Millisecond)
	if err == nil || err.Error() != "ivcs_conform_clock_advance returned 1, want 0" {
		t.Errorf("a hook that fails: got %v", err)
	}
}

func withArgs(c Call, args uint64) Call {
	c.Args = args
	return c
}
