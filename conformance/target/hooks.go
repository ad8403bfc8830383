package target

import (
	"fmt"
	"math"
	"time"
)

// HasClock reports whether the library has the three clock hooks: a run can
// then use virtual time.
func (s *Session) HasClock() bool { return s.info.Can(CapClockHooks) }

// Configure gives the library its JSON once more; Open has done so before.
func (s *Session) Configure(json string) error {
	return s.hook(Call{Func: FnConfigure, JSON: json})
}

// Freeze makes the library's time stand still at utc; Advance and Step move it.
func (s *Session) Freeze(utc time.Time) error {
	return s.hook(Call{Func: FnClockFreeze, Millis: utc.UnixMilli()})
}

// Advance moves the library's wall and monotonic time by d and returns when
// everything due has run and every callback it caused has returned. A run moves
// its cloud first, in steps of at most 10 s (ruling 10 of the cloud binding).
func (s *Session) Advance(d time.Duration) error {
	if d < 0 || d.Milliseconds() > math.MaxUint32 {
		return fmt.Errorf("advance by %v: a clock moves by 0 to %v at a time; use Step to set the wall clock back", d, time.Duration(math.MaxUint32)*time.Millisecond)
	}
	return s.hook(AdvanceCall(d))
}

// AdvanceCall is the call of Advance, for a sequence.
func AdvanceCall(d time.Duration) Call {
	return Call{Func: FnClockAdvance, Millis: d.Milliseconds()}
}

// GoAdvance begins an Advance and does not wait for it: for looking at the
// library while a callback keeps the clock from settling.
func (s *Session) GoAdvance(d time.Duration) *Pending {
	return s.Go(hookThread, AdvanceCall(d))
}

// Step moves the library's wall clock alone: a time correction.
func (s *Session) Step(d time.Duration) error {
	return s.hook(Call{Func: FnClockStep, Millis: d.Milliseconds()})
}

func (s *Session) hook(c Call) error {
	return s.Call(c.On(hookThread)).Hook(c)
}

// Hook is the error of the hook call c that r came of: nil when it returned 0.
func (r Return) Hook(c Call) error {
	switch {
	case r.Err != nil:
		return r.Err
	case r.Code != 0:
		return &HookError{Hook: c.Func, Code: r.Code}
	}
	return nil
}

// Skew is how far the library's wall clock is ahead of Options.Clock. Under a
// scaled clock it lags by the time its process took to start, many times over; a
// run steps its own clock by the skew.
func (s *Session) Skew() (time.Duration, error) {
	st, err := s.Stat()
	if err != nil {
		return 0, err
	}
	return st.Wall.Sub(s.options.Clock.Now()), nil
}
