package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/conformance/verdict"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var told exitCode
	switch {
	case err == nil:
		return verdict.ExitConformant
	case errors.As(err, &told):
		return int(told)
	}
	fmt.Fprintln(os.Stderr, "conform:", err)
	return codeFor(err)
}

// exitCode ends the command with a code of which everything has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// codeFor tells a target that cannot be loaded or driven from wrong usage.
func codeFor(err error) int {
	var load *target.LoadError
	var shim *target.ShimError
	var cannot *driveError
	var part *verdict.MissingShardError
	switch {
	case errors.As(err, &load), errors.As(err, &shim), errors.As(err, &cannot):
		return verdict.ExitTarget
	case errors.Is(err, context.Canceled), errors.As(err, &part):
		return verdict.ExitIncomplete
	}
	return verdict.ExitUsage
}

// driveError is a failure of the machinery around the library.
type driveError struct{ err error }

func (e *driveError) Error() string { return e.err.Error() }
func (e *driveError) Unwrap() error { return e.err }
