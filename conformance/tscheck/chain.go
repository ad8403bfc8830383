package tscheck

import (
	"maps"
	"slices"
)

// hole is the time between segments of one recording from which on it is a gap
// in the playlist (cloud binding, ruling 9), in 90 kHz.
const hole = 90000

// Chain follows the segments of one recording, in their order. The zero value is
// ready for the first.
type Chain struct {
	last *Report
}

// Add takes the next segment and returns what does not go on as it should:
// continuity counters, the time line, the codecs. All of it is soft: each
// segment must play alone, and a player that joins them is told where (the
// discontinuity_indicator, EXT-X-DISCONTINUITY).
func (c *Chain) Add(r *Report) []Finding {
	last := c.last
	if r.Opaque {
		return nil
	}
	c.last = r
	if last == nil {
		return nil
	}
	var out []Finding
	find := func(code Code, offset int64, pid uint16, format string, args ...any) {
		out = append(out, newFinding(code, offset, pid, noFrame, format, args...))
	}
	if last.VideoType != 0 && r.VideoType != 0 && last.VideoType != r.VideoType {
		find(CodeChainFormat, noOffset, r.VideoPID, "video changes from stream type 0x%02X to 0x%02X within a recording", last.VideoType, r.VideoType)
	}
	for _, pid := range slices.Sorted(maps.Keys(r.pids)) {
		now := r.pids[pid]
		before, was := last.pids[pid]
		if !was || now.discontinuity {
			continue
		}
		expected := before.last
		if now.payload {
			expected = (expected + 1) & 0xf
		}
		if now.first != expected {
			find(CodeChainCounter, now.offset, pid, "the segment begins with continuity counter %d; the one before ended with %d", now.first, before.last)
		}
	}
	for _, s := range []struct {
		name        string
		pid         uint16
		before, now []Frame
	}{{"picture", r.VideoPID, last.Video, r.Video}, {"audio frame", r.AudioPID, last.Audio, r.Audio}} {
		end, begin := lastTime(s.before), firstTime(s.now)
		if end == nil || begin == nil {
			continue
		}
		switch d := Diff(begin.DTS, end.DTS); {
		case d <= 0:
			find(CodeChainTime, begin.Offset, s.pid, "the first %s is %d ms before the last one of the segment before", s.name, -d/90)
		case d > hole:
			find(CodeChainTime, begin.Offset, s.pid, "the first %s comes %d ms after the last one of the segment before", s.name, d/90)
		}
	}
	return out
}

func firstTime(frames []Frame) *Frame {
	for i := range frames {
		if frames[i].DTS != NoTime {
			return &frames[i]
		}
	}
	return nil
}

func lastTime(frames []Frame) *Frame {
	for i := len(frames) - 1; i >= 0; i-- {
		if frames[i].DTS != NoTime {
			return &frames[i]
		}
	}
	return nil
}
