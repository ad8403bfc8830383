package target

import "time"

// Setting is what a session was told beside its calls: how a callback answers
// from now on, or in words what is done to its process.
type Setting struct {
	Mono     time.Duration // CLOCK_MONOTONIC of the machine
	Callback Callback
	Answers  []Answer
	Other    string // instead of Callback and Answers
}

// Settings is everything that the session was told, in order. It must not be changed.
func (s *Session) Settings() []Setting {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told[:len(s.told):len(s.told)]
}

func (s *Session) note(t Setting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Mono = machineMono()
	s.told = append(s.told, t)
}
