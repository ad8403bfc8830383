package tscheck

import (
	"bytes"
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

// FuzzADTS: the frames and what is left are the bytes that came in.
func FuzzADTS(f *testing.F) {
	frame := fixtures.AAC().At(0)
	f.Add(frame)
	f.Add(append(bytes.Clone(frame), fixtures.AAC().At(1)...))
	f.Add(frame[:7])
	f.Add([]byte{0xff, 0xf1, 0xff, 0, 0, 0, 0})
	f.Add([]byte{0xff, 0xf0, 0x50, 0x80, 0, 0xe0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, es []byte) {
		frames, err := ADTSFrames(es)
		var joined []byte
		for _, a := range frames {
			if len(a.Data) < 7 || a.Rate <= 0 || a.Samples < 1024 || a.Duration() <= 0 {
				t.Fatalf("frame %+v", a)
			}
			_, _ = LeftSilent(a)
			joined = append(joined, a.Data...)
		}
		if !bytes.HasPrefix(es, joined) || err == nil && len(joined) != len(es) {
			t.Errorf("%d of %d bytes, %v", len(joined), len(es), err)
		}
	})
}
