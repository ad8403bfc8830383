package mpegts

import "math"

// Access units of the forms that note 1 and iv_cs_push_stream print, filled up to n bytes.
func h264Key(n int) []byte {
	return fill([]byte{0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65}, n)
}
func h264P(n int) []byte { return fill([]byte{0, 0, 0, 1, 0x41}, n) }
func h265Key(n int) []byte {
	return fill([]byte{0, 0, 0, 1, 0x40, 1, 0, 0, 0, 1, 0x42, 1, 0, 0, 0, 1, 0x44, 1, 0, 0, 0, 1, 0x2A, 1}, n)
}
func h265P(n int) []byte { return fill([]byte{0, 0, 0, 1, 0x02, 1}, n) }
func adts(n int) []byte  { return fill([]byte{0xFF, 0xF1, 0x60, 0x40}, n) }

// fill makes b at least n bytes long, each byte another one than its neighbours.
func fill(b []byte, n int) []byte {
	for i := len(b); i < n; i++ {
		b = append(b, byte(i*7+i>>8)|1)
	}
	return b
}

// video is n frames every step ms, from a key frame on.
func video(from uint64, n int, step uint64) List {
	var l List
	for i := range n {
		f := Frame{Video: true, Key: i == 0, PTS: from + uint64(i)*step, Data: h264P(300 + 61*i%900)}
		if f.Key {
			f.Data = h264Key(9000)
		}
		l = append(l, f)
	}
	return l
}

// audio is n frames every step ms.
func audio(from uint64, n int, step uint64) List {
	var l List
	for i := range n {
		l = append(l, Frame{PTS: from + uint64(i)*step, Data: adts(200 + i*31%100)})
	}
	return l
}

// merge puts frames in the order of their times, video first.
func merge(v, a List) List {
	var l List
	for len(v) > 0 || len(a) > 0 {
		if len(a) == 0 || len(v) > 0 && int64(v[0].PTS-a[0].PTS) <= 0 {
			l, v = append(l, v[0]), v[1:]
		} else {
			l, a = append(l, a[0]), a[1:]
		}
	}
	return l
}

func concat(ls ...List) List {
	var all List
	for _, l := range ls {
		all = append(all, l...)
	}
	return all
}

var segments = []struct {
	name   string
	codec  Codec
	frames List
	alone  int // packets with nothing but a PCR; -1: any number
	jumps  int // discontinuities
}{
	{"ten seconds of H.264 at 20 fps with audio", H264, merge(video(0, 200, 50), audio(0, 156, 64)), 0, 0},
	{"a key frame alone", H264, video(7, 1, 50), 0, 0},
	{"an audio frame alone", H264, audio(7, 1, 64), 0, 0},
	{"video at 10 fps: PCR just 100 ms apart", H264, video(0, 30, 100), 0, 0},
	{"video at 1 fps", H264, video(0, 10, 1000), 9 * 9, 0},
	{"video at 1 fps with audio", H264, merge(video(0, 10, 1000), audio(0, 150, 64)), -1, 0},
	{"audio alone at 16 kHz", H264, audio(0, 50, 64), 0, 0},
	{"audio alone at 8 kHz: 128 ms a frame", H264, audio(0, 50, 128), 49, 0},
	{"audio before the first picture", H264, concat(audio(100, 2, 64), video(200, 20, 50)), 1, 0},
	{"audio stops", H264, concat(merge(video(0, 20, 50), audio(0, 5, 64)), video(1000, 20, 50)), 0, 0},
	{"audio pushed 400 ms after its picture", H264, pushedLate(video(0, 100, 50), audio(0, 60, 64), 400), 0, 0},
	{"audio pushed 5 s after its picture", H264, pushedLate(video(0, 200, 50), audio(0, 60, 64), 5000), 0, 0},
	{"video pushed 5 s after its sound", H264, pushedLate(audio(0, 300, 64), video(0, 200, 50), 5000), -1, 0},
	{"audio of another origin, 30 s later", H264, pushedLate(video(0, 20, 50), audio(30000, 10, 64), -30000), -1, -1},
	{"audio of another origin, 50 years earlier", H264, pushedLate(video(50*365*86400e3, 20, 50), audio(0, 10, 64), 50*365*86400e3), 10, -1},
	{"one frame 10 h ahead", H264, concat(video(0, 20, 50), List{{Video: true, PTS: 36000e3, Data: h264P(100)}}, video(1000, 20, 50)), 0, 2},
	{"PTS in microseconds", H264, video(0, 200, 50000), -1, -1},
	{"PTS that stands still", H264, video(5, 20, 0), 0, 0},
	{"a hole of 115 s", H264, concat(video(0, 20, 50), video(115950, 20, 50)), 1149, 0},
	{"the 33-bit wrap of PTS", H264, merge(video((1<<33)/90-1000, 60, 50), audio((1<<33)/90-1000, 45, 64)), 0, 0},
	{"the 32-bit wrap of milliseconds", H264, video(1<<32-1000, 60, 50), 0, 0},
	{"milliseconds near 2^41", H264, video(1<<41-1000, 60, 50), 0, 0},
	{"milliseconds near 2^53", H264, video(1<<53-1000, 60, 50), 0, 0},
	{"milliseconds across 2^64", H264, video(math.MaxUint64-1000, 60, 50), 0, 0},
	{"H.265 with a CRA", H265, List{{Video: true, Key: true, PTS: 9, Data: h265Key(5000)}, {Video: true, PTS: 59, Data: h265P(500)}}, 0, 0},
	{"a key frame of 8 MB", H264, List{{Video: true, Key: true, Data: h264Key(8 << 20)}}, 0, 0},
	{"the largest audio frame", H264, List{{Data: adts(MaxAudio)}}, 0, 0},
	{"video whose PES length just fits", H264, List{{Video: true, Data: h264P(0xFFFF - 8 - 6)}}, 0, 0},
	{"video whose PES length just does not fit", H264, List{{Video: true, Data: h264P(0xFFFF - 8 - 5)}}, 0, 0},
	{"frames without a byte", H264, List{{Video: true, Key: true}, {}}, 0, 0},
	{"frames that end at every place of a packet", H264, everySize(), 0, 0},
	{"frames of one byte", H264, List{{Video: true, Key: true, Data: []byte{0}}, {Data: []byte{1}}}, 0, 0},
}

// pushedLate is merge with each frame of b pushed late ms after its time.
func pushedLate(a, b List, late int64) List {
	shifted := make(List, len(b))
	for i, f := range b {
		f.PTS += uint64(late)
		shifted[i] = f
	}
	l := merge(a, shifted)
	for i := range l {
		if len(b) > 0 && l[i].Video == b[0].Video {
			l[i].PTS -= uint64(late)
		}
	}
	return l
}

// everySize are frames that end at every place of a packet.
func everySize() List {
	var l List
	for n := range 3 * PacketSize {
		l = append(l,
			Frame{Video: true, Key: n%2 == 0, PTS: uint64(n * 40), Data: h264P(5 + n)},
			Frame{PTS: uint64(n * 40), Data: adts(4 + n)})
	}
	return l
}
