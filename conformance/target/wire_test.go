package target

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// golden are frames as the shim writes them, one of each type, and what they say.
var golden = []struct {
	name  string
	bytes string
	want  frame
}{
	{"loaded", "\x82\xff\x0f\x00\x00", loadedFrame{Symbols: 0xfff}},
	{"load error", "\x83\x03\x00\x00\x00why", loadErrorFrame{Why: "why"}},
	{"refused", "\x8c\x00\x00\x00\x00", refusedFrame{}},
	{"bye", "\x8b", byeFrame{}},
	{"ack", "\x89\x07\x00\x00\x00", ackFrame{ID: 7}},
	{"hello", "\x81IVCS\x01\x00\x00\x00\xef\xcd\xab\x89\x67\x45\x23\x01\x08\x01\x01\x00\x00\x00x\x05\x00\x00\x00",
		helloFrame{Protocol: protocol, Canary: canary, Pointer: 8, Little: true, ABI: map[string]int{"x": 5}}},
	{"call begun", "\x84\x01\x00\x00\x00\x02\x03\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x06\x00\x00\x00\x07\x00\x00\x00",
		callFrame{Event: Event{Kind: CallBegun, ID: 1, Thread: 2, TID: 3, Mono: 4, Inside: 5}, Answer: 6, Index: 7}},
	{"callback entered", "\x86\x01\x00\x00\x80\x03\xff\x03\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x09\x00\x00\x00\x02\x34\x12\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff",
		callbackFrame{Event{Kind: CallbackEntered, ID: 1<<31 + 1, Callback: CBCapture, Thread: -1, TID: 3, Mono: 4, Inside: 5,
			Args: &Args{EventID: 9, SizeNull: true, PicBefore: 0x1234, SizeBefore: -1}}}},
	{"crash", "\x8a\x0b\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x02\xff\x01\x02\x00\x00\x00\x01\x05\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00",
		crashFrame{Signal: 11, Addr: 16, Thread: -1, TID: 3, Func: FnPush, Slot: 255, Region: 1, Picture: 2, Released: true, Offset: 5, Len: 9}},
}

func TestFramesAreRead(t *testing.T) {
	for _, c := range golden {
		t.Run(c.name, func(t *testing.T) {
			got, err := decodeFrame([]byte(c.bytes))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v (%v)\nwant %+v", got, err, c.want)
			}
			for n := 1; n < len(c.bytes); n++ {
				if _, err := decodeFrame([]byte(c.bytes[:n])); err == nil && c.name != "hello" {
					t.Errorf("the first %d of %d bytes are no frame, and no error", n, len(c.bytes))
				}
			}
			if _, err := decodeFrame([]byte(c.bytes + "x")); err == nil {
				t.Error("a byte more is no error")
			}
		})
	}
}

func TestAFrameThatIsNoneIsNamed(t *testing.T) {
	table := []struct{ name, bytes, want string }{
		{"a slot that is none", "\x86\x01\x00\x00\x80\x07\xff\x03\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00",
			"a frame of type 0x86 with 23 bytes (86 01 00 00 80 07 ff 03 00 00 00 04 00 00 00 00…): slot 7: there are 7"},
		{"another greeting", "\x81HTTP", `a frame of type 0x81 with 5 bytes (81 48 54 54 50…): the greeting begins with "HTTP", want "IVCS"`},
		{"a frame that ends early", "\x82\x01", "a frame of type 0x82 with 2 bytes (82 01…): its length does not fit its type"},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			_, err := decodeFrame([]byte(c.bytes))
			matches(t, err, c.want)
		})
	}
}

func TestTheReaderTellsHowFarItCame(t *testing.T) {
	whole := "\x05\x00\x00\x00\x89\x07\x00\x00\x00"
	for n := 0; n <= len(whole); n++ {
		f := frameReader{r: iotest.OneByteReader(strings.NewReader(whole[:n]))}
		b, err := f.next()
		switch {
		case n == 0 && (err != io.EOF || f.progress() != ""):
			t.Errorf("nothing: %v, %q", err, f.progress())
		case n > 0 && n < 4 && (err != io.ErrUnexpectedEOF || f.progress() != string(rune('0'+n))+" of 4 bytes"):
			t.Errorf("%d bytes: %v, %q", n, err, f.progress())
		case n >= 4 && n < 9 && (err != io.ErrUnexpectedEOF || f.progress() != string(rune('0'+n))+" of 9 bytes"):
			t.Errorf("%d bytes: %v, %q", n, err, f.progress())
		case n == 9 && (err != nil || f.progress() != "" || string(b) != whole[4:]):
			t.Errorf("all: %q, %v, %q", b, err, f.progress())
		}
	}
}

// FuzzFrames: whatever a library writes to our pipe, nothing but an error comes of it.
func FuzzFrames(f *testing.F) {
	for _, c := range golden {
		e := encoder{b: make([]byte, 4)}
		e.b = append(e.b, c.bytes...)
		f.Add(e.frame())
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := frameReader{r: bytes.NewReader(stream)}
		for {
			b, err := r.next()
			if err != nil {
				return
			}
			decoded, err := decodeFrame(b)
			if (decoded == nil) == (err == nil) {
				t.Fatalf("got %v and %v", decoded, err)
			}
		}
	})
}

func TestEveryCallCanBeEncodedForTheShim(t *testing.T) {
	// The shim answers an argument list that is too short by giving up. Here
	// every function is called with the least and the most there is to say.
	s := open(t, load(t, build(t, "wrong.c", "-DMORE=int ivcs_conform_configure(const char *j) { return 0; } int ivcs_conform_clock_freeze(uint64_t t) { return 0; } int ivcs_conform_clock_advance(uint32_t t) { return 0; } int ivcs_conform_clock_step(int64_t t) { return 0; }")), Options{})
	for _, fn := range append(Functions(), Hooks()...) {
		for _, c := range []Call{{Func: fn}, {Func: fn, Init: &InitParm{}, Pack: &RawPack{Data: []byte("x")}, Data: []byte("x"), JSON: "{}"}} {
			if r := s.Call(c); r.Err != nil || r.Code != 0 {
				t.Fatalf("%s: %v, %v", fn, r.Code, r.Err)
			}
		}
	}
}

func TestTheTypesOfFramesAreThoseOfTheShim(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("shim", "shim.h"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"#define PROTOCOL 1\n",
		"IN_CALL = 1, IN_ANSWER, IN_STAT, IN_HEAP, IN_BYE,",
		"OUT_HELLO = 0x81, OUT_LOADED, OUT_LOAD_ERROR, OUT_CALL_BEGIN, OUT_CALL_END, OUT_CB_ENTER, OUT_CB_LEAVE,",
		"OUT_STAT, OUT_ACK, OUT_CRASH, OUT_BYE, OUT_REFUSED",
	} {
		if !strings.Contains(string(text), line) {
			t.Errorf("shim.h lacks %q: change wire.go with it", line)
		}
	}
}
