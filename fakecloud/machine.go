package fakecloud

import (
	"time"

	"golang.org/x/sys/unix"
)

// machineMono reads CLOCK_MONOTONIC: the one time that this process and a shim
// process on the same machine share, so that requests and callbacks can be put
// in one order. Package clock has no absolute reading of it.
func machineMono() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("fakecloud: CLOCK_MONOTONIC: " + err.Error())
	}
	return time.Duration(ts.Nano())
}
