package scenario

import (
	"context"
	"fmt"
)

// Plug is the network of a target in a machine of its own (rules.Isolation).
type Plug interface {
	Cut(context.Context) error     // takes the interface away
	Restore(context.Context) error // gives it one again
}

// Unplug takes the network interface away from the library's machine.
func (e *Env) Unplug() {
	ctx, cancel := e.machine(e.cfg.Watchdog)
	defer cancel()
	if err := e.cfg.Plug.Cut(ctx); err != nil {
		e.broken(fmt.Errorf("take the network away from the library's container: %w", err))
	}
	e.unplugged = true
}

// Replug gives the interface back; without an Unplug before it does nothing.
func (e *Env) Replug() {
	if !e.unplugged {
		return
	}
	ctx, cancel := e.machine(e.cfg.Watchdog)
	defer cancel()
	if err := e.cfg.Plug.Restore(ctx); err != nil {
		e.broken(fmt.Errorf("give the library's container its network back: %w", err))
	}
	e.unplugged = false
}
