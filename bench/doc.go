// Package bench measures conform beside its peers. It is a module of its own, so
// that what others are measured with never becomes a dependency of the project.
//
//	ts_test.go       the TS writer: mediacommon, go-astits, a plain copy
//	tscheck_test.go  the judge of segments: a bare gots parse
//	push_test.go     iv_cs_push_stream: time, allocations, with the network dead
//	cloud_test.go    grant and PUT: raw gofakes3, a bare handler
//	shim_test.go     the shim: round trips, bytes, start-up
//	load_test.go     conform load: up to 1,000 devices of 1 Mbit/s
//	memory_test.go   memory of devices, and of a cloud that forgets
//	suite_test.go    the whole suite on the reference and on the port
//	growth_test.go   the cloud and the judge with more devices and longer recordings
//
// All figures that count are ratios of benchmarks of one run. `./do bench` runs
// them and has ./plot write the tables and pictures of docs/performance.md.
package bench
