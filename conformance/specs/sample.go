package specs

import (
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
)

// sample is the sample code at the end of the specification.
func sample(s *Suite) {
	s.Rule("SMP-001", func(r *Rule) {
		r.Scenario("twenty seconds of the sample loop are accepted and stored", func(e *Env) {
			cam := sampleLoop(e, 20*time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "packs refused in the sample loop")
			e.Expect(mostInARow(cam)).To(BeNumerically(">=", 2), "audio packs in a row that the loop pushed")
			e.Exit()
			e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between accepted and stored packs")
		})
	})

	s.Rule("SMP-002", func(r *Rule) {
		r.Scenario("audio times of 21, 42, 64 ms and so on are kept", func(e *Env) {
			cam := sampleLoop(e, 4*time.Second)
			e.Exit()
			packs := cam.Frames(false)
			e.Given("SMP-001", len(packs)).To(BeNumerically(">", 100), "audio packs accepted")
			e.Record("pushed audio times", "%d, %d, %d ms", packs[0].PTS, packs[1].PTS, packs[2].PTS)
			e.Record("stored audio times, 90 kHz", "%v", storedTimes(e, false))
			e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between pushed and stored packs and their times")
		})
	})

	s.Rule("SMP-003", func(r *Rule) {
		r.Scenario("video times of 40, 80, 120 ms and so on are kept", func(e *Env) {
			cam := sampleLoop(e, 4*time.Second)
			e.Exit()
			e.Given("SMP-001", len(cam.Frames(true))).To(BeNumerically(">", 50), "video packs accepted")
			times := storedTimes(e, true)
			e.Record("stored video times, 90 kHz", "%v", times)
			for i := 1; i < len(times); i++ {
				e.Expect(tscheck.Diff(times[i], times[i-1])).To(BeEquivalentTo(40*90), "time between stored frames pushed 40 ms apart")
			}
			e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between pushed and stored packs and their times")
		})
	})

	s.Rule("SMP-004", func(r *Rule) {
		r.Scenario("the members of a pack that the shim fills in", func(e *Env) {
			recordLayout(e, "iv_cm_aenc_pack_s", "iv_cm_venc_pack_s")
			e.Record("time stamp of audio", "u64PTS, which the sample calls u64TimeStamp") // AMB-93
		})
		r.Scenario("each member of a pack arrives", func(e *Env) {
			cam := sampleLoop(e, 4*time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "packs refused")
			e.Exit()
			e.Expect(differences(e, cam, e.Stored())).To(BeEmpty(), "what differs between accepted and stored packs: pu8Addr, u32Len, u64PTS")
			for _, slice := range e.Slices() {
				frame := byPTS(cam.Frames(true), slice.PTSA)
				e.Expect(frame != nil && frame.Seq == slice.SeqA).To(BeTrue(), "u32Seq %d of the frame with u64PTS %d", slice.SeqA, slice.PTSA)
			}
		}, Needs(cloud...))
	})

	s.Rule("SMP-005", func(r *Rule) {
		r.Scenario("two counters that begin at 1 and drift apart are accepted, and slices carry that of video", func(e *Env) {
			cam := sampleLoop(e, 12*time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "packs refused with audio numbers far ahead of video numbers")
			video, audio := cam.Frames(true), cam.Frames(false)
			e.Exit()
			e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of the video")
			e.Expect(len(audio)).To(BeNumerically(">", len(video)+100), "audio packs, against video packs")
			last := video[len(video)-1].Seq
			for _, slice := range e.Slices() {
				e.Expect(slice.SeqA).To(And(BeNumerically(">=", 1), BeNumerically("<=", last)), "frame_seq_a, with video numbers from 1 to %d", last)
				e.Expect(slice.SeqB).To(And(BeNumerically(">=", slice.SeqA), BeNumerically("<=", last)), "frame_seq_b, with video numbers from 1 to %d", last)
			}
			e.Expect(cam.Unreported()).To(BeEmpty(), "video frames, by their own numbers, that no slice covers")
		})
	})

	s.Rule("SMP-006", func(r *Rule) {
		r.Scenario("the numbers of IV_CM_STREAM_TYPE_AUDIO and _VIDEO", func(e *Env) {
			cam := sampleLoop(e, 3*time.Second)
			e.Record("eCsStreamType", "audio %d, video %d", target.StreamAudio, target.StreamVideo) // AMB-48
			e.Expect(cam.Refused()).To(BeEmpty(), "packs refused with audio pushed as %d and video as %d", target.StreamAudio, target.StreamVideo)
		}, Needs(cloud...))
	})

	s.Rule("SMP-007", func(r *Rule) {
		r.Scenario("a push that cannot succeed says so, although the sample does not look", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			cam.KeepGoing = true
			e.Device.SetPlan(NoPlan)
			e.Init(ParmFor(cam.Video, cam.Sound))
			e.AwaitPlan(target.PlanNone)
			cam.Run(time.Second)
			e.Record("pushes without a plan", "%d of %d refused", len(cam.Refused()), len(cam.Ledger))
			e.Expect(len(cam.Ledger)-len(cam.Refused())).To(BeZero(), "pushes that returned IV_ERR_NONE without a plan")
		})
	})
}

// sampleLoop is the loop of the sample code for d of media: whichever of audio
// and video is behind is pushed, then 10 ms pass. 48 kHz AAC and 25 frames a
// second, counters and times from 1 on: the sample increments before it pushes.
func sampleLoop(e *Env, d time.Duration) *Camera {
	clip := fixtures.H264()
	clip.FPS = 25
	cam := e.Camera(clip, fixtures.AAC48Stereo())
	var frameCountA, frameCountV uint64
	cam.EditAudio = func(_ int, p *target.AencPack) bool {
		p.PTS, p.Seq = uint64(float64(frameCountA)*1024/48.0), uint32(frameCountA)
		return true
	}
	cam.EditVideo = func(_ int, p *target.VencPack) bool {
		p.PTS, p.Seq = uint64(float64(frameCountV)*1000/25.0), uint32(frameCountV)
		return true
	}
	e.StartFullTime(cam)
	began := e.Now()
	var slept time.Duration
	for end := uint64(d.Milliseconds()); frameCountV*1000/25 < end; {
		if frameCountA*1024/48 <= frameCountV*1000/25 {
			frameCountA++
			cam.PushAudio()
		} else {
			frameCountV++
			cam.PushVideo()
		}
		// Where time passes by itself, a sleep of 10 ms may take longer.
		slept += 10 * time.Millisecond
		if late := e.Since(began) - slept; late < 0 {
			e.Advance(-late)
		}
	}
	return cam
}

// mostInARow is the longest run of audio packs without video between them.
func mostInARow(cam *Camera) int {
	most, run := 0, 0
	for _, p := range cam.Ledger {
		if p.Video {
			run = 0
			continue
		}
		run++
		most = max(most, run)
	}
	return most
}

// storedTimes are the first stored times, of video or of audio.
func storedTimes(e *Env, video bool) []int64 {
	var out []int64
	for _, seg := range e.Stored() {
		frames := seg.TS.Audio
		if video {
			frames = seg.TS.Video
		}
		for _, f := range frames {
			out = append(out, f.PTS)
		}
	}
	return slices.Clip(out[:min(len(out), 6)])
}
