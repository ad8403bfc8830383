package reference

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/ivcs/conform/clock"
)

// network is the device's way to its cloud: connections of its own, closed with
// it, and the time-outs of iv_cs_set_trans_time on the device's clock.
type network struct {
	config    Config
	clock     *clock.Clock
	work      *work
	transport *http.Transport
	skew      *atomic.Int64 // ms that the cloud's clock is ahead, learned from clock_skew (ROB-012)
	upload    atomic.Int64  // time-outs, as time.Duration
	reply     atomic.Int64
}

// Time-outs of a device that has not called iv_cs_set_trans_time.
const (
	defaultUpload = 60 * time.Second
	defaultReply  = 10 * time.Second
)

func newNetwork(c Config, k *clock.Clock, w *work, skew *atomic.Int64) (*network, error) {
	n := &network{config: c, clock: k, work: w, skew: skew}
	n.upload.Store(int64(defaultUpload))
	n.reply.Store(int64(defaultReply))
	n.transport = &http.Transport{
		// No proxy from the environment: the endpoint a device is given is the one it talks to.
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return w.watch(c), nil
		},
		TLSClientConfig:    &tls.Config{MinVersion: tls.VersionTLS12},
		DisableCompression: true,
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reference: cannot read the certificates of the cloud, see IVCS_CA_FILE: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reference: no PEM certificate in %s, see IVCS_CA_FILE", c.CAFile)
		}
		n.transport.TLSClientConfig.RootCAs = pool
	}
	return n, nil
}

// close ends every connection. No exchange is under way any more.
func (n *network) close() {
	n.transport.DisableKeepAlives = true
	n.transport.CloseIdleConnections()
}
