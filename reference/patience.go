package reference

import (
	"context"
	"time"

	"github.com/ivcs/conform/clock"
)

// patience is the time that one push may wait for room, in machine time: under a
// frozen clock nobody moves it while a push waits.
type patience struct{ used func() time.Duration }

func newPatience() patience { return patience{used: clock.Elapsed()} }

// wait returns true when room has been made, which may still be too little. s.mu
// is held on entry and on return.
func (p patience) wait(s *session) bool {
	if s.stream.room == nil {
		s.stream.room = make(chan struct{})
	}
	room := s.stream.room
	s.mu.Unlock()
	defer s.mu.Lock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	made := make(chan bool, 1)
	go func() {
		select {
		case <-room:
			cancel()
			made <- true
		case <-ctx.Done():
			made <- false
		}
	}()
	_ = clock.Machine(ctx, s.stream.longest-p.used())
	cancel()
	return <-made
}
