package reference

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// plan is the cloud-storage plan as the cloud told it.
type plan struct {
	known  bool
	rev    int64
	Switch int32
	Type   int32
}

// service is the plan in force: a plan whose switch is off is none (AMB-21).
func (p plan) service() int32 {
	if p.Switch == 0 {
		return PlanNone
	}
	return p.Type
}

// pollWait is how long the cloud holds the poll when nothing changes, in seconds.
const pollWait = 30

// watchPlan keeps the plan up to date until the session ends: at once, then by
// the long poll that the cloud answers as soon as the plan changes.
func (s *session) watchPlan(rest *sleeper) {
	wait := backoff{jitter: s.jitter}
	var known plan
	var same time.Duration // when the last answer without news came
	for s.live.Err() == nil {
		query, long := "", known.known && wait.tries == 0
		if long {
			query = fmt.Sprintf("?rev=%d&wait=%d", known.rev, pollWait)
		}
		p, a, err := s.net.plan(s.live, query, long)
		switch {
		case err != nil:
			_ = rest.sleep(s.live, s.clock, wait.next(a))
		case long && p.rev == known.rev:
			// A cloud that does not hold the poll must not be hammered.
			now := s.clock.Mono()
			if now-same < time.Second {
				_ = rest.sleep(s.live, s.clock, time.Second)
			}
			same = now
		default:
			wait.reset()
			known = p
			s.setPlan(p)
		}
	}
}

// setPlan puts the plan that the poll has brought into force.
func (s *session) setPlan(p plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adopt(p)
}

// offerPlan does the same with one that was fetched on the side, unless the poll
// has brought a later one meanwhile.
func (s *session) offerPlan(p plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.rev >= s.plan.rev {
		s.adopt(p)
	}
}

// adopt puts a plan into force. s.mu is held.
func (s *session) adopt(p plan) {
	if s.closing {
		return
	}
	s.device.remember(p)
	s.plan = p
	s.planIsKnown()
	s.follow()
}

// plan asks for the plan. Without an error the answer is whole; with one, a is
// the answer if there was any.
func (n *network) plan(ctx context.Context, query string, long bool) (p plan, a *answer, err error) {
	c := call{method: http.MethodGet, path: "/plan" + query}
	if long {
		c.background, c.extra = true, pollWait*time.Second
	}
	a, err = n.control(ctx, c)
	if err != nil {
		return plan{}, a, err
	}
	var body struct {
		Rev    *int64 `json:"rev"`
		Switch *int32 `json:"cs_switch"`
		Type   *int32 `json:"cs_type"`
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		return plan{}, a, fmt.Errorf("the answer to the plan query is no JSON: %w", err)
	}
	if body.Rev == nil || body.Switch == nil || body.Type == nil ||
		*body.Switch < 0 || *body.Switch > 1 || *body.Type < PlanNone || *body.Type > PlanEvent {
		return plan{}, a, fmt.Errorf("the answer to the plan query has no rev, cs_switch 0..1 and cs_type 0..2: %s", a.body)
	}
	return plan{known: true, rev: *body.Rev, Switch: *body.Switch, Type: *body.Type}, a, nil
}
