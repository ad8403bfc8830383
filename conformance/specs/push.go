package specs

import (
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/tscheck"
	"github.com/ivcs/conform/fakecloud"
)

// push is the section iv_cs_push_stream: the call itself here, what the audio
// and the video in it must be in push_audio.go and push_video.go.
func push(s *Suite) {
	pushCall(s)
	pushService(s)
	pushAudio(s)
	pushVideo(s)
	pushTime(s)
	pushBuffer(s)
}

// pushCall: arguments, threads, memory.
func pushCall(s *Suite) {
	s.Rule("PUSH-001", func(r *Rule) {
		r.Scenario("audio lands in the audio stream, video in the video stream", func(e *Env) {
			cam := record(e, fixtures.H264(), fixtures.AAC(), 4*time.Second)
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
			}
		})
		for _, typ := range []int32{target.StreamBUTT, -1, 99} {
			r.Scenario(fmt.Sprintf("stream type %d is refused", typ), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				e.StartFullTime(cam)
				f := keyFrame()
				code := e.Lib.PushRaw(typ, target.RawPack{Data: f.Data, FrameType: f.FrameType})
				e.Expect(code).To(Refuse(), "iv_cs_push_stream with stream type %d", typ)
				cam.Run(4 * time.Second)
				e.Exit()
				expectOnly(e, cam)
			})
		}
	})

	s.Rule("PUSH-002", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("packs of "+clip.Name+" and AAC are read with their own layouts", func(e *Env) {
				cam := e.Camera(clip, fixtures.AAC())
				cam.PTSBase, cam.VideoSeq, cam.AudioSeq = 1000, 500, 70_000
				cam.EditAudio = func(_ int, p *target.AencPack) bool { p.PTS += 11; return true }
				e.StartFullTime(cam)
				cam.Run(6 * time.Second)
				e.Exit()
				e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 6 s of streaming")
				e.Expect(e.Slices()[0].SeqA).To(Equal(uint32(500)), "frame_seq_a: u32Seq of the video pack")
				e.Expect(e.Slices()[0].PTSA).To(Equal(uint64(1000)), "pts_ms_a: u64PTS of the video pack")
				if transparent(e) {
					e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
				}
			})
			r.Scenario("key frames of 100000 bytes of "+clip.Name+" are read whole", func(e *Env) {
				cam := e.Camera(clip.Padded(100_000, 0), nil)
				e.StartFullTime(cam)
				cam.Run(4 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
				e.Exit()
				if transparent(e) {
					e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored video")
				}
			}, Needs(codec(clip)...))
		}
	})

	s.Rule("PUSH-003", func(r *Rule) {
		for _, stream := range []struct {
			name string
			typ  int32
		}{{"video", target.StreamVideo}, {"audio", target.StreamAudio}} {
			for _, c := range []struct {
				name string
				pack target.RawPack
				soft bool
			}{
				{"a NULL pack", target.RawPack{Null: true}, true},
				{"a NULL address", target.RawPack{NullAddr: true, Len: 100}, true},
				{"a length of 0", target.RawPack{Data: []byte{}}, false},
				{"a single byte", target.RawPack{Data: []byte{0}}, false},
				{"a start code alone", target.RawPack{Data: []byte{0, 0, 0, 1}}, false},
			} {
				var opts []Option
				if c.soft {
					opts = append(opts, DeathIsSoft()) // AMB-38
				}
				r.Scenario(c.name+" as "+stream.name+" is refused", func(e *Env) {
					cam := e.Camera(fixtures.H264(), fixtures.AAC())
					e.StartFullTime(cam)
					e.Soft(e.Lib.PushRaw(stream.typ, c.pack)).To(Refuse(), "iv_cs_push_stream of %s with %s", stream.name, c.name)
					cam.Run(4 * time.Second)
					e.Expect(cam.Refused()).To(BeEmpty(), "good frames refused after a bad one")
					e.Exit()
					expectOnly(e, cam)
				}, opts...)
			}
		}
	})

	s.Rule("PUSH-004", func(r *Rule) {
		r.Scenario("two threads that push at once do not corrupt what is stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			var wg sync.WaitGroup
			clip, sound := fixtures.H264(), fixtures.AAC()
			wg.Go(func() {
				for i := range 200 {
					f := clip.At(i)
					e.Lib.Call(target.PushVideoCall(target.VencPack{Data: f.Data, PTS: clip.PTS(i), FrameType: frameType(f.Key), Seq: uint32(i)}).On(1))
				}
			})
			wg.Go(func() {
				for i := range 156 {
					e.Lib.Call(target.PushAudioCall(target.AencPack{Data: sound.At(i), PTS: sound.PTS(i), Seq: uint32(i)}).On(2))
				}
			})
			wg.Wait()
			e.Advance(2 * time.Second)
			e.Exit()
			eachTS(e, func(seg *Stored) {
				e.Soft(seg.TS.Hard()).To(BeEmpty(), "what is malformed in %s", seg.Name())
			})
		}, DeathIsSoft(), Breaks("TS-001", "TS-003", "TS-004")) // the caller breaks a prohibition (AMB-68)
		r.Scenario("the same frames one after the other are stored", func(e *Env) {
			cam := record(e, fixtures.H264(), fixtures.AAC(), 8*time.Second)
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
			}
		})
	})

	s.Rule("PUSH-005", func(r *Rule) {
		r.Scenario("pushes that change threads, one after the other, are all stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Threads = []int{1, 2, 3}
			cam.Run(8 * time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused")
			e.Exit()
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
			}
		})
	})

	s.Rule("PUSH-023", func(r *Rule) {
		// The harness overwrites every pack and its bytes when the call returns, in
		// these scenarios as in all; guarded, they end at a page that is unmapped.
		for _, clip := range fixtures.Bases() {
			overwritten := func(e *Env) {
				cam := e.Camera(clip, fixtures.AAC())
				e.StartFullTime(cam)
				cam.Run(12 * time.Second)
				e.Exit()
				if transparent(e) {
					e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored streams")
				}
			}
			r.Scenario("buffers of "+clip.Name+" overwritten after the call do not change what is stored", overwritten)
			r.Scenario("buffers of "+clip.Name+" unmapped after the call do not change what is stored", overwritten, Guarded())
		}
	})

	s.Rule("PUSH-024", func(r *Rule) {
		slowest := func(e *Env) time.Duration {
			var worst time.Duration
			for _, ev := range e.Lib.Trace() {
				if ev.Kind == target.CallReturned && ev.Call.Func == target.FnPush {
					worst = max(worst, ev.Return.Took())
				}
			}
			return worst
		}
		r.Scenario("on a good network a push takes less than a frame interval", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			e.StartFullTime(cam)
			cam.Run(12 * time.Second)
			var slow int
			pushes := 0
			for _, ev := range e.Lib.Trace() {
				if ev.Kind == target.CallReturned && ev.Call.Func == target.FnPush {
					pushes++
					if ev.Return.Took() >= 40*time.Millisecond {
						slow++
					}
				}
			}
			e.Expect(slow).To(BeNumerically("<=", pushes/100), "pushes of %d that took 40 ms or more of machine time", pushes)
		})
		r.Scenario("with a store that never answers a push does not wait for it", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Hang: true})
			cam.Run(20 * time.Second)
			e.Expect(slowest(e)).To(BeNumerically("<", time.Second), "machine time of the slowest push")
		})
	})
}

// pushService: when a push is taken at all.
func pushService(s *Suite) {
	s.Rule("PUSH-019", func(r *Rule) {
		r.Scenario("without a plan, and only then, a push returns IV_ERR_CS_APPLY_NO_SERVICE", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.Device.SetPlan(NoPlan)
			e.Init(ParmFor(cam.Video, nil))
			e.AwaitPlan(target.PlanNone)
			e.Expect(cam.PushVideo()).To(Return(target.ErrApplyNoService), "iv_cs_push_stream without a plan")
			e.SetPlan(FullTime)
			e.Given("FLOW-003", e.AwaitCallback(target.CBStart, 1, StartWithin)).NotTo(BeNil(), "start_cb")
			cam.ToKey()
			e.Expect(cam.PushVideo()).To(ReturnNone(), "iv_cs_push_stream under a full-time plan")
			cam.Run(3 * time.Second)
			e.SetPlan(NoPlan)
			e.Given("CB-STOP-002", e.AwaitCallback(target.CBStop, 1, StopWithin)).NotTo(BeNil(), "stop_cb")
			e.Advance(2 * time.Second)
			cam.ToKey()
			e.Expect(cam.PushVideo()).To(Return(target.ErrApplyNoService), "iv_cs_push_stream after the plan's end")
			accepted := len(cam.Frames(true))
			e.Exit()
			e.Expect(storedPictures(e)).To(Equal(accepted), "pictures in the cloud, those pushed under the plan")
		})
	})

	s.Rule("PUSH-020", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("a stream of "+clip.Name+" that begins with P frames is whole from the first key frame on", func(e *Env) {
				cam := e.Camera(clip, nil)
				cam.KeepGoing = true
				e.StartFullTime(cam)
				cam.DropVideo(37) // three P frames are left of the first GOP
				first := cam.PushVideo()
				e.Record("P frame first", "%v", first) // AMB-61
				cam.Run(8 * time.Second)
				e.Exit()
				from := 0
				for from < len(cam.Ledger) && !cam.Ledger[from].Key {
					from++
				}
				for _, p := range cam.Ledger[from:] {
					e.Expect(p.Code).To(ReturnNone(), "frame %d, pushed after a key frame", p.Seq)
				}
				if !transparent(e) {
					return
				}
				match := cam.CompareVideo()
				early := 0
				for _, f := range cam.Frames(true) {
					if f.Seq < cam.Ledger[from].Seq {
						early++
					}
				}
				for _, i := range match.Missing {
					e.Expect(i).To(BeNumerically("<", early), "missing in the cloud: accepted frame %d, pushed after a key frame", cam.Frames(true)[i].Seq)
				}
			}, Breaks("UPL-015"))
		}
	})
}

// pushTime: time stamps and numbers.
func pushTime(s *Suite) {
	s.Rule("PUSH-021", func(r *Rule) {
		for _, shift := range []uint64{0, 40} {
			r.Scenario(fmt.Sprintf("audio %d ms behind video stays so", shift), func(e *Env) {
				cam := e.Camera(fixtures.H264(), fixtures.AAC())
				cam.EditAudio = func(_ int, p *target.AencPack) bool { p.PTS += shift; return true }
				e.StartFullTime(cam)
				cam.Run(6 * time.Second)
				e.Exit()
				if !transparent(e) {
					return
				}
				video, audio := cam.CompareVideo(), cam.CompareAudio()
				e.Expect(video.OffsetKnown && audio.OffsetKnown).To(BeTrue(), "pushed frames of both kinds found in the cloud")
				e.Expect(tscheck.Diff(video.Offset, audio.Offset)).To(BeNumerically("~", 0, 90), "shift between audio and video that the library added, in 1/90 ms")
			})
		}
		for _, c := range []struct {
			name string
			edit func(i int, pts uint64) uint64
		}{
			{"going back by a second", func(i int, pts uint64) uint64 { return pts - 1000*uint64(i/100%2) }},
			{"jumping ahead by an hour", func(i int, pts uint64) uint64 { return pts + 3_600_000*uint64(min(i/100, 1)) }},
			{"all equal", func(int, uint64) uint64 { return 5000 }},
			{"near 2^33/90 ms", func(_ int, pts uint64) uint64 { return pts + 1<<33/90 - 3000 }},
			{"beyond 2^32 ms", func(_ int, pts uint64) uint64 { return pts + 1<<32 - 3000 }},
		} {
			r.Scenario("time stamps "+c.name+" do not harm", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				cam.PTSBase, cam.KeepGoing = 10_000, true
				cam.EditVideo = func(i int, p *target.VencPack) bool { p.PTS = c.edit(i, p.PTS); return true }
				e.StartFullTime(cam)
				cam.Run(8 * time.Second)
				e.Record("frames refused with time stamps "+c.name, "%d of %d", len(cam.Refused()), len(cam.Ledger))
				e.Exit()
			}, Breaks("UPL-015", "TS-001", "TS-003", "TS-004"))
		}
	})

	s.Rule("PUSH-022", func(r *Rule) {
		for _, c := range []struct {
			name string
			pts  uint64
			seq  uint32
		}{
			{"from 0", 0, 0},
			{"of UTC in milliseconds, numbers from 1000", 1_700_000_000_000, 1000},
			{"with numbers across the wrap of 32 bits", 90_000, 0xFFFFFFF0},
		} {
			r.Scenario("time stamps "+c.name+" are kept and reported", func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				cam.PTSBase, cam.VideoSeq = c.pts, c.seq
				e.StartFullTime(cam)
				cam.Run(6 * time.Second)
				e.Exit()
				frames := cam.Frames(true)
				e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 6 s of streaming")
				first, last := e.Slices()[0], e.Slices()[len(e.Slices())-1]
				e.Expect(first.PTSA).To(Equal(frames[0].PTS), "pts_ms_a of the first slice")
				e.Expect(first.SeqA).To(Equal(frames[0].Seq), "frame_seq_a of the first slice")
				e.Expect(last.PTSB).To(Equal(frames[len(frames)-1].PTS), "pts_ms_b of the last slice")
				e.Expect(last.SeqB).To(Equal(frames[len(frames)-1].Seq), "frame_seq_b of the last slice")
				if transparent(e) {
					e.Expect(offsets(cam.CompareVideo())).To(BeEmpty(), "stored time stamps that are not the pushed ones x 90 and one offset")
				}
			})
		}
	})

	s.Rule("PUSH-027", func(r *Rule) {
		r.Scenario("video without audio is stored", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			cam.Run(10 * time.Second)
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused without audio")
			e.SetPlan(NoPlan)
			e.Expect(e.Uploaded(UploadWithin)).To(BeTrue(), "video reported within %v of the plan's end; not reported: %d frames", UploadWithin, len(cam.Unreported()))
			e.Exit()
			if transparent(e) {
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between pushed and stored video")
			}
		})
		r.Scenario("audio without video does not harm", func(e *Env) {
			cam := e.Camera(nil, fixtures.AAC())
			e.StartFullTimeWith(cam, ParmFor(fixtures.H264(), fixtures.AAC()))
			cam.Run(12 * time.Second)
			e.Exit()
			e.Record("audio without video", "%d frames refused, %d segments, %d slices", len(cam.Refused()), len(e.Stored()), len(e.Slices()))
		})
	})
}

// pushBuffer: frames that do not fit.
func pushBuffer(s *Suite) {
	s.Rule("PUSH-025", func(r *Rule) {
		const buffer = 128 << 10
		for _, size := range []int{buffer + 1, 2 * buffer} {
			r.Scenario(fmt.Sprintf("a key frame of %d bytes is refused by a buffer of %d and harms nothing after it", size, buffer), func(e *Env) {
				cam := e.Camera(fixtures.H264(), nil)
				p := ParmFor(cam.Video, nil)
				p.MaxGopSize = buffer
				e.StartFullTimeWith(cam, p)
				big := fixtures.H264().Oversized(size)
				code := e.Lib.PushVideo(target.VencPack{Data: big.Data, FrameType: target.FrameI, Seq: 1 << 20})
				e.Expect(code).To(Refuse(), "iv_cs_push_stream of %d bytes with u32MaxGopSize %d", size, buffer)
				cam.Run(6 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused after the one that was too large")
				e.Exit()
				expectOnly(e, cam)
				if transparent(e) {
					e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
				}
			})
		}
		r.Scenario("a key frame of the buffer's size less 4096", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			p := ParmFor(cam.Video, nil)
			p.MaxGopSize = buffer
			e.StartFullTimeWith(cam, p)
			big := fixtures.H264().Oversized(buffer - 4096)
			code := e.Lib.PushVideo(target.VencPack{Data: big.Data, FrameType: target.FrameI})
			e.Record("key frame of u32MaxGopSize - 4096", "%v", code)
			e.Advance(2 * time.Second)
			e.Exit()
		})
	})

	s.Rule("PUSH-026", func(r *Rule) {
		r.Scenario("a buffer that fills up is told, nothing accepted is lost, and room is used again", func(e *Env) {
			const buffer = 128 << 10
			cam := e.Camera(fixtures.H264(), nil)
			p := ParmFor(cam.Video, nil)
			p.MaxGopSize = buffer
			e.StartFullTimeWith(cam, p)
			e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Hang: true})
			full := false
			for i := 0; i < 90 && !full; i++ {
				cam.Run(time.Second)
				full = len(cam.Refused()) > 0
				e.Require(cam.Bytes()-uploadedBytes(e)).To(BeNumerically("<", 3*buffer), "bytes accepted and not stored, with u32MaxGopSize %d: push never returned an error", buffer)
			}
			e.Require(full).To(BeTrue(), "an error of iv_cs_push_stream although nothing can be uploaded")
			e.Record("code of a full buffer", "%v", cam.Refused()[0].Code)
			e.Device.Faults().ClearAll()
			recovered := e.Await(2*time.Minute, func() bool {
				cam.ToKey()
				return cam.PushVideo() == target.ErrNone
			})
			e.Expect(recovered).To(BeTrue(), "a push accepted within two minutes of the store's recovery")
			cam.Run(6 * time.Second)
			e.Exit()
			e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports")
		})
	})
}

func frameType(key bool) int32 {
	if key {
		return target.FrameI
	}
	return target.FrameP
}
