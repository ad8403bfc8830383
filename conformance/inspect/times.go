package inspect

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ivcs/conform/conformance/tscheck"
)

const hz = 90000 // of PTS and DTS

// measure fills in what the piece is and where it stands on the time line.
func (p *Piece) measure(last *Piece) {
	t := p.report
	p.Video = map[byte]string{tscheck.TypeH264: "H.264", tscheck.TypeH265: "H.265"}[t.VideoType]
	if t.AudioType == tscheck.TypeAAC {
		p.Audio = "AAC"
	}
	p.Pictures, p.Sounds = len(t.Video), len(t.ADTS())
	since := 0
	for _, f := range t.Video {
		if since++; f.Key {
			p.Keys++
			since = 1
		}
		p.GOP = max(p.GOP, since)
	}
	times := append(stamps(t.Video), stamps(t.Audio)...)
	if len(times) == 0 {
		return
	}
	p.base = times[0]
	for _, x := range times {
		if tscheck.Diff(x, p.base) < 0 {
			p.base = x
		}
	}
	if last != nil && !p.Restarts && last.base != 0 {
		p.Start = last.Start + seconds(tscheck.Diff(p.base, last.base))
	}
	for _, x := range times {
		p.End = max(p.End, p.at(x))
	}
	p.frame = seconds(median(steps(t.Video)))
	p.End += p.frame
}

// at is the place of a time stamp on the time line.
func (p *Piece) at(stamp int64) float64 {
	if stamp == tscheck.NoTime {
		return p.Start
	}
	return p.Start + seconds(tscheck.Diff(stamp, p.base))
}

func seconds(ticks int64) float64 { return float64(ticks) / hz }

// stamps are the decoding times that are there.
func stamps(frames []tscheck.Frame) []int64 {
	var out []int64
	for _, f := range frames {
		if f.DTS != tscheck.NoTime {
			out = append(out, f.DTS)
		}
	}
	return out
}

// steps are the times from frame to frame.
func steps(frames []tscheck.Frame) []int64 {
	times := stamps(frames)
	var out []int64
	for i := 1; i < len(times); i++ {
		out = append(out, tscheck.Diff(times[i], times[i-1]))
	}
	return out
}

func median(x []int64) int64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// A unit that people mistake for 1/90000 s, and how many times too fast time
// then runs.
var units = []struct {
	factor float64
	what   string
}{
	{1.0 / 90, "milliseconds that were not multiplied by 90"},
	{1e6 / hz, "microseconds that were not converted to 1/90000 s"},
	{1000, "microseconds that were taken for milliseconds"},
	{1e-3, "seconds that were taken for milliseconds"},
}

// unit looks whether times are counted in another unit. The sound is the ruler:
// how long it lasts is known from its headers. Without sound only what is far
// from every frame rate is told.
func (r *Report) unit(p *Piece) {
	t := p.report
	step := median(steps(t.Video))
	if len(t.Video) > 2 && step >= 1 && step <= 2 {
		r.find(p, Bad, CodeUnit, t.Video[0].Offset, fmt.Sprintf("the picture's times go on by %d from frame to frame: they are the number of the frame, not a time", step))
		return
	}
	length := t.AudioDuration().Seconds()
	for _, s := range []struct {
		name   string
		frames []tscheck.Frame
		video  bool
	}{{"picture", t.Video, true}, {"sound", t.Audio, false}} {
		if len(s.frames) < 3 {
			continue
		}
		all := stamps(s.frames)
		if len(all) < 3 {
			continue
		}
		span := seconds(tscheck.Diff(all[len(all)-1], all[0]))
		factor := 0.0
		switch d := seconds(median(steps(s.frames))); {
		case length > 0.5:
			factor = span / length
		case !s.video:
		case d > 0 && d < 1.0/300:
			factor = units[0].factor
		case d >= 5:
			factor = units[2].factor
		}
		for _, u := range units {
			if factor > 0 && math.Abs(math.Log(factor/u.factor)) < math.Log(1.5) {
				r.find(p, Bad, CodeUnit, s.frames[0].Offset, fmt.Sprintf("the %s's times span %.3f s where %s: they look like %s", s.name, span, lasts(length, len(s.frames)), u.what))
				break
			}
		}
	}
}

func lasts(length float64, frames int) string {
	if length > 0.5 {
		return fmt.Sprintf("the sound lasts %.3f s", length)
	}
	return fmt.Sprintf("there are %d frames", frames)
}

// gapFrom is how many frames a step must be long to be a hole.
const gapFrom = 2.5

// gaps tells holes in the picture's times that no lost frame explains: with
// frame numbers that go on, nobody encoded there.
func (r *Report) gaps(p *Piece) {
	v := p.report.Video
	usual := p.frame
	for i := 1; i < len(v); i++ {
		if v[i].DTS == tscheck.NoTime || v[i-1].DTS == tscheck.NoTime || usual <= 0 {
			continue
		}
		if d := seconds(tscheck.Diff(v[i].DTS, v[i-1].DTS)); d > gapFrom*usual {
			f := r.find(p, Warn, CodeGap, v[i].Offset, fmt.Sprintf("%.0f ms from picture %d to the next, where %.0f ms are usual", d*1000, i-1, usual*1000))
			f.PID, f.At = int(p.report.VideoPID), p.at(v[i].DTS)
		}
	}
}

// loose is how far sound and picture may be apart: what people begin to notice.
const loose = 200 * time.Millisecond

// drift holds the sound's times against its samples, and its ends against the
// picture's.
func (r *Report) drift(p *Piece) {
	t := p.report
	sound, adts := stamps(t.Audio), t.ADTS()
	if len(r.of(p, CodeUnit)) > 0 || len(sound) < 3 || len(adts) == 0 {
		return
	}
	lastStart := t.AudioDuration() - adts[len(adts)-1].Duration()
	span := time.Duration(tscheck.Diff(sound[len(sound)-1], sound[0])) * time.Second / hz
	if off := span - lastStart; off.Abs() > loose && off.Abs() > lastStart/50 {
		way := "too slow"
		if off < 0 {
			way = "too fast"
		}
		r.find(p, Bad, CodeDrift, t.Audio[0].Offset, fmt.Sprintf(
			"the sound's times span %v, its samples last %v: time runs %s by %v, or samples are missing", span.Round(time.Millisecond), lastStart.Round(time.Millisecond), way, off.Abs().Round(time.Millisecond))).PID = int(t.AudioPID)
	}
	video := stamps(t.Video)
	if len(video) < 3 {
		return
	}
	for _, end := range []struct {
		name string
		v, a int64
	}{{"begins", video[0], sound[0]}, {"ends", video[len(video)-1], sound[len(sound)-1]}} {
		off := time.Duration(tscheck.Diff(end.a, end.v)) * time.Second / hz
		if slack := loose + time.Duration(p.frame*float64(time.Second)); off.Abs() > slack {
			way := "after"
			if off < 0 {
				way = "before"
			}
			f := r.find(p, Warn, CodeDrift, -1, fmt.Sprintf("the sound %s %v %s the picture", end.name, off.Abs().Round(time.Millisecond), way))
			f.At = p.at(end.a)
		}
	}
}

// length holds EXTINF against the piece.
func (r *Report) length(p *Piece) {
	const slack = 0.5
	if has := p.End - p.Start; p.declared > 0 && math.Abs(p.declared-has) > slack {
		r.find(p, Warn, CodeExtinf, -1, fmt.Sprintf("the playlist says %.3f s (EXTINF), its pictures and sound last %.3f s", p.declared, has))
	}
}

// of are the findings of a kind on a piece.
func (r *Report) of(p *Piece, code tscheck.Code) []*Finding {
	var out []*Finding
	for _, f := range r.Findings {
		if f.Code == code && r.Pieces[f.Piece] == p {
			out = append(out, f)
		}
	}
	return out
}
