package scenario

import "time"

// CatchUp pushes what the camera has recorded in the last lag, and what it
// records meanwhile, at speed times real time until it is live: pre-recorded
// video (note 11). Speed 0 is as fast as the library takes it. What is refused
// is pushed again after 100 ms. It reports whether the camera was live within
// the span; Run goes on from there.
func (c *Camera) CatchUp(lag time.Duration, speed int, within time.Duration) bool {
	c.begin()
	c.origin = c.env.Now().Add(-c.media - lag)
	return c.replay(speed, within, func() time.Duration { return c.env.Since(c.origin) })
}

// Replay pushes d of media from the past in the same way: video that is filled
// in later. It reports whether all was accepted within the span.
func (c *Camera) Replay(d time.Duration, speed int, within time.Duration) bool {
	c.begin()
	end := c.media + d
	all := c.replay(speed, within, func() time.Duration { return end })
	c.origin = c.env.Now().Add(-c.media)
	return all
}

// replay pushes faster than real time up to the media time that end gives.
func (c *Camera) replay(speed int, within time.Duration, end func() time.Duration) bool {
	e := c.env
	begun, from := e.Now(), c.media
	for {
		last := end()
		due := last
		if speed > 0 {
			due = min(last, from+time.Duration(speed)*e.Since(begun))
		}
		if c.feed(due) && due == last {
			return true
		}
		if e.Since(begun) >= within {
			return false
		}
		e.advance(fine, fine)
	}
}

// feed pushes everything due before end, up to the first pack that is refused,
// which is then the next one again; it reports whether there was none.
func (c *Camera) feed(end time.Duration) bool {
	for {
		at, video, ok := c.next(end)
		if !ok {
			c.media = max(c.media, end)
			return true
		}
		c.media = max(c.media, at)
		refused := false
		if video {
			if refused = c.PushVideo() != 0; refused {
				c.video--
				c.waitsKey = false
			}
		} else if refused = c.PushAudio() != 0; refused {
			c.audio--
		}
		if refused {
			return false
		}
	}
}
