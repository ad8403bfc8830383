package specs

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// How long a library may take to be back once an outage is over, with both
// transfer time-outs at 3 s: the longest back-off (cloud binding, ruling 11), an
// attempt that was under way, and a segment to upload.
const (
	backoffCap  = 60 * time.Second
	backWithin  = backoffCap + 3*time.Second + 3*time.Second + SegmentLength
	longestPush = 50 * time.Millisecond
	usualPush   = 5 * time.Millisecond // 99.9 % of them
)

// robustOutage: the cloud is away, and comes back.
func robustOutage(s *Suite) {
	s.Rule("ROB-020", func(r *Rule) {
		for _, d := range []time.Duration{6 * time.Hour, 10 * time.Minute, 30 * time.Second, time.Second} {
			for _, o := range robustOutages {
				needs := slices.Clone(o.needs)
				if d > time.Minute {
					needs = append(needs, rules.ClockControl)
				}
				if d > time.Hour {
					// Affordable where the clock hooks move time at once, and where no
					// attempt of the library has to be waited for.
					needs = append(needs, rules.ClockStep)
					if o.hangs {
						continue
					}
				}
				r.Scenario(fmt.Sprintf("%s for %v: the first object comes soon after", o.name, d), func(e *Env) {
					comesBack(e, o, d)
				}, WithNetwork(), Needs(needs...))
			}
		}
	})

	s.Rule("ROB-002", func(r *Rule) {
		for _, c := range []struct {
			outage time.Duration
			needs  []rules.Capability
		}{{15 * time.Second, nil}, {10 * time.Minute, []rules.Capability{rules.ClockControl}}} {
			r.Scenario("push stays fast while the network swallows everything for "+c.outage.String(), func(e *Env) {
				pushThrough(e, c.outage)
			}, WithNetwork(), MachineTimed(), Needs(c.needs...))
		}
	})

	s.Rule("ROB-016", func(r *Rule) {
		for _, clip := range fixtures.Bases() {
			r.Scenario("after an overflow no picture of "+clip.Name+" is stored without the ones it refers to", func(e *Env) {
				overflow(e, clip)
			}, Needs(codec(clip)...))
		}
	})
}

// pushThrough streams through an outage of the storage plane with a buffer that
// is soon full.
func pushThrough(e *Env, outage time.Duration) {
	const buffer = 128 << 10
	cam := e.Camera(heavy(), fixtures.AAC())
	cam.KeepGoing = true
	startSmall(e, cam, buffer)
	e.Given("TRANS-001", e.Lib.SetTransTime(3000, 3000)).To(ReturnNone(), "iv_cs_set_trans_time(3000, 3000)")
	begun := len(e.Lib.Trace())
	cam.Run(10 * time.Second)
	e.Given("PUSH-012", cam.Refused()).To(BeEmpty(), "frames refused on a good network")

	broken := len(e.Lib.Trace())
	e.Network.Storage.Blackhole()
	cam.Run(outage)
	healed := len(e.Lib.Trace())
	good, bad := pushTimes(e, begun, broken), pushTimes(e, broken, healed)
	// A loaded machine makes a call long now and then, one in a thousand; a
	// library that waits does so again and again.
	long := len(bad) - sort.Search(len(bad), func(i int) bool { return bad[i] > longestPush })
	e.Expect(long).To(BeNumerically("<=", 1+len(bad)/1000), "pushes of more than %v of machine time, of %d during the outage", longestPush, len(bad))
	e.Expect(bad[len(bad)-1]).To(BeNumerically("<", withoutDelay), "machine time of the longest of %d pushes during the outage", len(bad))
	if len(bad) >= 5000 {
		e.Expect(bad[len(bad)*999/1000]).To(BeNumerically("<=", max(usualPush, 2*good[len(good)*99/100])), "machine time below which 99.9 %% of %d pushes stay during the outage", len(bad))
	}
	e.Expect(cam.Refused()).NotTo(BeEmpty(), "errors of iv_cs_push_stream with a full buffer, in %v", outage)
	if len(cam.Refused()) > 0 {
		e.Measure("code of a full buffer", "%v", cam.Refused()[0].Code)
	}
	expectBounded(e, cam, buffer)

	healNetwork(e)
	stored, accepted := len(e.Stored()), len(cam.Frames(true))
	cam.KeepGoing = false
	back := runUntil(e, cam, backWithin, func() bool { return len(e.Stored()) > stored && len(cam.Frames(true)) > accepted })
	e.Expect(back).To(BeTrue(), "frames accepted and objects stored again within %v of the outage's end", backWithin)
	e.Exit()
}

// runUntil streams on until met holds, for at most within.
func runUntil(e *Env, cam *Camera, within time.Duration, met func() bool) bool {
	for begun := e.Now(); ; cam.Run(time.Second) {
		if met() {
			return true
		}
		if e.Since(begun) >= within {
			return false
		}
	}
}

// overflow holds the store until the buffer has overflowed, while the caller goes
// on pushing every frame; then it looks at what was stored frame by frame.
func overflow(e *Env, clip *fixtures.Clip) {
	const buffer = 128 << 10
	cam := e.Camera(grown(clip, 1000), nil)
	cam.KeepGoing = true
	startSmall(e, cam, buffer)
	e.Given("TRANS-001", e.Lib.SetTransTime(3000, 3000)).To(ReturnNone(), "iv_cs_set_trans_time(3000, 3000)")
	e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Hang: true})
	full := runUntil(e, cam, time.Minute, func() bool { return len(cam.Refused()) > 0 })
	expectBounded(e, cam, buffer)
	e.Given("PUSH-026", full).To(BeTrue(), "an error of iv_cs_push_stream within a minute in which nothing can be uploaded")
	// The buffer is let go in the middle of a group of pictures.
	for cam.Run(1500 * time.Millisecond); cam.NextIsKey(); cam.Run(300 * time.Millisecond) {
	}
	e.Device.Faults().ClearAll()
	cam.Run(20 * time.Second)
	e.Exit()

	frames := cam.Frames(true)
	e.Expect(len(frames)).To(BeNumerically("<", len(cam.Ledger)), "frames accepted, of all that were pushed into a full buffer")
	e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that are neither in the cloud nor reported as lost")
	if !transparent(e) {
		return
	}
	comparison := cam.CompareVideo()
	inCloud := make(map[uint32]bool)
	last, lost := uint32(0), 0
	for n, i := range comparison.Matched {
		if i < 0 {
			e.Expect(i).To(BeNumerically(">=", 0), "stored picture %d is one that was accepted", n)
			continue
		}
		f := frames[i]
		if n > 0 && f.Seq != last+1 && !f.Key {
			e.Expect(f.Key).To(BeTrue(), "picture %d, stored after picture %d, is a key frame: those between are missing", f.Seq, last)
		}
		last, inCloud[f.Seq] = f.Seq, true
	}
	// What is reported is what happened.
	for _, f := range frames {
		for _, sl := range e.Slices() {
			if f.Seq-sl.SeqA <= sl.SeqB-sl.SeqA && sl.OK() && !inCloud[f.Seq] {
				lost++
			}
		}
	}
	e.Expect(lost).To(BeZero(), "frames of slices that are reported OK, missing in the cloud")
	e.Measure("overflow", "%d of %d frames refused, %d accepted and lost", len(cam.Refused()), len(cam.Ledger), len(comparison.Missing))
}

// An outage is a way in which the cloud can be away.
type outage struct {
	name  string
	begin func(*Env)
	// hangs: each attempt of the library lasts until its time-out.
	hangs bool
	needs []rules.Capability
}

var robustOutages = []outage{
	{name: "connections refused", begin: breakNetwork},
	{name: "a network that swallows everything", begin: func(e *Env) { e.Network.Blackhole() }, hangs: true},
	{name: "a store whose name does not resolve", begin: func(e *Env) {
		e.Device.Faults().Set(fakecloud.ClassGrantSegment, grantElsewhere(e, nowhere))
	}},
	{name: "a store that does not speak TLS", begin: func(e *Env) {
		// The cloud's own port speaks http.
		e.Device.Faults().Set(fakecloud.ClassGrantSegment, grantElsewhere(e, strings.Replace(strings.TrimSuffix(e.Cloud.Endpoint(), "/"), "http:", "https:", 1)))
	}},
	{name: "HTML instead of JSON", begin: func(e *Env) {
		e.Device.Faults().SetAll(fakecloud.Fault{Body: "<html><body>Welcome to the hotel. Please log in.</body></html>"})
	}},
	// The far end takes connections and requests and never answers: what is left
	// of a half-open connection.
	{name: "a cloud that takes requests and never answers", begin: func(e *Env) {
		e.Device.Faults().SetAll(fakecloud.Fault{Hang: true})
	}, hangs: true},
	{name: "a network interface that is gone", begin: (*Env).Unplug, needs: []rules.Capability{rules.Isolation}},
}

// comesBack streams through an outage and waits for the first object after it.
func comesBack(e *Env, o outage, d time.Duration) {
	const buffer = 128 << 10
	cam := e.Camera(paced(fixtures.H264(), 1, 2), nil)
	startSmall(e, cam, buffer)
	e.Given("TRANS-001", e.Lib.SetTransTime(3000, 3000)).To(ReturnNone(), "iv_cs_set_trans_time(3000, 3000)")
	cam.Run(4 * time.Second)
	o.begin(e)
	cam.Run(d)
	e.Device.Faults().ClearAll()
	healNetwork(e)
	healed, stored := e.Now(), len(e.Stored())
	back := runUntil(e, cam, backWithin, func() bool { return len(e.Stored()) > stored })
	e.Expect(back).To(BeTrue(), "an object stored within %v of the outage's end: the longest back-off of %v, both time-outs, and a segment", backWithin, backoffCap)
	if back {
		e.Measure("first object after the outage", "%v", e.Since(healed).Round(time.Second))
	}
	e.Exit()
	expectTurns(e, d)
}

// expectTurns states that the messages on the connection alternate: a loss is
// told, at least of half a minute, and then its end. Several CONNECT_FAIL in a
// row are allowed (AMB-83), and COS_SERVICE_WRONG may stand for it (AMB-84).
func expectTurns(e *Env, d time.Duration) {
	var fails, wrongs, recovers int
	lost := false
	for _, ev := range e.Callbacks(target.CBNotify) {
		switch ev.Args.Message {
		case target.MsgConnectFail:
			fails++
			lost = true
		case target.MsgCOSServiceWrong:
			wrongs++
		case target.MsgConnectRecover:
			recovers++
			e.Expect(lost).To(BeTrue(), "a CONNECT_FAIL since the CONNECT_RECOVER before this one")
			lost = false
		}
	}
	e.Measure("messages on the connection", "%d CONNECT_FAIL, %d CONNECT_RECOVER, %d COS_SERVICE_WRONG", fails, recovers, wrongs)
	if d >= 30*time.Second {
		e.Expect(fails+wrongs).To(BeNumerically(">", 0), "CONNECT_FAIL or COS_SERVICE_WRONG in an outage of %v", d)
	}
	e.Expect(lost).To(BeFalse(), "the last CONNECT_FAIL has no CONNECT_RECOVER after it, although objects are stored again")
}
