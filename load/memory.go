package load

import (
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
)

// Memory is what the process, and the cloud if it runs in it, has taken.
type Memory struct {
	RSS      uint64 `json:"rss_bytes"` // at the end; 0 where the system does not tell
	PeakRSS  uint64 `json:"peak_rss_bytes"`
	Heap     uint64 `json:"heap_bytes"` // live Go objects at the end
	PeakHeap uint64 `json:"peak_heap_bytes"`
}

type memory struct{ m Memory }

func newMemory() *memory { return &memory{} }

// look takes a reading. It is called by one goroutine at a time.
func (p *memory) look() {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	p.m.Heap, p.m.RSS = heap[0].Value.Uint64(), rss()
	p.m.PeakHeap, p.m.PeakRSS = max(p.m.PeakHeap, p.m.Heap), max(p.m.PeakRSS, p.m.RSS)
}

func (p *memory) end() Memory {
	p.look()
	return p.m
}

// rss is the second number of /proc/self/statm, in pages.
func rss() uint64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}
