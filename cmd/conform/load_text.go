package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"golang.org/x/term"

	"github.com/ivcs/conform/load"
)

// loadProgress shows on a terminal one line that renews itself, elsewhere a line
// every ten seconds.
type loadProgress struct {
	w     io.Writer
	tty   bool
	total time.Duration
	told  time.Duration
}

func newLoadProgress(w io.Writer, o *loadOptions) *loadProgress {
	f, isFile := w.(*os.File)
	return &loadProgress{w: w, tty: isFile && term.IsTerminal(int(f.Fd())), total: o.duration}
}

const eraseLine = "\r\x1b[K"

func (p *loadProgress) tell(s load.Snapshot) {
	state := fmt.Sprintf("%d s of %d s", int(s.Elapsed.Seconds()), int(p.total.Seconds()))
	if s.Elapsed > p.total {
		state = "flushing"
	}
	line := fmt.Sprintf("%s: %d PUTs, %d/s, p99 %.0f ms, %d segments stored, %d lost, %d errors", state, s.PUTs, s.PutsPerS, s.P99, s.Stored, s.Lost, s.Bad)
	switch {
	case p.tty:
		fmt.Fprint(p.w, eraseLine+line)
	case s.Elapsed-p.told >= 10*time.Second:
		p.told = s.Elapsed
		fmt.Fprintln(p.w, line)
	}
}

func (p *loadProgress) clear() {
	if p.tty {
		fmt.Fprint(p.w, eraseLine)
	}
}

// writeLoad writes the result for people.
func writeLoad(w io.Writer, o *loadOptions, r *load.Result) error {
	const mb = 1e6
	out := &printer{w: w}
	out.line("%d devices at %s bit/s, %.0f s, and %.1f s to flush", r.Devices, o.bitrate, r.Seconds, r.Flushing)
	out.line("stored    %d segments, %.1f PUT/s, %.2f MB/s", r.StoredSegments, r.PutsPerS, r.BytesPerS/mb)
	for _, l := range []struct {
		name string
		load.Latency
	}{{"PUT", r.Uploads}, {"control", r.Control}} {
		out.line("%-9s p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms, of %d", l.name, l.P50, l.P95, l.P99, l.Max, l.Count)
	}
	out.line("memory    RSS %.0f MB (peak %.0f), heap %.0f MB (peak %.0f)",
		float64(r.Memory.RSS)/mb, float64(r.Memory.PeakRSS)/mb, float64(r.Memory.Heap)/mb, float64(r.Memory.PeakHeap)/mb)
	out.line("errors    %d", r.ErrorCount)
	for _, what := range slices.Sorted(maps.Keys(r.Errors)) {
		out.line("          %d x %s", r.Errors[what], what)
	}
	out.line("lost      %d segments given up; of %d frames %d refused, %d not in the cloud (%d holes)",
		r.LostSegments, r.Frames+r.RefusedFrames, r.RefusedFrames, r.MissingFrames, r.MissingRuns)
	if !r.Complete() && r.StoredSegments < r.Devices {
		out.line("          not every device has stored a segment; a longer --for gives each time to start")
	}
	return out.err
}

// printer writes lines until one fails.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
