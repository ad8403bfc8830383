package load

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ivcs/conform/reference"
)

// Latency is how long one kind of request took, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// meter gathers what the devices meet. Its methods may be called from anywhere.
type meter struct {
	mu       sync.Mutex
	uploads  *hdrhistogram.Histogram // of microseconds
	control  *hdrhistogram.Histogram
	errors   map[string]int // by what it was
	stored   int            // segments
	lost     int            // segments that a device has given up
	refused  int            // frames that a device did not take
	accepted int            // frames
	bytes    int64          // of stored segments
}

// longest is the longest latency that is told from a longer one.
const longest = 10 * time.Minute

func newMeter() *meter {
	h := func() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest.Microseconds(), 3) }
	return &meter{uploads: h(), control: h(), errors: make(map[string]int)}
}

func (m *meter) exchange(x reference.Exchange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	what, h := "control request", m.control
	if x.Upload {
		what, h = "PUT", m.uploads
	}
	switch {
	case x.Err != nil:
		m.errors[what+": no answer"]++
		return
	case x.Status >= 400:
		m.errors[fmt.Sprintf("%s: status %d", what, x.Status)]++
		return
	}
	_ = h.RecordValue(min(max(x.Took, time.Microsecond), longest).Microseconds()) // within its bounds
}

func (m *meter) slices(all []reference.SliceInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range all {
		if s.State == reference.UploadOK {
			m.stored++
			m.bytes += int64(s.TotalSize)
		} else {
			m.lost++
		}
	}
}

func (m *meter) frame(accepted bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if accepted {
		m.accepted++
	} else {
		m.refused++
	}
}

func latency(h *hdrhistogram.Histogram) Latency {
	ms := func(us int64) float64 { return float64(us) / 1000 }
	return Latency{
		Count: h.TotalCount(), Max: ms(h.Max()),
		P50: ms(h.ValueAtQuantile(50)), P95: ms(h.ValueAtQuantile(95)), P99: ms(h.ValueAtQuantile(99)),
	}
}

// errorCount is how many exchanges went wrong; m.mu is held.
func (m *meter) errorCount() (n int) {
	for _, k := range m.errors {
		n += k
	}
	return n
}
