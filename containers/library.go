package containers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	tcnetwork "github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/ivcs/conform/clock"
)

// startWithin is the machine time in which a container has to be built and up.
const startWithin = 2 * time.Minute

// Where things are in the library's container.
const (
	shimPlace   = "/conform/shim"
	socketPlace = "/conform/run/shim.sock"
)

// Library is a container in which a shim waits with a library. Its methods may
// not be called from several goroutines at once.
type Library struct {
	engine    *testcontainers.DockerClient
	container testcontainers.Container
	network   *testcontainers.DockerNetwork
	folder    string // both sides see it
	gateway   string
	ended     sync.Once
	endErr    error
}

// StartLibrary runs shim and library, with all that they load, in a container. It
// must be Closed; what a process leaves that was killed first, Sweep of the same
// run removes.
func StartLibrary(ctx context.Context, run, shim, library string) (_ *Library, err error) {
	engine, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	l := &Library{engine: engine}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("container of the library: %w", err), l.Close())
		}
	}()
	ctx, cancel := new(clock.Clock).WithTimeout(ctx, startWithin)
	defer cancel()
	place, err := filepath.Abs(library)
	if err != nil {
		return nil, err
	}
	files, err := program(shim, place)
	if err != nil {
		return nil, err
	}
	build, err := image{files: files, folders: []string{"/tmp", "/conform", "/conform/run"}}.dockerfile("")
	if err != nil {
		return nil, err
	}
	if l.folder, err = os.MkdirTemp("", "conform-container"); err != nil {
		return nil, err
	}
	if l.network, err = tcnetwork.New(ctx, tcnetwork.WithLabels(map[string]string{runLabel: run})); err != nil {
		return nil, err
	}
	if l.gateway, err = l.findGateway(ctx); err != nil {
		return nil, err
	}
	l.container, err = testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		ContainerRequest: testcontainers.ContainerRequest{
			FromDockerfile: build,
			Entrypoint:     []string{shimPlace, "--listen", socketPlace, place},
			Networks:       []string{l.network.Name},
			Labels:         map[string]string{runLabel: run},
			WaitingFor:     wait.ForLog("shim: waiting on " + socketPlace),
			HostConfigModifier: func(h *container.HostConfig) {
				h.Binds = []string{l.folder + ":" + filepath.Dir(socketPlace)}
			},
		},
		Started: true,
	})
	return l, err
}

// program are the files that shim and library need, where they are here; the
// shim has a place of its own.
func program(shim, library string) (map[string]string, error) {
	files := map[string]string{shimPlace: shim, library: library}
	for _, object := range []string{shim, library} {
		paths, err := needed(object)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			files[p] = p
		}
	}
	return files, nil
}

// findGateway asks for this machine's address in the container's network.
func (l *Library) findGateway(ctx context.Context) (string, error) {
	n, err := l.engine.NetworkInspect(ctx, l.network.ID, network.InspectOptions{})
	if err != nil {
		return "", err
	}
	for _, c := range n.IPAM.Config {
		if c.Gateway != "" {
			return c.Gateway, nil
		}
	}
	return "", errors.New("its network has no gateway to this machine")
}

// Socket is the path, on this machine, on which the shim waits.
func (l *Library) Socket() string { return filepath.Join(l.folder, filepath.Base(socketPlace)) }

// Host is this machine's address as the container sees it.
func (l *Library) Host() string { return l.gateway }

// Cut takes the container's network interface away, as a pulled plug does.
func (l *Library) Cut(ctx context.Context) error {
	return l.engine.NetworkDisconnect(ctx, l.network.ID, l.container.GetContainerID(), true)
}

// Restore gives it one again, under the address that the engine chooses.
func (l *Library) Restore(ctx context.Context) error {
	return l.engine.NetworkConnect(ctx, l.network.ID, l.container.GetContainerID(), nil)
}

// Close ends the container and removes all but its image.
func (l *Library) Close() error {
	l.ended.Do(func() {
		ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), startWithin)
		defer cancel()
		var errs []error
		if l.container != nil {
			errs = append(errs, l.container.Terminate(ctx, testcontainers.StopTimeout(0)))
		}
		if l.network != nil {
			errs = append(errs, l.network.Remove(ctx))
		}
		if l.folder != "" {
			errs = append(errs, os.RemoveAll(l.folder))
		}
		errs = append(errs, l.engine.Close())
		l.endErr = errors.Join(errs...)
	})
	return l.endErr
}
