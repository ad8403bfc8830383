package target

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheShimIsCompiledOnce(t *testing.T) {
	dir := t.TempDir()
	options := LibraryOptions{Cache: filepath.Join(dir, "cache")}
	first, err := shimProgram(options)
	if err != nil {
		t.Fatal(err)
	}
	made, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := shimProgram(options)
	if err != nil || second != first {
		t.Errorf("the second time: %s, %v; want %s", second, err, first)
	}
	if again, err := os.Stat(second); err != nil || !os.SameFile(made, again) {
		t.Errorf("it was compiled again (%v)", err)
	}
	options.CFlags = []string{"-DSHIM_NO_HEAP"}
	other, err := shimProgram(options)
	if err != nil || other == first {
		t.Errorf("with other flags: %s, %v", other, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "cache", "building-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheCompilerOfTheEnvironmentIsUsed(t *testing.T) {
	t.Setenv("CC", "gcc  -m32")
	for _, c := range []struct{ option, want string }{{"", "[gcc -m32]"}, {"clang", "[clang]"}, {" ", "[gcc -m32]"}} {
		if got := fmt.Sprint(compiler(LibraryOptions{CC: c.option})); got != c.want {
			t.Errorf("CC=%q: got %s, want %s", c.option, got, c.want)
		}
	}
	t.Setenv("CC", "")
	if got := fmt.Sprint(compiler(LibraryOptions{})); got != "[cc]" {
		t.Errorf("without CC: got %s", got)
	}
}

func TestARunnerAndAnEnvironmentReachTheLibrary(t *testing.T) {
	t.Setenv("IVCS_ENDPOINT", "of the harness")
	lib := wrong(t, `START=const char *a = getenv("IVCS_ENDPOINT"), *b = getenv("OF_RUNNER"), *c = getenv("OF_LIBRARY");
return (a ? strlen(a) : 0) * 100 + (b ? strlen(b) : 0) * 10 + (c ? strlen(c) : 0)`)
	target, err := Library(lib, LibraryOptions{Cache: cache, Exec: []string{"env", "OF_RUNNER=two"}, Env: []string{"OF_LIBRARY=x"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  []string
		want Code
	}{{nil, 31}, {[]string{"IVCS_ENDPOINT=four"}, 431}} {
		if code := open(t, target, Options{Env: c.env}).EventStart(1); code != c.want {
			t.Errorf("with %v: got %d, want %d", c.env, code, c.want)
		}
	}
}

func TestAShimThatLeavesTheAllocatorAlone(t *testing.T) {
	target, err := Library(wrong(t), LibraryOptions{Cache: cache, CFlags: []string{"-DSHIM_NO_HEAP"}})
	if err != nil {
		t.Fatal(err)
	}
	if target.Describe().Can(CapHeap) {
		t.Error("it says that it counts the heap")
	}
	s := open(t, target, Options{})
	if err := s.LimitMemory(0); err != nil {
		t.Error(err)
	}
	if err := s.ResetPeak(); err == nil || !strings.HasSuffix(err.Error(), `cannot tell: it lacks the capability "heap"`) {
		t.Errorf("got %v", err)
	}
}

func TestTheLibraryRunsUnderValgrind(t *testing.T) {
	if _, err := exec.LookPath("valgrind"); err != nil {
		t.Log("valgrind is not installed: it is tried where it is")
		return
	}
	target, err := Library(build(t, "honest.c"), LibraryOptions{Cache: cache, Exec: []string{"valgrind", "-q", "--error-exitcode=9", "--leak-check=full"}})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, target, Options{})
	s.Answer(CBCapture, Answer{Picture: []byte("jpg")})
	if code := s.Init(sentinel()); code != 0 {
		t.Errorf("init: %v", code)
	}
	for slot := int32(0); slot <= 10; slot++ {
		s.EventStart(slot)
	}
	s.PushVideo(VencPack{Data: []byte("video"), PTS: 0x1122334455667788, FrameType: FrameP, Seq: 0xFFFFFFF0})
	s.DirectlyReport(-16, 1700000000, []byte("jpg"))
	if code := s.Exit(); code != 0 {
		t.Errorf("exit: %v", code)
	}
	if exit := s.Close(); exit.Err != nil {
		t.Error(exit.Err)
	}
}
