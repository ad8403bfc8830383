package fakecloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// port is a TCP port that stays ours while nothing listens on it: connections
// are then refused by the kernel, and no other socket can take the port in the
// meantime. A bound socket that never listens holds it.
type port struct {
	addr   string
	holder int
}

// reservePort takes the port of an address host:port, a free one for port 0. The
// host is a literal address or a name that resolves.
func reservePort(listen string) (*port, error) {
	address, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("proxy address: %w", err)
	}
	if address.Port != 0 {
		// A shared port would be shared with another cloud, too: see that it is free.
		l, err := net.ListenTCP("tcp", address)
		if err != nil {
			return nil, err
		}
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
	if address.IP == nil {
		address.IP = net.IPv6unspecified // all addresses
	}
	domain, where := unix.AF_INET, unix.Sockaddr(nil)
	if ip := address.IP.To4(); ip != nil {
		where = &unix.SockaddrInet4{Addr: [4]byte(ip), Port: address.Port}
	} else {
		domain = unix.AF_INET6
		var ip [16]byte
		copy(ip[:], address.IP)
		where = &unix.SockaddrInet6{Addr: ip, Port: address.Port}
	}
	fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("proxy port: socket: %w", err)
	}
	p := &port{holder: fd}
	if err := share(uintptr(fd)); err != nil {
		return nil, errors.Join(err, p.release())
	}
	if err := unix.Bind(fd, where); err != nil {
		return nil, errors.Join(fmt.Errorf("proxy port: bind to %s: %w", listen, err), p.release())
	}
	bound, err := unix.Getsockname(fd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("proxy port: %w", err), p.release())
	}
	number := 0
	switch s := bound.(type) {
	case *unix.SockaddrInet4:
		number = s.Port
	case *unix.SockaddrInet6:
		number = s.Port
	}
	p.addr = net.JoinHostPort(address.IP.String(), strconv.Itoa(number))
	return p, nil
}

// share lets holder and listener bind to the same port.
func share(fd uintptr) error {
	if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return fmt.Errorf("proxy port: share: %w", err)
	}
	return nil
}

// listen opens the port.
func (p *port) listen() (net.Listener, error) {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		if err := c.Control(func(fd uintptr) { failed = share(fd) }); err != nil {
			return err
		}
		return failed
	}}
	l, err := config.Listen(context.Background(), "tcp", p.addr)
	if err != nil {
		return nil, fmt.Errorf("proxy port: listen: %w", err)
	}
	return l, nil
}

func (p *port) release() error { return unix.Close(p.holder) }
