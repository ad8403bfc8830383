package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ivcs/conform/conformance/target"
)

// library compiles a miniature library.
func library(t *testing.T, flags ...string) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "libmini.so")
	args := append([]string{"-shared", "-fPIC", "-o", lib}, flags...)
	if out, err := exec.Command("cc", append(args, "testdata/lib.c")...).CombinedOutput(); err != nil {
		t.Fatalf("compile testdata/lib.c: %v\n%s", err, out)
	}
	return lib
}

// headerFiles are headers as a vendor may have them: those of the reference,
// changed. Their own assertions are off: they would tell before the doctor can.
func headerFiles(t *testing.T, change func(name, text string) string) string {
	t.Helper()
	dir := t.TempDir()
	off := regexp.MustCompile(`(?m)^#define IV_ASSERT.*$`)
	for _, name := range []string{"iv_cs.h", "iv_cm.h", "iv_err.h"} {
		b, err := os.ReadFile(filepath.Join("../../reference/include", name))
		if err != nil {
			t.Fatal(err)
		}
		text := off.ReplaceAllString(string(b), "#define IV_ASSERT(name, condition) struct iv_unused_##name")
		if change != nil {
			text = change(name, text)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// replace changes iv_cs.h.
func replace(old, new string) func(string, string) string {
	return func(name, text string) string {
		if name != "iv_cs.h" {
			return text
		}
		return strings.ReplaceAll(text, old, new)
	}
}

// channels gives every call but two a channel, as the later generation does.
func channels(name, text string) string {
	if name != "iv_cs.h" {
		return text
	}
	return regexp.MustCompile(`(?m)^int (iv_cs_\w+)\((int|iv|uint)`).ReplaceAllString(text, "int $1(int chan, $2")
}

func TestEachFaultIsFoundAndNamed(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags []string // of the library
		edit  func(name, text string) string
		cc    string
		check string
		mark  Mark
		says  string
	}{
		{name: "nothing", check: "layout", mark: OK, says: "37 sizes"},
		{name: "a function is missing", flags: []string{"-DWITHOUT_TRANS_TIME"}, check: "symbols", mark: Bad, says: "iv_cs_set_trans_time is missing"},
		{name: "a function is hidden", flags: []string{"-DTRANS_TIME=__attribute__((visibility(\"hidden\")))"}, check: "symbols", mark: Bad, says: "there but not exported"},
		{name: "one more function", flags: []string{"-DEXTRA"}, check: "symbols", mark: Warn, says: "iv_cs_resource_dump"},
		{name: "the other dialect by a symbol", flags: []string{"-DLATER"}, check: "dialect", mark: Bad, says: "iv_cs_resource_destroy"},
		{name: "the other dialect by debug information", flags: []string{"-DCHANNEL", "-g"}, check: "dialect", mark: Bad, says: "debug information"},
		{name: "the other dialect by the headers", edit: channels, check: "dialect", mark: Bad, says: "iv_cs_push_stream"},
		{name: "an undeclared function", edit: replace("int iv_cs_exit(void);", ""), check: "headers", mark: Bad, says: "not declared in iv_cs.h: iv_cs_exit"},
		{name: "a parameter too few", edit: replace("uint32_t pic_len", ""), check: "headers", mark: Bad, says: "does not compile"},
		{name: "another number of parameters", edit: replace(", uint32_t reply_timeout_ms", ""), check: "headers", mark: Bad, says: "iv_cs_set_trans_time takes 1 parameters, not 2"},
		{name: "packed structs", edit: func(_, text string) string { return "#pragma pack(1)\n" + text }, check: "layout", mark: Bad, says: "sizeof iv_cm_venc_pack_s is"},
		{name: "short enumerations", cc: "cc -fshort-enums", check: "layout", mark: Bad, says: "sizeof iv_cs_type_e is 1, not 4"},
		{name: "a member by another name", edit: replace("high_mark;\n    int8_t enable;", "high_mark;\n    int8_t on;"), check: "layout", mark: Bad, says: "iv_cs_congestion_ctrl_s.enable"},
		{name: "a wider member", edit: replace("int8_t enable;", "int64_t enable[2];"), check: "layout", mark: Bad, says: "sizeof iv_cs_congestion_ctrl_s is 40, and 32"},
		{name: "no compiler", cc: "no-such-cc", check: "headers", mark: Bad, says: "no-such-cc is not there"},
		{name: "it crashes when loaded", flags: []string{"-DLOADING=abort()"}, check: "load", mark: Bad, says: "SIGABRT"},
		{name: "it ends the process when loaded", flags: []string{"-DLOADING=_exit(3)"}, check: "load", mark: Bad, says: "exit code 3"},
		{name: "it closes descriptors that are not its own", flags: []string{"-DLOADING=close(4)"}, check: "load", mark: Bad, says: "ended the process"},
		{name: "it writes to stdout", flags: []string{"-DLOADING=puts(\"hello\")"}, check: "protocol", mark: Warn, says: "hello"},
		{name: "no hooks", flags: []string{"-DNO_HOOKS", "-DINIT=return -600"}, check: "hooks", mark: Warn, says: "no hook"},
		{name: "some hooks", check: "hooks", mark: Warn, says: "not there: ivcs_conform_configure"},
		{name: "virtual time", check: "clock", mark: OK, says: "virtual"},
		{name: "it crashes in init", flags: []string{"-DINIT=abort()"}, check: "cloud", mark: Bad, says: "SIGABRT"},
		{name: "it refuses in init", flags: []string{"-DINIT=return -600"}, check: "cloud", mark: Warn, says: "-600"},
		{name: "it never calls the cloud", check: "cloud", mark: Warn, says: "no request came"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Examine(context.Background(), Options{
				Path: library(t, c.flags...), Include: headerFiles(t, c.edit), Rate: 20,
				Library: target.LibraryOptions{CC: c.cc},
			})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(r.Findings, func(f Finding) bool {
				return f.Check == c.check && f.Mark == c.mark && strings.Contains(f.Text, c.says)
			})
			if i < 0 {
				t.Errorf("no finding %q (%s) that says %q", c.check, c.mark, c.says)
			}
			for _, f := range r.Findings {
				if (f.Mark == OK) != (f.Remedy == "") {
					t.Errorf("%+v: what is not ok has a remedy, and nothing else", f)
				}
				if f.Mark == Bad && c.mark != Bad {
					t.Errorf("%+v: bad, but nothing is", f)
				}
			}
			if t.Failed() {
				var b strings.Builder
				_ = r.Text(&b, false)
				t.Log(b.String())
			}
		})
	}
}

func TestWhatIsNoLibrary(t *testing.T) {
	t.Parallel()
	if _, err := Examine(context.Background(), Options{Path: "nowhere.so"}); err == nil {
		t.Error("no error for a file that is not there")
	}
	text := filepath.Join(t.TempDir(), "lib.a")
	if err := os.WriteFile(text, []byte("!<arch>\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Examine(context.Background(), Options{Path: text})
	if err != nil || r.Findings[0].Mark != Bad || !strings.Contains(r.Findings[0].Text, "static archive") {
		t.Errorf("a static archive: %+v, %v", r, err)
	}
}

func TestTheFolderOfTheHeadersIsFound(t *testing.T) {
	t.Parallel()
	dir := headerFiles(t, nil)
	r := &Report{}
	r.headers(context.Background(), nil, Options{Include: filepath.Dir(dir)})
	if f := r.Findings[0]; f.Mark != Bad || f.Remedy != "--include "+dir {
		t.Errorf("%+v: does not name %s", f, dir)
	}
}

// The figures are those that the shim tells of itself, and measured without
// running anything they are the same.
func TestFiguresAreThoseOfTheShim(t *testing.T) {
	t.Parallel()
	lib, err := target.Library(library(t), target.LibraryOptions{})
	if err != nil {
		t.Fatal(err)
	}
	told := lib.Describe().ABI
	c, err := newCompiler(Options{Include: "."})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	measured, _, err := c.measure(context.Background(), shimHeader, figures)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range told {
		if got, ok := measured[name]; !ok || got != want {
			t.Errorf("%s: measured %d (%v), the shim says %d", name, got, ok, want)
		}
	}
	if len(told) != len(figures) {
		t.Errorf("%d figures, the shim tells %d", len(figures), len(told))
	}
}

// A library of another machine is measured with that machine's compiler.
func TestAnotherMachineIsMeasuredWithoutRunning(t *testing.T) {
	t.Parallel()
	for cc, want := range map[string]Mark{"cc -m32": OK, "cc": Bad} {
		r := &Report{}
		c, err := newCompiler(Options{Include: headerFiles(t, nil), Library: target.LibraryOptions{CC: cc}})
		if err != nil {
			t.Fatal(err)
		}
		r.layouts(context.Background(), c, &target.Look{Machine: "x86, 32 bit"})
		c.close()
		if f := r.Findings[0]; f.Mark != want {
			t.Errorf("%s: %+v, want %s", cc, f, want)
		}
	}
}
