package include

import (
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var strict = []string{"-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I."}

// compile checks a unit and returns what the compiler says.
func compile(unit string, command ...string) (string, error) {
	cmd := exec.Command(command[0], append(append(command[1:len(command):len(command)], strict...), "-")...)
	cmd.Stdin = strings.NewReader(unit)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var languages = map[string][]string{
	"C99":   {"-std=c99", "-xc"},
	"C11":   {"-std=c11", "-xc"},
	"C++17": {"-std=c++17", "-xc++"},
}

// machines are the layouts: LP64, ILP32 with uint64_t at multiples of 4, and at
// multiples of 8. The last needs a compiler for ARM, which clang always is;
// freestanding, since the C library of such a machine is not at hand.
var machines = map[string][]string{
	"gcc -m64":      {"gcc", "-m64"},
	"gcc -m32":      {"gcc", "-m32"},
	"clang -m64":    {"clang", "-m64"},
	"clang -m32":    {"clang", "-m32"},
	"clang for ARM": {"clang", "--target=armv7-linux-gnueabihf", "-ffreestanding"},
}

// usable are the machines that the compilers of this computer can compile for.
func usable(t *testing.T) map[string][]string {
	t.Helper()
	can := map[string][]string{}
	for name, command := range machines {
		if out, err := compile("#include <stdint.h>\n#include <stddef.h>\n", append(command, "-xc")...); err == nil {
			can[name] = command
		} else {
			t.Logf("%s is left out: %v %s", name, err, out)
		}
	}
	if can["gcc -m64"] == nil && can["clang -m64"] == nil {
		t.Fatal("neither gcc nor clang compiles here: install gcc")
	}
	return can
}

// units are what a program may include.
func units(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(Headers, "*.h")
	if err != nil || len(names) != 4 {
		t.Fatalf("headers %v, %v: want four", names, err)
	}
	u := map[string]string{}
	together := ""
	for _, n := range names {
		u[n+" alone"] = fmt.Sprintf("#include %q\n", n)
		together += u[n+" alone"]
	}
	u["all of them, twice"] = together + together
	u["every name of the specification"] = "#include \"testdata/names.c\"\n"
	return u
}

func TestHeadersCompileWithoutAWarning(t *testing.T) {
	for machine, command := range usable(t) {
		for language, flags := range languages {
			for name, unit := range units(t) {
				t.Run(fmt.Sprintf("%s as %s by %s", name, language, machine), func(t *testing.T) {
					t.Parallel()
					if out, err := compile(unit, append(append([]string{}, command...), flags...)...); err != nil {
						t.Errorf("%v\n%s", err, out)
					}
				})
			}
		}
	}
}

// A compiler that lays structures out otherwise must be stopped, not obeyed.
func TestAnotherLayoutDoesNotCompile(t *testing.T) {
	for machine, command := range usable(t) {
		for language, flags := range languages {
			for name, c := range map[string]struct {
				flag, unit, says string
			}{
				"short enumerations": {"-fshort-enums", "#include \"iv_cs.h\"\n", "enum_cm"},
				"packed structures":  {"-fno-short-enums", "#include <stddef.h>\n#include <stdint.h>\n#pragma pack(2)\n#include \"iv_cs.h\"\n", "init_last_callback"},
			} {
				t.Run(fmt.Sprintf("%s as %s by %s", name, language, machine), func(t *testing.T) {
					t.Parallel()
					out, err := compile(c.unit, append(append(append([]string{}, command...), flags...), c.flag)...)
					if err == nil {
						t.Fatal("it compiles")
					}
					if !strings.Contains(out, c.says) {
						t.Errorf("the compiler does not name %s:\n%s", c.says, out)
					}
				})
			}
		}
	}
}

// The comments of the headers reach compilers with any locale.
func TestHeadersAreASCII(t *testing.T) {
	names, err := filepath.Glob("*.h")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		text, err := Headers.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if strings.IndexFunc(line, func(r rune) bool { return r > 126 || r < 32 }) >= 0 {
				t.Errorf("%s:%d: %s", n, i+1, line)
			}
		}
	}
}
