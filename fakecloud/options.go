package fakecloud

import (
	"net/http"
	"time"

	"github.com/ivcs/conform/clock"
)

// Option sets one thing about a Cloud before it starts.
type Option func(*settings)

type settings struct {
	clock         *clock.Clock
	listen        string
	storageListen string
	network       bool
	caFile        string
	grantLifetime time.Duration
	objects       http.Handler
}

// WithClock makes the cloud live on k. Without it the cloud has a clock of its
// own in real time; Cloud.Clock gives either.
func WithClock(k *clock.Clock) Option { return func(s *settings) { s.clock = k } }

// WithListen sets the address of the control plane; the default is any free
// port of the loopback interface.
func WithListen(addr string) Option { return func(s *settings) { s.listen = addr } }

// WithStorageListen sets the address of the storage plane; the default is any
// free port of the control plane's host.
func WithStorageListen(addr string) Option { return func(s *settings) { s.storageListen = addr } }

// WithTLS makes both planes speak https with a certificate for the loopback
// addresses and the host of WithListen. The certificate of the authority that
// signed it is written to caFile, for IVCS_CA_FILE. It is valid from 1970 to
// 2199, since a device's clock may stand anywhere.
func WithTLS(caFile string) Option { return func(s *settings) { s.caFile = caFile } }

// WithNetwork puts a proxy before each plane, so that Cloud.Network can disturb
// the network on the way to it.
func WithNetwork() Option { return func(s *settings) { s.network = true } }

// WithGrantLifetime sets how long a grant may be used; the default is
// DefaultGrantLifetime. It counts in whole seconds, as presigned URLs do.
func WithGrantLifetime(d time.Duration) Option { return func(s *settings) { s.grantLifetime = d } }

// DefaultGrantLifetime is the life of a grant when nothing else is set.
const DefaultGrantLifetime = 10 * time.Minute
