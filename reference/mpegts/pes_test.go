package mpegts

import "testing"

func TestDelimiter(t *testing.T) {
	for _, c := range []struct {
		name  string
		codec Codec
		data  string
		tail  string
		want  bool // one is put in front
	}{
		{"H.264 without", H264, "\x00\x00\x00\x01\x67", "", true},
		{"H.264 with", H264, "\x00\x00\x00\x01\x09\xF0\x00\x00\x00\x01\x67", "", false},
		{"H.264 with, after a start code of three bytes", H264, "\x00\x00\x01\x09\x30", "", false},
		{"H.264 with, after more zeros", H264, "\x00\x00\x00\x00\x00\x01\x09\x30", "", false},
		{"H.264 with, nal_ref_idc set", H264, "\x00\x00\x01\x69\x30", "", false},
		{"H.264 with, across the end of the ring", H264, "\x00\x00", "\x01\x09\x30", false},
		{"H.264 with one in the middle", H264, "\x00\x00\x01\x67\x00\x00\x01\x09\xF0", "", true},
		{"H.265 without", H265, "\x00\x00\x00\x01\x40\x01", "", true},
		{"H.265 with", H265, "\x00\x00\x00\x01\x46\x01\x50", "", false},
		{"H.265 with, of an upper layer", H265, "\x00\x00\x01\x47\x01\x50", "", false},
		{"H.265 whose first byte looks like one of H.264", H265, "\x00\x00\x00\x01\x09\xF0", "", true},
		{"H.264 whose first byte looks like one of H.265", H264, "\x00\x00\x00\x01\x46\x01", "", true},
		{"NAL units behind their lengths", H264, "\x00\x00\x00\x02\x09\xF0", "", true},
		{"two bytes of a start code", H264, "\x00\x01\x09", "", true},
		{"a start code alone", H264, "\x00\x00\x00\x01", "", true},
		{"nothing", H264, "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Frame{Video: true, Data: []byte(c.data), Tail: []byte(c.tail)}
			if got := delimiter(&f, c.codec) != nil; got != c.want {
				t.Errorf("a delimiter is put in front: %v, want %v", got, c.want)
			}
		})
	}
}
