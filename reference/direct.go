package reference

import (
	"context"
	"time"
)

// Attempts of a direct report: the caller waits, so they are few and close together.
const (
	directTries = 3
	directPause = 200 * time.Millisecond
)

// EventDirectlyReport is iv_cs_event_directly_report: it returns when the picture
// and the event are at the cloud, or when they are not (AMB-33). A nil pic is no
// picture; an empty one that is not nil is an inconsistent argument (AMB-35). pic
// is the caller's again on return.
func (d *Device) EventDirectlyReport(id int32, timeS uint32, pic []byte) Err {
	s := d.current()
	if s == nil {
		return ErrCSPrmNotAvailable
	}
	if id < minEventID || id > maxEventID || pic != nil && len(pic) == 0 {
		return ErrCSInitPrmRange
	}
	if d.inCallback() {
		return ErrCSPrmNotAvailable // no callback waits for the network (ROB-003)
	}
	if !s.enter() {
		return ErrCSPrmNotAvailable
	}
	defer s.blockedCalls.Done()
	s.work.begin()
	defer s.work.end()

	s.mu.Lock()
	none := pic == nil && s.plan.known && s.plan.service() == PlanNone
	ai := s.ai[id]
	s.mu.Unlock()
	if none {
		return ErrCSApplyNoService // without a plan there are events with a picture only (AMB-32)
	}
	at := int64(timeS) // absolute, whatever it is (AMB-34)
	if timeS == 0 {
		at = s.clock.Now().Unix()
	}
	limit := time.Duration(s.net.upload.Load() + s.net.reply.Load())
	ctx, cancel := bound(s.live, s.clock, s.work, limit)
	defer cancel()
	if s.reportDirectly(ctx, id, at, ai, pic) != nil {
		return ErrCSHTTPDataFail
	}
	return ErrNone
}

func (s *session) reportDirectly(ctx context.Context, id int32, at int64, ai int32, pic []byte) error {
	r := eventReport{ReportID: randomID(), EventID: id, Direct: true, State: "finished", Complete: true,
		StartUTC: at, EndUTC: at, AIType: ai}
	if pic != nil {
		up := s.newPicture(pic, id, at, true)
		defer up.media.detach()
		if err := s.retry(ctx, func() error {
			_, err := s.storePicture(ctx, up)
			return err
		}); err != nil {
			return err
		}
		r.PictureID = &up.grant.UploadID
	}
	return s.retry(ctx, func() error {
		_, err := s.postEvent(ctx, r)
		return err
	})
}

// retry makes the few attempts of a call that blocks.
func (s *session) retry(ctx context.Context, attempt func() error) (err error) {
	for i := range directTries {
		if i > 0 {
			pause, cancel := bound(ctx, s.clock, s.work, directPause)
			s.await(pause)
			cancel()
		}
		if err = attempt(); err == nil || permanent(err) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// await gives the caller's token up until ctx has ended.
func (s *session) await(ctx context.Context) {
	s.work.end()
	<-ctx.Done()
	s.work.begin()
}
