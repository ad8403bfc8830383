package target

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/ivcs/conform/reference"
)

// offline is a configuration of a device whose cloud is not there.
const offline = `{"endpoint":"http://127.0.0.1:1","product_id":"P","device_name":"D","device_secret":"S"}`

func plain() InitParm {
	p := sentinel()
	p.Congestion = Congestion{}
	p.Slots = 0
	return p
}

func TestTheReferenceTakesTheSamePath(t *testing.T) {
	s := open(t, Reference(), Options{Config: offline})
	if info := s.Describe(); len(info.Missing()) != 0 || !s.HasClock() || info.Can(CapCABI) || info.Can(CapProcesses) || info.Can(CapHeap) {
		t.Errorf("%+v", info)
	}
	now := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	if err := s.Freeze(now); err != nil {
		t.Fatal(err)
	}
	table := []struct {
		name string
		call Call
		want Code
	}{
		{"a call before init", EventStartCall(1), ErrPrmNotAvailable},
		{"init with NULL", InitNullCall(), ErrInitPrmNull},
		{"init without callbacks", InitCall(func() InitParm { p := plain(); p.Slots = NoSlots; return p }()), ErrInitCBNull},
		{"init", InitCall(plain()), ErrNone},
		{"init again", InitCall(plain()), ErrInitRepeat},
		{"a pack that is NULL", PushRawCall(StreamVideo, RawPack{Null: true}), ErrInitPrmNull},
		{"a pack with a NULL address", PushRawCall(StreamAudio, RawPack{NullAddr: true, Len: 5}), ErrInitPrmNull},
		{"a stream type that is none", PushRawCall(StreamBUTT, RawPack{}), ErrInitPrmRange},
		{"a picture that is NULL, with a length", DirectlyReportRawCall(1, 0, true, 100), ErrInitPrmNull},
		{"a time-out of zero", SetTransTimeCall(0, 1), ErrInitPrmRange},
		{"AI settings", SetAICall(3, AIFallDetect), ErrNone},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			r := s.Call(c.call)
			if r.Err != nil || r.Code != c.want || r.Modified {
				t.Errorf("got %v (%v), want %v", r.Code, r.Err, c.want)
			}
		})
	}
	if typ, code := s.GetAI(3); typ != AIFallDetect || code != 0 {
		t.Errorf("AI settings: %d, %v", typ, code)
	}
	if typ, code := s.GetAI(99); typ != Unwritten || code == 0 {
		t.Errorf("AI settings of no event: %d, %v", typ, code)
	}
	if b, code := s.GetBalance(0); b.Switch != Unwritten || code == 0 {
		t.Errorf("a balance that was never fetched: %+v, %v", b, code)
	}
	if err := s.Advance(time.Second); err != nil {
		t.Error(err)
	}
	if err := s.Configure("no JSON"); err == nil || err.Error() != "ivcs_conform_configure returned -1, want 0" {
		t.Errorf("configure: %v", err)
	}
	if _, err := s.Stat(); err == nil || err.Error() != `reference cannot tell: it lacks the capability "processes"` {
		t.Errorf("stat: %v", err)
	}
	if err := s.FailAlloc(1, 1); err == nil || err.Error() != `reference cannot tell: it lacks the capability "heap"` {
		t.Errorf("heap: %v", err)
	}
	if code := s.Exit(); code != 0 {
		t.Errorf("exit: %v", code)
	}
	if exit := s.Close(); exit.Err != nil || exit.Hung {
		t.Errorf("%+v", exit)
	}
}

func TestASessionThatForgetsExitIsEnded(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		s := open(t, Reference(), Options{Config: offline})
		if frozen {
			if err := s.Freeze(time.Unix(1700000000, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if code := s.Init(plain()); code != 0 {
			t.Fatal(code)
		}
		if exit := s.Close(); exit.Err != nil || exit.Hung {
			t.Errorf("%+v", exit)
		}
	}
}

func TestAPanicOfTheReferenceIsACrash(t *testing.T) {
	s := newSession("reference", inProcess{}.Describe(), Options{})
	s.driver = newInproc(nil, s)
	if code := s.Exit(); code != NoReturn {
		t.Errorf("got %v", code)
	}
	matches(t, s.Fatal(), "the library crashed: panic: runtime error: invalid memory address or nil pointer dereference in iv_cs_exit")
	if crash := s.Fatal().(*CrashedError); !strings.Contains(crash.Panic, "reference.(*Device).Exit") {
		t.Errorf("the stack is not told: %s", crash.Panic)
	}
	if exit := s.Close(); exit.Err != s.Fatal() {
		t.Errorf("%+v", exit)
	}
}

func TestAHangOfTheReferenceIsSeen(t *testing.T) {
	s := newSession("reference", inProcess{}.Describe(), Options{})
	p := newInproc(reference.New(reference.Config{}), s)
	s.driver = p
	// A clock in real time lets its advance wait until the time has passed.
	p.jobs[4] <- job{calls: []Call{{Func: FnClockAdvance, Millis: 500}}}
	r := s.Call(ExitCall().On(4).Within(50 * time.Millisecond))
	matches(t, r.Err, "the library hung: iv_cs_exit did not return within 50ms of machine time")
	if exit := s.Close(); !exit.Hung || exit.Err != r.Err {
		t.Errorf("%+v", exit)
	}
}

func TestTheReferencesCallbacksAreAnswered(t *testing.T) {
	s := newSession("reference", inProcess{}.Describe(), Options{})
	p := newInproc(reference.New(reference.Config{}), s)
	s.driver = p
	defer s.Close()
	cb := p.callbacks(AllSlots)

	s.Answer(CBCapture, Answer{Picture: []byte("one")}, Answer{PictureRaw: &PictureRaw{Size: -1}},
		Answer{PictureRaw: &PictureRaw{Null: true, Size: 100}}, Answer{Return: -1, PictureRaw: &PictureRaw{Garbage: true, Size: 9}},
		Answer{Return: -1, PictureRaw: &PictureRaw{Untouched: true}}, Answer{})
	var offered []string
	var first reference.Picture
	for i := 0; i < 6; i++ {
		pic, code := cb.EventCapturePicture(3)
		if i == 0 {
			first = pic
		}
		offered = append(offered, fmt.Sprintf("%v %d %d", pic.Addr != nil, pic.Size, code))
	}
	if got := strings.Join(offered, "; "); got != "true 3 0; true -1 0; false 100 0; true 9 -1; false 0 -1; false 0 0" {
		t.Errorf("offered %s", got)
	}
	memory := unsafe.Slice((*byte)(first.Addr), 3)
	if string(memory) != "one" {
		t.Errorf("the picture is %q", memory)
	}
	cb.EventPictureResult(first, -608)
	if string(memory) != "\xa5\xa5\xa5" {
		t.Errorf("after its result the picture is %q", memory)
	}
	cb.EventPictureResult(first, 0)
	cb.EventPictureResult(reference.Picture{}, 0)

	s.Answer(CBNotify, Answer{Return: 5, Calls: []Call{ExitCall()}})
	told := make([]reference.SliceInfo, 12)
	told[11] = reference.SliceInfo{UTCSecA: 1, UTCSecB: 2, PTSMsA: 3, PTSMsB: 4, FrameSeqA: 5, FrameSeqB: 6, UploadSize: 7, TotalSize: 8, State: 1}
	if code := cb.Notify(2, told); code != 5 {
		t.Errorf("notify returned %d", code)
	}
	cb.Notify(0, nil)
	cb.EventReportResult(reference.EventResult{ResultCode: 1, EventID: 2, StartTimeS: 3, EndTimeS: 4})
	cb.AIServiceNotify(1, 2)
	cb.PushStreamStart()
	cb.PushStreamStop()

	var got []string
	for _, e := range s.Trace() {
		switch {
		case e.Kind == CallbackEntered && e.Callback == CBPicture:
			got = append(got, fmt.Sprintf("picture %d released %v code %d", e.Args.Picture, e.Args.Released, e.Args.ErrCode))
		case e.Kind == CallbackEntered && e.Callback == CBNotify:
			got = append(got, fmt.Sprintf("notify %d null %v num %d", e.Args.Message, e.Args.DataNull, e.Args.Num))
		case e.Kind == CallReturned:
			got = append(got, fmt.Sprintf("%s inside %v: %d", e.Call.Func, e.Inside != 0, e.Return.Code))
		case e.Kind == CallbackEntered && e.Callback == CBReport:
			got = append(got, fmt.Sprintf("report %v", *e.Args.Result))
		}
	}
	want := []string{
		"picture 1 released false code -608", "picture 1 released true code 0", "picture 0 released false code 0",
		"notify 2 null false num 10", "iv_cs_exit inside true: -605", "notify 2 null false num 2", "iv_cs_exit inside true: -605",
		"notify 0 null true num 0", "iv_cs_exit inside true: -605", "report {1 2 3 4}",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAScaledClockIsNotForTheReference(t *testing.T) {
	_, err := Reference().Open(t.Context(), Options{Scale: &Scale{Rate: 2}})
	matches(t, err, `reference cannot tell: it lacks the capability "scaled-clock"`)
}
