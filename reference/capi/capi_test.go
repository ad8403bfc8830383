package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivcs/conform/clock"
)

// library is libivcs.so, built once for all tests.
var library string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "capi")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	library = filepath.Join(dir, "libivcs.so")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-o", library, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		panic("the library does not build: " + err.Error() + "\n" + string(out))
	}
	return m.Run()
}

// compile builds a program of testdata, strictly.
func compile(t *testing.T, source string, flags ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), strings.TrimSuffix(source, ".c"))
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "gcc"
	}
	args := append([]string{"-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-I.", "-I../include",
		"-o", program, filepath.Join("testdata", source)}, flags...)
	if out, err := exec.Command(cc, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", cc, args, err, out)
	}
	return program
}

// run runs a program without a cloud and returns what it wrote.
func run(t *testing.T, program string, args ...string) (string, error) {
	t.Helper()
	return runAt(t, "http://127.0.0.1:1", program, args...)
}

// runAt runs a program whose cloud is at endpoint.
func runAt(t *testing.T, endpoint, program string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := new(clock.Clock).WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "IVCS_ENDPOINT="+endpoint, "IVCS_PRODUCT_ID=P1", "IVCS_DEVICE_NAME=d-1", "IVCS_DEVICE_SECRET=s")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errors.New("still running after a minute")
	}
	return out.String(), err
}

func TestTheLibraryShowsTheInterfaceAndNothingElse(t *testing.T) {
	want := []string{
		"iv_cs_event_directly_report", "iv_cs_event_start", "iv_cs_event_start_ext", "iv_cs_event_stop", "iv_cs_event_stop_ext",
		"iv_cs_exit", "iv_cs_get_ai_process", "iv_cs_get_balance_info", "iv_cs_init", "iv_cs_push_stream", "iv_cs_set_ai_process",
		"iv_cs_set_trans_time",
		"ivcs_conform_clock_advance", "ivcs_conform_clock_freeze", "ivcs_conform_clock_step", "ivcs_conform_configure",
	}
	f, err := elf.Open(library)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF {
			got = append(got, s.Name)
			if elf.ST_TYPE(s.Info) != elf.STT_FUNC || elf.ST_BIND(s.Info) != elf.STB_GLOBAL {
				t.Errorf("%s is no global function", s.Name)
			}
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the library shows %v\nwant %v", got, want)
	}
	// A device has nothing but a C library.
	needed, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range needed {
		if !strings.HasPrefix(n, "libc.") && !strings.HasPrefix(n, "libpthread.") && !strings.HasPrefix(n, "libresolv.") && !strings.HasPrefix(n, "ld-") {
			t.Errorf("the library needs %s", n)
		}
	}
}

func TestCallsFromC(t *testing.T) {
	program := compile(t, "calls.c", library, "-Wl,-rpath,"+filepath.Dir(library))
	list, err := run(t, program)
	if err != nil || list == "" {
		t.Fatalf("no scenarios: %v\n%s", err, list)
	}
	for _, name := range strings.Split(strings.TrimSpace(list), "\n") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Whatever a library writes is stray: the harness counts it against it.
			if out, err := run(t, program, name); err != nil || out != "" {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestCallbacksReachC(t *testing.T) {
	if out, err := run(t, compile(t, "callbacks.c")); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The cloud of this test has an event plan, and is out of order otherwise.
func TestEveryCallbackHasItsArguments(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/time", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"utc_ms":1700000000000}`) })
	mux.HandleFunc("GET /v1/devices/P1/d-1/plan", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("rev") == "1" {
			<-r.Context().Done() // the long poll: this plan does not change
			return
		}
		io.WriteString(w, `{"rev":1,"cs_switch":1,"cs_type":2}`)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"error":"internal"}`, 500) })
	cloud := httptest.NewServer(mux)
	defer cloud.Close()
	program := compile(t, "events.c", library, "-Wl,-rpath,"+filepath.Dir(library), "-lpthread")
	if out, err := runAt(t, cloud.URL, program); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestTheHostKeepsItsSignals(t *testing.T) {
	program := compile(t, "signals.c", "-ldl", "-lpthread")
	for _, c := range []struct {
		name, scenario string
		dies           syscall.Signal
	}{
		{"handlers of other signals stay", "untouched", 0},
		{"a crash of the host reaches a handler set before", "handler set before", 0},
		{"a crash of the host reaches a handler set afterwards", "handler set after", 0},
		{"a crash in a thread of the host reaches its handler", "in a thread", 0},
		{"a broken pipe of the host reaches its handler", "broken pipe", 0},
		{"without a handler the host dies of its own signal", "no handler", syscall.SIGSEGV},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := run(t, program, library, c.scenario)
			var exit *exec.ExitError
			if c.dies != 0 {
				if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != c.dies {
					t.Errorf("%v, want death by %v\n%s", err, c.dies, out)
				}
			} else if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
