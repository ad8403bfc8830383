package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/ivcs/conform/reference"
)

// Plan says what is run.
type Plan struct {
	Devices []reference.Config // registered, each with a full-time plan
	Stream  *Stream
	For     time.Duration // from the first device's start to the end of the pushing
	Ramp    time.Duration // devices start evenly over it, so that they do not all upload at once
	Token   string        // of a cloud that guards its viewer side; may be empty
	Clock   *clock.Clock

	Every    time.Duration // how often Progress is told
	Progress func(Snapshot)
}

// Snapshot is how far a run has come.
type Snapshot struct {
	Elapsed           time.Duration
	PUTs, PutsPerS    int64
	P99               float64 // of the PUTs, ms
	Stored, Lost, Bad int     // segments stored, segments lost, exchanges gone wrong
}

// Run drives the devices and returns what came of it. When ctx is done first,
// the devices leave at once and what has been measured is the result.
func Run(ctx context.Context, p Plan) (*Result, error) {
	k, m := p.Clock, newMeter()
	over, cancel := k.WithTimeout(ctx, p.For)
	defer cancel()
	elapsed, peak := clock.Elapsed(), newMemory()

	devices := make([]*device, len(p.Devices))
	failures := make([]error, len(p.Devices))
	var running sync.WaitGroup
	for i, c := range p.Devices {
		d := &device{config: c, stream: p.Stream, meter: m}
		devices[i] = d
		delay := p.Ramp * time.Duration(i) / time.Duration(len(p.Devices))
		running.Go(func() { failures[i] = d.run(over, k, delay) })
	}
	stop := p.report(m, elapsed, peak)
	<-over.Done()
	pushed := elapsed()
	running.Wait()
	stop()
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	r := m.result(len(devices), pushed, elapsed())
	r.Memory = peak.end()
	return r, p.audit(ctx, devices, r)
}

// report tells the progress until the function it returns is called.
func (p Plan) report(m *meter, elapsed func() time.Duration, peak *memory) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		var last int64
		for p.Clock.Sleep(ctx, p.Every) == nil {
			peak.look()
			s := m.snapshot()
			s.Elapsed, s.PutsPerS, last = elapsed(), int64(float64(s.PUTs-last)/p.Every.Seconds()), s.PUTs
			if p.Progress != nil {
				p.Progress(s)
			}
		}
	})
	return func() { cancel(); work.Wait() }
}

// audit adds what the cloud does not have. It is made even if ctx is done: an
// interrupted run must not pass for one without loss.
func (p Plan) audit(ctx context.Context, devices []*device, r *Result) error {
	ctx, cancel := p.Clock.WithTimeout(context.WithoutCancel(ctx), auditLimit)
	defer cancel()
	client, err := auditor(p.Devices)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for _, d := range devices {
		frames, runs, err := d.audit(ctx, client, p.Token)
		if err != nil {
			return err
		}
		r.MissingFrames += frames
		r.MissingRuns += runs
	}
	return nil
}

// auditLimit bounds the audit of all devices together.
const auditLimit = 5 * time.Minute

// auditor is a client that trusts what the devices trust.
func auditor(devices []reference.Config) (*http.Client, error) {
	t := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if len(devices) > 0 && devices[0].CAFile != "" {
		pem, err := os.ReadFile(devices[0].CAFile)
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem)
	}
	return &http.Client{Transport: t}, nil
}
