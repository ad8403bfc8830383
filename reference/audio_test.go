package reference

import (
	"testing"
)

func TestWhatIsAcceptedAsAAC(t *testing.T) {
	other := adts(50)
	other[2] = 0x4C // 48 kHz
	for _, c := range []struct {
		name  string
		packs [][]byte
		want  Err
	}{
		{"one ADTS frame", [][]byte{adts(100)}, ErrNone},
		{"several in one pack", [][]byte{concat(adts(100), adts(7), adts(60))}, ErrNone},
		{"raw AAC", [][]byte{{0x21, 0x10, 0x05, 0x00, 0xA0, 0x1B, 0xFF}}, ErrCSInitPrmRange},
		{"MPEG layer 3 instead", [][]byte{{0xFF, 0xFB, 0x90, 0x40, 0, 0x0F, 0xFC}}, ErrCSInitPrmRange},
		{"a length that lies, too long", [][]byte{adts(100)[:99]}, ErrCSInitPrmRange},
		{"a length that lies, too short", [][]byte{concat(adts(100), []byte{1})}, ErrCSInitPrmRange},
		{"a header cut off", [][]byte{adts(100)[:6]}, ErrCSInitPrmRange},
		{"more than a PES packet holds", [][]byte{func() (b []byte) {
			for len(b) <= 65535 {
				b = append(b, adts(8000)...)
			}
			return b
		}()}, ErrCSInitPrmRange},
		{"another sampling rate in the middle", [][]byte{adts(100), other}, ErrCSInitPrmRange},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a audioInput
			if err := a.open(AVDataInfo{AudioType: AudioAAC}); err != nil {
				t.Fatal(err)
			}
			var err Err
			for _, p := range c.packs {
				_, err = a.accept(p)
			}
			if err != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestPCMAndG711BecomeOneADTSFrameAPack(t *testing.T) {
	for _, c := range []struct {
		name     string
		kind     int32
		mode     int32
		channels int
		size     int
	}{
		{"PCM mono", AudioPCM, AudioMono, 1, 2048},
		{"PCM stereo", AudioPCM, AudioStereo, 2, 4096},
		{"G.711 A mono", AudioG711A, AudioMono, 1, 1024},
		{"G.711 µ stereo", AudioG711U, AudioStereo, 2, 2048},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := AVDataInfo{AudioType: c.kind, AudioMode: c.mode, BitWidth: BitWidth16, SampleRate: 8000, SampleNumPerFrame: uint32(1024 * c.channels)}
			a := newAudio(t, f)
			for _, wrong := range []int{c.size - 1, c.size + 1, c.size / 2, c.size * 2, 320} {
				if _, err := a.accept(make([]byte, wrong)); err != ErrCSInitPrmRange {
					t.Errorf("a pack of %d bytes: %v, want %v", wrong, err, ErrCSInitPrmRange)
				}
			}
			for range 5 {
				out, err := a.accept(make([]byte, c.size))
				if err != ErrNone {
					t.Fatal(err)
				}
				var check audioInput
				if e := check.checkADTS(out); e != ErrNone {
					t.Fatalf("the result is no ADTS frame: % x", out[:8])
				}
			}
		})
	}
}

func newAudio(t testing.TB, f AVDataInfo) *audioInput {
	t.Helper()
	if err := f.check(); err != nil {
		t.Fatal(err)
	}
	a := new(audioInput)
	if err := a.open(f); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	return a
}
