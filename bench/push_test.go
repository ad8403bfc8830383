package bench

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/reference"
)

// BenchmarkPush times single calls of iv_cs_push_stream, a second of video at a
// time, on a healthy network and on one that swallows everything. One iteration is
// a device's whole life: pushes is how many calls it made.
func BenchmarkPush(b *testing.B) {
	for _, c := range []struct {
		name string
		dead bool
	}{{"healthy", false}, {"dead", true}} {
		b.Run("network="+c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				d, cloud, _ := device(b, 16<<20, fakecloud.WithNetwork())
				if c.dead {
					cloud.Network().Storage.Blackhole()
				}
				b.StartTimer()
				times, allocations := pushes(d, 20_000)
				b.StopTimer()
				slices.Sort(times)
				n := len(times)
				b.ReportMetric(float64(times[n/2].Nanoseconds()), "p50-ns/push")
				b.ReportMetric(float64(times[n*999/1000].Nanoseconds()), "p99.9-ns/push")
				b.ReportMetric(float64(times[n-1].Nanoseconds()), "max-ns/push")
				b.ReportMetric(float64(allocations)/float64(n), "allocs/push")
				b.StartTimer()
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
		if f.Video {
			frameType := reference.FrameP
			if f.Key {
				frameType = reference.FrameI
			}
			_ = d.PushVideo(&reference.VencPack{Data: f.Data, PTS: pts, FrameType: frameType, Seq: uint32(i)})
		} else {
			_ = d.PushAudio(&reference.AencPack{Data: f.Data, PTS: pts, Seq: uint32(i)})
		}
		times = append(times, begun())
	}
	runtime.ReadMemStats(&after)
	return times, after.Mallocs - before.Mallocs
}
