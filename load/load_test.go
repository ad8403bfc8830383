package load

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/reference"
)

// plan is a short run of n devices against a cloud of the test's own.
func plan(t *testing.T, n int) (Plan, *fakecloud.Cloud, []*fakecloud.Device) {
	t.Helper()
	c, err := fakecloud.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	stream, err := NewStream(200_000)
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Stream: stream, For: 3 * time.Second, Ramp: 200 * time.Millisecond, Clock: new(clock.Clock), Every: 500 * time.Millisecond}
	var devices []*fakecloud.Device
	for i := range n {
		d, err := c.Register("LOAD", fmt.Sprintf("cam-%d", i), "secret")
		if err != nil {
			t.Fatal(err)
		}
		d.SetPlan(fakecloud.Plan{Switch: 1, Type: fakecloud.PlanFullTime})
		devices = append(devices, d)
		k := d.Credentials()
		p.Devices = append(p.Devices, reference.Config{Endpoint: k.Endpoint, ProductID: k.ProductID, DeviceName: k.DeviceName, DeviceSecret: k.DeviceSecret})
	}
	return p, c, devices
}

func TestRunMeasuresWhatTheCloudHas(t *testing.T) {
	p, _, devices := plan(t, 4)
	told := 0
	p.Progress = func(Snapshot) { told++ }
	r, err := Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	stored := 0
	for _, d := range devices {
		stored += len(d.Segments())
	}
	if !r.Complete() || r.StoredSegments != stored || r.Uploads.Count != int64(stored) || stored < 4 {
		t.Errorf("the cloud has %d segments, the result is %+v", stored, r)
	}
	if r.Uploads.P50 <= 0 || r.Uploads.Max < r.Uploads.P99 || r.Control.Count == 0 || r.Memory.Heap == 0 || told == 0 {
		t.Errorf("progress told %d times, measured %+v", told, r)
	}
}

// TestRunSeesErrors: what devices try again is an error, and no loss.
func TestRunSeesErrors(t *testing.T) {
	p, c, _ := plan(t, 2)
	c.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: http.StatusServiceUnavailable, Times: 1})
	r, err := Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if r.Errors["PUT: status 503"] != 1 || r.ErrorCount != 1 {
		t.Errorf("errors %v, want one PUT with status 503", r.Errors)
	}
}

// TestRunSeesLoss: a store that is down at the end costs the segments under way.
func TestRunSeesLoss(t *testing.T) {
	p, c, _ := plan(t, 2)
	c.Faults().Set(fakecloud.ClassSegmentPUT, fakecloud.Fault{Status: http.StatusServiceUnavailable})
	r, err := Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if r.Complete() || r.LostSegments == 0 || r.MissingFrames != r.Frames || r.MissingRuns != 2 {
		t.Errorf("nothing was stored, the result is %+v", r)
	}
}

// TestAuditDoesNotBelieveTheDevice: a store that answers 200 and keeps nothing.
func TestAuditDoesNotBelieveTheDevice(t *testing.T) {
	p, _, _ := plan(t, 1)
	d := &device{config: p.Devices[0], accepted: []bool{true, true, false, true}}
	frames, runs, err := d.audit(context.Background(), http.DefaultClient, "")
	if err != nil || frames != 3 || runs != 2 {
		t.Errorf("audit = %d frames in %d runs, %v; want 3 in 2", frames, runs, err)
	}
}

func TestStreamHasItsRate(t *testing.T) {
	for _, text := range []string{"200k", "1M", "8M"} {
		rate, err := ParseBitrate(text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewStream(rate)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.rate(); got < rate*95/100 || got > rate*105/100 {
			t.Errorf("%s: the stream has %d bit/s", text, got)
		}
	}
	if _, err := NewStream(1000); err == nil || !strings.Contains(err.Error(), "give at least") {
		t.Errorf("1 kbit/s: %v, want an error that names the least", err)
	} else {
		t.Log(err)
	}
	for _, text := range []string{"", "x", "-1M", "1G", "0", "NaN", "1e30M"} {
		if _, err := ParseBitrate(text); err == nil {
			t.Errorf("bit rate %q was taken", text)
		}
	}
}
