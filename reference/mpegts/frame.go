package mpegts

// Codec is the video codec of a recording, numbered like iv_cm_venc_type_e.
type Codec int32

// The video codecs of the specification (iv_cs_push_stream).
const (
	H264 Codec = 0
	H265 Codec = 1
)

// MaxAudio is the most bytes an audio frame may have: an audio PES packet must
// tell its length, in 16 bits, of which its own header needs 8.
const MaxAudio = 0xFFFF - (pesHeaderSize - pesLengthEnd)

// Frame is what was pushed as one pack.
type Frame struct {
	Video bool
	Key   bool   // a video frame that decoding can begin with
	PTS   uint64 // milliseconds, any base
	// Data is an Annex B access unit, or one or more ADTS frames. Tail is what
	// follows it: a frame that wraps around the end of a ring is in two parts.
	Data, Tail []byte
}

// Frames are the frames of a segment, audio and video in the order of pushing.
// They are visited in order, from the first on: twice by Muxer.Next and once by
// every Reader. Readers of one segment that are in use at once share them.
type Frames interface {
	Len() int
	Frame(i int) Frame
}

// List is Frames in a slice.
type List []Frame

// Len is the number of frames.
func (l List) Len() int { return len(l) }

// Frame returns frame i.
func (l List) Frame(i int) Frame { return l[i] }
