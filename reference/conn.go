package reference

import (
	"net"
	"syscall"
)

// conn is a connection that tells work when bytes move.
type conn struct {
	net.Conn
	network *network
	raw     syscall.RawConn // nil when the connection has no descriptor
}

func newConn(nc net.Conn, n *network) *conn {
	c := &conn{Conn: nc, network: n}
	if sc, ok := nc.(syscall.Conn); ok {
		c.raw, _ = sc.SyscallConn()
	}
	return c
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.network.work.touch()
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if n > 0 {
		c.network.work.touch()
	}
	return n, err
}

func (c *conn) Close() error {
	c.network.forget(c)
	return c.Conn.Close()
}

// unread reports whether the peer has sent something, or its end, that has not
// been read.
func (c *conn) unread() (pending bool) {
	if c.raw == nil {
		return false
	}
	_ = c.raw.Control(func(fd uintptr) { pending = readable(fd) })
	return pending
}
