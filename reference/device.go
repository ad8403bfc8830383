package reference

import (
	"sync"

	"github.com/ivcs/conform/clock"
)

// Device is the whole state of one module. Its methods are the iv_cs_*
// functions; they may be called from any goroutine.
type Device struct {
	clock *clock.Clock

	mu     sync.Mutex
	config Config
}

// New makes a device that is not initialised yet.
func New(c Config) *Device {
	d := &Device{config: c, clock: c.Clock}
	if d.clock == nil {
		d.clock = new(clock.Clock)
	}
	return d
}

// Init is iv_cs_init.
func (d *Device) Init(p *InitParm) Err { return ErrCSPrmNotAvailable }

// Exit is iv_cs_exit.
func (d *Device) Exit() Err { return ErrCSPrmNotAvailable }

// SetTransTime is iv_cs_set_trans_time.
func (d *Device) SetTransTime(uploadMS, replyMS uint32) Err { return ErrCSPrmNotAvailable }

// PushVideo is iv_cs_push_stream for video.
func (d *Device) PushVideo(p *VencPack) Err { return ErrCSPrmNotAvailable }

// PushAudio is iv_cs_push_stream for audio.
func (d *Device) PushAudio(p *AencPack) Err { return ErrCSPrmNotAvailable }

// EventStart is iv_cs_event_start.
func (d *Device) EventStart(id int32) Err { return ErrCSPrmNotAvailable }

// EventStop is iv_cs_event_stop.
func (d *Device) EventStop(id int32) Err { return ErrCSPrmNotAvailable }

// EventStartExt is iv_cs_event_start_ext.
func (d *Device) EventStartExt(id int32, eventS, streamS uint32) Err { return ErrCSPrmNotAvailable }

// EventStopExt is iv_cs_event_stop_ext.
func (d *Device) EventStopExt(id int32, eventS, streamS uint32) Err { return ErrCSPrmNotAvailable }

// EventDirectlyReport is iv_cs_event_directly_report; a nil pic is no picture.
func (d *Device) EventDirectlyReport(id int32, timeS uint32, pic []byte) Err {
	return ErrCSPrmNotAvailable
}

// GetBalanceInfo is iv_cs_get_balance_info.
func (d *Device) GetBalanceInfo(out *BalanceInfo, timeoutS uint32) Err { return ErrCSPrmNotAvailable }

// SetAIProcess is iv_cs_set_ai_process.
func (d *Device) SetAIProcess(id, aiType int32) Err { return ErrCSPrmNotAvailable }

// GetAIProcess is iv_cs_get_ai_process.
func (d *Device) GetAIProcess(id int32, out *int32) Err { return ErrCSPrmNotAvailable }

// Configure is the hook ivcs_conform_configure.
func (d *Device) Configure(text []byte) error {
	c, err := ConfigFromJSON(text)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.config = c
	return nil
}

// ClockFreeze is the hook ivcs_conform_clock_freeze.
func (d *Device) ClockFreeze(utcMS uint64) {}

// ClockAdvance is the hook ivcs_conform_clock_advance.
func (d *Device) ClockAdvance(ms uint32) int { return 1 }

// ClockStep is the hook ivcs_conform_clock_step.
func (d *Device) ClockStep(ms int64) {}
