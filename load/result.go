package load

import (
	"maps"
	"time"
)

// Result is what a run has measured.
type Result struct {
	Devices  int     `json:"devices"`
	Seconds  float64 `json:"seconds"`  // of pushing
	Flushing float64 `json:"flushing"` // seconds from the end of the pushing until all devices had left

	Uploads    Latency        `json:"puts"`
	Control    Latency        `json:"control"`
	PutsPerS   float64        `json:"puts_per_s"`
	BytesPerS  float64        `json:"bytes_per_s"`
	Errors     map[string]int `json:"errors"` // exchanges gone wrong; devices try again, so none of them need be a loss
	ErrorCount int            `json:"error_count"`

	StoredSegments int `json:"stored_segments"` // as the devices were told
	LostSegments   int `json:"lost_segments"`   // given up by a device
	Frames         int `json:"frames"`          // accepted by the devices
	RefusedFrames  int `json:"refused_frames"`  // a device's buffer was full
	MissingFrames  int `json:"missing_frames"`  // accepted, and not in the cloud
	MissingRuns    int `json:"missing_runs"`    // holes that the missing frames leave

	Memory Memory `json:"memory"`
}

// Complete tells whether nothing was lost: no segment, no frame, and something
// was stored by all.
func (r *Result) Complete() bool {
	return r.LostSegments == 0 && r.RefusedFrames == 0 && r.MissingFrames == 0 && r.StoredSegments >= r.Devices
}

func (m *meter) result(devices int, pushed, all time.Duration) *Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &Result{
		Devices: devices, Seconds: pushed.Seconds(), Flushing: (all - pushed).Seconds(),
		Uploads: latency(m.uploads), Control: latency(m.control),
		Errors: maps.Clone(m.errors), ErrorCount: m.errorCount(),
		StoredSegments: m.stored, LostSegments: m.lost, Frames: m.accepted, RefusedFrames: m.refused,
	}
	if s := all.Seconds(); s > 0 {
		r.PutsPerS, r.BytesPerS = float64(r.Uploads.Count)/s, float64(m.bytes)/s
	}
	return r
}

func (m *meter) snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := latency(m.uploads)
	return Snapshot{PUTs: l.Count, P99: l.P99, Stored: m.stored, Lost: m.lost, Bad: m.errorCount()}
}
