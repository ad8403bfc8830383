package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ivcs/conform/conformance/rules"
	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

// ErrUnreached: the library never spoke to the cloud.
var ErrUnreached = errors.New("no request came")

// ProbeWithin is how long a library may take from init to its first request.
const ProbeWithin = 15 * time.Second

// Probe reports whether the library speaks the cloud binding: whether, with its
// credentials and a full-time plan, it sends an accepted request to the cloud
// within ProbeWithin of iv_cs_init. The error says why not; it is ErrUnreached
// unless the harness itself failed.
func Probe(_ context.Context, cfg Config) (bool, error) {
	cfg.Missing = func(rules.Capability) string { return "" }
	if cfg.Watchdog == 0 {
		cfg.Watchdog = 30 * time.Second
	}
	e := newEnv(cfg, rules.Rule{ID: "probe"}, "probe", options{})
	reached := false
	var refused string
	e.guard(func() {
		e.open()
		e.Device.SetPlan(FullTime)
		code := e.Lib.Init(e.Parm())
		e.checkAlive()
		if code != target.ErrNone {
			refused = fmt.Sprintf("iv_cs_init returned %v", code)
			return
		}
		e.Await(ProbeWithin, func() bool {
			for _, entry := range e.Cloud.Journal() {
				reached = reached || entry.Done && entry.Status < 300
			}
			return reached
		})
	})
	if reached {
		e.shut()
		return true, nil
	}
	journal := 0
	if e.Cloud != nil {
		journal = len(e.Cloud.Journal())
	}
	e.shut()
	if len(e.outcome.Findings) > 0 {
		f := e.outcome.Findings[0]
		if f.Severity == verdict.Harness {
			return false, errors.New(f.Text)
		}
		return false, fmt.Errorf("%w: %s", ErrUnreached, f.Text)
	}
	if refused != "" {
		return false, fmt.Errorf("%w: %s", ErrUnreached, refused)
	}
	if journal > 0 {
		return false, fmt.Errorf("%w that the cloud could accept: %d were refused", ErrUnreached, journal)
	}
	return false, fmt.Errorf("%w within %v of iv_cs_init", ErrUnreached, ProbeWithin)
}
