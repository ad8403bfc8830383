package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/pflag"

	"github.com/ivcs/conform/containers"
	"github.com/ivcs/conform/fakecloud"
	"github.com/ivcs/conform/s3store"
)

// s3Options say which real store is behind the fake cloud; workers get a copy.
type s3Options struct{ URL, Bucket, AccessKey, SecretKey, Region string }

func (o *s3Options) flags(f *pflag.FlagSet) {
	f.StringVar(&o.URL, "s3", "", "`URL` of a real S3 store for the cloud's objects (keys: $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY), or \"container\": start one (needs Docker)")
	f.StringVar(&o.Bucket, "s3-bucket", "conform", "`NAME` of its bucket; made if it is not there")
	f.StringVar(&o.AccessKey, "s3-access-key", "", "access `KEY`, if not in the environment")
	f.StringVar(&o.SecretKey, "s3-secret-key", "", "secret `KEY`, if not in the environment, where other users do not see it")
	f.StringVar(&o.Region, "s3-region", "", "`REGION` (default: the store is asked)")
}

// check takes the keys from the environment where no flag gives them.
func (o *s3Options) check() error {
	if o.URL == "" {
		if o.AccessKey != "" || o.SecretKey != "" || o.Region != "" {
			return errors.New("--s3-access-key, --s3-secret-key and --s3-region are those of a real store; say which by --s3 URL")
		}
		return nil
	}
	if o.URL == inContainer {
		return nil // it comes with keys of its own
	}
	if o.AccessKey == "" {
		o.AccessKey = os.Getenv("AWS_ACCESS_KEY_ID")
	}
	if o.SecretKey == "" {
		o.SecretKey = os.Getenv("AWS_SECRET_ACCESS_KEY")
	}
	if o.AccessKey == "" || o.SecretKey == "" {
		return fmt.Errorf("--s3 %s: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --s3-access-key and --s3-secret-key", o.URL)
	}
	return nil
}

// start starts the store that is to run in a container, and returns the options of
// a store at a URL, and what ends it. Its own stay: the next run starts another.
func (o s3Options) start(ctx context.Context, stderr io.Writer) (at s3Options, end func() error, err error) {
	if o.URL != inContainer {
		return o, func() error { return nil }, nil
	}
	s, err := containers.StartS3(ctx, func(what string) { fmt.Fprintf(stderr, "conform: %s\n", what) })
	if err != nil {
		return o, nil, fmt.Errorf("--s3 container: %w", err)
	}
	o.URL, o.AccessKey, o.SecretKey, o.Region = s.URL, s.AccessKey, s.SecretKey, s.Region
	return o, s.Close, nil
}

// open reaches the store. What it returns makes a store for each cloud, and is
// nil when no real store is wanted.
func (o *s3Options) open(ctx context.Context) (func() http.Handler, error) {
	if o.URL == "" {
		return nil, nil
	}
	s, err := s3store.Open(ctx, s3store.Config(*o))
	if err != nil {
		return nil, fmt.Errorf("--s3: %w", err)
	}
	return func() http.Handler { return s.Fresh() }, nil
}

// settings are the options of a cloud with the store behind it.
func (o *s3Options) settings(ctx context.Context) ([]fakecloud.Option, error) {
	objects, err := o.open(ctx)
	if err != nil || objects == nil {
		return nil, err
	}
	return []fakecloud.Option{fakecloud.WithObjects(objects())}, nil
}
