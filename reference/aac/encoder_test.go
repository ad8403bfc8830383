//go:build cgo

package aac

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// tone is frame i of a sine, a different one in each channel.
func tone(i, rate, channels int, hz float64) []int16 {
	pcm := make([]int16, FrameSamples*channels)
	for k := range FrameSamples {
		for c := range channels {
			t := float64(i*FrameSamples+k) / float64(rate)
			pcm[k*channels+c] = int16(12000 * math.Sin(2*math.Pi*hz*float64(c+1)*t))
		}
	}
	return pcm
}

// adts is what the header of an ADTS frame says (ISO/IEC 13818-7, 6.2).
type adts struct {
	profile, rate, channels, length, blocks int
	crc                                     bool
}

func parseADTS(b []byte) (adts, error) {
	if len(b) < 7 || b[0] != 0xFF || b[1]&0xF6 != 0xF0 {
		return adts{}, fmt.Errorf("no ADTS sync word in % x", b[:min(len(b), 7)])
	}
	rates := []int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350, 0, 0, 0}
	return adts{
		profile:  int(b[2]>>6) + 1,
		rate:     rates[b[2]>>2&0xF],
		channels: int(b[2]&1)<<2 | int(b[3]>>6),
		length:   int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5),
		blocks:   int(b[6]&3) + 1,
		crc:      b[1]&1 == 0,
	}, nil
}

func TestEveryPackBecomesOneADTSFrame(t *testing.T) {
	for _, rate := range []int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000} {
		for channels := 1; channels <= 2; channels++ {
			t.Run(fmt.Sprintf("%d Hz with %d channels", rate, channels), func(t *testing.T) {
				e, err := New(rate, channels)
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				want := adts{profile: 2, rate: rate, channels: channels, blocks: 1}
				var total int
				for i := range 50 {
					frame, err := e.Encode(nil, tone(i, rate, channels, 440))
					if err != nil {
						t.Fatalf("pack %d: %v", i, err)
					}
					got, err := parseADTS(frame)
					if err != nil {
						t.Fatalf("pack %d: %v", i, err)
					}
					want.length = len(frame)
					if got != want {
						t.Fatalf("pack %d: header says %+v, want %+v", i, got, want)
					}
					total += len(frame)
				}
				if got := float64(total*8) * float64(rate) / (50 * FrameSamples); got < 0.3*float64(bitRate(rate, channels)) || got > 1.3*float64(bitRate(rate, channels)) {
					t.Errorf("a tone takes %.0f bit/s, asked for %d", got, bitRate(rate, channels))
				}
			})
		}
	}
}

func TestLoudNoiseFitsAFrame(t *testing.T) {
	e, err := New(48000, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	seed := uint32(1)
	pcm := make([]int16, 2*FrameSamples)
	for i := range 200 {
		for k := range pcm {
			seed = seed*1664525 + 1013904223
			pcm[k] = int16(seed >> 16)
		}
		if frame, err := e.Encode(nil, pcm); err != nil || len(frame) > MaxFrame {
			t.Fatalf("pack %d: %d bytes, %v", i, len(frame), err)
		}
	}
}

func TestEncodeAppends(t *testing.T) {
	e, err := New(8000, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	both, err := e.Encode([]byte("before"), tone(0, 8000, 1, 440))
	if err != nil || !bytes.HasPrefix(both, []byte("before\xFF")) {
		t.Fatalf("got %q, %v", both[:min(len(both), 10)], err)
	}
}

// run encodes n packs of a tone.
func run(e *Encoder, n, rate, channels int, hz float64) ([]byte, error) {
	var all []byte
	for i := range n {
		var err error
		if all, err = e.Encode(all, tone(i, rate, channels, hz)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// The reason for a binding of our own: a published one keeps a global handle.
func TestEncodersDoNotDisturbEachOther(t *testing.T) {
	settings := []struct {
		rate, channels int
		hz             float64
	}{{8000, 1, 300}, {48000, 2, 900}, {8000, 1, 700}, {16000, 2, 440}}

	alone := make([][]byte, len(settings))
	for i, s := range settings {
		e, err := New(s.rate, s.channels)
		if err != nil {
			t.Fatal(err)
		}
		alone[i], err = run(e, 100, s.rate, s.channels, s.hz)
		e.Close()
		if err != nil {
			t.Fatal(err)
		}
	}

	together := make([][]byte, len(settings))
	errs := make([]error, len(settings))
	var group sync.WaitGroup
	for i, s := range settings {
		e, err := New(s.rate, s.channels)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		group.Go(func() { together[i], errs[i] = run(e, 100, s.rate, s.channels, s.hz) })
	}
	group.Wait()
	for i, s := range settings {
		if errs[i] != nil || !bytes.Equal(alone[i], together[i]) {
			t.Errorf("%+v: the frames differ from those of an encoder alone (%v)", s, errs[i])
		}
	}
	if bytes.Equal(alone[0], alone[2]) {
		t.Error("two tones gave the same frames: the comparison above proves nothing")
	}
}

func TestWhatCannotBeEncoded(t *testing.T) {
	for name, c := range map[string]struct{ rate, channels int }{
		"a rate the encoder lacks":     {96000, 1},
		"a rate that is no AAC rate":   {8001, 1},
		"no channel":                   {8000, 0},
		"more than two channels":       {8000, 3},
		"a rate below those of AAC":    {7350, 1},
		"a negative number of samples": {-8000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := New(c.rate, c.channels); err == nil {
				e.Close()
				t.Fatalf("New(%d, %d) made an encoder", c.rate, c.channels)
			}
		})
	}
	e, err := New(8000, 2)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]int{"nothing": 0, "one channel only": 1024, "a sample too many": 2049} {
		t.Run(name, func(t *testing.T) {
			if _, err := e.Encode(nil, make([]int16, n)); err == nil {
				t.Fatalf("%d samples were encoded as a stereo frame", n)
			}
		})
	}
	e.Close()
	e.Close()
	if _, err := e.Encode(nil, make([]int16, 2048)); err == nil {
		t.Fatal("a closed encoder encodes")
	}
}

func TestEncodeDoesNotAllocate(t *testing.T) {
	e, err := New(16000, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	pcm, buf := tone(0, 16000, 1, 440), make([]byte, 0, MaxFrame)
	if n := testing.AllocsPerRun(50, func() {
		if _, err := e.Encode(buf, pcm); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func TestCloseFreesTheEncoder(t *testing.T) {
	resident := func() int {
		var pages int
		b, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(string(b), new(int), &pages); err != nil {
			t.Fatal(err)
		}
		return pages * os.Getpagesize()
	}
	cycle := func(n int) {
		for range n {
			e, err := New(48000, 2)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Encode(nil, tone(0, 48000, 2, 440)); err != nil {
				t.Fatal(err)
			}
			e.Close()
		}
	}
	cycle(50)
	before := resident()
	cycle(1000) // an encoder takes tens of kilobytes
	if grown := resident() - before; grown > 16<<20 {
		t.Errorf("1000 encoders left %d KB behind", grown>>10)
	}
}

func TestWithoutCgoNewSaysWhatToDo(t *testing.T) {
	cmd := exec.Command("go", "test", "-count=1", "-run", "TestNoCgo", "-v", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestNoCgo")) {
		t.Fatalf("%v\n%s", err, out)
	}
}

func BenchmarkEncodeOneSecondOf16kHz(b *testing.B) {
	e, err := New(16000, 1)
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	buf, pcm := make([]byte, 0, MaxFrame), tone(0, 16000, 1, 440)
	for b.Loop() {
		for range 16 {
			if _, err := e.Encode(buf, pcm); err != nil {
				b.Fatal(err)
			}
		}
	}
}
