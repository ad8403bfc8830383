package specs

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// robustness is what breaks such libraries in the field. None of it is in the
// specification, so a broken expectation warns; a crash, a hang past the bound, a
// picture that is never given back and memory without bound fail (RULED-03).
// The hours of outage and of memory begin first: they take longest.
func robustness(s *Suite) {
	robustOutage(s)
	robustMemory(s)
	robustExit(s)
	robustCallbacks(s)
	robustRequests(s)
	robustUploads(s)
	robustSegments(s)
	robustPreRoll(s)
	robustStreams(s)
	robustTimeStamps(s)
	robustClock(s)
	robustMedia(s)
	robustOutput(s)
}

// startStream initialises the library for a camera under a full-time plan and waits for
// the start_cb that comes of it: StartFullTime for a scenario that has had one.
func startStream(e *Env, cam *Camera) {
	n := e.Count(target.CBStart) + 1
	e.Device.SetPlan(FullTime)
	e.Init(ParmFor(cam.Video, cam.Sound))
	e.Given("FLOW-003", e.AwaitCallback(target.CBStart, n, StartWithin)).NotTo(BeNil(), "start_cb number %d within %v of iv_cs_init", n, StartWithin)
}

// startSmall is StartFullTime with a small buffer, so that it fills up soon.
func startSmall(e *Env, cam *Camera, buffer uint32) {
	p := ParmFor(cam.Video, cam.Sound)
	p.MaxGopSize = buffer
	e.StartFullTimeWith(cam, p)
}

// heavy is the H.264 clip at about 20 KB/s: it fills a small buffer in seconds.
func heavy() *fixtures.Clip { return grown(fixtures.H264(), 1000) }

// paced is a clip at another frame rate, each group of pictures cut off after so
// many of its frames.
func paced(clip *fixtures.Clip, fps, gop int) *fixtures.Clip {
	out := *clip
	out.FPS, out.GOP, out.Frames = fps, gop, nil
	for i, f := range clip.Frames {
		if i%clip.GOP < gop {
			out.Frames = append(out.Frames, f)
		}
	}
	return &out
}

// backlogOf is how many bytes of video the library has accepted and not yet
// reported, as stored or as lost.
func backlogOf(e *Env, cam *Camera) int64 {
	slices, n := e.Slices(), int64(0)
frames:
	for _, f := range cam.Frames(true) {
		for _, sl := range slices {
			if f.Seq-sl.SeqA <= sl.SeqB-sl.SeqA {
				continue frames
			}
		}
		n += int64(len(f.Data))
	}
	return n
}

// expectBounded states that the library does not take in without end what it
// cannot store: three times the buffer are more than it could ever need.
func expectBounded(e *Env, cam *Camera, buffer uint32) {
	e.Hard(backlogOf(e, cam)).To(BeNumerically("<", 3*int64(buffer)), "bytes of video accepted, and neither stored nor reported as lost, with u32MaxGopSize %d: memory without bound", buffer)
}

// pushTimes are the machine times of the pushes in the trace from one place to
// another, the shortest first.
func pushTimes(e *Env, from, to int) []time.Duration {
	var all []time.Duration
	for _, ev := range e.Lib.Trace()[from:to] {
		if ev.Kind == target.CallReturned && ev.Call.Func == target.FnPush {
			all = append(all, ev.Return.Took())
		}
	}
	slices.Sort(all)
	return all
}

// requestsFor are the requests of one class, in order.
func requestsFor(e *Env, class fakecloud.Class) []fakecloud.Entry {
	var out []fakecloud.Entry
	for _, entry := range e.Device.Journal() {
		if entry.Class == class {
			out = append(out, entry)
		}
	}
	return out
}

// grantElsewhere sends the device to another store: to a name that does not
// resolve, or to a port that does not speak its protocol. Such grants are short,
// so that the way back is found.
func grantElsewhere(e *Env, store string) fakecloud.Fault {
	return fakecloud.Fault{Status: 201, Body: fmt.Sprintf(
		`{"upload_id":"elsewhere","method":"PUT","url":"%s/ivcs/elsewhere","headers":{"Content-Type":"video/mp2t"},"expires_utc_ms":%d,"expires_in_ms":5000,"stored":false}`,
		store, e.Now().Add(24*time.Hour).UnixMilli())}
}

// nowhere is the address of a store whose name does not resolve. No domain has an
// empty label, so a resolver says so without asking anybody: how long a name
// server takes, or whether there is one, is no concern of the rule.
const nowhere = "http://store..invalid"
