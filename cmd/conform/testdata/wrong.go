// A miniature library with a Go runtime inside: every function returns 0.
package main

import "C"

//export iv_cs_init
func iv_cs_init(uintptr) int32 { return 0 }

//export iv_cs_exit
func iv_cs_exit() int32 { return 0 }

func main() {}
