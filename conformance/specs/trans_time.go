package specs

import (
	"fmt"
	"math"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// transTime is the section iv_cs_set_trans_time. What exactly is timed is open,
// so a time that is not kept warns (AMB-55); that 0 is refused is not.
func transTime(s *Suite) {
	s.Rule("TRANS-001", func(r *Rule) {
		for _, c := range []struct {
			name          string
			hold          holding
			upload, reply uint32
			want          time.Duration
		}{
			{"with (2000, 10000) an upload that is not taken is given up after 2 s", notTaken, 2000, 10_000, 2 * time.Second},
			{"with (10000, 2000) an upload that is not answered is given up after 2 s", notAnswered, 10_000, 2000, 2 * time.Second},
			{"with (10000, 2000) a request to the control plane that is not answered is given up after 2 s", noGrant, 10_000, 2000, 2 * time.Second},
			{"with (8000, 8000) an upload that is not taken is given up after 8 s", notTaken, 8000, 8000, 8 * time.Second},
			{"with (8000, 8000) an upload that is not answered is given up after 8 s", notAnswered, 8000, 8000, 8 * time.Second},
		} {
			r.Scenario(c.name, func(e *Env) {
				cam := startHolding(e, c.hold)
				setTransTime(e, c.upload, c.reply)
				expectGivenUp(e, c.hold.begin(e, cam), c.want)
			})
		}
	})

	s.Rule("TRANS-002", func(r *Rule) {
		for _, c := range [][2]uint32{{0, 5000}, {5000, 0}, {0, 0}} {
			r.Scenario(fmt.Sprintf("(%d, %d) is refused", c[0], c[1]), func(e *Env) {
				e.Init(e.Parm())
				e.Expect(e.Lib.SetTransTime(c[0], c[1])).To(Refuse(), "iv_cs_set_trans_time(%d, %d)", c[0], c[1])
			})
		}
		r.Scenario("(1, 1) is accepted", func(e *Env) {
			e.Init(e.Parm())
			e.Expect(e.Lib.SetTransTime(1, 1)).To(ReturnNone(), "iv_cs_set_trans_time(1, 1)")
		})
		r.Scenario("what is refused leaves the values before it", func(e *Env) {
			cam := startHolding(e, notAnswered)
			setTransTime(e, 10_000, 2000)
			for _, c := range [][2]uint32{{0, 60_000}, {60_000, 0}, {0, 0}} {
				e.Expect(e.Lib.SetTransTime(c[0], c[1])).To(Refuse(), "iv_cs_set_trans_time(%d, %d)", c[0], c[1])
			}
			expectGivenUp(e, notAnswered.begin(e, cam), 2*time.Second)
		}, Needs(rules.CloudBinding))
		r.Scenario("the largest values", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			code := e.Lib.SetTransTime(math.MaxUint32, math.MaxUint32)
			e.Record("iv_cs_set_trans_time(0xFFFFFFFF, 0xFFFFFFFF)", "%v", code)
			cam.Run(3 * time.Second)
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames after iv_cs_set_trans_time(0xFFFFFFFF, 0xFFFFFFFF)")
		}, Needs(rules.CloudBinding))
	})

	s.Rule("TRANS-003", func(r *Rule) {
		for _, c := range []struct {
			name          string
			hold          holding
			upload, reply uint32
			want          time.Duration
		}{
			{"a short reply time-out does not shorten an upload", notTaken, 12_000, 2000, 12 * time.Second},
			{"a short upload time-out does not shorten the wait for an answer", notAnswered, 2000, 12_000, 12 * time.Second},
		} {
			r.Scenario(c.name, func(e *Env) {
				cam := startHolding(e, c.hold)
				setTransTime(e, c.upload, c.reply)
				expectGivenUp(e, c.hold.begin(e, cam), c.want)
			})
		}
		r.Scenario("the reply time-out alone is changed", func(e *Env) {
			cam := startHolding(e, notAnswered)
			setTransTime(e, 12_000, 12_000)
			setTransTime(e, 12_000, 2000)
			expectGivenUp(e, notAnswered.begin(e, cam), 2*time.Second)
		})
	})

	s.Rule("TRANS-004", func(r *Rule) {
		r.Scenario("without the call the time-outs are usable", func(e *Env) {
			cam := record(e, fixtures.H264(), nil, 8*time.Second)
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames without iv_cs_set_trans_time")
		})
		r.Scenario("it may be called again and again while frames are pushed", func(e *Env) {
			cam := e.Camera(fixtures.H264(), nil)
			e.StartFullTime(cam)
			for i := range uint32(8) {
				e.Expect(e.Lib.SetTransTime(5000+1000*i, 9000-500*i)).To(ReturnNone(), "iv_cs_set_trans_time(%d, %d) while streaming", 5000+1000*i, 9000-500*i)
				cam.Run(time.Second)
			}
			e.Expect(cam.Refused()).To(BeEmpty(), "frames refused around it")
			e.Exit()
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
		})
		r.Scenario("a later call counts for later transfers", func(e *Env) {
			cam := startHolding(e, notAnswered)
			setTransTime(e, 20_000, 20_000)
			cam.Run(time.Second)
			setTransTime(e, 2000, 2000)
			expectGivenUp(e, notAnswered.begin(e, cam), 2*time.Second)
		})
	})

	s.Rule("TRANS-005", func(r *Rule) {
		r.Scenario("before init it does not harm", func(e *Env) {
			e.Record("iv_cs_set_trans_time(3000, 3000) before init", "%v", e.Lib.SetTransTime(3000, 3000)) // AMB-55
			e.Record("iv_cs_set_trans_time(0, 0) before init", "%v", e.Lib.SetTransTime(0, 0))
			e.Init(e.Parm())
			e.Expect(e.Lib.SetTransTime(3000, 3000)).To(ReturnNone(), "iv_cs_set_trans_time(3000, 3000) after init")
		})
		r.Scenario("after exit it does not harm", func(e *Env) {
			e.Init(e.Parm())
			e.Exit()
			e.Record("iv_cs_set_trans_time(3000, 3000) after exit", "%v", e.Lib.SetTransTime(3000, 3000)) // AMB-55
			e.Init(e.Parm())
			e.Expect(e.Lib.SetTransTime(3000, 3000)).To(ReturnNone(), "iv_cs_set_trans_time(3000, 3000) after the next init")
		})
		r.Scenario("streaming works after a call before init", func(e *Env) {
			e.Lib.SetTransTime(3000, 3000)
			cam := record(e, fixtures.H264(), nil, 3*time.Second)
			e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
		}, Needs(rules.CloudBinding))
	})
}

// holding is a way in which the cloud holds a transfer.
type holding struct {
	class fakecloud.Class
	fault fakecloud.Fault
	bytes int // of the key frame that the segment begins with; 0: as the clip has it
}

var (
	// notTaken: of a body that is larger than the buffers on its way, a byte a
	// second is read (ruling 11 of the binding).
	notTaken = holding{fakecloud.ClassSegmentPUT, fakecloud.Fault{Bandwidth: 1}, 12 << 20}
	// notAnswered: the segment is read and no answer comes.
	notAnswered = holding{fakecloud.ClassSegmentPUT, fakecloud.Fault{Hang: true}, 0}
	// noGrant: the request for a grant is read and no answer comes.
	noGrant = holding{fakecloud.ClassGrantSegment, fakecloud.Fault{Hang: true}, 0}
)

// startHolding starts a stream whose first segment is going to be held.
func startHolding(e *Env, h holding) *Camera {
	cam := e.Camera(fixtures.H264(), nil)
	p := ParmFor(cam.Video, nil)
	if h.bytes > 0 {
		p.MaxGopSize = 24 << 20
		big := fixtures.H264().Oversized(h.bytes)
		cam.EditVideo = func(i int, p *target.VencPack) bool {
			if i == 0 {
				p.Data = big.Data
			}
			return true
		}
	}
	e.StartFullTimeWith(cam, p)
	return cam
}

// begin pushes the beginning of a GOP, so that there is one segment, and ends the
// plan, so that it goes out; it returns the request that the cloud then holds.
func (h holding) begin(e *Env, cam *Camera) fakecloud.Entry {
	e.Device.Faults().Set(h.class, h.fault)
	cam.Run(time.Second / 2)
	e.Given("PUSH-025", cam.Refused()).To(BeEmpty(), "frames refused that fit the buffer")
	e.SetPlan(NoPlan)
	var held *fakecloud.Entry
	e.Await(SegmentLength, func() bool {
		for _, entry := range e.Device.Journal() {
			if entry.Class == h.class {
				held = &entry
			}
		}
		return held != nil
	})
	e.Given("UPL-015", held).NotTo(BeNil(), "the upload of what was accepted, within %v of the stream's end", SegmentLength)
	return *held
}

// setTransTime calls iv_cs_set_trans_time with values that are valid.
func setTransTime(e *Env, upload, reply uint32) {
	e.Require(e.Lib.SetTransTime(upload, reply)).To(ReturnNone(), "iv_cs_set_trans_time(%d, %d)", upload, reply)
}

// expectGivenUp states that the library lets go of a held request about want
// after it began: from half of it to twice and two seconds more (AMB-55).
func expectGivenUp(e *Env, held fakecloud.Entry, want time.Duration) {
	least, most := want/2, 2*want+2*time.Second
	var after time.Duration
	over := e.Await(most+5*time.Second, func() bool {
		at, ok := givenUp(e, held)
		after = at.Sub(held.At)
		return ok
	})
	if !over {
		e.Warn("a %s that the cloud holds was not given up within %v; expected about %v", held.Class, most+5*time.Second, want)
		return
	}
	e.Measure("held "+string(held.Class)+" given up", "after %v, set were %v", after.Round(100*time.Millisecond), want)
	e.Soft(after).To(And(BeNumerically(">=", least), BeNumerically("<=", most)), "time from the beginning of a %s that the cloud holds until it is given up, with a time-out of %v", held.Class, want)
}

// givenUp tells when the library let go of a held request: the request ended, it
// was made again, or the caller was told that the connection is broken. A cloud
// that does not read cannot see the first.
func givenUp(e *Env, held fakecloud.Entry) (time.Time, bool) {
	var at time.Time
	note := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	for _, entry := range e.Device.Journal() {
		switch {
		case entry.Seq == held.Seq && entry.Done:
			note(entry.At.Add(entry.Took))
		case entry.Seq > held.Seq && (entry.Class == fakecloud.ClassSegmentPUT || entry.Class == fakecloud.ClassGrantSegment):
			note(entry.At)
		}
	}
	for _, message := range []int32{target.MsgConnectFail, target.MsgCOSServiceWrong} {
		for _, notice := range e.Notices(message) {
			if notice.Domain.After(held.At) {
				note(notice.Domain)
			}
		}
	}
	return at, !at.IsZero()
}
