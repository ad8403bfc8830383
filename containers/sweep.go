package containers

import (
	"context"
	"errors"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/ivcs/conform/clock"
)

// runLabel marks what belongs to a run.
const runLabel = "ivcs-conform.run"

// Sweep removes the containers and networks of a run that are still there.
func Sweep(run string) error {
	ctx, cancel := new(clock.Clock).WithTimeout(context.Background(), startWithin)
	defer cancel()
	engine, err := connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	ours := filters.NewArgs(filters.Arg("label", runLabel+"="+run))
	left, err := engine.ContainerList(ctx, container.ListOptions{All: true, Filters: ours})
	errs := []error{err}
	for _, c := range left {
		errs = append(errs, engine.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}))
	}
	networks, err := engine.NetworkList(ctx, network.ListOptions{Filters: ours})
	errs = append(errs, err)
	for _, n := range networks {
		errs = append(errs, engine.NetworkRemove(ctx, n.ID))
	}
	return errors.Join(errs...)
}
