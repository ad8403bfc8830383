package specs

import (
	"slices"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// abiLayouts: the structures that the library fills in. Only the shim knows them
// by name; each member has a value of its own here, so that a library that lays
// them out otherwise delivers the wrong one, and the finding names the member.
// The offsets on the machine at hand are recorded (AMB-47).
func abiLayouts(s *Suite) {
	s.Rule("ABI-030", func(r *Rule) {
		for _, c := range []struct {
			name string
			plan fakecloud.Plan
		}{
			{"switch 1, event plan", EventPlan},
			{"switch 0, full-time plan", fakecloud.Plan{Switch: 0, Type: int(target.PlanFullTime)}},
		} {
			r.Scenario("both members of iv_cs_balance_info_s arrive: "+c.name, func(e *Env) {
				recordLayout(e, "iv_cs_balance_info_s")
				e.Device.SetPlan(c.plan)
				e.Init(e.Parm())
				ret, back := e.Finish(e.Go(1, target.GetBalanceCall(5)), 10*time.Second)
				e.Given("BAL-005", back && ret.Code == target.ErrNone).To(BeTrue(), "iv_cs_get_balance_info(…, 5) succeeds")
				e.Expect(ret.Balance.Switch).To(BeEquivalentTo(c.plan.Switch), "cs_switch, the 1st member (AMB-21)")
				e.Expect(ret.Balance.Type).To(BeEquivalentTo(c.plan.Type), "cs_type, the 2nd member")
			})
		}
	})

	s.Rule("ABI-031", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("each member of iv_cs_upload_slice_info_s arrives, of stored "+clip.Name, func(e *Env) {
				recordLayout(e, "iv_cs_upload_slice_info_s")
				cam := sentinelEvent(e, clip)
				e.Given("UPL-001", e.Await(UploadWithin, func() bool { return len(e.Slices()) > 0 })).To(BeTrue(), "a slice of the event's video")
				expectSizes(e, cam, e.Slices())
				for _, slice := range e.Slices() {
					expectSlice(e, cam, slice)
					// Of a complete upload both sizes are the same on a good day (AMB-50).
					e.Soft(slice.UploadSize).To(Equal(slice.TotalSize), "upload_size, the 7th member, of a complete upload")
					e.Expect(slice.State).To(Equal(target.UploadOK), "state, the 9th member, of a stored segment")
				}
			}, Needs(codecEvent(clip)...))
		}
		r.Scenario("each member of iv_cs_upload_slice_info_s arrives, of video that could not be stored", func(e *Env) {
			cam, slices := lostEvent(e)
			expectSizes(e, cam, slices)
			for _, slice := range slices {
				expectSlice(e, cam, slice)
				e.Expect(slice.UploadSize).To(BeNumerically("<", slice.TotalSize/2), "upload_size, the 7th member, when no upload could begin")
				e.Expect(slice.State).To(Equal(target.UploadErr), "state, the 9th member, of a segment that is not stored")
			}
		}, Needs(rules.Event))
	})

	s.Rule("ABI-032", func(r *Rule) {
		r.Scenario("num stands behind all of slice_info and counts it", func(e *Env) {
			recordLayout(e, "iv_cs_upload_info_s")
			cam := sentinelEvent(e, fixtures.H264())
			e.Given("UPL-001", e.Await(UploadWithin, func() bool { return len(e.Notices(target.MsgUploadState)) > 0 })).To(BeTrue(), "IV_CS_AV_UPLOAD_STATE_MSG")
			for _, n := range e.Notices(target.MsgUploadState) {
				e.Expect(n.Args.Num).To(And(BeNumerically(">=", 1), BeNumerically("<=", target.MaxUploadInfo)),
					"num, read behind %d elements of slice_info (AMB-46)", target.MaxUploadInfo)
				for _, slice := range n.Args.Slices {
					expectSlice(e, cam, Slice{Slice: slice})
				}
			}
		}, Needs(rules.Event))
	})

	s.Rule("ABI-033", func(r *Rule) {
		r.Scenario("the union holds a pointer to iv_cs_upload_info_s", func(e *Env) {
			recordLayout(e, "iv_cs_notify_msg_data")
			cam := sentinelEvent(e, fixtures.H265())
			e.Given("UPL-001", e.Await(UploadWithin, func() bool { return len(e.Notices(target.MsgUploadState)) > 0 })).To(BeTrue(), "IV_CS_AV_UPLOAD_STATE_MSG")
			for _, n := range e.Notices(target.MsgUploadState) {
				e.Expect(n.Args.DataNull).To(BeFalse(), "pst_notify_data is NULL")
				e.Expect(n.Args.InfoNull).To(BeFalse(), "pst_notify_data->av_result_info is NULL")
				e.Expect(n.Args.Slices).NotTo(BeEmpty(), "slices behind pst_notify_data->av_result_info")
				for _, slice := range n.Args.Slices {
					expectSlice(e, cam, Slice{Slice: slice})
				}
			}
		}, Needs(rules.H265, rules.Event))
		r.Scenario("the union holds a pointer to iv_cs_upload_info_s, with H.264", func(e *Env) {
			cam := sentinelEvent(e, fixtures.H264())
			e.Given("UPL-001", e.Await(UploadWithin, func() bool { return len(e.Notices(target.MsgUploadState)) > 0 })).To(BeTrue(), "IV_CS_AV_UPLOAD_STATE_MSG")
			for _, n := range e.Notices(target.MsgUploadState) {
				e.Expect(n.Args.DataNull || n.Args.InfoNull).To(BeFalse(), "pst_notify_data or its av_result_info is NULL")
				for _, slice := range n.Args.Slices {
					expectSlice(e, cam, Slice{Slice: slice})
				}
			}
		}, Needs(rules.Event))
	})

	s.Rule("ABI-034", func(r *Rule) {
		r.Scenario("each member of iv_cs_event_result_info arrives", func(e *Env) {
			recordLayout(e, "iv_cs_event_result_info")
			cam := e.Camera(fixtures.H264(), nil)
			e.InitEvents(cam)
			started := e.Now()
			e.StartEvent(13, 1)
			cam.Run(8 * time.Second)
			stopped := e.Now()
			e.StopEvent(13)
			e.Given("REPORT-001", e.AwaitCallback(target.CBReport, 1, ReportWithin)).NotTo(BeNil(), "report_result_cb after iv_cs_event_stop")
			e.Given("REPORT-006", e.Results()).NotTo(BeEmpty(), "results that report_result_cb came with")
			result := e.Results()[0]
			e.Expect(result.ResultCode).To(Or(BeEquivalentTo(0), BeEquivalentTo(1)), "result_code, the 1st member")
			e.Expect(result.EventID).To(BeEquivalentTo(13), "event_id, the 2nd member")
			e.Expect(utc(result.StartTime)).To(BeTemporally("~", started, EventTimeSlack), "start_time_s, the 3rd member")
			e.Expect(utc(result.EndTime)).To(BeTemporally("~", stopped, EventTimeSlack), "end_time_s, the 4th member")
		})
	})

	s.Rule("ABI-052", func(r *Rule) {
		r.Scenario("the layout of the common module's structures that the shim was compiled with", func(e *Env) {
			recordLayout(e, "iv_cm_aenc_pack_s", "iv_cm_venc_pack_s", "iv_cm_av_data_info_s")
			e.Record("machine", "%s", e.Info.Machine)
		})
	})

	s.Rule("ABI-053", func(r *Rule) {
		r.Scenario("whether num is plausible behind ten slices", func(e *Env) {
			e.Record("MAX_UPLOAD_INFO_NUM of the shim", "%d", target.MaxUploadInfo)
			sentinelEvent(e, fixtures.H264())
			e.Await(UploadWithin, func() bool { return len(e.Notices(target.MsgUploadState)) > 0 })
			plausible := true
			for _, n := range e.Notices(target.MsgUploadState) {
				e.Record("num", "%d", n.Args.Num)
				plausible = plausible && n.Args.Num >= 1 && n.Args.Num <= target.MaxUploadInfo
			}
			e.Expect(plausible).To(BeTrue(), "num from 1 to %d at its place; if the library was built with another MAX_UPLOAD_INFO_NUM, "+
				"give the shim's compiler -DMAX_UPLOAD_INFO_NUM with that number", target.MaxUploadInfo)
		}, Needs(rules.Event))
	})
}

// recordLayout writes down sizes and offsets as the shim was compiled.
func recordLayout(e *Env, structs ...string) {
	var facts []string
	for name := range e.Info.ABI {
		facts = append(facts, name)
	}
	slices.Sort(facts)
	for _, name := range facts {
		for _, s := range structs {
			if name == "sizeof "+s || strings.HasPrefix(name, "offsetof "+s+".") {
				e.Record(name, "%d", e.Info.ABI[name])
			}
		}
	}
}

// codecEvent is what an event with this clip needs.
func codecEvent(clip *fixtures.Clip) []rules.Capability {
	if clip.Codec == fixtures.CodecH265 {
		return []rules.Capability{rules.Event, rules.H265}
	}
	return []rules.Capability{rules.Event}
}

// sentinelEvent records five seconds whose times and numbers cannot be taken for
// one another: PTS above 32 bits, numbers around three thousand million, UTC in
// seconds, sizes of some ten thousand.
func sentinelEvent(e *Env, clip *fixtures.Clip) *Camera {
	cam := e.Camera(clip, fixtures.AAC())
	cam.PTSBase, cam.VideoSeq = 5_000_000_000, 3_000_000_000
	e.InitEvents(cam)
	e.StartEvent(2, 1)
	cam.Run(5 * time.Second)
	e.StopEvent(2)
	return cam
}

// lostEvent records five seconds whose upload is refused from the start, and
// exits: by then they are reported as lost.
func lostEvent(e *Env) (*Camera, []Slice) {
	e.Device.Faults().Set(fakecloud.ClassGrantSegment, fakecloud.Fault{Status: 503})
	cam := sentinelEvent(e, fixtures.H264())
	refused := e.Await(UploadWithin, func() bool { return e.Device.Faults().Struck(fakecloud.ClassGrantSegment) > 0 })
	e.Given("FLOW-012", refused).To(BeTrue(), "an attempt to store the event's video")
	e.Exit()
	var lost []Slice
	for _, s := range e.Slices() {
		if !s.OK() {
			lost = append(lost, s)
		}
	}
	e.Given("UPL-015", e.Slices()).NotTo(BeEmpty(), "slices of video that could not be stored, by the return of iv_cs_exit")
	e.Given("UPL-012", lost).NotTo(BeEmpty(), "slices with a state other than IV_CS_UPLOAD_OK, when nothing could be stored")
	return cam, lost
}

// expectSizes states that the 8th member holds a size: all segments together are
// about what was pushed, up to four times it with the container around small
// frames. Exact it is in UPL-011.
func expectSizes(e *Env, cam *Camera, slices []Slice) {
	var total int64
	for _, s := range slices {
		total += int64(s.TotalSize)
	}
	e.Expect(total).To(And(BeNumerically(">=", cam.Bytes()/2), BeNumerically("<=", 4*cam.Bytes())),
		"total_size, the 8th member, of %d segments of %d pushed bytes", len(slices), cam.Bytes())
}

// expectSlice states what members 1 to 6 must hold, by what was pushed.
func expectSlice(e *Env, cam *Camera, s Slice) {
	frames := cam.Frames(true)
	from, to := frames[0].At.Add(-EventTimeSlack), frames[len(frames)-1].At.Add(EventTimeSlack)
	during := And(BeTemporally(">=", from.Truncate(time.Second)), BeTemporally("<=", to.Add(time.Second)))
	e.Expect(time.Unix(int64(s.UTCA), 0)).To(during, "utc_sec_a, the 1st member: when the segment began")
	e.Expect(time.Unix(int64(s.UTCB), 0)).To(during, "utc_sec_b, the 2nd member: when it ended")
	e.Expect(s.UTCB).To(BeNumerically(">=", s.UTCA), "utc_sec_b, the 2nd member, against utc_sec_a")
	first, last := byPTS(frames, s.PTSA), byPTS(frames, s.PTSB)
	e.Expect(first).NotTo(BeNil(), "pts_ms_a, the 3rd member: %d was not pushed with any video frame", s.PTSA)
	e.Expect(last).NotTo(BeNil(), "pts_ms_b, the 4th member: %d was not pushed with any video frame", s.PTSB)
	e.Expect(s.PTSB).To(BeNumerically(">", s.PTSA), "pts_ms_b, the 4th member, against pts_ms_a")
	if first != nil && last != nil {
		e.Expect(s.SeqA).To(Equal(first.Seq), "frame_seq_a, the 5th member: the number of the frame with pts_ms_a")
		e.Expect(s.SeqB).To(Equal(last.Seq), "frame_seq_b, the 6th member: the number of the frame with pts_ms_b")
	}
}

func byPTS(frames []Pushed, pts uint64) *Pushed {
	i := slices.IndexFunc(frames, func(f Pushed) bool { return f.PTS == pts })
	if i < 0 {
		return nil
	}
	return &frames[i]
}
