package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/reference"
)

// device is one simulated camera.
type device struct {
	config   reference.Config
	stream   *Stream
	meter    *meter
	accepted []bool // by sequence number, of the frames pushed
}

// run records until ctx is done, then leaves and flushes what it has.
func (d *device) run(ctx context.Context, k *clock.Clock, delay time.Duration) error {
	if k.Sleep(ctx, delay) != nil {
		return nil // the run ended before this device's turn
	}
	d.config.Observe = d.meter.exchange
	camera := reference.New(d.config)
	wanted, want := context.WithCancel(context.Background())
	defer want()
	if e := camera.Init(d.parameters(want)); e != reference.ErrNone {
		return fmt.Errorf("device %s: iv_cs_init: %w", d.config.DeviceName, e)
	}
	defer camera.Exit()
	select {
	case <-wanted.Done():
	case <-ctx.Done():
		return nil
	}
	clip, begun := d.stream.clip, k.Mono()
	for i := 0; ; i++ {
		due := begun + time.Duration(i)*time.Second/time.Duration(clip.FPS)
		if wait := due - k.Mono(); wait > 0 && k.Sleep(ctx, wait) != nil || ctx.Err() != nil {
			return nil
		}
		f := clip.Frames[i%len(clip.Frames)]
		kind := reference.FrameP
		if f.Key {
			kind = reference.FrameI
		}
		e := camera.PushVideo(&reference.VencPack{Data: f.Data, PTS: clip.PTS(i), FrameType: kind, Seq: uint32(i)})
		d.accepted = append(d.accepted, e == reference.ErrNone)
		d.meter.frame(e == reference.ErrNone)
	}
}

// parameters are those of iv_cs_init; started is called when frames are wanted.
func (d *device) parameters(started func()) *reference.InitParm {
	clip := d.stream.clip
	return &reference.InitParm{
		MaxGopSize: d.stream.memory(),
		AV: reference.AVDataInfo{
			AudioType: reference.AudioAAC, VideoType: reference.VideoH264,
			Width: uint32(clip.Width), Height: uint32(clip.Height), Framerate: uint32(clip.FPS),
		},
		Callbacks: reference.Callbacks{
			PushStreamStart: func() int32 { started(); return 0 },
			PushStreamStop:  func() int32 { return 0 },
			Notify: func(_ int32, slices []reference.SliceInfo) int32 {
				d.meter.slices(slices)
				return 0
			},
		},
	}
}
