package target

import "time"

// driver is the seam between a session and a library: a shim process or the
// reference here. What happens in the library comes back through a sink.
type driver interface {
	// call begins a call; sink.event gets CallBegun and CallReturned with its id.
	call(id uint32, c Call) error
	// sequence begins calls that follow each other on one thread, as Session.Sequence says.
	sequence(first uint32, thread int, through bool, calls []Call) error
	// answer replaces the queue of a callback's answers.
	answer(cb Callback, queue []Answer)
	// stat looks at the process; heap changes how its allocator behaves.
	stat(bound time.Duration) (Stat, error)
	heap(h heapControl, bound time.Duration) error
	// look tells how far the read of a broken-off frame came ("3 of 35 bytes"),
	// and how the library's stderr ends.
	look() (read string, stderr []string)
	// kill ends the library at once, for a call that hangs.
	kill()
	// close ends the library in good order, within the bound, and joins everything.
	close(bound time.Duration) Exit
}

// sink is where a driver delivers; it never blocks on the library.
type sink interface {
	event(Event)
	// fail ends the session: no event follows but output already under way.
	fail(error)
	// skipped says that the calls first to end-1 of a sequence are not made.
	skipped(first, end uint32)
	// callOf is the call that was begun under the id.
	callOf(id uint32) *Call
}

// heapControl changes the shim's allocator. Zero fields change nothing.
type heapControl struct {
	resetPeak bool
	setFail   bool
	failNth   uint32 // 0: no more failures
	failCount uint32 // how many fail from there on; 0: all
	setLimit  bool
	headroom  uint64 // RLIMIT_AS above what is in use; 0: no limit
}
