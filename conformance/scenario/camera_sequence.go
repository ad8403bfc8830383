package scenario

import (
	"slices"
	"time"

	"github.com/ivcs/conform/conformance/target"
)

// In virtual time a camera hands its packs to the library in sequences: what is
// due within a tenth of a second of domain time, or ten seconds of a run of hours,
// the steps of the clock between them included.
// The library sees each pack at its own time; the cloud's clock, which moves
// first (ruling 10 of the cloud binding), has moved to the end of the sequence. A
// pack that is refused ends a sequence, so that the camera can drop what depends
// on it. One call at a time, the pipes took more than half of the processor time
// of a stream.

// mostAtOnce bounds the bytes of a sequence.
const mostAtOnce = 1 << 20

// pushNext pushes what is due next before the media time end, and in virtual time
// what is due soon after it; false: nothing is.
func (c *Camera) pushNext(end, within time.Duration, paced bool) bool {
	at, _, ok := c.next(end)
	if !ok {
		return false
	}
	if c.env.cfg.Mode != Virtual || len(c.Threads) > 0 {
		if paced {
			c.pace(at)
		}
		c.pushNow(c.take(end))
		return true
	}
	until := end
	if paced {
		until = min(end, max(at, c.env.Now().Sub(c.origin))+within)
	}
	c.play(c.due(until), paced)
	return true
}

// take takes the pack that is due next before end.
func (c *Camera) take(end time.Duration) *pack {
	at, video, _ := c.next(end)
	var p *pack
	if video {
		p = c.takeVideo()
	} else {
		p = c.takeAudio()
	}
	if p != nil {
		p.at = at
	}
	return p
}

// due takes what is due before until, and no more bytes than fit a sequence.
func (c *Camera) due(until time.Duration) []*pack {
	var packs []*pack
	for size := 0; size < mostAtOnce; {
		if _, _, ok := c.next(until); !ok {
			break
		}
		if p := c.take(until); p != nil {
			packs = append(packs, p)
			size += len(p.Data)
		}
	}
	// Sound goes with the picture behind it, as in a device that is woken by its
	// encoder: half of the steps.
	for i := len(packs) - 2; i >= 0; i-- {
		if next := packs[i+1]; !packs[i].Video && next.at-packs[i].at < fine {
			packs[i].at = next.at
		}
	}
	return packs
}

// play pushes the packs, each at its time if they are paced.
func (c *Camera) play(packs []*pack, paced bool) {
	e := c.env
	now := e.Now() // of the library; the cloud is ahead of it
	if n := len(packs); paced && n > 0 {
		if wait := c.moment(packs[n-1]).Sub(now); wait > 0 {
			e.clock.Advance(wait)
			e.showPlan()
		}
	}
	for len(packs) > 0 {
		calls, at := c.sequence(packs, now, paced)
		made := e.session.Sequence(0, c.KeepGoing, calls)
		for i, r := range made {
			switch calls[i].Func {
			case target.FnClockAdvance:
				now = now.Add(time.Duration(calls[i].Millis) * time.Millisecond)
				if err := r.Hook(calls[i]); err != nil {
					e.stuck(err)
				}
			default:
				packs[0].At = at[0]
				c.enter(packs[0], r.Code)
				packs, at = packs[1:], at[1:]
			}
		}
		e.checkAlive()
		packs = slices.DeleteFunc(packs, c.dropped)
	}
	if lag := e.Now().Sub(now); paced && lag > 0 {
		if err := e.session.Advance(lag); err != nil {
			e.stuck(err)
		}
	}
}

// sequence is the calls that push the packs from the library's time now on, and
// the moment of each.
func (c *Camera) sequence(packs []*pack, now time.Time, paced bool) (calls []target.Call, at []time.Time) {
	for _, p := range packs {
		if wait := c.moment(p).Sub(now); paced && wait > 0 {
			calls = append(calls, target.AdvanceCall(wait))
			now = now.Add(wait)
		}
		calls = append(calls, p.call)
		at = append(at, now)
		if c.waitsKey && p.Video {
			break // whether this key frame is taken decides on the packs behind it
		}
	}
	return calls, at
}

// moment is the domain time of a pack; the clock hooks count in whole milliseconds.
func (c *Camera) moment(p *pack) time.Time {
	return c.origin.Add(p.at + time.Millisecond - 1).Truncate(time.Millisecond)
}
