package target

import (
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// clockMonotonic is CLOCK_MONOTONIC of Linux.
const clockMonotonic = 1

// machineMono reads the clock that the shim stamps its events with. Package
// clock has no such reading: its monotonic times begin when a clock is first
// used, and other processes share none of them.
func machineMono() time.Duration {
	var t syscall.Timespec
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&t)), 0) // cannot fail
	return time.Duration(t.Nano())
}

// waitDead returns when the child is dead, and leaves it to be reaped.
func waitDead(pid int) {
	const (
		byPID   = 1 // P_PID
		exited  = 4 // WEXITED
		noReap  = 0x01000000
		options = exited | noReap
	)
	var info [128]byte // siginfo_t
	for {
		_, _, e := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(pid), uintptr(unsafe.Pointer(&info)), options, 0, 0)
		if e != syscall.EINTR {
			break
		}
	}
	runtime.KeepAlive(&info)
}
