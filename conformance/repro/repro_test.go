package repro

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
)

// tape is a recording as a test makes it: one event a millisecond.
type tape struct {
	scenario.Recording
	ms int
}

func newTape(mode scenario.Mode) *tape {
	t := &tape{}
	t.Mode, t.Began = mode, scenario.Epoch
	t.Rule = rules.Rule{ID: "INIT-001", Level: rules.Must, EN: "a rule */ of ours", ZH: "一条规则"}
	t.Outcome = verdict.Outcome{Rule: "INIT-001", Scenario: "a scenario", Status: verdict.Fail}
	t.Device = fakecloud.Credentials{ProductID: "P1", DeviceName: "cam-1", DeviceSecret: "s"}
	return t
}

func (t *tape) tick() time.Duration { t.ms++; return time.Duration(t.ms) * time.Millisecond }

func (t *tape) add(ev target.Event) *tape {
	ev.Mono, ev.Seq = t.tick(), len(t.Trace)
	ev.Domain = t.Began.Add(ev.Mono)
	t.Trace = append(t.Trace, ev)
	return t
}

func (t *tape) begin(id uint32, c target.Call) *tape {
	return t.add(target.Event{Kind: target.CallBegun, ID: id, Call: &c})
}

func (t *tape) end(id uint32, c target.Call, code target.Code) *tape {
	return t.add(target.Event{Kind: target.CallReturned, ID: id, Call: &c, Return: &target.Return{Code: code}})
}

func (t *tape) call(id uint32, c target.Call, code target.Code) *tape {
	return t.begin(id, c).end(id, c, code)
}

// program writes the recording and returns repro.c, when a compiler has taken it.
func (t *tape) program(tt *testing.T) (source, dir string) {
	tt.Helper()
	dir = filepath.Join(tt.TempDir(), "out")
	if err := Write(dir, t.Recording, Options{Library: "/lib/libivcs.so", Include: "/include"}); err != nil {
		tt.Fatal(err)
	}
	include, err := filepath.Abs("../../reference/include")
	if err != nil {
		tt.Fatal(err)
	}
	cmd := exec.Command("cc", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", include, "repro.c")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		tt.Errorf("cc: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "repro.c"))
	if err != nil {
		tt.Fatal(err)
	}
	return string(text), dir
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}

func TestEveryFunctionCanBeWritten(t *testing.T) {
	tape := newTape(scenario.Virtual)
	parm := target.InitParm{MaxGopSize: 4096, AV: target.AVInfo{VideoType: 7, AudioType: target.AudioAAC}, Slots: target.AllSlots, PadFill: 0xFF}
	stored := uint32(scenario.Epoch.Unix())
	for i, c := range []target.Call{
		target.InitCall(parm), target.InitNullCall(), target.ExitCall(),
		target.PushVideoCall(target.VencPack{Data: []byte("frame"), PTS: 40, Seq: 1}),
		target.PushAudioCall(target.AencPack{Data: []byte("sound")}),
		target.PushRawCall(1, target.RawPack{Null: true}), target.PushRawCall(1, target.RawPack{NullAddr: true, Len: 9}),
		target.PushRawCall(9, target.RawPack{Data: []byte("frame")}),
		target.EventStartCall(1), target.EventStopCall(1),
		target.EventStartExtCall(1, stored-10, 5), target.EventStopExtCall(1, 300, 0),
		target.DirectlyReportCall(1, 0, nil), target.DirectlyReportCall(1, stored, []byte("jpeg")), target.DirectlyReportRawCall(1, 0, true, 99),
		target.GetBalanceCall(5), {Func: target.FnGetBalance, NullOut: true},
		target.SetAICall(1, 1), target.GetAICall(1), {Func: target.FnGetAI, NullOut: true, Args: 16}, target.SetTransTimeCall(1, 2),
		{Func: target.FnClockStep, Millis: -5000}, target.AdvanceCall(1500 * time.Millisecond),
	} {
		tape.call(uint32(i+1), c, target.ErrNone)
	}
	source, dir := tape.program(t)
	contains(t, source,
		"INIT(0, parm_1);", ".eVideoType = (iv_cm_venc_type_e)7", "CALL(0, iv_cs_init(NULL));", "play(pushes + 0, 2);",
		"iv_cs_push_stream((iv_cm_stream_type_e)1, NULL)", ".pu8Addr = NULL, .u32Len = 9u", "iv_cs_event_start_ext(1, utc(-10), 5u)",
		"iv_cs_event_directly_report(1, utc(0), picture, 4u)", "iv_cs_event_directly_report(1, 0u, NULL, 99u)", "step(-5000);", "pass(1500);", "a rule * / of ours")
	media, _ := os.ReadFile(filepath.Join(dir, "media.bin"))
	if string(media) != "framejpegsound" && strings.Count(string(media), "frame") != 1 {
		t.Errorf("media.bin is %q, want each thing once", media)
	}
	readme, _ := os.ReadFile(filepath.Join(dir, "README.md"))
	contains(t, string(readme), "一条规则", "0xff", "cc -g -I /include -o repro repro.c /lib/libivcs.so")
}

func TestACallThatGoesOnWhileOthersAreMadeHasAThread(t *testing.T) {
	exit, start := target.ExitCall(), target.EventStartCall(1)
	tape := newTape(scenario.Virtual).begin(1, exit).call(2, target.AdvanceCall(time.Second), 0).call(3, start, target.ErrApplyNoService).end(1, exit, 0)
	source, _ := tape.program(t)
	contains(t, source, "static void job_1_call(void)\n{\n\tCALL(0, iv_cs_exit());\n}",
		"\tgo(&job_1, job_1_call); /* goes on while others are made */\n\tpass(1000);\n\tCALL(-607 /* IV_ERR_CS_APPLY_NO_SERVICE */, iv_cs_event_start(1));\n\tjoin(&job_1);")
}

func TestACallThatDidNotReturnIsAnnounced(t *testing.T) {
	died := &target.CrashedError{Panic: "boom"}
	tape := newTape(scenario.Virtual).begin(1, target.ExitCall())
	tape.add(target.Event{Kind: target.Died, Err: died})
	source, _ := tape.program(t)
	contains(t, source, "did not return\");\n\tCALL(NO_RETURN, iv_cs_exit());\n\tfinding(\"the library crashed: panic: boom\");")
}

func TestRealTimeIsWaitedForAndCallbacksToo(t *testing.T) {
	tape := newTape(scenario.Real).call(1, target.ExitCall(), 0)
	tape.add(target.Event{Kind: target.CallbackEntered, Callback: target.CBStart, Args: &target.Args{}})
	tape.ms += 700
	tape.call(2, target.PushVideoCall(target.VencPack{Data: []byte("f")}), 0)
	source, _ := tape.program(t)
	contains(t, source, "pass(702);\n\tseen(ON_START, 1);\n\tplay(pushes + 0, 1);")
}

func TestCallsFromInsideACallbackAreAmongItsAnswers(t *testing.T) {
	tape := newTape(scenario.Virtual)
	answers := []target.Answer{
		{Return: -1, Delay: 500 * time.Millisecond, Calls: []target.Call{target.ExitCall()}}, {Picture: []byte("jpeg")},
		{PictureRaw: &target.PictureRaw{Null: true, Size: 9}},
	}
	tape.Settings = []target.Setting{{Mono: tape.tick(), Callback: target.CBCapture, Answers: answers}, {Mono: tape.tick(), Other: "the third allocation fails"}}
	tape.call(1, target.EventStartCall(1), 0)
	tape.add(target.Event{Kind: target.CallReturned, ID: 1 << 31, Inside: 1<<31 + 1, Call: &answers[0].Calls[0], Return: &target.Return{Code: -5}})
	source, dir := tape.program(t)
	contains(t, source, "\tCALL(-5, iv_cs_exit());", ".returns = -1, .delay_ms = 500, .calls = answers_1_inside_1}",
		".picture = PICTURE_BYTES, .offset = 0, .length = 4}", ".picture = PICTURE_NULL, .size = 9}", "answer(ON_CAPTURE, answers_1, 3);\n\t/* in the recorded run: the third allocation fails */")
	readme, _ := os.ReadFile(filepath.Join(dir, "README.md"))
	contains(t, string(readme), "the third allocation fails")
}

func TestTheCloudsDeedsBecomeScripts(t *testing.T) {
	tape := newTape(scenario.Virtual)
	deed := func(d fakecloud.Deed) {
		d.Mono, d.At, d.Device = tape.tick(), tape.Began, "P1/cam-1"
		tape.Deeds = append(tape.Deeds, d)
	}
	for _, class := range []fakecloud.Class{fakecloud.ClassSegmentPUT, fakecloud.ClassEvent} {
		deed(fakecloud.Deed{Class: class, Fault: &fakecloud.Fault{Status: 503, Times: 2}})
	}
	deed(fakecloud.Deed{Plan: &fakecloud.Plan{Switch: 1, Type: fakecloud.PlanEvent}})
	tape.call(1, target.InitNullCall(), 0)
	deed(fakecloud.Deed{Link: "storage", Weather: &fakecloud.Misbehaviour{Network: "storage", Refuse: true}})
	tape.call(2, target.ExitCall(), 0)
	deed(fakecloud.Deed{Link: "storage"})
	deed(fakecloud.Deed{Class: fakecloud.ClassEvent})
	deed(fakecloud.Deed{Class: fakecloud.ClassSegmentPUT})
	source, dir := tape.program(t)
	contains(t, source, `cloud("faults faults.yaml");`+"\n\t"+`cloud("plan 2 1");`+"\n\tCALL(0, iv_cs_init(NULL));\n\t"+`cloud("faults faults-2.yaml");`, "\tCALL(0, iv_cs_exit());\n\tcloud(\"honest\");")
	for name, n := range map[string]int{"faults.yaml": 1, "faults-2.yaml": 2} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if s, err := fakecloud.ParseScript(text); err != nil || len(s.Faults) != n {
			t.Errorf("%s: %v, %d faults, want %d\n%s", name, err, len(s.Faults), n, text)
		}
	}
	readme, _ := os.ReadFile(filepath.Join(dir, "README.md"))
	contains(t, string(readme), "--device P1/cam-1:s --plan event --faults faults.yaml", "`faults-2.yaml`, `faults.yaml`")
}

func TestOtherFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "repro.c"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, newTape(scenario.Virtual).Recording, Options{}); err == nil {
		t.Error("written over a file of somebody else's")
	}
	_, dir = newTape(scenario.Virtual).call(1, target.ExitCall(), 0).program(t)
	if err := os.WriteFile(filepath.Join(dir, "repro"), []byte("built"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Remove(dir); err != nil {
		t.Error(err)
	}
	if rest, _ := filepath.Glob(filepath.Join(dir, "*")); len(rest) != 1 {
		t.Errorf("left: %v, want what was built", rest)
	}
}
