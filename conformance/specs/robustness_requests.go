package specs

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/conformance/fixtures"
	"github.com/ivcs/conform/conformance/rules"
	. "github.com/ivcs/conform/conformance/scenario"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/fakecloud"
)

// asked are the classes of what a library asks for that has something to upload.
var asked = []fakecloud.Class{fakecloud.ClassPlan, fakecloud.ClassGrantSegment}

// robustRequests: how a library asks a cloud that is in trouble.
func robustRequests(s *Suite) {
	s.Rule("ROB-019", func(r *Rule) {
		r.Scenario("status 500 on everything for a minute: requests become fewer", func(e *Env) {
			times := refusedFor(e, fakecloud.Fault{Status: 500}, time.Minute)
			for i, class := range asked {
				// Doubling from a second on makes seven in a minute, half as fast fourteen.
				e.Expect(len(times[i])).To(BeNumerically("<=", 15), "requests of class %s in the first minute of status 500: they back off", class)
				e.Expect(times[i]).NotTo(BeEmpty(), "requests of class %s", class)
			}
		})
		r.Scenario("status 500 on everything, a thousand requests", thousandRequests,
			// Half a day is affordable where the clock hooks move time at once.
			Needs(rules.ClockControl, rules.ClockStep))
		r.Scenario("status 503 with Retry-After on everything", func(e *Env) {
			const pause = 20 * time.Second
			times := refusedFor(e, fakecloud.Fault{Status: 503, RetryAfter: pause}, time.Minute)
			for i, class := range asked {
				e.Expect(times[i]).NotTo(BeEmpty(), "requests of class %s", class)
				for _, gap := range gaps(times[i]) {
					e.Expect(gap).To(BeNumerically(">=", pause-time.Second), "time between two requests of class %s that were answered 503 with Retry-After: %d", class, int(pause.Seconds()))
				}
			}
		})
		for _, status := range []int{401, 403} {
			r.Scenario(fmt.Sprintf("status %d on everything for a minute: requests stay few", status), func(e *Env) {
				times := refusedFor(e, fakecloud.Fault{Status: status}, time.Minute)
				for i, class := range asked {
					e.Expect(len(times[i])).To(BeNumerically("<=", 10), "requests of class %s in the first minute of status %d: asking again soon changes nothing", class, status)
					e.Expect(times[i]).NotTo(BeEmpty(), "requests of class %s", class)
				}
			})
		}
	})
}

// refusedFor streams for d while the cloud answers everything in one way, and
// returns when it was asked for each of the classes asked.
func refusedFor(e *Env, fault fakecloud.Fault, d time.Duration) [][]time.Time {
	cam := e.Camera(paced(fixtures.H264(), 4, 8), nil)
	e.StartFullTime(cam)
	cam.Run(4 * time.Second)
	e.Device.Faults().SetAll(fault)
	// The plan's long poll is under way: a change of plan lets the library ask again.
	e.Device.SetPlan(fakecloud.Plan{Switch: 1, Type: int(target.PlanFullTime), Expires: e.Now().Add(24 * time.Hour)})
	cam.Run(d)
	return askedTimes(e, fault.Status)
}

// askedTimes is when requests of each class came that were answered so.
func askedTimes(e *Env, status int) [][]time.Time {
	var all [][]time.Time
	for _, class := range asked {
		var times []time.Time
		for _, entry := range requestsFor(e, class) {
			if entry.Status == status {
				times = append(times, entry.At)
			}
		}
		all = append(all, times)
	}
	return all
}

func gaps(times []time.Time) []time.Duration {
	var all []time.Duration
	for i := 1; i < len(times); i++ {
		all = append(all, times[i].Sub(times[i-1]))
	}
	return all
}

// thousandRequests streams until the cloud has answered a thousand requests with
// status 500, or for a day.
func thousandRequests(e *Env) {
	cam := e.Camera(paced(fixtures.H264(), 2, 4), nil)
	startSmall(e, cam, 128<<10)
	e.Device.Faults().SetAll(fakecloud.Fault{Status: 500})
	begun := e.Now()
	cam.Run(10 * time.Minute)
	early := processStat(e)
	for len(e.Device.Journal()) < 1000 && e.Since(begun) < 24*time.Hour {
		cam.Run(10 * time.Minute)
	}
	late := processStat(e)
	for i, times := range askedTimes(e, 500) {
		class := asked[i]
		between := gaps(times)
		e.Given("BAL-007", len(between)).To(BeNumerically(">", 40), "requests of class %s in %v", class, e.Since(begun))
		last := between[len(between)-30:]
		shortest, longest := slices.Min(last), slices.Max(last)
		e.Measure(string(class), "%d requests in %v, at last every %v to %v", len(times), e.Since(begun), shortest.Round(time.Second), longest.Round(time.Second))
		e.Expect(longest).To(BeNumerically("<=", backoffCap+15*time.Second), "time between two requests of class %s: the back-off has a cap of %v", class, backoffCap)
		e.Expect(slices.Max(between)).To(BeNumerically(">=", 5*between[0]), "longest time between two requests of class %s, against the first: they back off", class)
		e.Expect(last[len(last)/2:]).NotTo(HaveEach(last[len(last)/2]), "times between the last requests of class %s: a fleet of devices is spread by jitter", class)
	}
	expectBounded(e, cam, 128<<10)
	if early != nil {
		if !e.Info.GoRuntime {
			e.Expect(late.Threads).To(BeNumerically("<=", early.Threads+1), "threads after a thousand requests, against ten minutes")
		}
		e.Expect(late.Descriptors).To(BeNumerically("<=", early.Descriptors+2), "descriptors after a thousand requests, against ten minutes")
	}
}
