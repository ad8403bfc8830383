package reference

import (
	"encoding/hex"
	"slices"
	"strings"
)

// The media of the tests: as small as the rules of iv_cs_push_stream allow.

// au joins NAL units, given as hex, into an access unit.
func au(nals ...string) []byte {
	var out []byte
	for _, n := range nals {
		out = append(out, 0, 0, 0, 1)
		out = append(out, unhex(n)...)
	}
	return out
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// Slice headers of H.264: first_mb_in_slice 0 and a slice_type.
const (
	avcSPS = "674d400ce880a0cfcf8088"
	avcPPS = "68ebe0612c80"
	avcIDR = "6588ff"
	avcP   = "4198ff"
	avcB   = "019cff"
)

// Parameter sets of an H.265 encoder (x265 with B frames) and the beginnings of
// its pictures, in the order of sending.
const (
	hevcVPS = "40010c01ffff01600000030090000003000003003c911009"
	hevcSPS = "42010101600000030090000003000003003ca00a080b9f796444924caf016808000003000800000300a040"
	hevcPPS = "4401c172b42240"
	hevcIDR = "2801af0598e437ca1543d19f"
	hevcP3  = "0201d0195f843182c4d602fa"
	hevcB1  = "0001e024b5e1830ce6af79bc"
	hevcB2  = "0001e04497e18304e6af79bc"
	hevcP6  = "0201d031ddfd443060b3fef1"
)

// lowDelaySPS is of an encoder that writes its P pictures as B slices and
// reorders nothing.
const lowDelaySPS = "42010101600000030090000003000003003ca00a080b9f7964a924caf0168080000003008000000a04"

// padded makes an access unit n bytes long.
func padded(unit []byte, n int) []byte {
	for len(unit) < n {
		unit = append(unit, 0x5A)
	}
	return unit
}

func avcKey(n int) []byte { return padded(au(avcSPS, avcPPS, avcIDR), n) }
func avcDelta(n int) []byte {
	return padded(au(avcP), n)
}

// adts is an ADTS frame of n bytes, AAC-LC, 16 kHz mono.
func adts(n int) []byte {
	b := make([]byte, n)
	copy(b, []byte{0xFF, 0xF1, 0x60, 0x40 | byte(n>>11), byte(n >> 3), byte(n<<5) | 0x1F, 0xFC})
	for i := adtsHeader; i < n; i++ {
		b[i] = byte(i)
	}
	return b
}

func concat(parts ...[]byte) []byte { return slices.Concat(parts...) }
