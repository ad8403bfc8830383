package reference

import (
	"context"
	"time"

	"github.com/ivcs/conform/clock"
)

// Exchange is one request of a device and what came of it, for whoever measures
// a cloud (Config.Observe). The long poll is none: it waits on purpose.
type Exchange struct {
	Upload bool // a PUT to the store, not a request to the control plane
	Took   time.Duration
	Status int   // of the answer, 0 without one
	Err    error // why there was no answer
}

// do makes the exchange and tells the observer of it. An error means that there
// was no answer: the connection failed or a time-out ran. The caller holds a token.
func (n *network) do(ctx context.Context, c call) (answer, error) {
	if n.config.Observe == nil || c.background {
		return n.exchange(ctx, c)
	}
	took := clock.Elapsed()
	a, err := n.exchange(ctx, c)
	n.config.Observe(Exchange{Upload: c.media != nil, Took: took(), Status: a.status, Err: err})
	return a, err
}
