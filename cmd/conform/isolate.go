package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/ivcs/conform/conformance/target"
	"github.com/ivcs/conform/containers"
)

// isolation says whether the library gets a machine of its own; workers get a copy.
type isolation struct {
	Kind string // "" or "container"
	Run  string // what the containers of one run have in common
	why  string // it is not isolated although that was asked for
}

const inContainer = "container"

func (i *isolation) flags(f *pflag.FlagSet) {
	f.StringVar(&i.Kind, "isolate", "", `"container": the library runs in containers of its own, and outage rules cut their network as well (needs Docker)`)
}

func (s *librarySpec) checkIsolation() error {
	switch {
	case s.Isolation.Kind == "":
		return nil
	case s.Isolation.Kind != inContainer:
		return fmt.Errorf("--isolate %s: choose container", s.Isolation.Kind)
	case s.Path == inProcess || s.onBoard():
		return errors.New("--isolate container: give a library of this machine: --target ./libivcs.so")
	case s.Exec != "":
		return errors.New("--isolate container: --exec runs a program of this machine, which the container does not have")
	}
	s.Isolation.Run = rand.Text()
	return nil
}

// sweep removes what workers that were killed have left.
func (i isolation) sweep(stderr io.Writer) {
	if i.Kind == "" {
		return
	}
	if err := containers.Sweep(i.Run); err != nil && !errors.Is(err, containers.ErrNoEngine) {
		fmt.Fprintf(stderr, "conform: containers were left behind: %v\n", err)
	}
}

// contained is a library in a container: target, network and end of it.
type contained struct {
	target.Target
	*containers.Library
}

// openContainer starts a container with the library.
func (s librarySpec) openContainer() (target.Target, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to lead to the container: %w", err)
	}
	o := target.LibraryOptions{Shim: s.Shim, CC: s.CC}
	shim, err := target.Shim(o)
	if err != nil {
		return nil, err
	}
	c, err := containers.StartLibrary(context.Background(), s.Isolation.Run, shim, s.Path)
	if err != nil {
		return nil, fmt.Errorf("--isolate container: %w", err)
	}
	o.CloudHost = c.Host()
	t, err := target.Contained(s.Path, c.Socket(), []string{self, "relay"}, o)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return contained{Target: t, Library: c}, nil
}

// shut ends what a target has beside its sessions.
func shut(t target.Target) error {
	if c, ok := t.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
