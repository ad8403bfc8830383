package s3store

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/ivcs/conform/clock"
)

// Config says where the store is.
type Config struct {
	URL                  string // http(s)://host[:port]
	Bucket               string // made if it is not there
	AccessKey, SecretKey string
	Region               string // "" asks the store
}

// Store is a bucket of a real store, as a handler of bare S3 requests: PUT, GET
// and HEAD of /ivcs/KEY.
type Store struct {
	client *minio.Client
	bucket string
	prefix string
	clock  clock.Clock // machine time: the store knows no other
}

// patience bounds one request to the store.
const patience = 30 * time.Second

// Open reaches the store and makes sure of the bucket.
func Open(ctx context.Context, c Config) (*Store, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("S3 store %q: %w", c.URL, err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "":
		return nil, fmt.Errorf("S3 store %q: give http://host:port or https://host:port, and the bucket apart from it", c.URL)
	case c.Bucket == "" || c.AccessKey == "" || c.SecretKey == "":
		return nil, fmt.Errorf("S3 store %s: bucket, access key and secret key are all needed", c.URL)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure: u.Scheme == "https", Region: c.Region, MaxRetries: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("S3 store %s: %w", c.URL, err)
	}
	s := &Store{client: client, bucket: c.Bucket, prefix: freshPrefix()}
	ctx, cancel := s.clock.WithTimeout(ctx, patience)
	defer cancel()
	there, err := client.BucketExists(ctx, c.Bucket)
	if err == nil && !there {
		err = client.MakeBucket(ctx, c.Bucket, minio.MakeBucketOptions{Region: c.Region})
	}
	if err != nil {
		return nil, fmt.Errorf("S3 store %s, bucket %s: %w; check the address, the keys and that they may use the bucket", c.URL, c.Bucket, err)
	}
	return s, nil
}

// Fresh is the same bucket for another cloud, whose keys meet nobody else's.
func (s *Store) Fresh() *Store {
	return &Store{client: s.client, bucket: s.bucket, prefix: freshPrefix()}
}

func freshPrefix() string { return "conform-" + strings.ToLower(rand.Text()[:16]) + "/" }

// ServeHTTP implements http.Handler.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	ctx, cancel := s.clock.WithTimeout(r.Context(), patience)
	defer cancel()
	r = r.WithContext(ctx)
	switch r.Method {
	case http.MethodPut:
		s.put(w, r, s.prefix+key)
	case http.MethodGet, http.MethodHead:
		s.get(w, r, s.prefix+key)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// put stores an object in one request. The store is given its MD5, so that it
// refuses what was damaged on the way, and its ETag is what it has kept.
func (s *Store) put(w http.ResponseWriter, r *http.Request, key string) {
	info, err := s.client.PutObject(r.Context(), s.bucket, key, r.Body, r.ContentLength, minio.PutObjectOptions{
		ContentType: r.Header.Get("Content-Type"), SendContentMd5: true, DisableMultipart: true,
	})
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("ETag", `"`+info.ETag+`"`)
	w.WriteHeader(http.StatusOK)
}

// get serves an object, or the range of it that is asked for.
func (s *Store) get(w http.ResponseWriter, r *http.Request, key string) {
	object, err := s.client.GetObject(r.Context(), s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		refuse(w, err)
		return
	}
	defer object.Close()
	info, err := object.Stat()
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", info.ContentType)
	w.Header().Set("ETag", `"`+info.ETag+`"`)
	http.ServeContent(w, r, "", info.LastModified, object)
}

// refuse hands the store's own error on.
func refuse(w http.ResponseWriter, err error) {
	e := minio.ToErrorResponse(err)
	if e.StatusCode < 400 {
		e.StatusCode, e.Code, e.Message = http.StatusBadGateway, "StoreUnreachable", err.Error()
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.StatusCode)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}{Code: e.Code, Message: e.Message})
}
