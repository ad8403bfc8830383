// Command capi is the C face of package reference: built with
//
//	go build -buildmode=c-shared -o libivcs.so ./reference/capi
//
// it is a library with the 12 functions of iv_cs.h and the 4 hooks of
// ivcs_conform.h, which a program in C loads like any other.
//
//	C caller ──► exports.go ──► reference.Device ──► callbacks.go ──► callbacks.h ──► C callback
//
// Nothing is decided here but what only C has: NULL, and numbers that are no
// member of their enumeration. Packs are handed on as slices over the caller's
// memory, which the reference copies before it returns; structures are read,
// never written.
//
// C has no place for a handle, so here is the one global of the project: a
// single Device. It takes its configuration from the environment as it is when
// the library is loaded, or from ivcs_conform_configure.
//
// The Go runtime in the library installs handlers for the synchronous signals
// and SIGPIPE only, and passes on what does not come from Go code to the handler
// that was there before. The host may install its own at any time, with
// SA_ONSTACK. Once loaded, the library cannot be unloaded.
package main
