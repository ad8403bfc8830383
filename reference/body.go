package reference

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync"
)

// body is what a PUT sends. It reads memory that belongs to somebody else (the
// ring, the caller's picture), while net/http may go on reading a request's body
// after the exchange has ended: so it can be detached, after which it is not
// read any more.
type body struct {
	size int64
	read func() io.Reader // a reader from the first byte on

	mu       sync.Mutex
	detached bool
	sent     int64 // bytes taken by the present reader
	sum      hash.Hash
}

var errDetached = errors.New("the upload has been given up")

// open gives a reader from the beginning.
func (b *body) open() io.ReadCloser {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent, b.sum = 0, md5.New()
	return &bodyReader{b: b, r: b.read()}
}

// detach returns when nobody reads the memory any more, nor ever will.
func (b *body) detach() (sent int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.detached = true
	return b.sent
}

// etag is what S3 answers to a PUT of what has been sent: its MD5.
func (b *body) etag() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return hex.EncodeToString(b.sum.Sum(nil))
}

type bodyReader struct {
	b *body
	r io.Reader
}

func (r *bodyReader) Read(p []byte) (int, error) {
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	if r.b.detached {
		return 0, errDetached
	}
	n, err := r.r.Read(p)
	r.b.sent += int64(n)
	r.b.sum.Write(p[:n])
	return n, err
}

func (r *bodyReader) Close() error { return nil }
