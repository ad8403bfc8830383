package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/target"
)

// compileBound is the machine time a compiler may take.
const compileBound = time.Minute

// compiler is the vendor's compiler, with a folder to work in. The shim's header
// lies there, under a name of its own.
type compiler struct {
	command []string
	include string
	dir     string
}

const shimHeader = "conform_abi.h"

func newCompiler(o Options) (*compiler, error) {
	include, err := filepath.Abs(o.Include)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "conform-doctor-")
	if err != nil {
		return nil, err
	}
	c := &compiler{include: include, dir: dir}
	for _, cc := range []string{o.Library.CC, os.Getenv("CC"), "cc"} {
		if c.command = strings.Fields(cc); len(c.command) > 0 {
			break
		}
	}
	if err := os.WriteFile(filepath.Join(dir, shimHeader), target.ABIHeader(), 0o644); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *compiler) close() { os.RemoveAll(c.dir) }

func (c *compiler) name() string { return strings.Join(c.command, " ") }

// preprocess is a program with its headers in place and its comments gone.
func (c *compiler) preprocess(ctx context.Context, program string) (string, error) {
	if err := c.object(ctx, program, "alone.o"); err != nil {
		return "", err // the preprocessor alone would pass a type that is not there
	}
	return c.run(ctx, program, "-E", "-P")
}

// object compiles a program to an object file in the folder.
func (c *compiler) object(ctx context.Context, program, name string) error {
	_, err := c.run(ctx, program, "-w", "-c", "-fno-common", "-o", filepath.Join(c.dir, name))
	return err
}

func (c *compiler) run(ctx context.Context, program string, flags ...string) (string, error) {
	ctx, cancel := new(clock.Clock).WithTimeout(ctx, compileBound)
	defer cancel()
	args := append(append([]string{}, c.command[1:]...), "-x", "c", "-I", c.include, "-I", c.dir)
	cmd := exec.CommandContext(ctx, c.command[0], append(append(args, flags...), "-")...)
	cmd.Stdin = strings.NewReader(program)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("the compiler %s is not there", c.command[0])
	case err != nil:
		lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
		const most = 5
		return "", fmt.Errorf("%s", strings.Join(lines[:min(most, len(lines))], "\n"))
	}
	return out.String(), nil
}
