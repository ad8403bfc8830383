package reference

import "time"

// SetTransTime is iv_cs_set_trans_time: how long a request may take to go out,
// and its answer to come in. It counts for the transfers that begin afterwards,
// until iv_cs_exit.
func (d *Device) SetTransTime(uploadMS, replyMS uint32) Err {
	if uploadMS == 0 || replyMS == 0 {
		return ErrCSInitPrmRange
	}
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	s.net.upload.Store(int64(time.Duration(uploadMS) * time.Millisecond))
	s.net.reply.Store(int64(time.Duration(replyMS) * time.Millisecond))
	return ErrNone
}
