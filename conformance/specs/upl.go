package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// utcTolerance is how far a slice's seconds may be off: rounding, truncation and
// the way from push to segment are not specified (AMB-51).
const utcTolerance = 2 * time.Second

// upl is iv_cs_upload_slice_info_s and iv_cs_upload_info_s: what a library tells
// of each segment.
func upl(s *Suite) {
	uplSlices(s)
	uplFields(s)
	uplFailure(s)
}

// uplSlices: which slices come.
func uplSlices(s *Suite) {
	s.Rule("UPL-001", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("each segment of forty seconds of "+clip.Name+" has one slice, each slice one segment", func(e *Env) {
				record(e, clip, fixtures.AAC(), 40*time.Second)
				reported := make(map[string]int)
				for _, sl := range e.Slices() {
					if sl.OK() {
						reported[span(sl.SeqA, sl.SeqB)]++
					}
				}
				for _, seg := range e.Stored() {
					e.Expect(reported[span(seg.FirstSeq, seg.LastSeq)]).To(Equal(1), "OK slices for %s", seg.Name())
					delete(reported, span(seg.FirstSeq, seg.LastSeq))
				}
				e.Expect(reported).To(BeEmpty(), "OK slices without a segment in the cloud")
			})
		}
	})

	s.Rule("UPL-002", func(r *Rule) {
		r.Scenario("audio numbers and times never occur in a slice", func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			// Audio begins 30 ms before video in each turn, so first and last packs
			// of a segment are audio as often as video.
			cam.EditAudio = func(_ int, p *target.AencPack) bool { p.PTS += 7; return true }
			e.StartFullTime(cam)
			cam.Run(24 * time.Second)
			e.Exit()
			audio := make(map[uint64]bool)
			for _, f := range cam.Frames(false) {
				audio[f.PTS] = true
			}
			for _, f := range cam.Frames(true) {
				delete(audio, f.PTS)
			}
			e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 24 s of streaming")
			for _, sl := range e.Slices() {
				for _, pts := range []uint64{sl.PTSA, sl.PTSB} {
					e.Expect(audio).NotTo(HaveKey(pts), "times of audio alone; slice %s has pts_ms %d to %d", span(sl.SeqA, sl.SeqB), sl.PTSA, sl.PTSB)
				}
				for _, seq := range []uint32{sl.SeqA, sl.SeqB} {
					e.Expect(seq).To(BeNumerically("<", cam.AudioSeq), "numbers of slice %d–%d: those of audio begin at %d", sl.SeqA, sl.SeqB, cam.AudioSeq)
				}
			}
		})
	})

	s.Rule("UPL-013", func(r *Rule) {
		r.Scenario("every slice up to num is filled, also when several come at once after an outage", func(e *Env) {
			cam := backlog(e, 25*time.Second)
			most := 0
			for _, ev := range e.Notices(target.MsgUploadState) {
				most = max(most, int(ev.Args.Num))
				for i, sl := range ev.Args.Slices {
					e.Expect(sl.TotalSize).NotTo(BeZero(), "total_size of slice %d of %d", i, ev.Args.Num)
					e.Expect(sl.UTCA).NotTo(BeZero(), "utc_sec_a of slice %d of %d", i, ev.Args.Num)
				}
			}
			e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames in no slice")
			e.Measure("most slices in one message", "%d", most)
		})
	})

	s.Rule("UPL-014", func(r *Rule) {
		r.Scenario("num stays within 1 to MAX_UPLOAD_INFO_NUM, also after a long outage", func(e *Env) {
			backlog(e, 60*time.Second)
			e.Require(e.Notices(target.MsgUploadState)).NotTo(BeEmpty(), "IV_CS_AV_UPLOAD_STATE_MSG after an outage")
			for _, ev := range e.Notices(target.MsgUploadState) {
				e.Expect(ev.Args.Num).To(And(BeNumerically(">=", 1), BeNumerically("<=", target.MaxUploadInfo)), "num")
			}
		}, Breaks("UPL-014"))
	})

	s.Rule("UPL-016", func(r *Rule) {
		r.Scenario("length of segments", func(e *Env) {
			record(e, fixtures.H264(), fixtures.AAC(), 40*time.Second)
			shortest, longest := time.Hour, time.Duration(0)
			for _, seg := range e.Stored() {
				d := seg.End.Sub(seg.Start).Round(time.Second)
				shortest, longest = min(shortest, d), max(longest, d)
			}
			e.Record("length of segments in 40 s, GOP 2 s", "%v to %v", shortest, longest)
		})
	})
}

// uplFields: what each member of a slice says.
func uplFields(s *Suite) {
	// Times that do not begin at 0 cannot be taken for those since the beginning.
	from := func(c *Camera) { c.PTSBase = 90_000 }
	// check declares a scenario of 24 s that looks at each slice with the frames
	// it covers.
	check := func(r *Rule, title string, set func(*Camera), look func(e *Env, cam *Camera, sl Slice, first, last Pushed)) {
		r.Scenario(title, func(e *Env) {
			cam := e.Camera(fixtures.H264(), fixtures.AAC())
			if set != nil {
				set(cam)
			}
			e.StartFullTime(cam)
			cam.Run(24 * time.Second)
			e.Exit()
			slices := e.Slices()
			e.Given("UPL-001", slices).NotTo(BeEmpty(), "slices of 24 s of streaming")
			frames := cam.Frames(true)
			// The frames that lie in a segment are told by the store, not by the
			// slice that is judged.
			e.Given("UPL-001", slices).To(HaveLen(len(e.Stored())), "slices, one for each stored segment")
			for i, seg := range e.Stored() {
				first, last, ok := framesOf(cam, seg, frames)
				e.Given("TS-005", ok).To(BeTrue(), "frames of %s found among those pushed", seg.Name())
				look(e, cam, slices[i], first, last)
			}
		})
	}

	s.Rule("UPL-004", func(r *Rule) {
		check(r, "utc_sec_a is when the segment's first frame was taken", nil, func(e *Env, cam *Camera, sl Slice, first, _ Pushed) {
			expectWhen(e, sl.UTCA, first, cam.Frames(true)[0], "utc_sec_a of slice "+span(sl.SeqA, sl.SeqB))
		})
		r.Scenario("utc_sec_a of pre-recorded video lies before the call", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			called := e.DeviceNow()
			e.Given("EXT-003", e.Lib.EventStartExt(1, 0, 15)).To(ReturnNone(), "iv_cs_event_start_ext(1, 0, 15)")
			e.AwaitStart(1)
			cam.Burst(15 * time.Second)
			cam.Run(4 * time.Second)
			e.Given("EXT-015", e.Lib.EventStopExt(1, 0, 0)).To(ReturnNone(), "iv_cs_event_stop_ext(1, 0, 0)")
			e.Exit()
			e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of the event")
			e.Expect(time.Unix(int64(e.Slices()[0].UTCA), 0)).To(BeTemporally("~", called.Add(-15*time.Second), utcTolerance), "utc_sec_a of the first slice")
		})
	})

	s.Rule("UPL-005", func(r *Rule) {
		check(r, "utc_sec_b is when the segment's last frame was taken", nil, func(e *Env, cam *Camera, sl Slice, first, last Pushed) {
			e.Expect(sl.UTCB).To(BeNumerically(">=", sl.UTCA), "utc_sec_b of slice %s against its utc_sec_a", span(sl.SeqA, sl.SeqB))
			expectWhen(e, sl.UTCB, last, cam.Frames(true)[0], "utc_sec_b of slice "+span(sl.SeqA, sl.SeqB))
		})
		r.Scenario("utc_sec_b does not wait for an upload that takes eight seconds", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Delay: 8 * time.Second})
			cam.Run(14 * time.Second)
			e.Exit()
			e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 14 s of streaming")
			for _, sl := range e.Slices() {
				length := time.Duration(sl.PTSB-sl.PTSA) * time.Millisecond
				e.Expect(time.Duration(sl.UTCB-sl.UTCA)*time.Second).To(BeNumerically("~", length, utcTolerance), "utc_sec_b - utc_sec_a of slice %s", span(sl.SeqA, sl.SeqB))
			}
		})
		r.Scenario("slices of one stream follow one another without overlap", func(e *Env) {
			record(e, fixtures.H264(), nil, 40*time.Second)
			slices := e.Slices()
			e.Given("UPL-001", len(slices)).To(BeNumerically(">", 1), "slices of 40 s of streaming")
			for i, sl := range slices[1:] {
				// Seconds are rounded: the end of one may be the start of the next.
				e.Expect(sl.UTCA+1).To(BeNumerically(">=", slices[i].UTCB), "utc_sec_a of slice %s against utc_sec_b of the one before", span(sl.SeqA, sl.SeqB))
			}
		})
	})

	s.Rule("UPL-006", func(r *Rule) {
		check(r, "pts_ms_a is the first frame's time stamp", from, func(e *Env, _ *Camera, sl Slice, first, _ Pushed) {
			e.Expect(sl.PTSA).To(Equal(first.PTS), "pts_ms_a of the slice that begins with frame %d", first.Seq)
		})
	})

	s.Rule("UPL-007", func(r *Rule) {
		check(r, "pts_ms_b is the last frame's time stamp", from, func(e *Env, _ *Camera, sl Slice, _, last Pushed) {
			e.Expect(sl.PTSB).To(Equal(last.PTS), "pts_ms_b of the slice that ends with frame %d", last.Seq)
		})
	})

	bases := []struct {
		name string
		base uint32
	}{{"from 1000", 1000}, {"across the wrap of 32 bits", 0xFFFFFFFF - 150}}

	s.Rule("UPL-008", func(r *Rule) {
		for _, b := range bases {
			check(r, "frame_seq_a is the first frame's number, counted "+b.name, func(c *Camera) { c.VideoSeq = b.base }, func(e *Env, _ *Camera, sl Slice, first, _ Pushed) {
				e.Expect(sl.SeqA).To(Equal(first.Seq), "frame_seq_a")
			})
		}
	})

	s.Rule("UPL-009", func(r *Rule) {
		for _, b := range bases {
			check(r, "frame_seq_b is the last frame's number, counted "+b.name, func(c *Camera) { c.VideoSeq = b.base }, func(e *Env, _ *Camera, sl Slice, _, last Pushed) {
				e.Expect(sl.SeqB).To(Equal(last.Seq), "frame_seq_b")
			})
		}
	})

	s.Rule("UPL-011", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("total_size is the size of the stored object, "+clip.Name, func(e *Env) {
				record(e, clip, fixtures.AAC(), 24*time.Second)
				e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 24 s of streaming")
				for _, seg := range e.Stored() {
					if sl := e.SliceFor(seg); sl != nil {
						e.Expect(int64(sl.TotalSize)).To(Equal(seg.Size), "total_size of %s", seg.Name())
					} else {
						e.Given("UPL-001", sl).NotTo(BeNil(), "an OK slice for %s", seg.Name())
					}
				}
			})
		}
	})
}

// uplFailure: what is told of segments that could not be stored.
func uplFailure(s *Suite) {
	s.Rule("UPL-003", func(r *Rule) {
		r.Scenario("on a good network each slice is OK with upload_size equal to total_size", func(e *Env) {
			record(e, fixtures.H264(), nil, 24*time.Second)
			e.Require(e.Slices()).NotTo(BeEmpty(), "slices of 24 s of streaming")
			for _, sl := range e.Slices() {
				e.Expect(sl.OK()).To(BeTrue(), "state of slice %s on a good network is IV_CS_UPLOAD_OK", span(sl.SeqA, sl.SeqB))
				// upload_size is an estimate (AMB-50).
				e.Soft(sl.UploadSize).To(Equal(sl.TotalSize), "upload_size of slice %s, total_size", span(sl.SeqA, sl.SeqB))
			}
		})
		for _, f := range failures {
			r.Scenario("a segment whose upload "+f.name+" is not reported as completely normal", func(e *Env) {
				for _, sl := range failed(e, f.fault) {
					e.Expect(sl.OK() && sl.UploadSize == sl.TotalSize).To(BeFalse(), "slice %s, which is not in the cloud, is OK with upload_size equal to total_size", span(sl.SeqA, sl.SeqB))
				}
			})
		}
	})

	s.Rule("UPL-010", func(r *Rule) {
		r.Scenario("upload_size of a good upload is about what the store received", func(e *Env) {
			record(e, fixtures.H264(), nil, 24*time.Second)
			e.Given("UPL-001", e.Slices()).NotTo(BeEmpty(), "slices of 24 s of streaming")
			for _, sl := range e.Slices() {
				e.Expect(float64(sl.UploadSize)).To(BeNumerically("~", sl.TotalSize, float64(sl.TotalSize)/10+188), "upload_size of slice %s", span(sl.SeqA, sl.SeqB))
			}
		})
		r.Scenario("upload_size of a cut upload lies between nothing and total_size", func(e *Env) {
			for _, sl := range failed(e, fakecloud.Fault{ResetAfter: 20_000}) {
				e.Expect(sl.UploadSize).To(BeNumerically("<=", sl.TotalSize), "upload_size of slice %s", span(sl.SeqA, sl.SeqB))
				e.Measure("upload_size of a segment cut after 20000 bytes", "%d of %d", sl.UploadSize, sl.TotalSize)
			}
		})
		r.Scenario("upload_size of a segment whose store takes no connection is not total_size", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			if err := e.Network.Storage.Refuse(); err != nil {
				e.Fail("the network cannot be broken: %v", err)
				return
			}
			cam.Run(14 * time.Second)
			e.Exit()
			e.Given("UPL-015", e.Slices()).NotTo(BeEmpty(), "slices of segments that could not be stored")
			for _, sl := range e.Slices() {
				// An estimate (AMB-50), but not a byte has been sent.
				e.Soft(sl.UploadSize).To(BeNumerically("<", sl.TotalSize), "upload_size of slice %s, for which there was no connection", span(sl.SeqA, sl.SeqB))
			}
		}, WithNetwork(), Needs(rules.NetworkFaults))
	})

	s.Rule("UPL-012", func(r *Rule) {
		r.Scenario("a stored segment's state is IV_CS_UPLOAD_OK", func(e *Env) {
			record(e, fixtures.H264(), nil, 24*time.Second)
			e.Require(e.Slices()).NotTo(BeEmpty(), "slices of 24 s of streaming")
			for _, sl := range e.Slices() {
				e.Expect(sl.State).To(Equal(target.UploadOK), "state of slice %s, which is in the cloud", span(sl.SeqA, sl.SeqB))
			}
		})
		for _, f := range failures {
			r.Scenario("a segment whose upload "+f.name+" has the state IV_CS_UPLOAD_ERR", func(e *Env) {
				for _, sl := range failed(e, f.fault) {
					e.Expect(sl.State).To(Equal(target.UploadErr), "state of slice %s, which is not in the cloud", span(sl.SeqA, sl.SeqB))
				}
			})
		}
	})

	s.Rule("UPL-015", func(r *Rule) {
		r.Scenario("an outage longer than the buffer lasts loses no frame in silence", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			p := ParmFor(cam.Video, nil)
			p.MaxGopSize = 128 << 10
			e.StartFullTimeWith(cam, p)
			cam.Run(6 * time.Second)
			e.Device.Faults().SetAll(fakecloud.Fault{Status: 500}, fakecloud.ClassGrantSegment, fakecloud.ClassSegmentPUT)
			cam.Run(60 * time.Second)
			e.Exit()
			e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports, neither OK nor ERR")
		}, Breaks("UPL-015"))
	})
}

// failures are the ways in which a segment cannot be stored.
var failures = []struct {
	name  string
	fault fakecloud.Fault
}{
	{"is cut in the middle", fakecloud.Fault{ResetAfter: 20_000}},
	{"is answered with status 500", fakecloud.Fault{Status: 500}},
}

// failed streams against a store that fails every segment until the library has
// given up, and returns the slices.
func failed(e *Env, fault fakecloud.Fault) []Slice {
	cam := e.Camera(fixtures.H264(), nil)
	e.StartFullTime(cam)
	e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fault)
	cam.Run(14 * time.Second)
	e.Exit()
	e.Require(e.Device.Segments()).To(BeEmpty(), "segments in a store that failed them all")
	e.Given("UPL-015", e.Slices()).NotTo(BeEmpty(), "slices of segments that could not be stored")
	return e.Slices()
}

// backlog streams, cuts the store off for a while, lets the library catch up and
// exits.
func backlog(e *Env, outage time.Duration) *Camera {
	cam := e.Camera(fixtures.H264(), nil)
	p := ParmFor(cam.Video, nil)
	p.MaxGopSize = 4 << 20
	e.StartFullTimeWith(cam, p)
	cam.Run(4 * time.Second)
	e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: 503})
	cam.Run(outage)
	e.Device.Faults().ClearAll()
	cam.Run(10 * time.Second)
	e.SetPlan(NoPlan)
	e.Uploaded(2 * time.Minute)
	e.Exit()
	return cam
}

// framesOf finds the first and the last pushed frame of a stored segment by
// their bytes and times.
func framesOf(cam *Camera, seg *Stored, frames []Pushed) (first, last Pushed, ok bool) {
	if len(seg.TS.Video) == 0 {
		return first, last, false
	}
	find := func(match int) (Pushed, bool) {
		if match < 0 {
			return Pushed{}, false
		}
		return frames[match], true
	}
	matched := cam.MatchVideo(seg)
	first, okA := find(matched[0])
	last, okB := find(matched[len(matched)-1])
	return first, last, okA && okB
}

func span(a, b uint32) string { return fmt.Sprintf("%d–%d", a, b) }

// expectWhen states when a frame was taken: by the clock at its push, or as far
// behind the stream's first frame as its time stamp is (AMB-51). The two differ
// where the machine pushes late.
func expectWhen(e *Env, utc uint64, f, first Pushed, what string) {
	byClock := f.At
	byPTS := first.At.Add(time.Duration(f.PTS-first.PTS) * time.Millisecond)
	if byPTS.After(byClock) {
		byClock, byPTS = byPTS, byClock
	}
	at := time.Unix(int64(utc), 0)
	e.Expect(at).To(BeTemporally(">=", byPTS.Add(-utcTolerance)), what)
	e.Expect(at).To(BeTemporally("<=", byClock.Add(utcTolerance)), what)
}
