package tscheck

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"github.com/Comcast/gots/v2"
	"github.com/ivcs/conform/conformance/fixtures"
)

// FuzzCheck holds Check, and what is done with its report, against panics and
// against what must be true of every report.
func FuzzCheck(f *testing.F) {
	for _, name := range []string{"ffmpeg-h264-aac.ts", "ffmpeg-h265.ts"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:20*packetSize], false)
	}
	for _, d := range damages {
		for _, codec := range d.codecs() {
			b := d.segment(codec)
			f.Add(b[:min(len(b), 12*packetSize)], true)
		}
	}
	f.Add(segmentB(fixtures.H265B())[:20*packetSize], true)
	f.Fuzz(func(t *testing.T, data []byte, repair bool) {
		if repair {
			// Else hardly any change of a table would get past its CRC.
			data = repaired(data)
		}
		before := bytes.Clone(data)
		r := Check(data)
		if !bytes.Equal(before, data) {
			t.Fatal("Check changed the object")
		}
		if r.Opaque && (len(r.Findings) > 0 || len(r.Video) > 0) {
			t.Error("opaque, but judged")
		}
		size := 0
		for _, frames := range [][]Frame{r.Video, r.Audio} {
			for _, f := range frames {
				size += len(f.Data)
				if f.Offset < 0 || f.Offset >= int64(len(data)) {
					t.Errorf("frame at offset %d of %d", f.Offset, len(data))
				}
			}
		}
		if size > len(data) {
			t.Errorf("%d bytes of media in %d bytes", size, len(data))
		}
		for _, found := range r.Findings {
			if found.Text == "" || found.Offset >= int64(len(data)) || found.String() == "" {
				t.Errorf("finding %+v", found)
			}
			if found.Frame >= max(len(r.Video), len(r.Audio))+1 {
				t.Errorf("%v, but there are %d pictures and %d audio frames", found, len(r.Video), len(r.Audio))
			}
		}
		for _, a := range r.ADTS() {
			_, _ = LeftSilent(a)
		}
		r.AudioDuration()
		r.VideoDuration()
		var pushed []Pushed
		for i, f := range r.Video {
			if i%3 != 0 {
				pushed = append(pushed, Pushed{StripAUD(f.Data, r.VideoType), uint64(i)})
			}
		}
		Compare(r.Video, pushed, r.VideoType)
		Compare(r.AudioUnits(), nil, TypeAAC)
		var chain Chain
		chain.Add(r)
		chain.Add(r)
	})
}

// repaired returns a copy with right CRCs in the tables that fit one packet.
func repaired(data []byte) []byte {
	data = bytes.Clone(data)
	for at := 0; at+packetSize <= len(data); at += packetSize {
		p := data[at : at+packetSize]
		if p[0] != syncByte || p[1]&0x40 == 0 || p[3]&0x30 != 0x10 || p[4] != 0 || p[5] > tablePMT {
			continue
		}
		if n := int(binary.BigEndian.Uint16(p[6:])&0xfff) - 4; n > 0 && 8+n+4 <= packetSize {
			copy(p[8+n:], gots.ComputeCRC(p[5:8+n]))
		}
	}
	return data
}

// FuzzParameterSets holds the H.265 parsers against panics where Check does not
// get to easily.
func FuzzParameterSets(f *testing.F) {
	for _, c := range []*fixtures.Clip{fixtures.H265(), fixtures.H265B(), fixtures.H265CRA(), fixtures.H264(), fixtures.H264B()} {
		for i := range 4 {
			for _, nal := range fixtures.SplitNALs(c.At(i).Data) {
				f.Add(nal[:min(len(nal), 100)], c.At(1).Data)
			}
		}
	}
	first := map[byte][]byte{TypeH264: fixtures.H264().Frames[0].Data, TypeH265: fixtures.H265().Frames[0].Data}
	f.Fuzz(func(_ *testing.T, nal, unit []byte) {
		for _, typ := range []byte{TypeH264, TypeH265} {
			c := newCodec(typ)
			for _, n := range splitNALs(first[typ], nil) {
				c.unit(n.data)
			}
			c.picture(&accessUnit{})
			c.unit(nal)
			c.picture(&accessUnit{})
			for _, n := range splitNALs(unit, nil) {
				c.unit(n.data)
			}
			c.picture(&accessUnit{})
		}
	})
}
