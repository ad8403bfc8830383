package target

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatCannotBeLoadedIsToldInOneLine(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cc := func(name string, args ...string) string {
		path := filepath.Join(dir, name)
		if out, err := exec.Command("cc", append([]string{"-w", "-o", path}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%s cannot be compiled: %v\n%s", name, err, out)
		}
		return path
	}
	source := func(name, text string) string { return file(name, text) }
	honest, err := os.ReadFile(build(t, "wrong.c"))
	if err != nil {
		t.Fatal(err)
	}
	table := []struct {
		name string
		path string
		opts LibraryOptions
		want string
	}{
		{"no such file", filepath.Join(dir, "none.so"), LibraryOptions{},
			"DIR/none.so: no such file or directory; give the path of the shared object to judge"},
		{"a directory", dir, LibraryOptions{},
			"DIR: is a directory; give the path of the shared object in it"},
		{"an empty file", file("empty.so", ""), LibraryOptions{},
			"DIR/empty.so: is empty; give the shared object (.so) of the library"},
		{"a text", file("text.so", "hello"), LibraryOptions{},
			"DIR/text.so: is no ELF file; give the shared object (.so) of the library"},
		{"a linker script", file("script.so", "/* GNU ld script */ INPUT(x)"), LibraryOptions{},
			"DIR/script.so: is a linker script; give the shared object that it names"},
		{"a static archive", file("lib.a", "!<arch>\n"), LibraryOptions{},
			"DIR/lib.a: is a static archive; link it into a shared object: cc -shared -Wl,--whole-archive DIR/lib.a"},
		{"half a library", file("half.so", string(honest[:300])), LibraryOptions{},
			"DIR/half.so: is an ELF file that is cut off: …; build or copy it again"},
		{"an object file", cc("a.o", "-c", "testdata/wrong.c"), LibraryOptions{},
			"DIR/a.o: is not a shared object but an object file; link it with -shared -fPIC"},
		{"a program", cc("a.out", "-pie", "-fPIE", source("main.c", "int main(void){return 0;}")), LibraryOptions{},
			"DIR/a.out: is not a shared object but a program; link it with -shared -fPIC"},
		{"a library of something else", cc("other.so", "-shared", "-fPIC", source("other.c", "int f(void){return 0;}")), LibraryOptions{},
			"DIR/other.so: exports none of the 12 iv_cs_* functions (iv_cs_init is missing); see that this is the right file, and that they have C linkage and default visibility"},
		{"a library whose functions are hidden", cc("hidden.so", "-shared", "-fPIC", "-fvisibility=hidden", "testdata/wrong.c"), LibraryOptions{},
			"DIR/hidden.so: exports none of the 12 iv_cs_* functions (iv_cs_init is missing: it is there but not exported; give it default visibility, or add it to the version script); see that …"},
		{"a library of C++", cc("cpp.so", "-shared", "-fPIC", "-x", "c++", "-fpermissive", "testdata/wrong.c"), LibraryOptions{},
			"DIR/cpp.so: exports none of the 12 iv_cs_* functions (iv_cs_init is missing: _Z10iv_cs_initP4parm has a C++ name; declare it extern \"C\"); see that …"},
		{"a library of the later dialect", cc("later.so", "-shared", "-fPIC", "-DMORE=int iv_cs_resource_destroy(void) { return 0; }", "testdata/wrong.c"), LibraryOptions{},
			"DIR/later.so: exports iv_cs_resource_destroy: it speaks the later dialect, whose calls take a channel first; put an adapter before it that exports the calls of this specification, without the channel"},
		// Not wrong.c: 32-bit asm/ headers come with gcc-multilib alone, which excludes the cross compilers.
		{"a library of 32 bits", cc("small.so", "-m32", "-shared", "-fPIC", "testdata/honest.c"), LibraryOptions{},
			"DIR/small.so: is for x86, 32 bit, and the shim for x86-64, 64 bit; set CC=\"gcc -m32\" (Debian: apt install gcc-multilib)"},
		{"an unresolved symbol", cc("lacking.so", "-shared", "-fPIC", "-DSTART=return nowhere_to_be_found()", "testdata/wrong.c"), LibraryOptions{},
			"DIR/lacking.so: cannot be loaded: DIR/lacking.so: undefined symbol: nowhere_to_be_found; see that what it needs is installed (ldd), and that its symbols are resolved"},
		{"a constructor that crashes", cc("early.so", "-shared", "-fPIC", "-DMORE=__attribute__((constructor)) static void early(void) { fputs(\"bad\\n\", stderr); abort(); }", "testdata/wrong.c"), LibraryOptions{},
			"DIR/early.so: does not survive being loaded: the library crashed: SIGABRT (aborted) in a thread of the library's own; stderr ends with \"bad\"; look at its constructors"},
		{"no compiler", cc("good.so", "-shared", "-fPIC", "testdata/wrong.c"), LibraryOptions{CC: "no-such-compiler"},
			"shim: the compiler no-such-compiler is not there; install a C compiler (Debian: apt install gcc libc6-dev), set CC to one for the library's machine, or give a ready-made shim"},
		{"a compiler that fails", filepath.Join(dir, "good.so"), LibraryOptions{CFlags: []string{"-include", "no-such-header.h"}},
			"shim: cc cannot compile it: exit status 1: …; install a C compiler …"},
		{"no shim", filepath.Join(dir, "good.so"), LibraryOptions{Shim: filepath.Join(dir, "none")},
			"shim: cannot use DIR/none: stat DIR/none: no such file or directory; give the path of a compiled shim, or none to have it compiled"},
		{"a shim that is none", filepath.Join(dir, "good.so"), LibraryOptions{Shim: "/bin/true"},
			"DIR/good.so: does not survive being loaded: the library ended the process: exit code 0; look at its constructors"},
		{"no runner", filepath.Join(dir, "good.so"), LibraryOptions{Exec: []string{"no-such-runner"}},
			"shim: cannot start no-such-runner: exec: \"no-such-runner\": executable file not found in $PATH; see that it is there and can be run on this machine"},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Cache = cache
			_, err := Library(c.path, c.opts)
			matches(t, err, strings.ReplaceAll(c.want, "DIR", dir))
			var missing *FileError
			if errors.As(err, &missing) != (c.name == "no such file") {
				t.Errorf("the kind of error is %T", err)
			}
		})
	}
}

func TestWhatIsFoundOutAboutALibrary(t *testing.T) {
	info := load(t, build(t, "honest.c")).Describe()
	if len(info.Missing()) != 0 || len(info.Notes) != 0 || info.GoRuntime || info.Kind != "library" {
		t.Errorf("honest: %+v", info)
	}
	for _, c := range []string{CapCABI, CapHooks, CapClockHooks, CapScaledClock, CapHeap, CapProcesses, CapGuardPages} {
		if !info.Can(c) {
			t.Errorf("honest: lacks %q: %v", c, info.ClockBlockers)
		}
	}
	// What the specification's rules ABI-030 to ABI-036 say for LP64.
	for name, want := range map[string]int{
		"sizeof iv_cs_balance_info_s": 8, "sizeof iv_cs_upload_slice_info_s": 56, "offsetof iv_cs_upload_info_s.num": 560,
		"sizeof iv_cs_upload_info_s": 568, "sizeof iv_cs_event_result_info": 16, "sizeof iv_cs_congestion_ctrl_s": 32,
		"offsetof iv_cs_init_parm_s.congestion_cfg": 8, "offsetof iv_cs_init_parm_s.av_fmt": 40,
		"offsetof iv_cs_init_parm_s.event_report_opt": 96, "offsetof iv_cs_init_parm_s.iv_cs_push_stream_start_cb": 104,
		"sizeof iv_cs_init_parm_s": 160, "sizeof iv_cm_venc_pack_s": 32, "sizeof iv_cm_aenc_pack_s": 32,
	} {
		if got := info.ABI[name]; got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}

	info = load(t, wrong(t, "NO_EXIT", "PUSH=struct timespec ts; sem_timedwait(0, &ts); return 0")).Describe()
	if got := strings.Join(info.Notes, "; "); got != "iv_cs_exit is missing" {
		t.Errorf("notes: %q", got)
	}
	if got := strings.Join(info.ClockBlockers, "; "); got != "it imports sem_timedwait, which libfaketime does not scale" {
		t.Errorf("clock blockers: %q", got)
	}
	if info.Can(CapHooks) || info.Can(CapClockHooks) || info.Can(CapScaledClock) {
		t.Errorf("capabilities: %v", info.Capabilities)
	}
}

func TestAGoRuntimeIsRecognised(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nimport \"C\"\n\n//export iv_cs_exit\nfunc iv_cs_exit() int32 { return 7 }\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	lib := filepath.Join(dir, "libgo.so")
	if out, err := exec.Command("go", "build", "-buildmode=c-shared", "-o", lib, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	target := load(t, lib)
	info := target.Describe()
	if !info.GoRuntime || info.Can(CapHeap) || info.Can(CapScaledClock) {
		t.Errorf("%+v", info)
	}
	s := open(t, target, Options{})
	if code := s.Exit(); code != 7 {
		t.Errorf("exit: %v", code)
	}
	if exit := s.Close(); exit.Err != nil {
		t.Error(exit.Err)
	}
}

// m32 compiles for 32 bits. The headers of the kernel stand where Debian's
// gcc-multilib, which no cross compiler may stand beside, would link to.
const m32 = "gcc -m32 -idirafter /usr/include/x86_64-linux-gnu"

// runner32 is what runs a 32-bit program here: nothing, or qemu where the kernel
// was built without it.
func runner32(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.c"), filepath.Join(dir, "main")
	if err := os.WriteFile(source, []byte("int main(void) { return 0; }"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", "-m32", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("gcc -m32: %v\n%s(Debian: apt install gcc-multilib)", err, out)
	}
	if exec.Command(program).Run() == nil {
		return nil
	}
	if exec.Command("qemu-i386", program).Run() != nil {
		t.Fatal("this kernel runs no 32-bit program, and there is no qemu-i386 (Debian: apt install qemu-user)")
	}
	return []string{"qemu-i386"}
}

func TestThirtyTwoBits(t *testing.T) {
	lib := build(t, "honest.c", "-m32")
	target, err := Library(lib, LibraryOptions{Cache: cache, CC: m32, Exec: runner32(t)})
	if err != nil {
		t.Fatal(err)
	}
	info := target.Describe()
	if info.ABI["sizeof iv_cs_upload_slice_info_s"] != 52 || info.ABI["sizeof iv_cs_init_parm_s"] != 108 || info.Machine != "x86, 32 bit" {
		t.Errorf("%+v", info)
	}
	s := open(t, target, Options{})
	if code := s.Init(sentinel()); code != 0 {
		t.Errorf("init: %v", code)
	}
	if code := s.PushVideo(VencPack{Data: []byte("video"), PTS: 0x1122334455667788, FrameType: FrameP, Seq: 0xFFFFFFF0}); code != 0 {
		t.Errorf("push: %v", code)
	}
	if code := s.EventStart(6); code != 0 {
		t.Errorf("notification: %v", code)
	}
	if trace := s.Trace(); Entered(trace, CBNotify) != 1 || len(trace[5].Args.Slices) != 10 || trace[5].Args.Slices[9].TotalSize != 809 {
		t.Errorf("%v", trace)
	}
}

func TestTheShimCompilesWithoutAWarning(t *testing.T) {
	for _, cc := range []string{"gcc", m32, "gcc -std=c11 -O2 -DSHIM_NO_HEAP", "clang"} {
		t.Run(cc, func(t *testing.T) {
			words := strings.Fields(cc)
			if _, err := exec.LookPath(words[0]); err != nil {
				t.Logf("%s is not installed: it is tried where it is", words[0])
				return
			}
			args := append(words[1:], "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only")
			files, _ := filepath.Glob("shim/*.c")
			if out, err := exec.Command(words[0], append(args, files...)...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
