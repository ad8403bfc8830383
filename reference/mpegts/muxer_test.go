package mpegts

import (
	"bytes"
	"errors"
	"testing"
)

func TestASegmentFollowsTheOneBefore(t *testing.T) {
	cases := []struct {
		name    string
		frames  List
		version byte
		jump    bool  // the first PCR begins a new time base
		lead    int64 // ms from the first PCR to the first PTS
	}{
		{"the first", merge(video(0, 40, 50), audio(0, 31, 64)), 0, false, 500},
		{"the next", merge(video(2000, 40, 50), audio(1984, 31, 64)), 0, false, 500},
		{"audio has stopped", video(4000, 40, 50), 1, false, 500},
		{"without audio still", video(6000, 40, 50), 1, false, 500},
		{"audio is back", merge(video(8000, 40, 50), audio(8000, 31, 64)), 2, false, 500},
		{"audio alone", audio(10000, 31, 64), 3, false, 500},
		{"both, after a hole of 20 s", merge(video(30000, 40, 50), audio(30000, 31, 64)), 4, false, 500},
		{"audio 5 s late: PCR must fall back", pushedLate(video(32000, 200, 50), audio(32000, 60, 64), 5000), 4, true, 5000},
		{"PCR stays back", merge(video(42000, 40, 50), audio(42000, 31, 64)), 4, false, 5000},
		{"the pushed time begins anew", merge(video(0, 40, 50), audio(0, 31, 64)), 4, true, 5000},
	}
	m, d := new(Muxer), new(demux)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := d.read(all(t, lay(t, m, c.frames))); err != nil {
				t.Fatal(err)
			}
			if err := checkFrames(d, H264, c.frames); err != nil {
				t.Error(err)
			}
			if d.version != c.version {
				t.Errorf("PMT version %d, want %d", d.version, c.version)
			}
			if d.pcrs[0].jump != c.jump {
				t.Errorf("discontinuity %v, want %v", d.pcrs[0].jump, c.jump)
			}
			if got := signed(d.frames[0].pts-d.pcrs[0].ticks) / 90; got != c.lead {
				t.Errorf("PCR leads by %d ms, want %d", got, c.lead)
			}
		})
	}
}

func TestPMTVersionWraps(t *testing.T) {
	m, d := new(Muxer), new(demux)
	for i := range 70 {
		l := audio(uint64(i)*1000, 3, 64)
		if i%2 == 0 {
			l = video(uint64(i)*1000, 3, 50)
		}
		if err := d.read(all(t, lay(t, m, l))); err != nil {
			t.Fatal(err)
		}
		if d.version != byte(i%32) {
			t.Fatalf("segment %d: PMT version %d, want %d", i, d.version, i%32)
		}
	}
}

func TestWhatIsNoSegment(t *testing.T) {
	good := video(0, 3, 50)
	for name, c := range map[string]struct {
		frames List
		want   error
	}{
		"no frame":                {nil, ErrEmpty},
		"an audio frame too long": {append(video(0, 1, 50), Frame{Data: make([]byte, MaxAudio), Tail: []byte{1}}), ErrAudioSize},
	} {
		t.Run(name, func(t *testing.T) {
			m, fresh := new(Muxer), new(Muxer)
			lay(t, m, good)
			lay(t, fresh, good)
			if err := m.Next(new(Segment), c.frames); !errors.Is(err, c.want) {
				t.Fatalf("Next says %v, want %v", err, c.want)
			}
			if !bytes.Equal(all(t, lay(t, m, good)), all(t, lay(t, fresh, good))) {
				t.Error("the refused segment left its mark on the next one")
			}
		})
	}
}
