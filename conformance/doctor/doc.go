// Package doctor looks at a library before any rule is judged, and says of each
// thing that would make every rule red, or a red rule mean nothing, what it is
// and what to do about it.
//
//	file ─► headers ─► load ─► protocol ─► hooks ─► clock ─► cloud
//	ELF      cc -c      shim    1000        of        which    does a
//	symbols  sizes      dlopen  questions   ivcs_     one      request
//	         arities                        conform.h          arrive
//
// Sizes and offsets are read where nothing has to run: a probe is compiled with
// the vendor's compiler, each figure the length of an array, and the object
// file's symbol table says how long the arrays are. The same compiler compiles
// the shim's own header; the two are compared. So it works for any machine that
// a compiler is there for.
//
// The later generation of the SDK, whose calls take a channel first (AMB-94), is
// recognised from the headers' prototypes, from the debug information and from
// what only that generation exports.
package doctor
