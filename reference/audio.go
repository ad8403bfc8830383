package reference

import (
	"encoding/binary"
	"fmt"

	"github.com/zaf/g711"

	"github.com/ivcs/conform/reference/aac"
	"github.com/ivcs/conform/reference/mpegts"
)

// audioInput judges what is pushed as audio and turns what is not AAC into it: a
// segment holds AAC in ADTS, of which a frame is 1024 samples, just like a pack
// (AMB-64). It is used by one push at a time.
type audioInput struct {
	format  AVDataInfo
	encoder *aac.Encoder // nil for AAC
	pcm     []int16
	out     []byte
	adts    adtsFormat // of the first frame
}

// open allocates what the pushes need, so that they allocate nothing.
func (a *audioInput) open(f AVDataInfo) (err error) {
	a.format = f
	if f.AudioType == AudioAAC {
		return nil
	}
	if a.encoder, err = aac.New(int(f.SampleRate), f.channels()); err != nil {
		return fmt.Errorf("reference: the audio cannot be transcoded: %w", err)
	}
	a.pcm = make([]int16, f.SampleNumPerFrame)
	a.out = make([]byte, 0, 2048*f.channels())
	return nil
}

func (a *audioInput) close() {
	if a.encoder != nil {
		a.encoder.Close()
		a.encoder = nil
	}
}

// accept returns what a pack is stored as. It is valid until the next call.
func (a *audioInput) accept(data []byte) ([]byte, Err) {
	if a.format.AudioType == AudioAAC {
		return data, a.checkADTS(data)
	}
	// A pack is exactly u32SampleNumPerFrame samples (AMB-63).
	switch a.format.AudioType {
	case AudioPCM:
		if len(data) != 2*len(a.pcm) {
			return nil, ErrCSInitPrmRange
		}
		for i := range a.pcm {
			a.pcm[i] = int16(binary.NativeEndian.Uint16(data[2*i:]))
		}
	case AudioG711A, AudioG711U:
		if len(data) != len(a.pcm) {
			return nil, ErrCSInitPrmRange
		}
		decode := g711.DecodeAlawFrame
		if a.format.AudioType == AudioG711U {
			decode = g711.DecodeUlawFrame
		}
		for i, b := range data {
			a.pcm[i] = decode(b)
		}
	}
	if a.encoder == nil {
		return nil, ErrCSPrmNotAvailable // iv_cs_exit has run meanwhile
	}
	out, err := a.encoder.Encode(a.out[:0], a.pcm)
	if err != nil {
		return nil, ErrCSPrmMallocFail
	}
	a.out = out
	return out, ErrNone
}

// adtsFormat is what an ADTS header says about every frame of a stream (ISO/IEC
// 13818-7, adts_fixed_header): version, profile, sampling rate and channels.
type adtsFormat [3]byte

const adtsHeader = 7

// checkADTS checks that a pack is one or more whole ADTS frames, all of the
// format that the stream began with: it must not change (note 6).
func (a *audioInput) checkADTS(data []byte) Err {
	if len(data) > mpegts.MaxAudio {
		return ErrCSInitPrmRange
	}
	var format adtsFormat
	for rest := data; len(rest) > 0; {
		if len(rest) < adtsHeader || rest[0] != 0xFF || rest[1]&0xF6 != 0xF0 {
			return ErrCSInitPrmRange // no syncword: raw AAC cannot be told from noise (AMB-67)
		}
		rate, n := rest[2]>>2&0x0F, int(rest[3]&3)<<11|int(rest[4])<<3|int(rest[5])>>5
		if rate > 12 || n < adtsHeader || n > len(rest) {
			return ErrCSInitPrmRange
		}
		format = adtsFormat{rest[1] &^ 1, rest[2] &^ 2, rest[3] & 0xC0} // private_bit aside
		if a.adts != (adtsFormat{}) && a.adts != format {
			return ErrCSInitPrmRange
		}
		rest = rest[n:]
	}
	a.adts = format
	return ErrNone
}
