package reference

import (
	"context"
	"errors"
	"net/http"
)

// plane is one of the two services an upload needs.
type plane int

const (
	control plane = iota // grants and event reports
	store                // the object storage
)

// link is what the caller has been told of the connection. No answer at all is
// a failed connection, an answer that says the service is out of order is a
// wrong service (AMB-84). s.mu guards it.
type link struct {
	down  [2]bool
	wrong [2]bool
}

// linkResult takes the outcome of an exchange. Failing and recovering alternate
// (AMB-83): the connection is down from the first plane that fails to the last
// that is back.
func (s *session) linkResult(p plane, a *answer, err error) {
	if a == nil && errors.Is(err, context.Canceled) && s.live.Err() != nil {
		return // given up by iv_cs_exit: that says nothing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.link
	before := l.down[control] || l.down[store]
	l.down[p] = a == nil
	after := l.down[control] || l.down[store]
	switch {
	case after && !before:
		s.notify(NotifyConnectFail)
	case before && !after:
		s.notify(NotifyConnectRecover)
	}
	if a == nil {
		return
	}
	var r *refusal
	if errors.As(err, &r) && (r.status >= 500 || r.status == http.StatusForbidden && r.code != "no_service") {
		s.tellWrong(p)
	}
}

// linkGood says that a service has done its work.
func (s *session) linkGood(p plane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.link.wrong[p] = false
}

// linkWrong says that a service answers, but not sense.
func (s *session) linkWrong(p plane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tellWrong(p)
}

// tellWrong tells once per fault; s.mu is held.
func (s *session) tellWrong(p plane) {
	if s.link.wrong[p] {
		return
	}
	other := s.link.wrong[1-p]
	s.link.wrong[p] = true
	if !other {
		s.notify(NotifyCOSServiceWrong)
	}
}
