package target

import (
	"fmt"
	"strings"
	"syscall"
	"time"
)

// FileError: there is no such file to test. A matter of usage (exit code 2).
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s: %v; give the path of the shared object to judge", e.Path, e.Err)
}
func (e *FileError) Unwrap() error { return e.Err }

// LoadError: the file is there, but cannot be loaded or driven (exit code 3).
type LoadError struct {
	Path   string
	Reason string // what is wrong
	Remedy string // what to do
	Err    error
}

func (e *LoadError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Path, e.Reason)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Remedy != "" {
		fmt.Fprintf(&b, "; %s", e.Remedy)
	}
	return b.String()
}
func (e *LoadError) Unwrap() error { return e.Err }

// ShimError: the shim cannot be had (exit code 3).
type ShimError struct {
	Reason string
	Remedy string
	Output string // of the compiler, the last lines
	Err    error
}

func (e *ShimError) Error() string {
	s := "shim: " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Output != "" {
		s += ": " + e.Output
	}
	return s + "; " + e.Remedy
}
func (e *ShimError) Unwrap() error { return e.Err }

// MissingError: the library does not export the function that was called.
type MissingError struct{ Func Function }

func (e *MissingError) Error() string {
	if e.Func >= firstHook {
		return fmt.Sprintf("the library does not export the hook %s", e.Func)
	}
	return fmt.Sprintf("the library does not export %s; export it with C linkage and default visibility", e.Func)
}

// CrashedError: a signal, or in this process a panic, ended the library.
type CrashedError struct {
	Signal syscall.Signal // 0 for a panic
	Panic  string         // the panic and its stack, for a target in this process
	During string         // the call or callback that was under way
	Addr   uint64         // address of a memory fault
	Guard  string         // the guarded memory that it lies in
	Stderr []string       // last lines
}

func (e *CrashedError) Error() string {
	var b strings.Builder
	if e.Panic != "" {
		first, _, _ := strings.Cut(e.Panic, "\n")
		fmt.Fprintf(&b, "the library crashed: panic: %s", first)
	} else {
		fmt.Fprintf(&b, "the library crashed: %s", signalName(e.Signal))
	}
	if e.During != "" {
		fmt.Fprintf(&b, " in %s", e.During)
	}
	if e.Guard != "" {
		fmt.Fprintf(&b, ": touched %s", e.Guard)
	} else if e.Addr != 0 || e.Signal == syscall.SIGSEGV {
		fmt.Fprintf(&b, " at address %#x", e.Addr)
	}
	if trace := backtrace(e.Stderr); trace != "" {
		return b.String() + "\n" + trace
	}
	return b.String() + tail(e.Stderr)
}

// HungError: a call did not return within its bound of machine time.
type HungError struct {
	What   string // "iv_cs_exit", or the step of starting the shim
	After  time.Duration
	Read   string // how far the read of a frame came: "3 of 35 bytes"; "" between frames
	Stderr []string
}

func (e *HungError) Error() string {
	s := fmt.Sprintf("the library hung: %s did not return within %v of machine time", e.What, e.After)
	if e.Read != "" {
		s += fmt.Sprintf(" (the last frame broke off after %s)", e.Read)
	}
	return s + tail(e.Stderr)
}

// ExitedError: the process ended although nobody asked it to.
type ExitedError struct {
	Code   int
	During string
	Read   string
	Stderr []string
}

func (e *ExitedError) Error() string {
	s := fmt.Sprintf("the library ended the process: exit code %d", e.Code)
	if e.During != "" {
		s += " in " + e.During
	}
	if e.Read != "" {
		s += fmt.Sprintf(" (the last frame broke off after %s)", e.Read)
	}
	return s + tail(e.Stderr)
}

// ProtocolError: what came over the pipe is no frame of the shim. Either the
// library writes to descriptors that are not its own, or the shim is of another
// version.
type ProtocolError struct {
	Reason string
	Err    error
	Stderr []string
}

func (e *ProtocolError) Error() string {
	s := "the shim's pipe carries something else: " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s + "; the library may have written to a descriptor it did not open" + tail(e.Stderr)
}
func (e *ProtocolError) Unwrap() error { return e.Err }

// StrayError: the library wrote to stdout, which belongs to its host.
type StrayError struct{ Lines []string }

func (e *StrayError) Error() string {
	return fmt.Sprintf("the library wrote to stdout: %q", strings.Join(e.Lines, "\n"))
}

// NotCapableError: the target cannot be asked this (Info.Capabilities).
type NotCapableError struct {
	Target string
	Need   string
}

func (e *NotCapableError) Error() string {
	return fmt.Sprintf("%s cannot tell: it lacks the capability %q", e.Target, e.Need)
}

// HookError: a hook returned something else than 0.
type HookError struct {
	Hook Function
	Code Code
}

func (e *HookError) Error() string {
	return fmt.Sprintf("%s returned %d, want 0", e.Hook, int32(e.Code))
}

// ClosedError: the session was closed before.
type ClosedError struct{}

func (*ClosedError) Error() string { return "the session is closed" }

// WaitError: what Wait waited for did not happen.
type WaitError struct {
	What string
	Last string // the last event seen
	Err  error  // the context's error, or why the library died
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("waited in vain for %s (last event: %s): %v", e.What, e.Last, e.Err)
}
func (e *WaitError) Unwrap() error { return e.Err }

func tail(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return fmt.Sprintf("; stderr ends with %q", strings.Join(lines[max(0, len(lines)-5):], "\n"))
}

// signalName is the signal as people write it: "SIGSEGV (segmentation fault)".
func signalName(s syscall.Signal) string {
	names := map[syscall.Signal]string{
		syscall.SIGSEGV: "SIGSEGV", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE",
		syscall.SIGILL: "SIGILL", syscall.SIGKILL: "SIGKILL", syscall.SIGTERM: "SIGTERM", syscall.SIGPIPE: "SIGPIPE",
		syscall.SIGTRAP: "SIGTRAP", syscall.SIGSYS: "SIGSYS",
	}
	if n, ok := names[s]; ok {
		return fmt.Sprintf("%s (%s)", n, s)
	}
	return s.String()
}
