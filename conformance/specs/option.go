package specs

import (
	"fmt"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// option is iv_cs_event_report_opt_e: what makes an event complete. The whole
// table is judged: three options, each with every fate of video and picture.
func option(s *Suite) {
	s.Rule("OPT-001", func(r *Rule) {
		for _, o := range options {
			r.Scenario(o.name+" applies to every event of the session", func(e *Env) {
				session := beginOption(e, o)
				for i, id := range []int32{1, 5, 16, 5} {
					// By turns video alone and a picture alone.
					video, picture := arrives, absent
					if i%2 == 1 {
						video, picture = absent, arrives
					}
					code, video := session.event(id, video, picture)
					e.Expect(code).To(Equal(o.result(video, picture)), "result_code of event number %d, id %d, video %v, picture %v, under %s", i+1, id, video, picture, o.name)
				}
			})
		}
		r.Scenario("CS_EVENT_PIC_REQ applies to each of two parallel events", func(e *Env) {
			session := beginOption(e, options[target.ReportPic])
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()}, target.Answer{})
			for id := int32(3); id <= 4; id++ {
				e.Given("PAR-001", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d), of two parallel events", id)
				e.Given("EVT-004", e.AwaitCallback(target.CBCapture, int(id-2), StartWithin)).NotTo(BeNil(), "capture_cb for event %d", id)
			}
			e.Advance(5 * time.Second)
			e.StopEvent(3)
			e.StopEvent(4)
			e.Expect(session.result(3)).To(Equal(resultOK), "result_code of event 3, whose picture is stored")
			e.Expect(session.result(4)).To(Equal(resultFailed), "result_code of event 4, which has no picture")
		})
	})

	optionTable(s)

	s.Rule("OPT-005", func(r *Rule) {
		r.Scenario("a picture is uploaded under CS_EVENT_TS_REQ too", func(e *Env) {
			session := beginOption(e, options[target.ReportTS])
			code, _ := session.event(1, arrives, arrives)
			e.Expect(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud of an event that offered one")
			for _, picture := range e.Device.Pictures() {
				e.Expect(picture.Body).To(Equal(fixtures.JPEG()), "the stored picture, the one that capture_cb handed over")
				e.Expect(picture.EventID).To(Equal(int32(1)), "event of the stored picture")
			}
			e.Given("OPT-002", code).To(Equal(resultOK), "result_code of an event with video and picture")
		})
	})

	s.Rule("OPT-006", func(r *Rule) {
		r.Scenario("video that is pushed is uploaded under CS_EVENT_PIC_REQ too", func(e *Env) {
			session := beginOption(e, options[target.ReportPic])
			_, video := session.event(1, arrives, arrives)
			if video == absent {
				return // it asked for none, and session.event has recorded it (AMB-78)
			}
			e.Expect(session.cam.Refused()).To(BeEmpty(), "frames refused after start_cb under CS_EVENT_PIC_REQ")
			e.Exit()
			e.Expect(e.Stored()).NotTo(BeEmpty(), "segments in the cloud of the video that was pushed")
			e.Expect(session.cam.Missing()).To(BeEmpty(), "what differs between accepted and stored video")
		})
	})

	s.Rule("OPT-007", func(r *Rule) {
		r.Scenario("an event under CS_EVENT_PIC_REQ is complete although no frame is ever pushed", func(e *Env) {
			session := beginOption(e, options[target.ReportPic])
			e.Lib.Answer(target.CBCapture, target.Answer{Picture: fixtures.JPEG()})
			e.Given("EVT-014", e.Lib.EventStart(1)).To(ReturnNone(), "iv_cs_event_start(1)")
			e.Advance(5 * time.Second)
			e.StopEvent(1)
			// OPT-007 is a recommendation to callers; that such an event completes is
			// the hard part (AMB-78).
			e.Hard(e.Await(ReportWithin, func() bool { return len(resultsOf(e, 1)) > 0 })).
				To(BeTrue(), "report_result_cb within %v of the stop, with no frame pushed", ReportWithin)
			e.Hard(session.result(1)).To(Equal(resultOK), "result_code of an event whose picture is stored")
			e.Expect(e.Device.Pictures()).To(HaveLen(1), "pictures in the cloud")
			e.Expect(finishedEvents(e)).To(HaveLen(1), "events at the cloud")
		})
	})
}

// optionTable is OPT-002 to -004: the result for every fate of video and picture.
func optionTable(s *Suite) {
	fates := []fate{arrives, fails, absent}
	for _, o := range options {
		s.Rule(o.rule, func(r *Rule) {
			for _, video := range fates {
				for _, picture := range fates {
					r.Scenario(fmt.Sprintf("video %v, picture %v: result_code %d", video, picture, o.result(video, picture)), func(e *Env) {
						session := beginOption(e, o)
						code, video := session.event(1, video, picture)
						e.Expect(code).To(Equal(o.result(video, picture)), "result_code with video %v and picture %v under %s", video, picture, o.name)
						for _, ev := range finishedEvents(e) {
							e.Record("event at the cloud", "complete: %t", ev.Complete) // AMB-79
						}
					})
				}
			}
			if o.opt == target.ReportTS {
				r.Scenario("one segment of several is enough", func(e *Env) {
					session := beginOption(e, o)
					// The first segment is stored, every later one fails.
					e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Skip: 1, Status: 500})
					e.StartEvent(1, 1)
					session.starts++
					session.cam.Run(SegmentLength + 5*time.Second)
					e.StopEvent(1)
					code := session.result(1)
					e.Exit()
					e.Given("FLOW-012", e.Device.Segments()).To(HaveLen(1), "segments in a cloud that takes the first one")
					e.Measure("segments not stored", "%d", len(e.Slices())-1)
					e.Expect(code).To(Equal(resultOK), "result_code of an event with one segment stored")
				})
			}
		})
	}
}

// reportOption is a value of iv_cs_event_report_opt_e.
type reportOption struct {
	opt  int32
	name string
	rule string
	// videoRule and pictureRule ask for video and picture to be stored when they
	// are there.
	videoRule, pictureRule string
	// complete says whether an event whose video or picture is stored is complete.
	complete func(video, picture bool) bool
}

// options are the three of the specification, by their values.
var options = []reportOption{
	{target.ReportTS, "CS_EVENT_TS_REQ", "OPT-002", "FLOW-012", "OPT-005", func(video, _ bool) bool { return video }},
	{target.ReportPic, "CS_EVENT_PIC_REQ", "OPT-003", "OPT-006", "OPT-003", func(_, picture bool) bool { return picture }},
	{target.ReportTSOrPic, "CS_EVENT_TS_OR_PIC_REQ", "OPT-004", "FLOW-012", "OPT-004", func(video, picture bool) bool { return video || picture }},
}

// result is the result_code that the option asks for.
func (o reportOption) result(video, picture fate) int32 {
	if o.complete(video == arrives, picture == arrives) {
		return resultOK
	}
	return resultFailed
}

// fate is what becomes of an event's video or picture.
type fate string

const (
	arrives fate = "stored"
	fails   fate = "failed" // every upload is answered with 500
	absent  fate = "none"   // no frame is pushed, capture_cb answers NULL and 0
)

// optionSession is an init session under one option.
type optionSession struct {
	reportOption
	e      *Env
	cam    *Camera
	starts int           // start_cb seen
	events map[int32]int // events stopped, by id
}

func beginOption(e *Env, o reportOption) *optionSession {
	s := &optionSession{reportOption: o, e: e, cam: e.Camera(fixtures.H264(), nil), events: make(map[int32]int)}
	p := ParmFor(s.cam.Video, nil)
	p.EventReportOpt = o.opt
	e.InitEventsWith(s.cam, p)
	return s
}

// event carries an event through in which video and picture have these fates,
// and returns its result_code. A library that asks for no stream under
// CS_EVENT_PIC_REQ gets none: the video's fate comes back as absent (AMB-78).
func (s *optionSession) event(id int32, video, picture fate) (int32, fate) {
	e := s.e
	answer := target.Answer{}
	if picture != absent {
		answer.Picture = fixtures.JPEG()
	}
	e.Lib.Answer(target.CBCapture, answer)
	for _, class := range []struct {
		class fakecloud.Class
		fate  fate
	}{{fakecloud.ClassSegmentPUT, video}, {fakecloud.ClassPicturePUT, picture}} {
		if class.fate == fails {
			e.Device.Faults().Set(class.class, fakecloud.Fault{Status: 500})
		}
	}
	segments, pictures := len(e.Device.Segments()), len(e.Device.Pictures())
	e.Given("EVT-014", e.Lib.EventStart(id)).To(ReturnNone(), "iv_cs_event_start(%d) under %s", id, s.name)
	video = s.stream(video)
	e.StopEvent(id)
	code := s.result(id)
	// What is not needed for the verdict may be stored after it.
	if video == arrives {
		e.Given(s.videoRule, e.Await(UploadWithin, func() bool { return len(e.Device.Segments()) > segments })).
			To(BeTrue(), "a segment in the cloud within %v of the verdict on an event with video, under %s", UploadWithin, s.name)
	}
	if picture == arrives {
		e.Given(s.pictureRule, e.Await(PictureWithin, func() bool { return len(e.Device.Pictures()) > pictures })).
			To(BeTrue(), "a picture in the cloud within %v of the verdict on an event with a picture, under %s", PictureWithin, s.name)
	}
	return code, video
}

// stream lets the running event have its video for four seconds: long enough for
// a segment and a picture to get through (note 8).
func (s *optionSession) stream(video fate) fate {
	e := s.e
	started := e.AwaitCallback(target.CBStart, s.starts+1, StartWithin) != nil
	switch {
	case started:
		s.starts++
	case s.opt == target.ReportPic:
		e.Record("start_cb under CS_EVENT_PIC_REQ", "none") // AMB-78
		video = absent
	default:
		e.Given("EVT-005", started).To(BeTrue(), "start_cb within %v of iv_cs_event_start", StartWithin)
	}
	if video == absent {
		e.Advance(4 * time.Second)
		return video
	}
	s.cam.ToKey()
	s.cam.Run(4 * time.Second)
	return video
}

// eventVerdict is how long the result of an event may take whose uploads fail:
// retries are the library's choice (AMB-85). At a cloud of this binding they end
// within 120 s of the stop (its ruling 11).
const eventVerdict = 150 * time.Second

// result waits for the verdict on an event that has been stopped, and for the
// end of its stream; a library that is still retrying is asked to end by
// iv_cs_exit.
func (s *optionSession) result(id int32) int32 {
	e := s.e
	s.events[id]++
	told := func() bool { return len(resultsOf(e, id)) >= s.events[id] }
	if !e.Await(eventVerdict, told) {
		e.Exit()
	}
	e.Given("REPORT-001", told()).To(BeTrue(), "report_result_cb for event %d, at the latest when iv_cs_exit has returned", id)
	if s.starts > 0 {
		e.AwaitCallback(target.CBStop, s.starts, StopWithin)
	}
	return resultsOf(e, id)[s.events[id]-1].ResultCode
}
