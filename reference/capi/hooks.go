package main

/*
#include <stdint.h>
typedef const char constant_char; // cgo has no const of its own
*/
import "C"

import "unsafe"

// failed is what a hook returns but for clock_advance, which has one failure of
// its own.
const failed = -1

//export ivcs_conform_configure
func ivcs_conform_configure(json *C.constant_char) C.int {
	if json == nil {
		return failed
	}
	if err := device.Configure([]byte(C.GoString((*C.char)(unsafe.Pointer(json))))); err != nil {
		return failed
	}
	return 0
}

//export ivcs_conform_clock_freeze
func ivcs_conform_clock_freeze(utc C.uint64_t) C.int {
	device.ClockFreeze(uint64(utc))
	return 0
}

//export ivcs_conform_clock_advance
func ivcs_conform_clock_advance(ms C.uint32_t) C.int { return C.int(device.ClockAdvance(uint32(ms))) }

//export ivcs_conform_clock_step
func ivcs_conform_clock_step(ms C.int64_t) C.int {
	device.ClockStep(int64(ms))
	return 0
}
