package reference

import (
	"bytes"
	"testing"
)

func TestFramesComeOutOfTheRingAsTheyWentIn(t *testing.T) {
	r := ring{mem: make([]byte, 1000)}
	type frame struct {
		h    frameHeader
		data []byte
	}
	var all []frame
	// Lengths that let headers and data wrap at every possible place.
	for i := range 3000 {
		data := bytes.Repeat([]byte{byte(i)}, 1+i*7%97)
		h := frameHeader{pts: uint64(i) * 1e15, size: len(data), video: i%3 != 0, key: i%30 == 1}
		for r.free() < cost(len(data)) {
			r.head += uint64(cost(all[0].h.size))
			all = all[1:]
		}
		r.put(h, data)
		all = append(all, frame{h, data})

		at := r.head
		for n, f := range all {
			got := r.header(at)
			if got != f.h {
				t.Fatalf("after %d frames: header %d is %+v, put in was %+v", i, n, got, f.h)
			}
			a, b := r.slice(at+headerSize, got.size)
			if !bytes.Equal(append(bytes.Clone(a), b...), f.data) {
				t.Fatalf("after %d frames: the bytes of frame %d have changed", i, n)
			}
			at += uint64(cost(got.size))
		}
		if at != r.tail {
			t.Fatalf("the frames end at %d, the ring at %d", at, r.tail)
		}
	}
}

func TestRingFramesAreVisitedInOrderAndFromTheStartAgain(t *testing.T) {
	r := ring{mem: make([]byte, 300)}
	r.head, r.tail = 290, 290 // the first header wraps
	seg := &segment{from: r.tail}
	for i := range 5 {
		r.put(frameHeader{pts: uint64(i), video: true, key: i == 0}, bytes.Repeat([]byte{byte(i)}, 10+i))
		seg.frames++
	}
	f := newRingFrames(&r, seg)
	for range 2 {
		for i := range f.Len() {
			got := f.Frame(i)
			if got.PTS != uint64(i) || len(got.Data)+len(got.Tail) != 10+i || got.Key != (i == 0) {
				t.Fatalf("frame %d: %+v", i, got)
			}
		}
	}
}

func TestSlackOfTheRingIsAnEighthUpTo64KB(t *testing.T) {
	for _, c := range []struct {
		size uint32
		want int
	}{{4096, 512}, {512 << 10, 64 << 10}, {800 << 10, 64 << 10}, {1 << 30, 64 << 10}} {
		if got := ringSlack(c.size); got != c.want {
			t.Errorf("%d bytes: slack %d, want %d", c.size, got, c.want)
		}
	}
}
