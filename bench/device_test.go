package bench

import (
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/reference"
	"github.com/ivcs/conform/reference/mpegts"
)

// device is a reference device that has been told to stream, and its cloud.
func device(b *testing.B, buffer uint32, opts ...fakecloud.Option) (*reference.Device, *fakecloud.Cloud) {
	b.Helper()
	cloud, err := fakecloud.New(opts...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cloud.Close() })
	return deviceOf(b, cloud, "camera-1", buffer, aac), cloud
}

// The sound that a device may be given.
var (
	aac       = reference.AVDataInfo{AudioType: reference.AudioAAC, AACType: 1, BitWidth: reference.BitWidth16, SampleRate: 16000, SampleNumPerFrame: 1024}
	pcmMono   = reference.AVDataInfo{AudioType: reference.AudioPCM, BitWidth: reference.BitWidth16, SampleRate: 16000, SampleNumPerFrame: 1024}
	pcmStereo = reference.AVDataInfo{AudioType: reference.AudioPCM, AudioMode: reference.AudioStereo, BitWidth: reference.BitWidth16, SampleRate: 16000, SampleNumPerFrame: 2048}
)

// deviceOf is a device of that cloud, with such sound.
func deviceOf(b *testing.B, cloud *fakecloud.Cloud, name string, buffer uint32, av reference.AVDataInfo) *reference.Device {
	b.Helper()
	account, err := cloud.Register("BENCH", name, "secret")
	if err != nil {
		b.Fatal(err)
	}
	account.SetPlan(fakecloud.Plan{Switch: 1, Type: int(reference.PlanFullTime)})
	d := deviceWith(b, account.Credentials().JSON(), buffer, av)
	b.Cleanup(func() { d.Exit() }) // if it has not been ended
	return d
}

// deviceWith is a device that has been given these credentials. The caller ends it.
func deviceWith(b *testing.B, credentials string, buffer uint32, av reference.AVDataInfo) *reference.Device {
	b.Helper()
	config, err := reference.ConfigFromJSON([]byte(credentials))
	if err != nil {
		b.Fatal(err)
	}
	d := reference.New(config)
	av.VideoType, av.Width, av.Height, av.Framerate = reference.VideoH264, 640, 360, 20
	started := make(chan struct{})
	code := d.Init(&reference.InitParm{
		MaxGopSize: buffer,
		AV:         av,
		Callbacks: reference.Callbacks{
			PushStreamStart: func() int32 { close(started); return 0 },
			PushStreamStop:  func() int32 { return 0 },
		},
	})
	if code != reference.ErrNone {
		b.Fatalf("Init: %v", code)
	}
	late, cancel := new(clock.Clock).WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-started:
	case <-late.Done():
		b.Fatal("the cloud's plan has not started the stream within 10 s")
	}
	return d
}

// push hands f to d, as the nth call. sound replaces f's own, where it is not nil.
func push(d *reference.Device, f mpegts.Frame, pts uint64, n int, sound []byte) reference.Err {
	switch {
	case f.Video && f.Key:
		return d.PushVideo(&reference.VencPack{Data: f.Data, PTS: pts, FrameType: reference.FrameI, Seq: uint32(n)})
	case f.Video:
		return d.PushVideo(&reference.VencPack{Data: f.Data, PTS: pts, FrameType: reference.FrameP, Seq: uint32(n)})
	case sound != nil:
		return d.PushAudio(&reference.AencPack{Data: sound, PTS: pts, Seq: uint32(n)})
	}
	return d.PushAudio(&reference.AencPack{Data: f.Data, PTS: pts, Seq: uint32(n)})
}
