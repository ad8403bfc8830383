package containers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/docker/docker/client"
	"github.com/testcontainers/testcontainers-go"

	"github.com/ivcs/conform/clock"
)

// answerWithin is the machine time in which an engine has to answer.
const answerWithin = 10 * time.Second

// ErrNoEngine says that no container engine answers.
var ErrNoEngine = errors.New("no container engine answers (is Docker installed and running, and may this user use it?)")

// connect reaches the engine; the error is ErrNoEngine with the reason in one line.
func connect(ctx context.Context) (*testcontainers.DockerClient, error) {
	// The reaper's image cannot be had where nothing can be pulled.
	if err := os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
		return nil, err
	}
	ctx, cancel := new(clock.Clock).WithTimeout(ctx, answerWithin)
	defer cancel()
	if os.Getenv(client.EnvOverrideHost) != "" {
		// Testcontainers would take another engine when that one does not answer.
		if err := ping(ctx); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoEngine, err)
		}
	}
	engine, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoEngine, err)
	}
	if _, err := engine.Ping(ctx); err != nil {
		engine.Close()
		return nil, fmt.Errorf("%w: %w", ErrNoEngine, err)
	}
	return engine, nil
}

// ping asks the engine of $DOCKER_HOST whether it is there.
func ping(ctx context.Context) error {
	wanted, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return err
	}
	defer wanted.Close()
	_, err = wanted.Ping(ctx)
	return err
}

// Engine returns nil when a container engine answers, else ErrNoEngine and why.
func Engine(ctx context.Context) error {
	engine, err := connect(ctx)
	if err != nil {
		return err
	}
	return engine.Close()
}
