package aac

import (
	"errors"
	"fmt"
)

const (
	// FrameSamples is the number of samples per channel in an AAC frame, and so
	// the u32SampleNumPerFrame that the specification supports: 1024 for mono,
	// 2048 for stereo (iv_cs_push_stream, AMB-63).
	FrameSamples = 1024
	// MaxFrame is the most bytes a frame can have: 6144 bits a channel
	// (ISO/IEC 14496-3, 4.5.3.2) and the ADTS header.
	MaxFrame = 2*6144/8 + 7
)

var errClosed = errors.New("aac: the encoder is closed")

// check says what keeps rate and channels from being encoded.
func check(rate, channels int) error {
	switch rate {
	case 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000:
	default:
		return fmt.Errorf("aac: %d Hz cannot be encoded, use one of 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000", rate)
	}
	if channels != 1 && channels != 2 {
		return fmt.Errorf("aac: %d channels cannot be encoded, use 1 or 2", channels)
	}
	return nil
}

// bitRate is in bits per second: 2 bits a sample are clear speech at 8 and 16 kHz;
// above, 48 kbit/s a channel are enough.
func bitRate(rate, channels int) int { return min(2*rate, 48000) * channels }
