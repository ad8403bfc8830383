package containers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/ivcs/conform/clock"
)

// The S3 server: an image to pull, and the same program to build.
const (
	s3Version = "v1.8.0"
	s3Image   = "versity/versitygw:" + s3Version
	s3Package = "github.com/versity/versitygw/cmd/versitygw@" + s3Version
	s3Port    = "7070"
	s3Region  = "us-east-1"
)

// buildWithin is the machine time in which the S3 server has to be compiled.
const buildWithin = 20 * time.Minute

// S3 is a real S3 server in a container, with an empty store.
type S3 struct {
	URL, AccessKey, SecretKey, Region string

	container testcontainers.Container
}

// StartS3 runs versitygw on a folder. The image is pulled; where that fails it is
// built from scratch out of the static program, which takes Go and, the first
// time, minutes: say is told what takes long. It must be Closed.
func StartS3(ctx context.Context, say func(string)) (*S3, error) {
	engine, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	s := &S3{AccessKey: "conform", SecretKey: rand.Text(), Region: s3Region}
	request := testcontainers.ContainerRequest{
		Image:        s3Image,
		Entrypoint:   []string{"/usr/local/bin/versitygw"},
		Cmd:          []string{"--access", s.AccessKey, "--secret", s.SecretKey, "--region", s.Region, "--port", ":" + s3Port, "posix", "/tmp"},
		ExposedPorts: []string{s3Port + "/tcp"},
		WaitingFor:   wait.ForLog("service listening on"),
	}
	pulled, pullErr := start(ctx, request)
	if pullErr == nil {
		s.container = pulled
		return s.located(ctx)
	}
	program, err := buildS3(ctx, say)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("S3 server: %w", err), fmt.Errorf("pull it: %w", pullErr))
	}
	request.Image = ""
	if request.FromDockerfile, err = (image{files: map[string]string{"/usr/local/bin/versitygw": program}, folders: []string{"/tmp"}}).dockerfile("ivcs-conform/versitygw:" + s3Version); err != nil {
		return nil, err
	}
	if s.container, err = start(ctx, request); err != nil {
		return nil, fmt.Errorf("S3 server: %w", err)
	}
	return s.located(ctx)
}

func start(ctx context.Context, r testcontainers.ContainerRequest) (testcontainers.Container, error) {
	ctx, cancel := new(clock.Clock).WithTimeout(ctx, startWithin)
	defer cancel()
	c, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{ContainerRequest: r, Started: true})
	if err != nil && c != nil {
		_ = c.Terminate(ctx)
	}
	return c, err
}

// located finds on which of this machine's ports the server is. The loopback comes
// first: what testcontainers takes for this machine's address may be behind a
// proxy of the environment.
func (s *S3) located(ctx context.Context) (*S3, error) {
	ctx, cancel := new(clock.Clock).WithTimeout(ctx, startWithin)
	defer cancel()
	port, err := s.container.MappedPort(ctx, s3Port+"/tcp")
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	host, err := s.container.Host(ctx)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	var errs []error
	for _, h := range []string{"127.0.0.1", host} {
		address := net.JoinHostPort(h, port.Port())
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			s.URL = "http://" + address
			return s, conn.Close()
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(fmt.Errorf("the S3 server cannot be reached: %w", errors.Join(errs...)), s.Close())
}

// Close ends the server; what it stored is gone.
func (s *S3) Close() error {
	return s.container.Terminate(context.Background(), testcontainers.StopTimeout(0))
}

// buildS3 compiles the server once a version, into the user's cache.
func buildS3(ctx context.Context, say func(string)) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "ivcs-conform", "versitygw-"+s3Version)
	program := filepath.Join(dir, "versitygw")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	say("no " + s3Image + " to be had: building it with Go, once, which takes minutes")
	ctx, cancel := new(clock.Clock).WithTimeout(ctx, buildWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "install", s3Package)
	cmd.Dir = os.TempDir() // outside of any module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+dir, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install %s: %w\n%s", s3Package, err, out)
	}
	return program, nil
}
