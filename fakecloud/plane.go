package fakecloud

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// plane is one listener with its server: control or storage.
type plane struct {
	listener net.Listener
	server   *http.Server
	serving  chan error
	conns    sync.WaitGroup // connections not yet closed
}

// startPlane listens on addr. HTTP/2 stays off: a fault that cuts a connection
// has to own the connection.
func startPlane(addr string, tlsConfig *tls.Config, h http.Handler) (*plane, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &plane{listener: l, serving: make(chan error, 1)}
	p.server = &http.Server{
		Handler:      h,
		ErrorLog:     log.New(io.Discard, "", 0), // what goes wrong on a connection is in the journal
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		ConnState: func(_ net.Conn, s http.ConnState) {
			switch s {
			case http.StateNew:
				p.conns.Add(1)
			case http.StateClosed, http.StateHijacked:
				p.conns.Done()
			}
		},
	}
	if tlsConfig != nil {
		l = tls.NewListener(l, tlsConfig)
	}
	go func() { p.serving <- p.server.Serve(l) }()
	return p, nil
}

func (p *plane) addr() string { return p.listener.Addr().String() }

// close cuts all connections and returns when the last has ended.
func (p *plane) close() error {
	if p == nil {
		return nil
	}
	err := p.server.Close()
	if served := <-p.serving; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	p.conns.Wait()
	return err
}
