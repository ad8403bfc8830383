// Package containers runs what a test run wants to have in a machine of its own:
// the library that is judged, whose network is then really cut, and a real S3
// server.
//
//	engine ◀── testcontainers-go ── image from scratch: files of this machine, or a static program
//	   ├── Library: shim --listen /SOCKET; the run leads to it over a folder that both see,
//	   │            the library reaches the cloud over a network that Cut takes away
//	   └── S3:      versitygw, pulled where a registry answers, else built with Go
//
// Nothing is pulled but the S3 server, and nothing is left behind but its image: all
// else of a run ends with Close. Testcontainers' own reaper is
// off, since it would have to be pulled.
package containers
