package target

import "time"

// Stat is a look at the library's process. The shim's own threads and
// descriptors are not counted.
type Stat struct {
	Threads     int
	Descriptors int
	Sockets     int   // of the descriptors
	RSS         int64 // bytes, of the whole process
	// Wall is the wall clock as the C library tells it there: under a scaled
	// clock not the machine's.
	Wall time.Time
	Heap Heap
}

// Heap counts what was allocated outside the shim's own code.
type Heap struct {
	Known  bool  // the allocator is interposed (capability "heap")
	InUse  int64 // bytes now, as the allocator rounds them
	Peak   int64 // highest InUse since the start or the last ResetPeak
	Blocks int64 // live allocations
	Allocs int64 // allocations so far
	Failed int64 // of them refused by FailAlloc
}
