package reference

import (
	"context"
	"fmt"
)

const (
	gopUnit    = 4096    // u32MaxGopSize is a multiple of 4 KB
	gopMax     = 1 << 30 // more than any camera has; the lengths in the ring rely on it
	sampleUnit = 1024    // samples of an AAC frame, and so of a pack, per channel
)

// Init is iv_cs_init. It starts the module and returns; the plan arrives later,
// and callbacks may come before it has returned (INIT-015).
func (d *Device) Init(p *InitParm) Err {
	if p == nil {
		return ErrCSInitPrmNull
	}
	if p.Callbacks.PushStreamStart == nil || p.Callbacks.PushStreamStop == nil {
		return ErrCSInitCbNull // the others may be absent (AMB-40)
	}
	if err := p.check(); err != nil {
		return ErrCSInitPrmRange
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session != nil || d.leaving {
		return ErrCSInitRepeat
	}
	if d.config.check() != nil {
		return ErrCSUploadAuthNotAvailable // nothing is known of a cloud
	}
	s, err := d.open(*p)
	if err != ErrNone {
		return err
	}
	d.session = s
	s.begin()
	return ErrNone
}

// check says what is out of range.
func (p *InitParm) check() error {
	if p.MaxGopSize == 0 || p.MaxGopSize%gopUnit != 0 || p.MaxGopSize > gopMax {
		return fmt.Errorf("u32MaxGopSize %d is not a multiple of 4096 up to 1 GB", p.MaxGopSize)
	}
	if p.EventReportOpt < EventTSReq || p.EventReportOpt > EventTSOrPicReq {
		return fmt.Errorf("event_report_opt %d is not 0, 1 or 2", p.EventReportOpt)
	}
	if err := p.Congestion.check(p.MaxGopSize); err != nil {
		return err
	}
	return p.AV.check()
}

// check: the marks count only when the alarms are on (AMB-10).
func (c CongestionCtrl) check(size uint32) error {
	switch {
	case c.Enable == 0:
		return nil
	case c.Enable != 1:
		return fmt.Errorf("congestion_cfg.enable %d is not 0 or 1", c.Enable)
	case c.LowMark > c.WarnMark || c.WarnMark > c.HighMark:
		return fmt.Errorf("the marks %d, %d, %d do not ascend", c.LowMark, c.WarnMark, c.HighMark)
	case c.HighMark > uint64(size):
		return fmt.Errorf("a mark is above u32MaxGopSize %d", size)
	}
	return nil
}

func (a AVDataInfo) check() error {
	if a.VideoType != VideoH264 && a.VideoType != VideoH265 {
		return fmt.Errorf("eVideoType %d is neither H.264 nor H.265", a.VideoType)
	}
	switch a.AudioType {
	case AudioAAC:
		return nil // the ADTS header tells the rest
	case AudioPCM:
		if a.BitWidth != BitWidth16 {
			return fmt.Errorf("eAudioBitWidth %d: PCM samples have 16 bits", a.BitWidth)
		}
	case AudioG711A, AudioG711U:
	default:
		return fmt.Errorf("eAudioType %d is not supported", a.AudioType)
	}
	if a.AudioMode != AudioMono && a.AudioMode != AudioStereo {
		return fmt.Errorf("eAudioMode %d is neither mono nor stereo", a.AudioMode)
	}
	if want := uint32(sampleUnit * a.channels()); a.SampleNumPerFrame != want {
		return fmt.Errorf("u32SampleNumPerFrame %d is not %d", a.SampleNumPerFrame, want)
	}
	switch a.SampleRate {
	case 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000:
		return nil
	}
	return fmt.Errorf("eAudioSampleRate %d cannot be transcoded", a.SampleRate)
}

func (a AVDataInfo) channels() int {
	if a.AudioMode == AudioStereo {
		return 2
	}
	return 1
}

// open makes a session with everything it needs, or nothing at all. d.mu is held.
func (d *Device) open(p InitParm) (*session, Err) {
	mem, err := allocate(int(p.MaxGopSize) + ringSlack(p.MaxGopSize))
	if err != nil {
		return nil, ErrCSPrmMallocFail
	}
	s := &session{device: d, parm: p, clock: d.clock, work: d.work, jitter: newJitter(d.config.ProductID + "/" + d.config.DeviceName)}
	s.stream.ring.mem, s.stream.longest = mem, patienceLimit
	if err = s.audio.open(p.AV); err != nil {
		free(mem)
		return nil, ErrCSPrmMallocFail
	}
	s.net, err = newNetwork(d.config, d.clock, d.work, &d.skew)
	if err != nil {
		s.audio.close()
		free(mem)
		return nil, ErrCSUploadAuthNotAvailable
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.live, s.endLive = context.WithCancel(s.ctx)
	s.planKnown, s.planIsKnown = context.WithCancel(s.live)
	s.marks = newWatermarks(p.Congestion)
	s.events.open = make(map[*event]struct{})
	s.upload.rest.work = d.work
	s.upload.wait.jitter = s.jitter
	s.calls = &dispatcher{rest: sleeper{work: d.work}, caller: &d.callback}
	s.dispatcherDone = make(chan struct{})
	return s, ErrNone
}

// begin starts the session's goroutines.
func (s *session) begin() {
	s.work.begin()
	go func() {
		defer close(s.dispatcherDone)
		defer s.work.end()
		s.calls.run()
	}()
	s.start(s.watchPlan)
	s.start(s.uploadSegments)
}
