package reference

import "testing"

func TestTimesOfAnEvent(t *testing.T) {
	const now = noon / 1000
	u := func(v int64) uint32 { return uint32(v) }
	for _, c := range []struct {
		name          string
		event, stream uint32
		parallel      bool
		wantEvent     int64
		wantStream    int64 // s; 0: the first frame's arrival
		want          Err
	}{
		{"0 is the call", 0, 0, false, now, 0, ErrNone},
		{"15 is 15 s before", 15, 15, false, now - 15, now - 15, ErrNone},
		{"the event at the call, its video 15 s before", 0, 15, false, now, now - 15, ErrNone},
		{"the video after the event", 15, 0, false, now - 15, 0, ErrNone},
		{"299 is relative", 299, 299, false, now - 299, now - 299, ErrNone},
		{"300 is neither", 300, 300, false, 0, 0, ErrCSInitPrmRange},
		{"300 for the video", 0, 300, false, 0, 0, ErrCSInitPrmRange},
		{"301 is absolute", 301, 301, false, 301, 301, ErrNone},
		{"absolute", u(now - 3600), u(now - 3590), false, now - 3600, now - 3590, ErrNone},
		{"mixed", 15, u(now), false, 0, 0, ErrCSInitPrmRange},
		{"mixed the other way", u(now), 15, false, 0, 0, ErrCSInitPrmRange},
		{"0 and absolute for a first event", u(now), 0, false, 0, 0, ErrCSInitPrmRange},
		{"0 and absolute for a later parallel event", u(now), 0, true, now, now, ErrNone},
		{"absolute and 0 for a later parallel event", 0, u(now), true, now, now, ErrNone},
		{"5 and absolute for a later parallel event", 5, u(now), true, 0, 0, ErrCSInitPrmRange},
		{"a minute ahead", u(now + 60), u(now + 60), false, now + 60, now + 60, ErrNone},
		{"more than a minute ahead", u(now + 61), u(now), false, 0, 0, ErrCSInitPrmRange},
		{"-1", 1<<32 - 1, 1<<32 - 1, false, 0, 0, ErrCSInitPrmRange},
		{"-15", 1<<32 - 15, 1<<32 - 15, false, 0, 0, ErrCSInitPrmRange},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := startTimes(c.event, c.stream, noon, c.parallel)
			if err != c.want || err == ErrNone && (got.event != c.wantEvent || got.stream != c.wantStream*1000) {
				t.Errorf("%+v, %v; want event %d, stream %d, %v", got, err, c.wantEvent, c.wantStream, c.want)
			}
			if c.parallel {
				return
			}
			got, err = stopTimes(c.event, c.stream, noon)
			stream := c.wantStream
			if stream == 0 {
				stream = now
			}
			if err != c.want || err == ErrNone && (got.event != c.wantEvent || got.stream != stream*1000) {
				t.Errorf("as a stop: %+v, %v; want event %d, stream %d, %v", got, err, c.wantEvent, stream, c.want)
			}
		})
	}
}
