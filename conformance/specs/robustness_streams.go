package specs

import (
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// robustStreams: audio that is not there, or comes and goes.
func robustStreams(s *Suite) {
	s.Rule("ROB-014", func(r *Rule) {
		for _, c := range []struct {
			name string
			run  func(cam *Camera)
		}{
			{"audio was announced and never comes", func(cam *Camera) {
				cam.EditAudio = func(int, *target.AencPack) bool { return false }
				cam.Run(24 * time.Second)
			}},
			{"audio stops at 10 s and returns at 24 s", func(cam *Camera) {
				cam.Run(10 * time.Second)
				cam.EditAudio = func(int, *target.AencPack) bool { return false }
				cam.Run(14 * time.Second)
				cam.EditAudio = nil
				cam.Run(12 * time.Second)
			}},
			{"audio comes 5 s late", func(cam *Camera) {
				cam.EditAudio = func(int, *target.AencPack) bool { return false }
				cam.Run(5 * time.Second)
				cam.EditAudio = nil
				cam.Run(20 * time.Second)
			}},
		} {
			r.Scenario("all video is stored although "+c.name, func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				e.StartFullTime(cam)
				c.run(cam)
				e.Expect(refusals(cam)).To(BeEmpty(), "frames refused")
				e.Exit()
				if !transparent(e) {
					return
				}
				e.Expect(cam.CompareVideo().Findings).To(BeEmpty(), "what differs between pushed and stored video")
				eachTS(e, func(seg *Stored) {
					e.Expect(seg.TS.Find(tscheck.CodePIDs)).To(BeEmpty(), "streams that the PMT of %s lists, against those with samples", seg.Name())
				})
			})
		}
	})
}
