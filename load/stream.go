package load

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ivcs/conform/conformance/fixtures"
)

// Stream is H.264 video of a constant bit rate: real encoder output, filled up by
// filler data NAL units, which a decoder skips. All devices share its memory.
type Stream struct {
	clip    *fixtures.Clip
	bitrate int
}

// keyShare is how many P frames' worth of bytes a key frame has.
const keyShare = 5

// NewStream makes a stream of bitrate bits a second.
func NewStream(bitrate int) (*Stream, error) {
	clip := fixtures.H264()
	gop := bitrate / 8 * clip.GOP / clip.FPS
	p := gop / (clip.GOP - 1 + keyShare)
	s := &Stream{clip: clip.Padded(gop-(clip.GOP-1)*p, p), bitrate: bitrate}
	// A frame that is larger already stays as it is, so a rate may be out of reach.
	if got := s.rate(); got > bitrate+bitrate/20 {
		return nil, fmt.Errorf("a bit rate of %d is below what the pictures themselves have; give at least %dk", bitrate, (s.floor()+999)/1000)
	}
	return s, nil
}

// rate is the stream's real bit rate.
func (s *Stream) rate() int {
	n := 0
	for _, f := range s.clip.Frames {
		n += len(f.Data)
	}
	return n * 8 * s.clip.FPS / len(s.clip.Frames)
}

// floor is the lowest bit rate that NewStream makes, near enough: the one at
// which no frame of the clip is larger than its share.
func (s *Stream) floor() int {
	var key, p int
	for _, f := range fixtures.H264().Frames {
		if f.Key {
			key = max(key, len(f.Data))
		} else {
			p = max(p, len(f.Data))
		}
	}
	share := max(p+8, (key+8)/keyShare)
	return share * (s.clip.GOP - 1 + keyShare) * 8 * s.clip.FPS / s.clip.GOP
}

// memory is what u32MaxGopSize of a device has to be: two segments of 10 s and
// a group of pictures each, with a quarter to spare, in units of 4 KB.
func (s *Stream) memory() uint32 {
	const unit = 4096
	bytes := s.rate() / 8 * 30
	return uint32((bytes + unit) / unit * unit)
}

// ParseBitrate reads bits a second with an optional k or M: 64k, 1M, 1.5M.
func ParseBitrate(text string) (int, error) {
	number, factor := text, 1.0
	switch {
	case strings.HasSuffix(text, "k"), strings.HasSuffix(text, "K"):
		number, factor = text[:len(text)-1], 1e3
	case strings.HasSuffix(text, "M"):
		number, factor = text[:len(text)-1], 1e6
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v > 0) || v*factor > 1e8 {
		return 0, fmt.Errorf("bit rate %q: give bits a second up to 100M, such as 64k or 1M", text)
	}
	return int(v * factor), nil
}
