package fakecloud

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/ivcs/conform/clock"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// store is the seam behind the grants: whoever holds the objects. The embedded
// one is gofakes3 behind the cloud's own storage plane; a real S3 endpoint would
// presign for itself and tell by HEAD what has arrived.
type store interface {
	// grant returns a URL for one PUT of size bytes, and the headers to send.
	grant(host, key, contentType string, size int64, life time.Duration) (url string, headers map[string]string)
	// link returns a URL for reading an object.
	link(host, key string, life time.Duration) string
}

const bucket = "ivcs"

// embeddedStore keeps objects in memory. gofakes3 checks neither signature nor
// expiry, so nothing reaches it that the storage plane has not verified.
type embeddedStore struct {
	scheme string
	clock  *clock.Clock
	signer signer
	s3     http.Handler
}

var _ store = (*embeddedStore)(nil)

// newEmbeddedStore makes a store in memory, or with the objects in a data folder.
func newEmbeddedStore(k *clock.Clock, data string) (*embeddedStore, error) {
	s := &embeddedStore{
		scheme: "http",
		clock:  k,
		signer: signer{accessKey: "IVCSFAKECLOUD", secretKey: rand.Text(), region: "local"},
	}
	if data != "" {
		s.s3 = diskObjects{filepath.Join(data, "objects")}
		return s, nil
	}
	source := s3Time{k}
	backend := s3mem.New(s3mem.WithTimeSource(source))
	if err := backend.CreateBucket(bucket); err != nil {
		return nil, fmt.Errorf("store: create bucket: %w", err)
	}
	s.s3 = gofakes3.New(backend, gofakes3.WithTimeSource(source), gofakes3.WithTimeSkewLimit(0)).Server()
	return s, nil
}

// objectHeaders are the headers of a PUT that its signature covers: with the
// length among them, another size is another signature.
func objectHeaders(contentType string, size int64) http.Header {
	return http.Header{"Content-Type": {contentType}, "Content-Length": {strconv.FormatInt(size, 10)}}
}

func (s *embeddedStore) grant(host, key, contentType string, size int64, life time.Duration) (string, map[string]string) {
	q := s.signer.presign(http.MethodPut, host, objectPath(key), objectHeaders(contentType, size), s.clock.Now(), life)
	return s.url(host, key, q), map[string]string{"Content-Type": contentType}
}

func (s *embeddedStore) link(host, key string, life time.Duration) string {
	return s.url(host, key, s.signer.presign(http.MethodGet, host, objectPath(key), nil, s.clock.Now(), life))
}

func (s *embeddedStore) url(host, key string, q url.Values) string {
	u := url.URL{Scheme: s.scheme, Host: host, Path: objectPath(key), RawQuery: q.Encode()}
	return u.String()
}

func objectPath(key string) string { return "/" + bucket + "/" + key }

// put hands an object that is in order to gofakes3 and returns its answer.
func (s *embeddedStore) put(key, contentType string, body []byte) (answer, error) {
	r, err := http.NewRequest(http.MethodPut, objectPath(key), bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("store: put %s: %w", key, err)
	}
	r.Header = objectHeaders(contentType, int64(len(body)))
	w := &recorder{header: make(http.Header), status: http.StatusOK}
	s.s3.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		return answer{}, fmt.Errorf("store: put %s: status %d: %s", key, w.status, w.body.Bytes())
	}
	return answer{status: w.status, header: w.header, body: w.body.Bytes()}, nil
}

// read returns an object.
func (s *embeddedStore) read(key string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, objectPath(key), nil)
	if err != nil {
		return nil, fmt.Errorf("store: get %s: %w", key, err)
	}
	w := &recorder{header: make(http.Header), status: http.StatusOK}
	s.s3.ServeHTTP(w, r)
	if w.status != http.StatusOK {
		return nil, fmt.Errorf("store: get %s: status %d: %s", key, w.status, w.body.Bytes())
	}
	return w.body.Bytes(), nil
}

// recorder takes the store's answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// s3Time gives gofakes3 the cloud's time.
type s3Time struct{ clock *clock.Clock }

func (s s3Time) Now() time.Time                  { return s.clock.Now() }
func (s s3Time) Since(t time.Time) time.Duration { return s.clock.Now().Sub(t) }
