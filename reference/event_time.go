package reference

// The times of iv_cs_event_start_ext and iv_cs_event_stop_ext: below 300 a value
// is seconds before the call, above 300 it is UTC. 300 is neither (AMB-01).
const timeBorder = 300

// maxFutureS is how far ahead an absolute time may lie, in seconds: the errors of
// a clock are accepted up to a minute, a time beyond it has no meaning (note 15,
// AMB-03, AMB-70).
const maxFutureS = 60

// times are the two times of an event call, resolved.
type times struct {
	event  int64 // UTC s; 32 bits end in 2106
	stream int64 // UTC ms; 0 at a start: when the first frame arrives
}

func relative(v uint32) bool { return v < timeBorder }

// sensible says whether both values are of one kind and not in the future. now is UTC ms.
func sensible(eventS, streamS uint32, now int64) bool {
	if eventS == timeBorder || streamS == timeBorder {
		return false
	}
	latest := now/1000 + maxFutureS
	return relative(eventS) == relative(streamS) && int64(eventS) <= latest && int64(streamS) <= latest
}

// resolve turns a value into UTC ms.
func resolve(v uint32, now int64) int64 {
	if relative(v) {
		return max(now-int64(v)*1000, 0) // a clock that still stands in 1970
	}
	return int64(v) * 1000
}

// startTimes resolves the times of a start. For an event that joins others 0
// says "now" beside an absolute time too: note 12 allows it (AMB-05).
func startTimes(eventS, streamS uint32, now int64, parallel bool) (times, Err) {
	if parallel {
		if eventS == 0 && !relative(streamS) {
			eventS = uint32(now / 1000)
		}
		if streamS == 0 && !relative(eventS) {
			streamS = uint32(now / 1000)
		}
	}
	if !sensible(eventS, streamS, now) {
		return times{}, ErrCSInitPrmRange
	}
	t := times{event: resolve(eventS, now) / 1000}
	if streamS != 0 {
		t.stream = resolve(streamS, now)
	}
	return t, ErrNone
}

// stopTimes resolves the times of a stop. They need not be of the kind that the
// start had (EXT-028).
func stopTimes(eventS, streamS uint32, now int64) (times, Err) {
	if !sensible(eventS, streamS, now) {
		return times{}, ErrCSInitPrmRange
	}
	return times{event: resolve(eventS, now) / 1000, stream: resolve(streamS, now)}, ErrNone
}
