package bench

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/ivcs/conform/conformance/tscheck"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/reference/mpegts"
)

// BenchmarkRecording writes and judges longer and longer recordings: what one
// minute costs must not depend on how many there are.
func BenchmarkRecording(b *testing.B) {
	for _, minutes := range []int{1, 10, 100} {
		list := segment(10)
		b.Run(fmt.Sprintf("minutes=%d", minutes), func(b *testing.B) {
			var s mpegts.Segment
			for b.Loop() {
				var m mpegts.Muxer
				for range minutes * 6 {
					if err := m.Next(&s, list); err != nil {
						b.Fatal(err)
					}
					if r := tscheck.Check(written(list)); len(r.Video) != frames {
						b.Fatal(r.Findings)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*minutes), "ns/minute")
		})
	}
}

// BenchmarkDevices keeps a cloud with more and more devices, six segments each:
// the time of a segment, and the memory that a device takes beside its media.
func BenchmarkDevices(b *testing.B) {
	body := make([]byte, 12<<10)
	for _, devices := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				cloud, accounts := manyDevices(b, devices)
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				b.StartTimer()
				storeEach(b, accounts, body)
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(devices)-float64(perDevice*len(body)), "B/device")
				cloud.Close()
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*devices*perDevice), "ns/segment")
		})
	}
}

// perDevice is how many segments each device stores.
const perDevice = 6

func manyDevices(b *testing.B, n int) (*fakecloud.Cloud, []*fakecloud.Device) {
	b.Helper()
	cloud, err := fakecloud.New()
	if err != nil {
		b.Fatal(err)
	}
	accounts := make([]*fakecloud.Device, n)
	for i := range accounts {
		if accounts[i], err = cloud.Register("BENCH", fmt.Sprintf("camera-%d", i), "secret"); err != nil {
			b.Fatal(err)
		}
		accounts[i].SetPlan(fakecloud.Plan{Switch: 1, Type: 1})
	}
	return cloud, accounts
}
