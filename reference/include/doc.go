// Package include holds the C headers of the interface under test:
//
//	iv_err.h          error codes
//	iv_cm.h           the audio and video types it shares with other modules
//	iv_cs.h           cloud storage: the 12 functions, 7 callbacks, their types
//	ivcs_conform.h    optional hooks for a conformance run
//
// They are the specification's text as C: names, tags, values and order of
// members as printed (ABI-055). Each compiles alone, as C99, C11 and C++17,
// without a warning, and asserts the layout of every structure for 64-bit
// machines, for 32-bit ARM and for i386 (AMB-47).
package include

import "embed"

// Headers are the four files, for programs that compile C where this source tree
// is not at hand.
//
//go:embed *.h
var Headers embed.FS
