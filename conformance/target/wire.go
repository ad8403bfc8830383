package target

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// Types of frames; shim.h has the same list.
const (
	inCall   = 1
	inAnswer = 2
	inStat   = 3
	inHeap   = 4
	inBye    = 5
	// inSequence: calls that are made one behind the other.
	inSequence = 6

	outHello     = 0x81
	outLoaded    = 0x82
	outLoadError = 0x83
	outCallBegin = 0x84
	outCallEnd   = 0x85
	outCBEnter   = 0x86
	outCBLeave   = 0x87
	outStat      = 0x88
	outAck       = 0x89
	outCrash     = 0x8a
	outBye       = 0x8b
	outRefused   = 0x8c
	outSkipped   = 0x8d
)

// maxFrame bounds what the shim may send; its longest frame, the greeting, has
// under 4000 bytes.
const maxFrame = 64 << 10

// errShort: a frame ends before its fields do, or goes on after them.
var errShort = errors.New("its length does not fit its type")

// frameReader reads length-prefixed frames and can tell, from any goroutine,
// how far the read of a frame came.
type frameReader struct {
	r         io.Reader
	got, want atomic.Int64 // of the frame being read, its length included
	head      [4]byte
	underway  []byte
}

// next returns the next frame, valid until the following call. io.EOF is the
// end between frames; a stream that ends inside one gives io.ErrUnexpectedEOF.
func (f *frameReader) next() ([]byte, error) {
	f.got.Store(0)
	f.want.Store(4)
	if err := f.fill(f.head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(f.head[:])
	if n == 0 || n > maxFrame {
		return nil, fmt.Errorf("a frame begins with % x: a length of %d bytes, want 1 to %d", f.head[:], n, maxFrame)
	}
	f.want.Store(4 + int64(n))
	if cap(f.underway) < int(n) {
		f.underway = make([]byte, n)
	}
	f.underway = f.underway[:n]
	if err := f.fill(f.underway); err != nil {
		return nil, err
	}
	f.got.Store(0)
	return f.underway, nil
}

func (f *frameReader) fill(p []byte) error {
	for len(p) > 0 {
		n, err := f.r.Read(p)
		p = p[n:]
		got := f.got.Add(int64(n))
		switch {
		case len(p) == 0:
		case err == io.EOF && got > 0:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
	}
	return nil
}

// progress is "3 of 35 bytes", or "" between two frames.
func (f *frameReader) progress() string {
	got, want := f.got.Load(), f.want.Load()
	if got == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d bytes", got, want)
}

// decoder takes a frame apart; after the last byte it gives zeros and err is set.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) take(n int) []byte {
	if len(d.b) < n {
		d.err, d.b = errShort, nil
		return make([]byte, n)
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

func (d *decoder) u8() byte    { return d.take(1)[0] }
func (d *decoder) u32() uint32 { return binary.LittleEndian.Uint32(d.take(4)) }
func (d *decoder) i32() int32  { return int32(d.u32()) }
func (d *decoder) u64() uint64 { return binary.LittleEndian.Uint64(d.take(8)) }

func (d *decoder) text() string {
	n := d.u32()
	if uint64(n) > uint64(len(d.b)) {
		d.err, d.b = errShort, nil
		return ""
	}
	return string(d.take(int(n)))
}

// end is the error of the frame: it must have been read to its last byte.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		return errShort
	}
	return d.err
}

// encoder builds a frame; the length is filled in by frame.
type encoder struct{ b []byte }

func newFrame(kind byte) *encoder { return &encoder{b: []byte{0, 0, 0, 0, kind}} }

func (e *encoder) u8(v byte)    { e.b = append(e.b, v) }
func (e *encoder) u32(v uint32) { e.b = binary.LittleEndian.AppendUint32(e.b, v) }
func (e *encoder) i32(v int32)  { e.u32(uint32(v)) }
func (e *encoder) u64(v uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, v) }
func (e *encoder) bytes(p []byte) {
	e.u32(uint32(len(p)))
	e.b = append(e.b, p...)
}

func (e *encoder) flag(bits ...bool) {
	var v byte
	for i, b := range bits {
		if b {
			v |= 1 << i
		}
	}
	e.u8(v)
}

func (e *encoder) frame() []byte {
	binary.LittleEndian.PutUint32(e.b, uint32(len(e.b)-4))
	return e.b
}
