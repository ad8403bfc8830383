package bench

import (
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/reference"
)

// device is a reference device that has been told to stream, and its cloud.
func device(b *testing.B, buffer uint32, opts ...fakecloud.Option) (*reference.Device, *fakecloud.Cloud, *fakecloud.Device) {
	b.Helper()
	cloud, err := fakecloud.New(opts...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cloud.Close() })
	account, err := cloud.Register("BENCH", "camera-1", "secret")
	if err != nil {
		b.Fatal(err)
	}
	account.SetPlan(fakecloud.Plan{Switch: 1, Type: int(reference.PlanFullTime)})
	config, err := reference.ConfigFromJSON([]byte(account.Credentials().JSON()))
	if err != nil {
		b.Fatal(err)
	}
	d := reference.New(config)
	started := make(chan struct{})
	code := d.Init(&reference.InitParm{
		MaxGopSize: buffer,
		AV: reference.AVDataInfo{
			AudioType: reference.AudioAAC, AACType: 1, BitWidth: reference.BitWidth16, SampleRate: 16000, SampleNumPerFrame: 1024,
			VideoType: reference.VideoH264, Width: 640, Height: 360, Framerate: 20,
		},
		Callbacks: reference.Callbacks{
			PushStreamStart: func() int32 { close(started); return 0 },
			PushStreamStop:  func() int32 { return 0 },
		},
	})
	if code != reference.ErrNone {
		b.Fatalf("Init: %v", code)
	}
	b.Cleanup(func() { d.Exit() })
	late, cancel := new(clock.Clock).WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-started:
	case <-late.Done():
		b.Fatal("the cloud's plan has not started the stream within 10 s")
	}
	return d, cloud, account
}
