package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ivcs/conform/conformance/tscheck"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/fakecloud/page"
)

// cloudOptions are the flags of conform cloud.
type cloudOptions struct {
	listen, storageListen, name string
	devices                     []string
	plan                        string
	planFor                     time.Duration
	ca, token, data, faults     string
	retention                   time.Duration
	network, json               bool
}

// cloudCommand runs the fake cloud alone, for a camera or a library to be
// pointed at.
func cloudCommand() *cobra.Command {
	o := &cloudOptions{}
	cmd := &cobra.Command{
		Use:   "cloud",
		Short: "run the fake cloud alone: point a camera or a library at it, look at what it stores",
		Long: `cloud runs the cloud of the conformance suite by itself, in real time, until it
is interrupted. It prints what a device is given as shell exports (what else it
prints are shell comments, so the output can be sourced), and the page's address.

By default it listens on loopback and anybody on this machine may look on. On
any other address viewers, too, need the token: in the page's address as printed,
as "Authorization: Bearer TOKEN", or as ?token=TOKEN. The operator's requests
(/admin/…, see /openapi.yaml) always need it. Devices sign, as ever.`,
		Example: `  conform cloud                                     one device, PLAY1/cam-1, with a full-time plan
  conform cloud --device P1/door:s3cret --device P1/yard --plan event
  conform cloud --listen 0.0.0.0:8480 --name cloud.lab --tls ca.pem
  conform cloud --faults third-put-breaks.yaml
  conform cloud --data ./cloud-data --retention 168h
  conform cloud --json | jq -r .devices[0].device_secret
  conform cloud >cloud.env & sleep 1; . ./cloud.env; ./my-camera
  curl -H "Authorization: Bearer $TOKEN" -X DELETE http://127.0.0.1:8480/admin/devices/PLAY1/cam-1/plan`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runCloud(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8480", "`ADDRESS` for devices and viewers; port 0 takes a free one")
	f.StringVar(&o.storageListen, "storage-listen", "", "`ADDRESS` of the storage plane (default: the port after that of --listen)")
	f.StringVar(&o.name, "name", "", "`HOST` name under which devices reach this machine")
	f.StringArrayVar(&o.devices, "device", nil, "register `PRODUCT/NAME[:SECRET]`; may be repeated; without SECRET one is made")
	f.StringVar(&o.plan, "plan", "full-time", "`PLAN` of the devices registered now: none, full-time or event")
	f.DurationVar(&o.planFor, "plan-for", 0, "let that plan expire after `DURATION` (default: never)")
	f.StringVar(&o.ca, "tls", "", "speak https; write the certificate of the authority that signed it to `FILE`")
	f.StringVar(&o.token, "token", "", "the operator's `TOKEN` (default: one is made)")
	f.StringVar(&o.data, "data", "", "keep everything in `FOLDER` across restarts (default: in memory)")
	f.DurationVar(&o.retention, "retention", 0, "forget objects and events so long after they came, 168h for a week (default: never)")
	f.StringVar(&o.faults, "faults", "", "begin with the faults of this `FILE`, YAML (docs/faults.md)")
	f.BoolVar(&o.network, "network", true, "put a proxy before each plane, so that faults of the network can be injected")
	f.BoolVar(&o.json, "json", false, "print one JSON object instead of shell exports")
	return cmd
}

// runCloud runs the cloud until ctx is done.
func runCloud(ctx context.Context, w, errs io.Writer, o *cloudOptions) error {
	opts, err := o.settings()
	if err != nil {
		return err
	}
	c, err := fakecloud.New(opts...)
	if err != nil {
		return explainBusy(err)
	}
	tellRecovery(errs, c.Recovery())
	if err := o.begin(c, w); err != nil {
		return errors.Join(err, c.Close())
	}
	<-ctx.Done()
	return c.Close()
}

// begin makes the cloud ready for devices and then announces it.
func (o *cloudOptions) begin(c *fakecloud.Cloud, w io.Writer) error {
	if err := o.register(c); err != nil {
		return err
	}
	if o.faults != "" {
		text, err := os.ReadFile(o.faults)
		if err != nil {
			return fmt.Errorf("--faults: %w", err)
		}
		script, err := fakecloud.ParseScript(text)
		if err == nil {
			err = c.Inject(script)
		}
		if err != nil {
			return fmt.Errorf("--faults %s: %w", o.faults, err)
		}
	}
	return o.announce(w, c)
}

// settings turns flags into options of the cloud.
func (o *cloudOptions) settings() ([]fakecloud.Option, error) {
	host, port, err := net.SplitHostPort(o.listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %q: %w (give host:port, 127.0.0.1:8480 for one)", o.listen, err)
	}
	if o.storageListen == "" {
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, fmt.Errorf("--listen %q: the port must be a number", o.listen)
		}
		if n != 0 {
			n++
		}
		o.storageListen = net.JoinHostPort(host, strconv.Itoa(n))
	}
	if o.token == "" {
		o.token = fakecloud.NewSecret()
	}
	opts := []fakecloud.Option{
		fakecloud.WithListen(o.listen), fakecloud.WithStorageListen(o.storageListen), fakecloud.WithName(o.name),
		fakecloud.WithToken(o.token), fakecloud.WithInspector(inspectSegment), fakecloud.WithJournalLimit(journalLimit),
		fakecloud.WithRoot(page.Handler),
	}
	if !loopback(host) {
		opts = append(opts, fakecloud.WithGuardedViewer())
	}
	if o.ca != "" {
		file, err := filepath.Abs(o.ca) // devices start elsewhere
		if err != nil {
			return nil, fmt.Errorf("--tls: %w", err)
		}
		opts = append(opts, fakecloud.WithTLS(file))
	}
	if o.data != "" {
		opts = append(opts, fakecloud.WithData(o.data))
	}
	if o.retention > 0 {
		opts = append(opts, fakecloud.WithRetention(o.retention))
	}
	if o.network {
		opts = append(opts, fakecloud.WithNetwork())
	}
	return opts, nil
}

// journalLimit is how many requests a cloud that runs for weeks remembers.
const journalLimit = 20_000

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// explainBusy names the way out of a port that is taken.
func explainBusy(err error) error {
	if strings.Contains(err.Error(), "address already in use") {
		return fmt.Errorf("%w; is another conform cloud running? --listen 127.0.0.1:0 takes a free port", err)
	}
	return err
}

var plans = []string{fakecloud.PlanNone: "none", fakecloud.PlanFullTime: "full-time", fakecloud.PlanEvent: "event"}

// register makes the devices of the flags known, one of its own when there is
// none at all.
func (o *cloudOptions) register(c *fakecloud.Cloud) error {
	kind := slices.Index(plans, o.plan)
	if kind < 0 {
		return fmt.Errorf("--plan %q: must be one of %s", o.plan, strings.Join(plans, ", "))
	}
	wanted := o.devices
	if len(wanted) == 0 && len(c.Devices()) == 0 {
		wanted = []string{"PLAY1/cam-1"}
	}
	for _, text := range wanted {
		id, secret, _ := strings.Cut(text, ":")
		product, name, ok := strings.Cut(id, "/")
		if !ok {
			return fmt.Errorf("--device %q: must be PRODUCT/NAME or PRODUCT/NAME:SECRET", text)
		}
		if d := c.Device(product, name); d != nil {
			if known := d.Credentials().DeviceSecret; secret != "" && secret != known {
				return fmt.Errorf("--device %s: it is registered already, with another secret; leave the secret away to keep that one", id)
			}
			continue
		}
		if secret == "" {
			secret = fakecloud.NewSecret()
		}
		d, err := c.Register(product, name, secret)
		if err != nil {
			return fmt.Errorf("--device: %w", err)
		}
		if kind != fakecloud.PlanNone {
			p := fakecloud.Plan{Switch: 1, Type: kind}
			if o.planFor > 0 {
				p.Expires = c.Clock().Now().Add(o.planFor)
			}
			d.SetPlan(p)
		}
	}
	return nil
}

// inspectSegment judges a stored segment as the suite does.
func inspectSegment(body []byte) []fakecloud.Finding {
	report := tscheck.Check(body)
	if report.Opaque {
		return []fakecloud.Finding{{Code: "opaque", Text: "the object is no transport stream; it was not judged", Soft: true}}
	}
	var found []fakecloud.Finding
	for _, f := range report.Findings {
		found = append(found, fakecloud.Finding{Code: string(f.Code), Text: f.String(), Soft: f.Soft})
	}
	return found
}
