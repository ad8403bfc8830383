package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/conformance/verdict"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/load"
	"github.com/ivcs/conform/reference"
)

// loadOptions are the flags of conform load.
type loadOptions struct {
	devices            int
	bitrate            string
	duration, ramp     time.Duration
	cloud, token, cert string
	json               bool
	s3                 s3Options
}

// loadCommand drives simulated devices against a cloud.
func loadCommand() *cobra.Command {
	o := &loadOptions{}
	cmd := &cobra.Command{
		Use:   "load",
		Short: "drive many simulated devices against a cloud and measure it",
		Long: `load runs N devices, each the reference implementation with H.264 video of a
constant bit rate, in real time, against a cloud of its own or one that runs
already. It tells uploads a second, latencies, errors, memory, and what was lost:
what the devices gave up, and what the cloud's viewer side does not have of the
frames that they had accepted.

Exit codes: 0 nothing was lost, 1 something was, 2 wrong usage or no such cloud,
4 interrupted.`,
		Example: `  conform load --devices 1000 --bitrate 64k --for 60s
  conform load --devices 50 --bitrate 1M --for 10m --json >load.json
  conform load --devices 20 --for 60s --cloud http://127.0.0.1:8480 --token TOKEN    a running conform cloud`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runLoad(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.IntVar(&o.devices, "devices", 10, "`N` devices")
	f.StringVar(&o.bitrate, "bitrate", "1M", "`RATE` of each device's video in bits a second: 64k, 1M")
	f.DurationVar(&o.duration, "for", time.Minute, "how long to push; what is under way then is flushed")
	f.DurationVar(&o.ramp, "ramp", 10*time.Second, "start the devices evenly over this time, the length of a segment, or they upload all at once")
	f.StringVar(&o.cloud, "cloud", "", "`URL` of a running conform cloud (default: one of its own in this process)")
	f.StringVar(&o.token, "token", "", "that cloud's operator `TOKEN` (default $IVCS_TOKEN): devices are registered with it")
	f.StringVar(&o.cert, "ca", "", "`FILE` with the certificate of that cloud's authority")
	o.s3.flags(f)
	f.BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

// check makes the stream that the flags ask for.
func (o *loadOptions) check() (*load.Stream, error) {
	switch {
	case o.devices < 1 || o.devices > 100_000:
		return nil, fmt.Errorf("--devices %d: give a number from 1 to 100000", o.devices)
	case o.duration <= 0:
		return nil, fmt.Errorf("--for %v: give a positive duration such as 60s", o.duration)
	case o.ramp < 0 || o.ramp >= o.duration:
		return nil, fmt.Errorf("--ramp %v: must be shorter than --for %v, or some devices would never start", o.ramp, o.duration)
	case o.cloud == "" && (o.token != "" || o.cert != ""):
		return nil, fmt.Errorf("--token and --ca are those of a running cloud; say which by --cloud")
	}
	if o.cloud != "" && o.s3.URL != "" {
		return nil, fmt.Errorf("--s3 goes with a cloud of conform's own, --cloud has a store already; leave one of them away")
	}
	if err := o.s3.check(); err != nil {
		return nil, err
	}
	rate, err := load.ParseBitrate(o.bitrate)
	if err != nil {
		return nil, fmt.Errorf("--bitrate: %w", err)
	}
	stream, err := load.NewStream(rate)
	if err != nil {
		return nil, fmt.Errorf("--bitrate %s: %w", o.bitrate, err)
	}
	return stream, nil
}

func runLoad(ctx context.Context, w, errs io.Writer, o *loadOptions) error {
	stream, err := o.check()
	if err != nil {
		return err
	}
	devices, done, err := o.register(ctx, errs)
	if err != nil {
		return err
	}
	show := newLoadProgress(errs, o)
	r, err := load.Run(ctx, load.Plan{
		Devices: devices, Stream: stream, For: o.duration, Ramp: o.ramp, Token: o.token, Clock: new(clock.Clock),
		Every: 2 * time.Second, Progress: show.tell,
	})
	show.clear()
	if closeErr := done(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := printLoad(w, o, r); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return exitCode(verdict.ExitIncomplete)
	case !r.Complete():
		return exitCode(verdict.ExitNotConformant)
	}
	return nil
}

// loadProduct is the product under which simulated devices are registered.
const loadProduct = "LOAD"

// register makes the devices known to the cloud, each with a full-time plan. Their
// names are of this run alone, so that a cloud that keeps its data can be used again.
func (o *loadOptions) register(ctx context.Context, errs io.Writer) (devices []reference.Config, done func() error, err error) {
	var add func(product, name string) (fakecloud.Credentials, error)
	done = func() error { return nil }
	if o.cloud == "" {
		store, end, err := o.s3.start(ctx, errs)
		if err != nil {
			return nil, nil, err
		}
		opts, err := store.settings(ctx)
		if err != nil {
			return nil, nil, errors.Join(err, end())
		}
		c, err := fakecloud.New(opts...)
		if err != nil {
			return nil, nil, errors.Join(err, end())
		}
		add, done = ownCloud(c), func() error { return errors.Join(c.Close(), end()) }
	} else {
		if o.token == "" {
			o.token = os.Getenv("IVCS_TOKEN")
		}
		if o.token == "" {
			return nil, nil, fmt.Errorf("--cloud %s: give --token, which conform cloud prints at its start", o.cloud)
		}
		operator, err := newOperator(ctx, o.cloud, o.token, o.cert)
		if err != nil {
			return nil, nil, err
		}
		defer operator.close()
		add = operator.register
	}
	run := strings.ToLower(rand.Text()[:6])
	for i := range o.devices {
		c, err := add(fmt.Sprintf("cam-%s-%05d", run, i+1), rand.Text())
		if err != nil {
			_ = done()
			return nil, nil, err
		}
		if o.cert != "" {
			c.CAFile = o.cert // where it lies on this machine
		}
		devices = append(devices, reference.Config{
			Endpoint: c.Endpoint, ProductID: c.ProductID, DeviceName: c.DeviceName, DeviceSecret: c.DeviceSecret, CAFile: c.CAFile,
		})
	}
	return devices, done, nil
}

// ownCloud registers devices at a cloud in this process.
func ownCloud(c *fakecloud.Cloud) func(name, secret string) (fakecloud.Credentials, error) {
	return func(name, secret string) (fakecloud.Credentials, error) {
		d, err := c.Register(loadProduct, name, secret)
		if err != nil {
			return fakecloud.Credentials{}, err
		}
		d.SetPlan(fakecloud.Plan{Switch: 1, Type: fakecloud.PlanFullTime})
		return d.Credentials(), nil
	}
}

func printLoad(w io.Writer, o *loadOptions, r *load.Result) error {
	if !o.json {
		return writeLoad(w, o, r)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(r)
}
