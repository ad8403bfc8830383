package tscheck

import (
	"errors"
	"fmt"
	"time"
)

// ADTS is an AAC frame with its header (ISO 13818-7, 6.2).
type ADTS struct {
	Data     []byte // header and payload
	Object   int    // audio object type; 2 is AAC LC
	Rate     int
	Channels int // 0: told by the payload
	Samples  int // of each channel: 1024 a raw data block
}

// Duration is the playing time of the frame.
func (a ADTS) Duration() time.Duration {
	return time.Duration(a.Samples) * time.Second / time.Duration(a.Rate)
}

var rates = [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// errShort: a frame ends behind the bytes there are.
var errShort = errors.New("the ADTS frame is cut short")

// ADTSFrames cuts elementary stream bytes into ADTS frames. With an error come
// the frames before it. The frames are parts of es.
func ADTSFrames(es []byte) ([]ADTS, error) {
	var out []ADTS
	for at := 0; at < len(es); {
		a, err := adtsFrame(es[at:])
		if err != nil {
			return out, fmt.Errorf("byte %d: %w", at, err)
		}
		out = append(out, a)
		at += len(a.Data)
	}
	return out, nil
}

// adtsFrame reads the frame at the start of b.
func adtsFrame(b []byte) (ADTS, error) {
	switch {
	case len(b) >= 2 && (b[0] != 0xff || b[1]&0xf0 != 0xf0):
		return ADTS{}, fmt.Errorf("% X is not the ADTS syncword FF Fx", b[:2])
	case len(b) >= 2 && b[1]&0x06 != 0:
		return ADTS{}, fmt.Errorf("layer %d in the ADTS header, not 0", b[1]>>1&3)
	case len(b) < 7:
		return ADTS{}, errShort
	}
	index := b[2] >> 2 & 0xf
	length := int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5
	header := 7
	if b[1]&1 == 0 { // protection_absent is 0: a CRC follows
		header = 9
	}
	switch {
	case int(index) >= len(rates):
		return ADTS{}, fmt.Errorf("sampling_frequency_index %d in the ADTS header is none", index)
	case length < header:
		return ADTS{}, fmt.Errorf("frame length %d in the ADTS header is less than the header", length)
	case length > len(b):
		return ADTS{}, fmt.Errorf("%w: %d of %d bytes", errShort, len(b), length)
	}
	return ADTS{
		Data:     b[:length:length],
		Object:   int(b[2]>>6) + 1,
		Rate:     rates[index],
		Channels: int(b[2]&1)<<2 | int(b[3]>>6),
		Samples:  1024 * (int(b[6]&3) + 1),
	}, nil
}
