package tscheck

import (
	"bytes"
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

// TestSectionsAreAssembledFromPayloads cuts sections in ways that writers use.
func TestSectionsAreAssembledFromPayloads(t *testing.T) {
	one := append([]byte{2, 0xb0, 50}, bytes.Repeat([]byte{1}, 50)...)
	two := append([]byte{2, 0xb0, 10}, bytes.Repeat([]byte{2}, 10)...)
	type payload struct {
		start bool
		data  []byte
	}
	for _, c := range []struct {
		name     string
		payloads []payload
		want     [][]byte
		wrong    bool
	}{
		{"one in one", []payload{{true, join([]byte{0}, one, []byte{0xff, 0xff})}}, [][]byte{one}, false},
		{"two in one", []payload{{true, join([]byte{0}, one, two)}}, [][]byte{one, two}, false},
		{"one in two", []payload{{true, join([]byte{0}, one[:20])}, {false, one[20:]}}, [][]byte{one}, false},
		{"the end of one before the next", []payload{{true, join([]byte{0}, one[:20])}, {true, join([]byte{33}, one[20:], two)}}, [][]byte{one, two}, false},
		{"behind stuffing", []payload{{true, join([]byte{3, 9, 9, 9}, two)}}, [][]byte{two}, false},
		{"the length itself is cut", []payload{{true, join([]byte{0}, two[:2])}, {false, two[2:]}}, [][]byte{two}, false},
		{"without a beginning", []payload{{false, one}}, nil, false},
		{"without an end", []payload{{true, join([]byte{0}, one[:20])}}, nil, false},
		{"a pointer beyond the packet", []payload{{true, []byte{9, 1, 2}}}, nil, true},
		{"nothing", []payload{{true, nil}}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a assembler
			var got [][]byte
			wrong := false
			for i, p := range c.payloads {
				wrong = a.add(p.data, p.start, int64(i), func(s []byte, _ int64) { got = append(got, s) }) != "" || wrong
			}
			if len(got) != len(c.want) || wrong != c.wrong {
				t.Fatalf("%d sections, wrong %v", len(got), wrong)
			}
			for i := range got {
				if !bytes.Equal(got[i], c.want[i]) {
					t.Errorf("section %d: % X", i, got[i])
				}
			}
		})
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestATableThatIsTooLongIsRefused(t *testing.T) {
	m := mux{video: TypeH264, pmt: func(s []byte) []byte {
		s[10], s[11] = 0xf4, 0x00 // 1,024 bytes of descriptors
		return join(s[:12], descriptors(1024), s[12:])
	}}
	r := Check(m.segment(clipSamples(fixtures.H264(), 0, 40)))
	if len(r.Findings) != 1 || r.Findings[0].Code != CodeTables {
		t.Error(r.Findings)
	}
}

func TestATableOverSeveralPacketsIsRead(t *testing.T) {
	m := mux{video: TypeH264, pmt: func(s []byte) []byte {
		s[10], s[11] = 0xf2, 0x00
		return join(s[:12], descriptors(512), s[12:])
	}}
	r := Check(m.segment(clipSamples(fixtures.H264(), 0, 40)))
	if len(r.Findings) != 0 || len(r.Video) != 40 {
		t.Errorf("%d pictures, %v", len(r.Video), r.Findings)
	}
}

// descriptors returns n bytes of private descriptors; n is a multiple of 256.
func descriptors(n int) []byte {
	var out []byte
	for ; n > 0; n -= 256 {
		out = append(out, 0x80, 254)
		out = append(out, make([]byte, 254)...)
	}
	return out
}
