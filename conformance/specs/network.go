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

// netRate is the stream of this chapter in bytes a second: the segments of 10 s
// and more are larger than what a broken connection lets pass.
const netRate = 30 << 10

// outages are the ways in which the network fails here. A proxy of connections
// loses no packets; a narrow line is the nearest to what TCP makes of losses.
var outages = []struct {
	name  string
	do    func(*Env)
	needs []rules.Capability
}{
	{name: "a store that refuses connections", do: refuse},
	{name: "a cloud of which neither plane takes connections", do: func(e *Env) { must(e.Network.Refuse()) }},
	{name: "a store from and to which nothing passes", do: func(e *Env) { e.Network.Storage.Blackhole() }},
	{name: "connections to the store that break after 100 KiB", do: func(e *Env) { e.Network.Storage.Reset(100 << 10) }},
	{name: "a line to the store that takes a third of the stream", do: func(e *Env) { e.Network.Storage.Bandwidth(netRate / 3) }},
	{name: "a store that answers 503", do: func(e *Env) {
		e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: 503})
	}},
	{name: "a network interface that is gone", do: (*Env).Unplug, needs: []rules.Capability{rules.Isolation}},
}

// network is note 2: what an unsteady network may and may not do.
func network(s *Suite) {
	s.Rule("NET-001", func(r *Rule) {
		for _, o := range outages {
			r.Scenario("thirty seconds of "+o.name+" are survived and lose nothing in silence", func(e *Env) {
				cam := streamed(e, 800<<10)
				o.do(e)
				cam.Run(30 * time.Second)
				heal(e)
				e.Device.Faults().ClearAll()
				e.Expect(uploadsAgain(e, cam)).To(BeTrue(), "a segment pushed after %s stored within %v", o.name, recoverWithin+SegmentLength)
				e.Exit()
				e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports, neither OK nor ERR")
				if lost := cam.Missing(); len(lost) > 0 {
					e.Expect(signs(e, cam)).NotTo(BeEmpty(), "a sign of the failure (ERR slice, CONNECT_FAIL, COS_SERVICE_WRONG, refused push), as frames are lost: %v", lost)
				}
				e.Measure("told of "+o.name, "%v", signs(e, cam))
			}, WithNetwork(), Breaks("UPL-015"), Needs(o.needs...))
		}
		r.Scenario("an outage longer than the buffer lasts is told", func(e *Env) {
			cam := streamed(e, 128<<10)
			refuse(e)
			cam.Run(30 * time.Second)
			// 900 KB cannot be in a buffer of 128 KiB: something had to fail.
			e.Expect(signs(e, cam)).NotTo(BeEmpty(), "a sign of the failure (ERR slice, CONNECT_FAIL, COS_SERVICE_WRONG, refused push) after 30 s with a store that refuses connections, u32MaxGopSize 128 KiB")
			heal(e)
			e.Expect(uploadsAgain(e, cam)).To(BeTrue(), "a segment pushed after the outage stored within %v", recoverWithin+SegmentLength)
			e.Exit()
			e.Expect(cam.Unreported()).To(BeEmpty(), "accepted frames that no slice reports, neither OK nor ERR")
			e.Measure("told of an outage longer than the buffer lasts", "%v", signs(e, cam))
		}, WithNetwork(), Breaks("UPL-015"))
	})

	s.Rule("NET-002", func(r *Rule) {
		// A segment of 10 s and the outage together fill half of the buffer.
		for _, d := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
			r.Scenario(fmt.Sprintf("an upload that is cut and an outage of %v after it lose nothing", d), func(e *Env) {
				cam := e.Camera(steady(netRate), fixtures.AAC())
				e.Device.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{ResetAfter: 20_000, Times: 1})
				e.StartFullTime(cam)
				cut := pushUntil(e, cam, SegmentLength+UploadWithin, func() bool { return e.Device.Faults().Struck(fakecloud.ClassSegmentPUT) > 0 })
				e.Given("FLOW-012", cut).To(BeTrue(), "the upload of a segment begun within %v", SegmentLength+UploadWithin)
				refuse(e)
				cam.Run(d)
				heal(e)
				cam.Run(12 * time.Second)
				e.Expect(cam.Refused()).To(BeEmpty(), "frames refused although the buffer of 800 KiB was not full")
				e.Expect(e.Await(recoverWithin, func() bool { return len(e.Device.Segments()) > 0 })).To(BeTrue(), "a segment stored within %v of the outage", recoverWithin)
				e.Exit()
				e.Expect(cam.Missing()).To(BeEmpty(), "what differs between accepted and stored frames")
			}, WithNetwork())
		}
	})

	s.Rule("NET-003", func(r *Rule) {
		for _, o := range outages {
			r.Scenario("after "+o.name+" segments are stored again, twice, without another init", func(e *Env) {
				cam := streamed(e, 800<<10)
				for n := range 2 {
					o.do(e)
					cam.Run(15 * time.Second)
					heal(e)
					e.Device.Faults().ClearAll()
					e.Require(uploadsAgain(e, cam)).To(BeTrue(), "a segment pushed after outage %d, %s, stored within %v", n+1, o.name, recoverWithin+SegmentLength)
				}
				cam.ToKey()
				e.Expect(cam.PushVideo()).To(ReturnNone(), "iv_cs_push_stream after two outages")
			}, WithNetwork(), Needs(o.needs...))
		}
	})
}

// streamed starts to stream with a buffer of this size, and short time-outs:
// those of the library are not known (AMB-55).
func streamed(e *Env, buffer uint32) *Camera {
	cam := e.Camera(steady(netRate), nil)
	p := ParmFor(cam.Video, nil)
	p.MaxGopSize = buffer
	e.StartFullTimeWith(cam, p)
	e.Given("TRANS-001", e.Lib.SetTransTime(5000, 5000)).To(ReturnNone(), "iv_cs_set_trans_time(5000, 5000)")
	cam.Run(4 * time.Second)
	return cam
}

// uploadsAgain streams on until a segment with a frame pushed from now on is
// stored.
func uploadsAgain(e *Env, cam *Camera) bool {
	from := cam.Ledger[len(cam.Ledger)-1].Seq + 1
	return pushUntil(e, cam, recoverWithin+SegmentLength, func() bool {
		for _, seg := range e.Device.Segments() {
			if seg.LastSeq >= from {
				return true
			}
		}
		return false
	})
}

// signs are the ways in which the library has told that uploading failed.
func signs(e *Env, cam *Camera) []string {
	var out []string
	for _, sign := range []struct {
		name string
		n    int
	}{
		{"CONNECT_FAIL", len(e.Notices(target.MsgConnectFail))},
		{"COS_SERVICE_WRONG", len(e.Notices(target.MsgCOSServiceWrong))},
		{"slice ERR", lostSlices(e)},
		{"push refused", len(cam.Refused())},
	} {
		if sign.n > 0 {
			out = append(out, fmt.Sprintf("%s x %d", sign.name, sign.n))
		}
	}
	return out
}

// lostSlices counts the slices reported as IV_CS_UPLOAD_ERR.
func lostSlices(e *Env) int {
	n := 0
	for _, sl := range e.Slices() {
		if !sl.OK() {
			n++
		}
	}
	return n
}
