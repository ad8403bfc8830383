package specs

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ivcs/conform/clock"
	. "github.com/ivcs/conform/conformance/scenario"
)

// names is a translation unit with every name, tag, member and enumerator of the
// specification. It lies in a folder of its own, where the Go tool leaves C alone.
//
//go:embed headers/names.c
var names []byte

// sample is the packs of the specification's sample code (AMB-93).
//
//go:embed headers/sample.c
var samplePacks []byte

// compileBound is the machine time a compiler may take.
const compileBound = time.Minute

// abiHeaders: a program written against the specification compiles against the
// vendor's headers.
func abiHeaders(s *Suite) {
	s.Rule("ABI-055", func(r *Rule) {
		for _, c := range []struct {
			language string
			compiler func(*Env) []string
			flags    []string
		}{
			{"C99", cCompiler, []string{"-x", "c", "-std=c99", "-Werror=incompatible-pointer-types", "-Werror=int-conversion"}},
			{"C11", cCompiler, []string{"-x", "c", "-std=c11", "-Werror=incompatible-pointer-types", "-Werror=int-conversion"}},
			{"C++17", cxxCompiler, []string{"-x", "c++", "-std=c++17"}},
		} {
			r.Scenario("every name of the specification compiles as "+c.language, func(e *Env) {
				command := append(c.compiler(e), c.flags...)
				said, there := compile(e, command, names)
				if !there {
					e.Record(c.language, "not judged: no compiler %q", command[0])
					return
				}
				e.Expect(said).To(BeEmpty(), "what %s says of a program in %s that uses the names of the specification", command[0], c.language)
				said, _ = compile(e, command, samplePacks)
				e.Record("u64TimeStamp of the sample code, "+c.language, "%s", map[bool]string{true: "a member of the audio pack", false: "no such member"}[said == ""])
			})
		}
	})
}

func cCompiler(e *Env) []string { return firstCommand(e.CC(), os.Getenv("CC"), "cc") }

// cxxCompiler takes the C++ compiler beside the C compiler of a cross run.
func cxxCompiler(e *Env) []string {
	cross := ""
	if cc := cCompiler(e)[0]; strings.HasSuffix(cc, "-gcc") {
		cross = strings.TrimSuffix(cc, "gcc") + "g++"
	}
	return firstCommand(os.Getenv("CXX"), cross, "c++")
}

func firstCommand(candidates ...string) []string {
	for _, c := range candidates {
		if words := strings.Fields(c); len(words) > 0 {
			return words
		}
	}
	return nil
}

// compile checks a program against the vendor's headers and returns what the
// compiler has against it; there is false without such a compiler.
func compile(e *Env, command []string, program []byte) (said string, there bool) {
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), compileBound)
	defer cancel()
	include, err := filepath.Abs(e.Include())
	if err != nil {
		return err.Error(), true
	}
	cmd := exec.CommandContext(ctx, command[0], append(command[1:], "-fsyntax-only", "-I", include, "-")...)
	cmd.Stdin = strings.NewReader(string(program))
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", false
	case err != nil && len(out) == 0:
		return err.Error(), true
	case err != nil:
		return string(out), true
	}
	return "", true // warnings are the vendor's affair
}
