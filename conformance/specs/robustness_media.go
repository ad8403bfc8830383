package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// robustMedia: what is no frame at all.
func robustMedia(s *Suite) {
	lying := func(by int) func([]byte) []byte { return func(b []byte) []byte { return withLength(b, len(b)+by) } }
	s.Rule("ROB-024", func(r *Rule) {
		for _, c := range []struct {
			name  string
			video bool
			make  func(frame []byte) []byte
		}{
			{"an empty picture", true, func([]byte) []byte { return []byte{} }},
			{"a picture of one byte", true, func(b []byte) []byte { return b[:1] }},
			{"a picture of a start code alone", true, func(b []byte) []byte { return b[:4] }},
			{"a picture of 8 MB", true, func([]byte) []byte { return fixtures.H264().Oversized(8 << 20).Data }},
			{"a picture with length-prefixed NAL units", true, func([]byte) []byte { return fixtures.H264().AVCC().At(40).Data }},
			{"a picture of random bytes", true, func([]byte) []byte { return fixtures.Random(24, 4000) }},
			{"an empty sound", false, func([]byte) []byte { return []byte{} }},
			{"a sound of one byte", false, func(b []byte) []byte { return b[:1] }},
			{"a sound of 8 MB", false, func(b []byte) []byte { return append(b, make([]byte, 8<<20)...) }},
			{"an ADTS length beyond the pack", false, lying(1)},
			{"an ADTS length of the whole 13 bits", false, func(b []byte) []byte { return withLength(b, 1<<13-1) }},
			{"an ADTS length short of the pack", false, lying(-10)},
			{"an ADTS length of nothing", false, func(b []byte) []byte { return withLength(b, 0) }},
			{"an ADTS header cut off", false, func(b []byte) []byte { return b[:5] }},
		} {
			r.Scenario(c.name+" is refused or stored as it is", func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				// The odd pack comes where a key frame is due and, for sound, beside it.
				cam.EditVideo = func(i int, p *target.VencPack) bool {
					if c.video && i == 80 {
						p.Data = c.make(p.Data)
					}
					return true
				}
				cam.EditAudio = func(i int, p *target.AencPack) bool {
					if !c.video && i == 62 {
						p.Data = c.make(p.Data)
					}
					return true
				}
				malformed(e, cam, c.video)
			}, Guarded(), Breaks("TS-001"))
		}
		r.Scenario("3-byte start codes are stored as they are", func(e *Env) {
			cam := e.Camera(fixtures.H264().ThreeByteStartCodes(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(14 * time.Second)
			e.Measure("pictures with 3-byte start codes", "%d of %d accepted", len(cam.Frames(true)), len(cam.Ledger)-len(cam.Frames(false))) // AMB-62
			e.Exit()
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
			}
		}, Guarded())
	})
}

// malformed streams 14 s with one odd pack in it.
func malformed(e *Env, cam *Camera, video bool) {
	e.StartFullTime(cam)
	cam.Run(14 * time.Second)
	odd := oddPack(cam, video)
	e.Measure("the odd pack", "%v", odd.Code)
	e.Expect(withoutReason(cam, func(f Pushed) bool { return f.Video == odd.Video && f.Seq == odd.Seq })).To(BeEmpty(), "frames refused that were in order")
	e.Exit()
	e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports")
	if !transparent(e) {
		return
	}
	// All that was in order and accepted is stored; so is the odd one, as it is.
	for _, v := range []bool{true, false} {
		comparison, frames := cam.CompareAudio(), cam.Frames(v)
		if v {
			comparison = cam.CompareVideo()
		}
		for _, i := range comparison.Missing {
			e.Expect(frames[i].Seq).To(Equal(odd.Seq), "number of an accepted frame that is not in the cloud")
		}
		for _, f := range comparison.Findings {
			if !odd.Accepted() || v != video {
				e.Expect(f.Code).NotTo(Or(Equal(tscheck.CodeAltered), Equal(tscheck.CodeRepeated)), "stored as it was pushed: %s", f)
			}
		}
	}
}

// withoutReason names the frames that were refused for no fault of theirs. An odd
// key frame that is refused may take with it all up to the next one (cloud
// binding, ruling 12).
func withoutReason(cam *Camera, odd func(Pushed) bool) []string {
	var out []string
	lost := false
	for _, f := range cam.Ledger {
		switch {
		case odd(f):
			lost = f.Key && !f.Accepted()
		case f.Accepted():
			lost = lost && !f.Key
		case !lost:
			out = append(out, fmt.Sprintf("number %d, %v", f.Seq, f.Code))
		}
	}
	return out
}

// oddPack is the entry of the odd pack in the ledger.
func oddPack(cam *Camera, video bool) Pushed {
	n := 0
	for _, p := range cam.Ledger {
		if p.Video != video {
			continue
		}
		if video && n == 80 || !video && n == 62 {
			return p
		}
		n++
	}
	return Pushed{}
}

// withLength writes a length into an ADTS header: aac_frame_length, 13 bits.
func withLength(adts []byte, n int) []byte {
	adts[3] = adts[3]&^3 | byte(n>>11)&3
	adts[4] = byte(n >> 3)
	adts[5] = adts[5]&^0xE0 | byte(n)<<5
	return adts
}
