package reference

import (
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The waits between attempts: doubled each time up to a cap, which is higher
// where the cloud has refused the device (ruling 11).
const (
	firstWait   = time.Second
	waitCap     = 60 * time.Second
	refusedWait = 10 * time.Second // 401 and 403: asking again soon changes nothing
	refusedCap  = 300 * time.Second
)

// backoff is the waiting of one kind of request. The zero value needs a jitter.
type backoff struct {
	jitter *jitter
	tries  int
}

// reset is called after a success.
func (b *backoff) reset() { b.tries = 0 }

// next is how long to wait before trying again after a, nil if there was no answer.
func (b *backoff) next(a *answer) time.Duration {
	first, limit := firstWait, waitCap
	if refused(a) {
		first, limit = refusedWait, refusedCap
	}
	d := limit
	if b.tries < 10 {
		d = min(limit, first<<b.tries)
	}
	b.tries++
	d = b.jitter.spread(d)
	if a != nil {
		d = max(d, a.retryAfter())
	}
	return d
}

// refused says whether the cloud refuses the device, for now or for good.
func refused(a *answer) bool {
	return a != nil && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden)
}

// retryAfter is the wait that the cloud asks for, 0 if none; at most the
// greatest wait of our own.
func (a *answer) retryAfter() time.Duration {
	v := a.header.Get("Retry-After")
	if v == "" {
		return 0
	}
	if s, err := strconv.Atoi(v); err == nil {
		return min(max(time.Duration(s)*time.Second, 0), refusedCap)
	}
	until, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	// The date is the cloud's; so is the one it is compared with.
	sent, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(sent), 0), refusedCap)
}

// jitter spreads the attempts of a fleet that a fault has brought into step. It
// begins from the device's name, so that one device always waits alike.
type jitter struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func newJitter(name string) *jitter {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return &jitter{rand: rand.New(rand.NewPCG(h.Sum64(), 0))}
}

// spread returns between three quarters of d and d.
func (j *jitter) spread(d time.Duration) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	return d - time.Duration(j.rand.Int64N(int64(d)/4+1))
}
