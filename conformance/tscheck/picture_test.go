package tscheck

import (
	"testing"

	"github.com/ivcs/conform/conformance/fixtures"
)

// segmentB writes a clip with B frames as a correct writer would: decoding times
// in the order of coding.
func segmentB(c *fixtures.Clip) []byte {
	m := mux{video: streamType(c), start: 90000, dts: func(i int, _ sample) int64 { return 90000 - 2*4500 + int64(i)*4500 }}
	return m.segment(clipSamples(c, 0, len(c.Frames)))
}

func TestEveryBFrameIsFound(t *testing.T) {
	for _, c := range []*fixtures.Clip{fixtures.H264B(), fixtures.H265B()} {
		t.Run(c.Name, func(t *testing.T) {
			r := Check(segmentB(c))
			for i, f := range r.Video {
				if f.B != c.Frames[i].B {
					t.Errorf("picture %d: B %v, want %v", i, f.B, c.Frames[i].B)
				}
			}
			for _, f := range r.Findings {
				if f.Code != CodeBFrame || !c.Frames[f.Frame].B {
					t.Error(f)
				}
			}
		})
	}
}

// TestLowDelayBSlicesAreNoBFrames rewrites the P slices of H.265 as B slices, as
// low-delay encoders write them: no picture is shown before an earlier one, and
// that is what counts.
func TestLowDelayBSlicesAreNoBFrames(t *testing.T) {
	c := fixtures.H265()
	for i := range c.Frames {
		if f := &c.Frames[i]; !f.Key {
			f.Data = sliceTypeB(t, f.Data)
		}
	}
	m := mux{video: TypeH265}
	r := Check(m.segment(clipSamples(c, 0, 80)))
	if len(r.Video) != 80 {
		t.Errorf("%d pictures", len(r.Video))
	}
	for _, f := range r.Findings {
		t.Error(f)
	}
}

// sliceTypeB writes slice_type 0 instead of 1: '1' instead of '010' behind
// first_slice_segment_in_pic_flag '1' and the PPS id 0 '1'. What comes after the
// header is not looked at, and stays.
func sliceTypeB(t *testing.T, unit []byte) []byte {
	t.Helper()
	const header = 6 // start code, NAL unit header
	if unit[header]>>3 != 0b11010 {
		t.Fatalf("slice header %08b is not what the encoder wrote when this test was", unit[header])
	}
	body := unescape(unit[header:], len(unit))
	out := append([]byte(nil), unit[:header]...)
	out = append(out, 0b11100000|body[0]<<2&0b00011100|body[1]>>6)
	for i := 1; i+1 < len(body); i++ {
		out = append(out, body[i]<<2|body[i+1]>>6)
	}
	return out
}

func TestAGapInTheSequenceIsNoFaultWhereTheStreamAllowsIt(t *testing.T) {
	c := h264Codec{}
	for _, gaps := range []bool{false, true} {
		c.known, c.prevRef = true, 3
		c.slice, c.hasSlice = h264Slice{reference: true, frameNum: 6, maxFrameNum: 16, gapsAllowed: gaps}, true
		if info := c.picture(&accessUnit{}); (info.problem == "") != gaps {
			t.Errorf("gaps allowed %v: %q", gaps, info.problem)
		}
	}
}

func TestFrameNumWrapsAndStandsStillBehindNonReferencePictures(t *testing.T) {
	type picture struct {
		num       uint32
		reference bool
	}
	for _, c := range []struct {
		name  string
		pics  []picture
		fault bool
	}{
		{"1 2 3", []picture{{1, true}, {2, true}, {3, true}}, false},
		{"wrap at 16", []picture{{15, true}, {0, true}, {1, true}}, false},
		{"non-reference pictures share the number of the next", []picture{{1, true}, {2, false}, {2, false}, {2, true}, {3, true}}, false},
		{"a reference picture is missing behind a non-reference one", []picture{{1, true}, {2, false}, {3, true}}, true},
		{"first picture is a non-reference one", []picture{{5, false}, {5, true}, {6, true}}, false},
		{"twice", []picture{{1, true}, {1, true}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			codec := h264Codec{}
			fault := false
			for _, p := range c.pics {
				codec.slice = h264Slice{reference: p.reference, frameNum: p.num, maxFrameNum: 16}
				codec.hasSlice = true
				fault = codec.picture(&accessUnit{}).problem != "" || fault
			}
			if fault != c.fault {
				t.Errorf("fault %v", fault)
			}
		})
	}
}
