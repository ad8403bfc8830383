package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/load"
	"github.com/ivcs/conform/reference"
)

// BenchmarkLoad is `conform load`: devices of 1 Mbit/s, each the reference itself,
// in real time against one cloud of this process, for so long that each fills
// several segments.
func BenchmarkLoad(b *testing.B) {
	stream, err := load.NewStream(1_000_000)
	if err != nil {
		b.Fatal(err)
	}
	for _, devices := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			for b.Loop() {
				cloud, err := fakecloud.New(fakecloud.WithJournalLimit(1000))
				if err != nil {
					b.Fatal(err)
				}
				p := load.Plan{Stream: stream, For: 25 * time.Second, Ramp: 10 * time.Second, Every: time.Second, Clock: new(clock.Clock)}
				for i := range devices {
					account, err := cloud.Register("BENCH", fmt.Sprintf("camera-%d", i), "secret")
					if err != nil {
						b.Fatal(err)
					}
					account.SetPlan(fakecloud.Plan{Switch: 1, Type: int(reference.PlanFullTime)})
					config, err := reference.ConfigFromJSON([]byte(account.Credentials().JSON()))
					if err != nil {
						b.Fatal(err)
					}
					p.Devices = append(p.Devices, config)
				}
				r, err := load.Run(b.Context(), p)
				if err != nil {
					b.Fatal(err)
				}
				cloud.Close()
				b.ReportMetric(float64(r.LostSegments+r.MissingFrames+r.RefusedFrames), "lost")
				b.ReportMetric(float64(r.ErrorCount), "errors")
				b.ReportMetric(r.BytesPerS/1e6, "MB-stored/s")
				b.ReportMetric(r.Uploads.P99, "p99-ms/PUT")
			}
		})
	}
}
