package tscheck

import (
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

func TestARecordingIsFollowedOverItsSegments(t *testing.T) {
	clip, other, sound := fixtures.H264(), fixtures.H265(), fixtures.AAC()
	for _, c := range []struct {
		name  string
		next  func(m *mux) []sample
		codes []Code
	}{
		{"it goes on", func(*mux) []sample { return clipSamples(clip, 80, 160) }, nil},
		{"it goes on with sound", func(m *mux) []sample {
			m.audio = TypeAAC
			return withAudio(clipSamples(clip, 80, 160), sound)[125/2:]
		}, nil},
		{"counters begin again", func(m *mux) []sample { m.counters = nil; return clipSamples(clip, 80, 160) },
			[]Code{CodeChainCounter, CodeChainCounter, CodeChainCounter}},
		{"it overlaps", func(*mux) []sample { return clipSamples(clip, 40, 120) }, []Code{CodeChainTime}},
		{"a hole of 2 s", func(*mux) []sample { return clipSamples(clip, 120, 160) }, []Code{CodeChainTime}},
		{"another codec", func(m *mux) []sample { m.video = TypeH265; return clipSamples(other, 80, 160) }, []Code{CodeChainFormat}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mux{video: TypeH264, start: 1<<33 - 4*90000} // the time wraps between the segments
			var chain Chain
			if f := chain.Add(Check(m.segment(clipSamples(clip, 0, 80)))); f != nil {
				t.Fatal(f)
			}
			samples := c.next(&m)
			found := chain.Add(Check(m.segment(samples)))
			var codes []Code
			for _, f := range found {
				codes = append(codes, f.Code)
				if !f.Soft {
					t.Errorf("hard: %v", f)
				}
			}
			if len(codes) != len(c.codes) || len(codes) > 0 && codes[0] != c.codes[0] {
				t.Errorf("found %v, want %v", found, c.codes)
			}
		})
	}
}
