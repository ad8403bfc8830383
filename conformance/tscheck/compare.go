package tscheck

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"sort"
)

// Pushed is a pack as it was accepted: its bytes and its time in milliseconds.
type Pushed struct {
	Data []byte
	PTS  uint64
}

// Comparison is what came of what was pushed.
type Comparison struct {
	Findings []Finding
	// Matched has, for each stored frame, the index of the pushed one, or -1.
	Matched []int
	// Missing are the indices of the pushed frames that are not stored.
	Missing []int
	// Offset is PTS minus pushed time in 90 kHz, mod 2^33, if OffsetKnown. It must be
	// the same for audio and video (TS-004).
	Offset      int64
	OffsetKnown bool
}

// Compare holds stored frames, of one segment or of several in order, against the
// accepted packs of the same stream: each once, in order, byte for byte but for
// an access unit delimiter that the muxer put in front (TS-005), each PTS the
// pushed time × 90 plus one offset (TS-004). Frames that were damaged on the way
// count as altered. A clip that repeats is told apart by its times.
func Compare(stored []Frame, pushed []Pushed, streamType byte) *Comparison {
	c := &comparison{Comparison: &Comparison{Matched: make([]int, len(stored))}, typ: streamType, pushed: pushed}
	c.index()
	for i := range stored {
		c.Matched[i] = c.take(i, &stored[i])
	}
	c.skip(len(pushed))
	return c.Comparison
}

type comparison struct {
	*Comparison
	typ    byte
	pushed []Pushed
	next   int // the pushed frame that should come now
	seed   maphash.Seed
	byHash map[uint64][]int
	byTime map[int64][]int
}

func (c *comparison) index() {
	c.seed = maphash.MakeSeed()
	c.byHash = make(map[uint64][]int, len(c.pushed))
	c.byTime = make(map[int64][]int, len(c.pushed))
	for i := range c.pushed {
		h := c.hash(c.pushed[i].Data)
		c.byHash[h] = append(c.byHash[h], i)
		t := ticks(c.pushed[i].PTS)
		c.byTime[t] = append(c.byTime[t], i)
	}
}

// ticks is a pushed time in 90 kHz, 33 bits.
func ticks(ms uint64) int64 { return int64(ms*90) & (1<<33 - 1) }

func (c *comparison) hash(unit []byte) uint64 { return maphash.Bytes(c.seed, c.strip(unit)) }

func (c *comparison) strip(unit []byte) []byte {
	if c.typ == TypeAAC {
		return unit
	}
	return StripAUD(unit, c.typ)
}

// equal compares bytes; the stored frame may have a delimiter that the pushed
// one has not, but must not lack one.
func (c *comparison) equal(f *Frame, i int) bool {
	return !f.Damaged && i < len(c.pushed) && SameUnit(f.Data, c.pushed[i].Data, c.typ)
}

// SameUnit reports whether a stored unit is the pushed one, byte for byte but for
// an access unit delimiter put in front of a unit that has none.
func SameUnit(stored, pushed []byte, streamType byte) bool {
	return bytes.Equal(stored, pushed) || streamType != TypeAAC && bytes.Equal(StripAUD(stored, streamType), pushed)
}

// onTime reports whether a frame has the time of pushed frame i; true if there
// is nothing to hold it against.
func (c *comparison) onTime(f *Frame, i int) bool {
	return f.PTS == NoTime || !c.OffsetKnown || Diff(f.PTS, c.Offset) == Diff(ticks(c.pushed[i].PTS), 0)
}

// take finds the pushed frame that a stored one is, and says what is not as it
// should be.
func (c *comparison) take(i int, f *Frame) int {
	say := func(code Code, format string, args ...any) {
		c.Findings = append(c.Findings, newFinding(code, f.Offset, noPID, i, format, args...))
	}
	if c.equal(f, c.next) && c.onTime(f, c.next) {
		return c.match(f, c.next)
	}
	// Another frame that has its bytes and its time.
	same := c.nearest(c.byHash[c.hash(f.Data)], func(k int) bool { return c.equal(f, k) && c.onTime(f, k) })
	switch {
	case same < 0:
	case same < c.next:
		say(CodeRepeated, "pushed frame %d once more, or out of order: frame %d should be here", same, c.next)
		return same
	default:
		c.skip(same)
		return c.match(f, same)
	}
	// The same time with other bytes, or the same bytes at another time.
	if c.OffsetKnown && f.PTS != NoTime {
		t := Diff(f.PTS, c.Offset) & (1<<33 - 1)
		if k := c.nearest(c.byTime[t], func(int) bool { return true }); k >= c.next {
			c.skip(k)
			say(CodeAltered, "pushed frame %d has other bytes: %s", k, c.difference(f, k))
			c.next = k + 1
			return k
		}
	}
	if k := c.nearest(c.byHash[c.hash(f.Data)], func(k int) bool { return c.equal(f, k) }); k >= c.next {
		c.skip(k)
		say(CodeOffset, "PTS %d is not pushed time %d ms × 90 + %d, but %d more", f.PTS, c.pushed[k].PTS, c.Offset,
			Diff(f.PTS, c.Offset+ticks(c.pushed[k].PTS)))
		c.next = k + 1
		return k
	}
	if c.next < len(c.pushed) && c.onTime(f, c.next) {
		k := c.next
		say(CodeAltered, "pushed frame %d has other bytes: %s", k, c.difference(f, k))
		c.next++
		return k
	}
	say(CodeAltered, "%d bytes that were not pushed", len(f.Data))
	return -1
}

func (c *comparison) match(f *Frame, i int) int {
	if !c.OffsetKnown && f.PTS != NoTime {
		c.Offset, c.OffsetKnown = (f.PTS-ticks(c.pushed[i].PTS))&(1<<33-1), true
	}
	c.next = i + 1
	return i
}

// nearest returns the first good index from next on, else the last one before
// it, else -1. The indices are in order.
func (c *comparison) nearest(indices []int, good func(int) bool) int {
	from := sort.SearchInts(indices, c.next)
	for _, k := range indices[from:] {
		if good(k) {
			return k
		}
		if !c.OffsetKnown {
			break
		}
	}
	for i := from - 1; i >= 0; i-- {
		if good(indices[i]) {
			return indices[i]
		}
	}
	return -1
}

// skip says that the pushed frames from next up to i are missing.
func (c *comparison) skip(i int) {
	if i <= c.next {
		return
	}
	for k := c.next; k < i; k++ {
		c.Missing = append(c.Missing, k)
	}
	text := fmt.Sprintf("pushed frame %d is not stored", c.next)
	if i-c.next > 1 {
		text = fmt.Sprintf("pushed frames %d to %d are not stored", c.next, i-1)
	}
	c.Findings = append(c.Findings, newFinding(CodeMissing, noOffset, noPID, noFrame, "%s", text))
	c.next = i
}

// difference says where a stored frame leaves the pushed one.
func (c *comparison) difference(f *Frame, i int) string {
	a, b := c.strip(f.Data), c.strip(c.pushed[i].Data)
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) || n == len(b) {
		return fmt.Sprintf("%d bytes are stored, %d were pushed", len(a), len(b))
	}
	return fmt.Sprintf("byte %d is 0x%02X, not 0x%02X; %d bytes are stored, %d were pushed", n, a[n], b[n], len(a), len(b))
}
