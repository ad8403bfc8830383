package tscheck

import (
	"os"
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

func TestASilentLeftChannelIsSeenWithoutADecoder(t *testing.T) {
	for file, want := range map[string]bool{"left-silent.aac": true, "right-silent.aac": false} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		frames, err := ADTSFrames(b)
		if err != nil || len(frames) < 16 {
			t.Fatalf("%s: %d frames, %v", file, len(frames), err)
		}
		// The first two and the last frames hold the beginning and the end of the
		// tone, where an encoder may do anything.
		for i, a := range frames[2 : len(frames)-1] {
			if silent, known := LeftSilent(a); !known || silent != want {
				t.Errorf("%s, frame %d: silent %v, known %v", file, i+2, silent, known)
			}
		}
	}
}

func TestMonoSoundDoesNotTellOfItsLeftChannel(t *testing.T) {
	frames, err := ADTSFrames(fixtures.AAC().At(5))
	if err != nil {
		t.Fatal(err)
	}
	if _, known := LeftSilent(frames[0]); known {
		t.Error("known")
	}
}
