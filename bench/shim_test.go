package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ivcs/conform/conformance/target"
)

// nothing is a library of which every call returns 0.
const nothing = `
#include <stdint.h>
int iv_cs_init(void *p) { return 0; }
int iv_cs_exit(void) { return 0; }
int iv_cs_push_stream(int t, void *p) { return 0; }
int iv_cs_event_directly_report(int32_t i, uint32_t t, void *p, uint32_t n) { return 0; }
int iv_cs_event_start(int32_t i) { return 0; }
int iv_cs_event_stop(int32_t i) { return 0; }
int iv_cs_event_start_ext(int32_t i, uint32_t a, uint32_t b) { return 0; }
int iv_cs_event_stop_ext(int32_t i, uint32_t a, uint32_t b) { return 0; }
int iv_cs_get_balance_info(void *b, uint32_t t) { return 0; }
int iv_cs_set_ai_process(int32_t i, int t, void *p) { return 0; }
int iv_cs_get_ai_process(int32_t i, int *t, void *p) { return 0; }
int iv_cs_set_trans_time(uint32_t u, uint32_t r) { return 0; }
`

// library compiles nothing.
func library(b *testing.B) target.Target {
	b.Helper()
	dir := b.TempDir()
	source, lib := filepath.Join(dir, "nothing.c"), filepath.Join(dir, "libnothing.so")
	if err := os.WriteFile(source, []byte(nothing), 0o644); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-w", "-o", lib, source).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	t, err := target.Library(lib, target.LibraryOptions{Cache: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// BenchmarkShim is what the process around a library costs: starting it, a call,
// the bytes of frames, calls in a sequence.
func BenchmarkShim(b *testing.B) {
	t := library(b)
	b.Run("what=start", func(b *testing.B) {
		for b.Loop() {
			s, err := t.Open(b.Context(), target.Options{})
			if err != nil {
				b.Fatal(err)
			}
			s.Close()
		}
	})
	s, err := t.Open(b.Context(), target.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for _, size := range []int{0, 5_000, 300_000} {
		push := target.PushVideoCall(target.VencPack{Data: make([]byte, size)})
		b.Run(fmt.Sprintf("what=call/bytes=%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				s.Call(push)
			}
		})
		b.Run(fmt.Sprintf("what=sequence of 10/bytes=%d", size), func(b *testing.B) {
			calls := []target.Call{push, push, push, push, push, push, push, push, push, push}
			b.SetBytes(10 * int64(size))
			for b.Loop() {
				s.Sequence(0, false, calls)
			}
		})
	}
}
