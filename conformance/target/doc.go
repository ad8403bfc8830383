// Package target drives a library under test: the Go reference in this process,
// or a shared object in a shim process of its own. Everything above the seam
// (type driver) is the same for both.
//
//	spec ─▶ Session ─▶ driver ─┬─▶ process: frames over a pipe pair ─▶ shim ─▶ dlopen(libivcs.so)
//	            ▲              └─▶ inproc:  reference.Device
//	            └── Events: calls begun and returned, callbacks entered and left,
//	                stray output, death; one ordered list
//
// A Target is opened once for every spec: each Session is a fresh library with
// no memory of the one before. Calls run on named threads (0 to 7) of the
// library's process, so that one that blocks blocks nothing else:
//
//	s, err := t.Open(ctx, target.Options{Config: device.JSON(), Clock: clk})
//	defer s.Close()
//	s.Answer(target.CBCapture, target.Answer{Picture: jpeg})
//	code := s.Init(target.InitParm{MaxGopSize: 800 << 10, …})
//	stuck := s.Go(1, target.ExitCall())
//	err = s.Wait(ctx, "start_cb", func(ev []target.Event) bool { return target.Entered(ev, target.CBStart) > 0 })
//
// Callbacks are answered from a table that is set beforehand (Answer), because
// a callback may come on any thread and at any time, also from inside a call
// (AMB-86). Whatever is handed to the library is overwritten with 0xA5 as soon
// as the call returns; pictures lie in pages that lose their access when the
// result callback returns.
//
// A crash, a hang, an exit, a frame that is none: each becomes a typed error
// (Session.Fatal), and every call under way ends with it. A call to a function
// that the library does not export ends with a MissingError, and nothing else
// suffers.
//
// What a target can be asked is listed in Info.Capabilities. The reference in
// this process has no C ABI, no process and no heap of its own to look at.
package target
