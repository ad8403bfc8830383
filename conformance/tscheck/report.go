package tscheck

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The stream types a segment may have.
const (
	TypeH264 byte = 0x1B
	TypeH265 byte = 0x24
	TypeAAC  byte = 0x0F
)

// NoTime stands for a PTS or DTS that is not there.
const NoTime int64 = -1

// Report is what a segment holds and what is wrong with it.
type Report struct {
	// VideoType and AudioType are stream types of the PMT, 0 if there is none.
	VideoType, AudioType byte
	VideoPID, AudioPID   uint16
	// Video has an element an access unit, Audio one a PES packet, in their order.
	Video, Audio []Frame
	Findings     []Finding // by offset
	Packets      int
	// Opaque: the object is no transport stream, so nothing else was judged (AMB-64).
	Opaque bool

	pids   map[uint16]span
	adts   []ADTS
	inPES  []int // of each ADTS frame: the index in Audio
	maxPCR int64 // 27 MHz
}

// Frame is an access unit of video or a PES packet of audio.
type Frame struct {
	// PTS and DTS as stored, 90 kHz, 33 bits; DTS is PTS if only PTS is stored.
	PTS, DTS int64
	// Key: IDR (H.264), IDR, BLA or CRA (H.265).
	Key bool
	// B: shown before a picture that is stored before it. In H.265 the order
	// decides, not the slice type: low-delay streams use B slices for P pictures.
	B            bool
	RandomAccess bool // the packet's random_access_indicator
	// Damaged: a packet of the frame is missing or broken; its content was not judged.
	Damaged bool
	Data    []byte // elementary stream bytes, start codes as stored
	Offset  int64  // of the frame's first packet in the object
	NALs    []byte // NAL unit types, of video
}

// Finding is a fault and its place.
type Finding struct {
	Code   Code
	Soft   bool
	Offset int64  // in the object; -1: of no place
	PID    uint16 // 0x1FFF: of no PID
	Frame  int    // index in Video or Audio of this PID; -1: of no frame
	Text   string
}

// No place of a finding.
const (
	noOffset int64  = -1
	noPID    uint16 = 0x1FFF
	noFrame         = -1
)

// String is the finding in one line: code, offset with packet, PID, frame, text.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", f.Code)
	if f.Offset >= 0 {
		fmt.Fprintf(&b, "offset %d (packet %d), ", f.Offset, f.Offset/packetSize)
	}
	if f.PID != noPID {
		fmt.Fprintf(&b, "PID 0x%04X, ", f.PID)
	}
	if f.Frame >= 0 {
		fmt.Fprintf(&b, "frame %d, ", f.Frame)
	}
	return strings.TrimSuffix(b.String(), ", ") + separator(f) + f.Text
}

func separator(f Finding) string {
	if f.Offset < 0 && f.PID == noPID && f.Frame < 0 {
		return ""
	}
	return ": "
}

func newFinding(code Code, offset int64, pid uint16, frame int, format string, args ...any) Finding {
	return Finding{Code: code, Soft: soft[code], Offset: offset, PID: pid, Frame: frame, Text: fmt.Sprintf(format, args...)}
}

// Find returns the findings of these codes.
func (r *Report) Find(codes ...Code) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if slices.Contains(codes, f.Code) {
			out = append(out, f)
		}
	}
	return out
}

// Hard returns the findings that break a MUST rule.
func (r *Report) Hard() []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if !f.Soft {
			out = append(out, f)
		}
	}
	return out
}

// AudioUnits returns the ADTS frames as Compare takes them: one element each,
// the PTS with the first that begins in a PES packet, NoTime with the others.
func (r *Report) AudioUnits() []Frame {
	out := make([]Frame, len(r.adts))
	pes := -1
	for i, a := range r.adts {
		f := r.Audio[r.inPES[i]]
		f.Data = a.Data
		if r.inPES[i] == pes {
			f.PTS, f.DTS = NoTime, NoTime
		}
		pes = r.inPES[i]
		out[i] = f
	}
	return out
}

// ADTS returns the audio frames of the segment, across PES packets.
func (r *Report) ADTS() []ADTS { return r.adts }

// AudioDuration is the playing time of the audio frames by their headers.
func (r *Report) AudioDuration() time.Duration {
	var d time.Duration
	for _, a := range r.adts {
		d += a.Duration()
	}
	return d
}

// VideoDuration is the time from the first access unit to the last, without the
// last one's own: 0 if there are none.
func (r *Report) VideoDuration() time.Duration {
	if len(r.Video) == 0 {
		return 0
	}
	first, last := r.Video[0].PTS, r.Video[len(r.Video)-1].PTS
	if first == NoTime || last == NoTime {
		return 0
	}
	return time.Duration(Diff(last, first)) * time.Second / 90000
}

// MaxPCRInterval is the longest time from one PCR to the next.
func (r *Report) MaxPCRInterval() time.Duration {
	return time.Duration(r.maxPCR) * time.Second / 27_000_000
}

// Diff returns a-b for two 33-bit times of 90 kHz, by the shorter way around.
func Diff(a, b int64) int64 {
	const half = 1 << 32
	d := (a - b) & (1<<33 - 1)
	if d >= half {
		d -= 1 << 33
	}
	return d
}
