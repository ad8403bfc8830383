package reference

import (
	"net"
	"syscall"
)

// conn is a connection that tells work when bytes move.
type conn struct {
	net.Conn
	work *work
	raw  syscall.RawConn // nil when the connection has no descriptor
}

func (w *work) watch(nc net.Conn) *conn {
	c := &conn{Conn: nc, work: w}
	if sc, ok := nc.(syscall.Conn); ok {
		c.raw, _ = sc.SyscallConn()
	}
	w.touch()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns[c] = struct{}{}
	return c
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.work.touch()
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if n > 0 {
		c.work.touch()
	}
	return n, err
}

func (c *conn) Close() error {
	c.work.mu.Lock()
	delete(c.work.conns, c)
	c.work.mu.Unlock()
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
