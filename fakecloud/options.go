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
	lie           Lie
	token         string
	guarded       bool
	name          string
	root          func(*Cloud) http.Handler
	inspector     Inspector
	data          string
	retention     time.Duration
	journalLimit  int
	objects       http.Handler
	deeds         bool
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

// WithToken opens the operator side, /admin/…, to who bears the token. Without
// it there is none.
func WithToken(token string) Option { return func(s *settings) { s.token = token } }

// WithName sets the host name under which devices reach the cloud, for one that
// listens on all addresses. Endpoint and the certificate carry it.
func WithName(host string) Option { return func(s *settings) { s.name = host } }

// WithGuardedViewer asks viewers for the operator's token as well: for lists,
// playlist and page. Devices go on to sign.
func WithGuardedViewer() Option { return func(s *settings) { s.guarded = true } }

// WithRoot serves / and /page/…, which the binding does not know: a page.
func WithRoot(root func(*Cloud) http.Handler) Option { return func(s *settings) { s.root = root } }

// WithInspector has every stored segment judged as it arrives; see Findings.
func WithInspector(i Inspector) Option { return func(s *settings) { s.inspector = i } }

// WithData keeps devices, plans, grants, objects and events in a folder, across
// restarts. What was acknowledged is on the disk before the answer leaves.
// Segments and pictures then carry no Body: Device.Object reads it. Journal,
// faults and findings are of one run.
func WithData(dir string) Option { return func(s *settings) { s.data = dir } }

// WithRetention forgets objects and events so long after they came.
func WithRetention(d time.Duration) Option { return func(s *settings) { s.retention = d } }

// WithJournalLimit keeps the last n entries of the journal, about; without it all.
func WithJournalLimit(n int) Option { return func(s *settings) { s.journalLimit = n } }

// DefaultGrantLifetime is the life of a grant when nothing else is set.
const DefaultGrantLifetime = 10 * time.Minute
