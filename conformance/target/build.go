package target

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ivcs/conform/clock"
)

// shimSource is the shim, in C. The folder has no Go file: go build takes
// C files beside Go files for cgo.
//
//go:embed shim/*.c shim/*.h
var shimSource embed.FS

// protocol is the version both sides of the pipe speak; shim.h has it too.
const protocol = 1

// compilerFlags need nothing beyond C11, POSIX threads and dlopen. -rdynamic
// exports the interposed allocator, and -fvisibility=hidden nothing else.
var compilerFlags = []string{"-std=c11", "-O1", "-g", "-fvisibility=hidden", "-rdynamic", "-pthread"}

// compileBound is the machine time a compiler may take.
const compileBound = 2 * time.Minute

// shimProgram is the path of a shim for the options: the one given, or the
// embedded one, compiled once for each compiler, flags and content.
func shimProgram(o LibraryOptions) (string, error) {
	if o.Shim != "" {
		info, err := os.Stat(o.Shim)
		switch {
		case err != nil:
			return "", &ShimError{Reason: "cannot use " + o.Shim, Err: err, Remedy: "give the path of a compiled shim, or none to have it compiled"}
		case info.Mode()&0o111 == 0:
			return "", &ShimError{Reason: o.Shim + " is not executable", Remedy: "chmod +x it"}
		}
		return filepath.Abs(o.Shim)
	}
	compiler := compiler(o)
	version, err := runCompiler(append(compiler, "--version"), "")
	if err != nil {
		return "", err
	}
	cache, err := shimCache(o)
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "shim-"+shimKey(compiler, o.CFlags, version))
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	return program, compileShim(program, append(compiler, compilerFlags...), o.CFlags)
}

func compiler(o LibraryOptions) []string {
	for _, cc := range []string{o.CC, os.Getenv("CC"), "cc"} {
		if words := strings.Fields(cc); len(words) > 0 {
			return words
		}
	}
	return nil // not reached: the last one has a word
}

func shimCache(o LibraryOptions) (string, error) {
	dir := o.Cache
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", &ShimError{Reason: "there is no cache directory to compile it into", Err: err, Remedy: "set XDG_CACHE_HOME or HOME"}
		}
		dir = filepath.Join(user, "ivcs-conform")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", &ShimError{Reason: "cannot make its cache directory", Err: err, Remedy: "set XDG_CACHE_HOME to a directory that can be written"}
	}
	return dir, nil
}

// shimKey names everything the program depends on.
func shimKey(compiler, cflags []string, version string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q\n", compiler, compilerFlags, cflags, version)
	for _, name := range shimFiles() {
		b, _ := shimSource.ReadFile(name) // embedded: cannot fail
		fmt.Fprintf(h, "%s %d\n", name, len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:24]
}

func shimFiles() []string {
	files, _ := fs.Glob(shimSource, "shim/*") // the pattern is right, and the files embedded
	return files
}

// compileShim builds the program beside its place and moves it there, so that
// another process never sees half of it.
func compileShim(program string, compiler, cflags []string) error {
	dir, err := os.MkdirTemp(filepath.Dir(program), "building-")
	if err != nil {
		return &ShimError{Reason: "cannot compile it", Err: err, Remedy: "see that the cache directory can be written"}
	}
	defer os.RemoveAll(dir)
	args := append(compiler, cflags...)
	args = append(args, "-o", "shim")
	for _, name := range shimFiles() {
		b, _ := shimSource.ReadFile(name)
		base := filepath.Base(name)
		if err := os.WriteFile(filepath.Join(dir, base), b, 0o644); err != nil {
			return &ShimError{Reason: "cannot compile it", Err: err, Remedy: "see that the cache directory can be written"}
		}
		if filepath.Ext(base) == ".c" {
			args = append(args, base)
		}
	}
	if _, err := runCompiler(append(args, "-ldl"), dir); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, "shim"), program); err != nil {
		return &ShimError{Reason: "cannot keep it", Err: err, Remedy: "see that the cache directory can be written"}
	}
	return nil
}

func runCompiler(args []string, dir string) (string, error) {
	const remedy = "install a C compiler (Debian: apt install gcc libc6-dev), set CC to one for the library's machine, or give a ready-made shim"
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), compileBound)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", &ShimError{Reason: "the compiler " + args[0] + " is not there", Remedy: remedy}
	case err != nil:
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		return "", &ShimError{Reason: args[0] + " cannot compile it", Err: err, Output: strings.Join(lines[max(0, len(lines)-5):], "\n"), Remedy: remedy}
	}
	return out.String(), nil
}
