package bench

import (
	"io"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/reference/mpegts"
)

// A segment of the usual kind: 10 s of 640×360 at 20 fps and 1 Mbit/s, a key frame
// every two seconds, AAC of 16 kHz.
const (
	frames     = 200
	gop        = 40
	keySize    = 40_000
	deltaSize  = 5_000
	soundEvery = 64 // ms
)

// segment is what a device would have pushed in seconds.
func segment(seconds int) mpegts.List {
	clip, sound := fixtures.H264(), fixtures.AAC()
	var list mpegts.List
	audio := 0
	for i := range seconds * frames / 10 {
		at := uint64(i) * 50
		for ; uint64(audio*soundEvery) <= at; audio++ {
			list = append(list, mpegts.Frame{PTS: uint64(audio * soundEvery), Data: sound.At(audio)})
		}
		f, size := clip.At(i), deltaSize
		if i%gop == 0 {
			size = keySize
		}
		list = append(list, mpegts.Frame{Video: true, Key: i%gop == 0, PTS: at, Data: grown(f.Data, size)})
	}
	return list
}

// grown lengthens an access unit to size, within its last NAL unit.
func grown(unit []byte, size int) []byte {
	for len(unit) < size {
		unit = append(unit, byte(1+len(unit)%250))
	}
	return unit
}

// written are the bytes of a segment.
func written(list mpegts.List) []byte {
	var s mpegts.Segment
	if err := new(mpegts.Muxer).Next(&s, list); err != nil {
		panic(err)
	}
	b, err := io.ReadAll(s.NewReader())
	if err != nil {
		panic(err)
	}
	return b
}
