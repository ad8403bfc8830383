package bench

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/reference"
)

// BenchmarkPush times single calls of iv_cs_push_stream on a healthy network, on
// one that swallows everything, and on a healthy one of which the buffer is too
// small for how fast the calls come: then a call waits for room, up to 40 ms (ruling 1 of the
// cloud binding). One iteration is the life of five devices.
func BenchmarkPush(b *testing.B) {
	for _, c := range []struct {
		name   string
		dead   bool
		buffer uint32
		calls  int
	}{{"healthy", false, 48 << 20, 10_000}, {"dead", true, 48 << 20, 10_000}, {"healthy, buffer full", false, 16 << 20, 20_000}} {
		b.Run("network="+c.name, func(b *testing.B) {
			for b.Loop() {
				var times []time.Duration
				var allocations uint64
				var exits sync.WaitGroup
				for range 5 {
					d, cloud := device(b, c.buffer, fakecloud.WithNetwork())
					if c.dead {
						cloud.Network().Storage.Blackhole()
					}
					each, a := pushes(d, c.calls)
					times, allocations = append(times, each...), allocations+a
					exits.Go(func() { d.Exit() })
				}
				exits.Wait()
				slices.Sort(times)
				n := len(times)
				b.ReportMetric(float64(times[n/2].Nanoseconds()), "p50-ns/push")
				b.ReportMetric(float64(times[n*999/1000].Nanoseconds()), "p99.9-ns/push")
				b.ReportMetric(float64(times[n-1].Nanoseconds()), "max-ns/push")
				b.ReportMetric(float64(allocations)/float64(n), "allocs/push")
			}
		})
	}
}

// pushes makes n calls and returns the time of each, and what the process
// allocated in the meantime: its uploads allocate too, so the figure is an upper
// bound. That push itself allocates nothing, a test of package reference states.
func pushes(d *reference.Device, n int) ([]time.Duration, uint64) {
	list := segment(10)
	times := make([]time.Duration, 0, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		f := list[i%len(list)]
		pts := f.PTS + uint64(i/len(list))*10_000
		begun := clock.Elapsed()
		_ = push(d, f, pts, i, nil)
		times = append(times, begun())
	}
	runtime.ReadMemStats(&after)
	return times, after.Mallocs - before.Mallocs
}

// BenchmarkPushAllocations counts what single calls allocate before the first
// segment is full: there is no upload yet whose allocations would be counted too.
func BenchmarkPushAllocations(b *testing.B) {
	for b.Loop() {
		d, _ := device(b, 16<<20)
		list, n := segment(10), 0
		next := func() {
			if e := push(d, list[n], list[n].PTS, n, nil); e != reference.ErrNone {
				b.Fatalf("frame %d: %v", n, e)
			}
			n++
		}
		for !list[n].Video {
			n++
		}
		next() // opens the recording
		b.ReportMetric(testing.AllocsPerRun(300, next), "allocs/push")
		d.Exit()
	}
}
