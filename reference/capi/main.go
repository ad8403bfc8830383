package main

// #cgo linux LDFLAGS: ${SRCDIR}/exports.a
import "C"

import "github.com/ivcs/conform/reference"

// device is the module.
var device = reference.New(reference.ConfigFromEnv())

// main is never called: it makes the package one that can be built as a library.
func main() {}
