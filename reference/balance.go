package reference

import (
	"context"
	"time"
)

// balance is the plan that the device remembers, before iv_cs_init and after
// iv_cs_exit too.
type balance struct {
	known bool
	info  BalanceInfo
}

func (d *Device) remember(p plan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cache = balance{known: true, info: BalanceInfo{CSSwitch: p.Switch, CSType: p.Type}}
}

// GetBalanceInfo is iv_cs_get_balance_info. With a time-out it asks the cloud
// and blocks, without one it answers from the cache; before anything was ever
// fetched that is an error (AMB-36). out is written on success only.
func (d *Device) GetBalanceInfo(out *BalanceInfo, timeoutS uint32) Err {
	if out == nil {
		return ErrCSInitPrmNull
	}
	if timeoutS > 0 {
		if d.inCallback() {
			return ErrCSQueryServiceTimeout // no callback waits for the network
		}
		if !d.fetchBalance(time.Duration(timeoutS) * time.Second) {
			return ErrCSQueryServiceTimeout
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.cache.known {
		return ErrCSPrmNotAvailable
	}
	*out = d.cache.info
	return ErrNone
}

// fetchBalance asks the cloud for the plan, within limit.
func (d *Device) fetchBalance(limit time.Duration) bool {
	d.work.begin()
	defer d.work.end()
	if s := d.current(); s != nil && s.enter() {
		defer s.blockedCalls.Done()
		ctx, cancel := bound(s.live, s.clock, s.work, limit)
		defer cancel()
		p, _, err := s.net.plan(ctx, "", false)
		if err != nil {
			return false
		}
		s.offerPlan(p)
		return true
	}
	d.mu.Lock()
	config := d.config
	d.mu.Unlock()
	if config.check() != nil {
		return false
	}
	n, err := newNetwork(config, d.clock, d.work, &d.skew)
	if err != nil {
		return false
	}
	defer n.close()
	ctx, cancel := bound(context.Background(), d.clock, d.work, limit)
	defer cancel()
	p, _, err := n.plan(ctx, "", false)
	if err != nil {
		return false
	}
	d.remember(p)
	return true
}

// enter lets a call that blocks begin, unless the session is ending.
func (s *session) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.blockedCalls.Add(1)
	return true
}
