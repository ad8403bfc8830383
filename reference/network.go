package reference

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
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

	mu    sync.Mutex
	conns map[*conn]struct{} // nil once it is closed
}

// Time-outs of a device that has not called iv_cs_set_trans_time.
const (
	defaultUpload = 60 * time.Second
	defaultReply  = 10 * time.Second
)

func newNetwork(c Config, k *clock.Clock, w *work, skew *atomic.Int64) (*network, error) {
	n := &network{config: c, clock: k, work: w, skew: skew, conns: make(map[*conn]struct{})}
	n.upload.Store(int64(defaultUpload))
	n.reply.Store(int64(defaultReply))
	n.transport = &http.Transport{
		// No proxy from the environment: the endpoint a device is given is the one it talks to.
		DialContext:        n.dial,
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

// exchangeKey finds an exchange's own context in the one that net/http dials
// with, which does not end with the request.
type exchangeKey struct{}

// dial connects for as long as the exchange that needs the connection lasts.
func (n *network) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if exchange, ok := ctx.Value(exchangeKey{}).(context.Context); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(exchange, cancel)()
	}
	nc, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return n.watch(nc)
}

var errClosed = errors.New("the device's network is closed")

// watch takes a connection into care.
func (n *network) watch(nc net.Conn) (net.Conn, error) {
	c := newConn(nc, n)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conns == nil {
		_ = nc.Close()
		return nil, errClosed
	}
	n.conns[c] = struct{}{}
	n.work.watch(c)
	return c, nil
}

// forget lets go of a connection that is being closed.
func (n *network) forget(c *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, c)
	n.work.forget(c)
}

// close ends every connection, whatever is still under way on it.
func (n *network) close() {
	n.transport.CloseIdleConnections()
	n.mu.Lock()
	conns := n.conns
	n.conns = nil
	n.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
}
