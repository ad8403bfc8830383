package tscheck

import (
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

func TestWhatIsNoTransportStreamIsNotJudged(t *testing.T) {
	m := mux{video: TypeH264}
	segment := m.segment(clipSamples(fixtures.H264(), 0, 40))
	for _, c := range []struct {
		name   string
		data   []byte
		opaque bool
	}{
		{"random bytes, as if encrypted", fixtures.Random(1, 100_000), true},
		{"a picture", fixtures.JPEG(), true},
		{"a bare elementary stream", fixtures.H264().Frames[0].Data, true},
		{"a segment", segment, false},
		{"a segment behind 3 strange bytes", append([]byte{1, 2, 3}, segment...), false},
		{"a segment cut inside its first packet", segment[:100], false},
		{"one packet", segment[:188], false},
		{"nothing", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Check(c.data)
			if r.Opaque != c.opaque {
				t.Errorf("opaque %v", r.Opaque)
			}
			if r.Opaque && len(r.Findings) > 0 {
				t.Errorf("judged: %v", r.Findings)
			}
		})
	}
	if r := Check(nil); len(r.Find(CodeEmpty)) != 1 || len(r.Hard()) != 1 {
		t.Errorf("nothing stored: %v", r.Findings)
	}
}
