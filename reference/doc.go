// Package reference is the module behind the iv_cs_* functions: it takes audio
// and video from a camera, cuts it into MPEG-TS segments and brings them, with
// events and their pictures, to a cloud that speaks the project's cloud binding.
//
// A Device is one module; its methods are the C functions. Nothing is global: the
// one device a C library has lives in reference/capi.
//
//	        caller's threads                          goroutines of a session
//
//	PushVideo ─▶ video.go   ─┐ judge
//	PushAudio ─▶ audio.go   ─┤ (and transcode)
//	                         ▼
//	                 segmenter.go ─▶ ring.go          cut ─▶ upload.go ─▶ grant.go ─▶ exchange.go ─▶ cloud
//	                 timeline.go (at which UTC?)              │   ▲ frames.go, mpegts: the body is
//	                         ▲                                │   └ written straight from the ring
//	EventStart ─▶ event.go ──┤ stream.go: start or stop?      ▼
//	              │          ▲                          result of the segment
//	              │          └── plan.go ◀─ long poll         │
//	              └─▶ picture.go, event_report.go ◀───────────┤
//	                                                          ▼
//	caller's callbacks ◀── dispatch.go ◀── notify.go, link.go, watermark.go
//
// A frame is validated, copied into a ring that iv_cs_init has allocated once,
// and belongs to the open segment from then on. When the segment ends (ten
// seconds and a key frame; a stop; a pause; or the next group of pictures would
// not fit), the uploader asks for a grant, writes the TS from the ring into the
// PUT, and frees the memory when the cloud has the segment or it is given up.
// Push allocates nothing and never waits for the network; for room it may wait
// 40 ms.
//
// Callbacks come from one goroutine that holds no lock, in the order of what they
// tell, and never after Exit has returned. Every function may be called from
// inside them; those that would have to wait (Exit, a blocking balance query, a
// direct report) are refused there.
//
// # State and locks
//
// Device.mu guards what outlives a session: the configuration, the cached plan,
// the session itself. session.mu guards everything between iv_cs_init and
// iv_cs_exit and is never held while anything waits, calls back or talks to the
// network. session.pushing orders pushes among themselves.
//
// # Time
//
// All time comes from one clock.Clock, the hooks ClockFreeze, ClockAdvance and
// ClockStep move it. So that ClockAdvance can return when everything that was due
// has run, work.go counts who is computing, and knows which transfers move bytes.
// The rule for every goroutine: hold a token while awake, wait in a sleeper or in
// an exchange. Machine time rules only where virtual time cannot: bytes on a
// connection, a push that waits for room, the bound of a call that blocks.
package reference
