package specs

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// format is note 6: the format changes by exit and init, and in no other way.
func format(s *Suite) {
	s.Rule("FMT-001", func(r *Rule) {
		for _, c := range []struct{ declared, pushed *fixtures.Clip }{
			{fixtures.H264(), fixtures.H265()},
			{fixtures.H265(), fixtures.H264()},
		} {
			r.Scenario(c.pushed.Name+" pushed into a session of "+c.declared.Name+" is not mixed into it", func(e *Env) {
				cam := e.Camera(c.declared, nil)
				e.StartFullTime(cam)
				cam.Run(2 * time.Second)
				other := e.Camera(c.pushed, nil)
				other.Run(2 * time.Second)
				// The text forbids it and leaves the reaction open (AMB-67).
				e.Soft(other.Frames(true)).To(BeEmpty(), "frames of %s accepted in a session of %s", c.pushed.Name, c.declared.Name)
				again := e.Camera(c.declared, nil)
				again.Run(2 * time.Second)
				e.Soft(len(again.Refused())).To(BeZero(), "frames of %s refused after the wrong ones", c.declared.Name)
				e.Exit()
				for _, seg := range e.Stored() {
					e.Soft(foreign(seg, other)).To(BeZero(), "frames of %s within the %s of %s", c.pushed.Name, streamType(seg.TS.VideoType), seg.Name())
				}
			}, Needs(rules.H265))
		}
		r.Scenario("other parameter sets in the middle of a stream", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			cam.Run(2 * time.Second)
			other := e.Camera(fixtures.H264Slices(), nil)
			other.Run(2 * time.Second)
			e.Record("frames with other parameter sets", "%d of %d accepted", len(other.Frames(true)), len(other.Ledger))
			e.Exit()
			expectOnly(e, cam, other)
		})
		r.Scenario("PCM packs of another length", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.PCM(8000, 1))
			e.StartFullTime(cam)
			cam.Run(time.Second)
			e.Given("PUSH-008", cam.Refused()).To(BeEmpty(), "packs of 1024 samples refused")
			cam.EditAudio = func(_ int, p *target.AencPack) bool {
				p.Data = p.Data[:320] // 160 samples
				return true
			}
			before := len(cam.Frames(false))
			cam.Run(time.Second)
			e.Soft(len(cam.Frames(false))-before).To(BeZero(), "packs of 160 samples accepted where init said 1024")
			e.Exit()
		}, Needs(rules.AudioPCM))
	})

	s.Rule("FMT-002", func(r *Rule) {
		for _, c := range formatChanges {
			r.Scenario("the new format is in force: "+c.name, func(e *Env) { changeFormat(e, c) }, Needs(c.needs...))
		}
	})
}

// formatChange is a change of format by exit and init.
type formatChange struct {
	name       string
	from, to   *fixtures.Clip
	fromS, toS *fixtures.Audio
	needs      []rules.Capability
	quick      bool // init follows exit at once
}

var formatChanges = []formatChange{
	{"H.264 with AAC, then H.265 with PCM", fixtures.H264(), fixtures.H265(), fixtures.AAC(), fixtures.PCM(8000, 1), []rules.Capability{rules.H265, rules.AudioPCM}, false},
	{"H.265, then H.264", fixtures.H265(), fixtures.H264(), fixtures.AAC(), fixtures.AAC(), []rules.Capability{rules.H265}, false},
	{"AAC mono of 16 kHz, then stereo of 48 kHz", fixtures.H264(), fixtures.H264(), fixtures.AAC(), fixtures.AAC48Stereo(), nil, false},
	{"PCM mono, then stereo", fixtures.H264(), fixtures.H264(), fixtures.PCM(8000, 1), fixtures.PCM(8000, 2), []rules.Capability{rules.AudioPCM}, false},
	{"init at once after exit", fixtures.H264(), fixtures.H264(), fixtures.AAC(), fixtures.AAC8(), nil, true},
}

// changeFormat records four seconds in one format and four in another, with exit
// and init between them.
func changeFormat(e *Env, c formatChange) {
	old := e.Camera(c.from, c.fromS)
	e.StartFullTime(old)
	old.Run(4 * time.Second)
	e.Given("PUSH-012", old.Refused()).To(BeEmpty(), "packs of the first format refused")
	e.Exit()
	before := e.Stored()
	e.Given("FLOW-012", before).NotTo(BeEmpty(), "segments of the first format")
	if !c.quick {
		e.Advance(time.Second)
	}
	e.Require(e.Lib.Init(ParmFor(c.to, c.toS))).To(ReturnNone(), "iv_cs_init with another format after iv_cs_exit")
	e.Require(e.AwaitCallback(target.CBStart, 2, StartWithin)).NotTo(BeNil(), "start_cb within %v of the second iv_cs_init", StartWithin)
	now := e.Camera(c.to, c.toS)
	now.Run(4 * time.Second)
	e.Expect(now.Refused()).To(BeEmpty(), "packs of the second format refused")
	e.Exit()
	after := e.Stored()[len(before):]
	e.Expect(after).NotTo(BeEmpty(), "segments of the second format")
	expectStreamTypes(e, before, c.from)
	expectStreamTypes(e, after, c.to)
	e.Expect(differences(e, now, after)).To(BeEmpty(), "what differs between accepted and stored frames of the second format")
	for _, seg := range after {
		if adts := seg.TS.ADTS(); c.toS.Codec == target.AudioAAC && !seg.TS.Opaque && len(adts) > 0 {
			e.Expect(adts[0].Rate).To(Equal(c.toS.Rate), "sample rate of the audio in %s", seg.Name())
			e.Expect(adts[0].Channels).To(Equal(c.toS.Channels), "channels of the audio in %s", seg.Name())
		} else if len(adts) > 0 {
			e.Record("channels of transcoded audio", "%d of %d", adts[0].Channels, c.toS.Channels) // AMB-64
		}
	}
}

// differences says what differs between a camera's accepted video, and AAC, and
// what these segments hold. What an iv_cs_exit gives up is no difference if it is
// reported as lost: whether it flushes or cancels is open (AMB-41, AMB-57).
func differences(e *Env, cam *Camera, segments []*Stored) []string {
	var video, audio []tscheck.Frame
	var typ byte
	for _, seg := range segments {
		if seg.TS.Opaque {
			return nil // AMB-64
		}
		typ = seg.TS.VideoType
		video = append(video, seg.TS.Video...)
		audio = append(audio, seg.TS.AudioUnits()...)
	}
	var out []string
	hold := func(kind string, stored []tscheck.Frame, frames []Pushed, typ byte) {
		c := tscheck.Compare(stored, packsOf(frames), typ)
		for _, f := range c.Findings {
			if f.Code != tscheck.CodeMissing {
				out = append(out, kind+": "+f.String())
			}
		}
		for _, i := range c.Missing {
			if !toldLost(e, frames[i]) {
				out = append(out, fmt.Sprintf("%s: pack %d with PTS %d is neither stored nor reported as lost", kind, frames[i].Seq, frames[i].PTS))
			}
		}
	}
	if cam.Video != nil {
		hold("video", video, cam.Frames(true), typ)
	}
	if cam.Sound != nil && cam.Sound.Codec == target.AudioAAC {
		hold("audio", audio, cam.Frames(false), tscheck.TypeAAC)
	}
	return out
}

// toldLost reports whether a failed slice covers a frame; slices are about video
// (UPL-002), so that a pack of audio is taken by its time, give or take a second.
func toldLost(e *Env, f Pushed) bool {
	for _, s := range e.Slices() {
		switch {
		case s.OK():
		case f.Video && f.Seq-s.SeqA <= s.SeqB-s.SeqA:
			return true
		case !f.Video && f.PTS+1000 >= s.PTSA && f.PTS <= s.PTSB+1000:
			return true
		}
	}
	return false
}

func packsOf(frames []Pushed) []tscheck.Pushed {
	out := make([]tscheck.Pushed, len(frames))
	for i, f := range frames {
		out[i] = tscheck.Pushed{Data: f.Data, PTS: f.PTS}
	}
	return out
}

// foreign counts the pictures of a segment that this camera has pushed.
func foreign(seg *Stored, cam *Camera) int {
	n := 0
	for _, f := range seg.TS.Video {
		if slices.ContainsFunc(cam.Ledger, func(p Pushed) bool { return tscheck.SameUnit(f.Data, p.Data, seg.TS.VideoType) }) {
			n++
		}
	}
	return n
}
