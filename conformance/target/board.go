package target

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/ivcs/conform/clock"
)

// BoardScheme begins the name of a target on a board: tcp://host:port. One whose
// shim waits in a container of this machine has unix:///path/of/the/socket.
const (
	BoardScheme     = "tcp://"
	ContainerScheme = "unix://"
)

// boardNetwork splits the name of a board as a dialer wants it.
func boardNetwork(name string) (network, address string) {
	if path, ok := strings.CutPrefix(name, ContainerScheme); ok {
		return "unix", path
	}
	return "tcp", strings.TrimPrefix(name, BoardScheme)
}

// dialBound is the machine time a board may take to answer.
const dialBound = 10 * time.Second

// Board is the library that a shim on another machine waits with (shim --listen
// PORT LIBRARY). relay is the command that carries one session there: this
// program, with what makes it call Relay; the address is added to it.
//
// So a session is a process here as with every other library, and its pipes,
// bounds and ends are the same; only that what it says comes from elsewhere.
func Board(name string, relay []string, o LibraryOptions) (Target, error) {
	if network, address := boardNetwork(name); network == "tcp" {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return nil, &FileError{Path: name, Err: fmt.Errorf("%w: a board is tcp://host:port", err)}
		}
	}
	conn, _, err := dialBoard(context.Background(), name)
	if err != nil {
		return nil, &LoadError{Path: name, Reason: "no board answers", Err: err, Remedy: "start the shim there: shim --listen PORT LIBRARY (docs/porting.md)"}
	}
	conn.Close()
	return elsewhere(name, name, relay, &object{
		blockers: []string{"the library is on a board"}, notes: []string{"on a board: its file was not looked into"},
	}, o)
}

// Contained is the library at path, with which a shim waits in a container of
// this machine (shim --listen SOCKET LIBRARY); relay is as with Board. Unlike on a
// board its file is looked into. Errors are those of Library.
func Contained(path, socket string, relay []string, o LibraryOptions) (Target, error) {
	obj, err := inspect(path)
	if err != nil {
		return nil, err
	}
	obj.blockers = append(obj.blockers, "the library is in a container")
	return elsewhere(path, ContainerScheme+socket, relay, obj, o)
}

func elsewhere(name, board string, relay []string, obj *object, o LibraryOptions) (Target, error) {
	l := &library{name: name, path: board, options: o, relay: append(append([]string{}, relay...), board), object: obj}
	if err := l.probe(); err != nil {
		return nil, err
	}
	return l, nil
}

// boardMachine is what the shim's greeting tells of its machine.
func boardMachine(h helloFrame) string {
	order := "little-endian"
	if !h.Little {
		order = "big-endian"
	}
	return fmt.Sprintf("a board, %d bit, %s", 8*h.Pointer, order)
}

// dialBoard connects to a board and reads its greeting: how far this machine's
// monotonic clock is ahead of the board's.
func dialBoard(ctx context.Context, name string) (conn net.Conn, ahead time.Duration, err error) {
	k := new(clock.Clock)
	ctx, cancel := k.WithTimeout(ctx, dialBound)
	defer cancel()
	network, address := boardNetwork(name)
	if conn, err = new(net.Dialer).DialContext(ctx, network, address); err != nil {
		return nil, 0, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // ends a read of a greeting that does not come
	greeting := make([]byte, 16)
	err = readFull(conn, greeting)
	now := machineMono()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err == nil {
		d := decoder{b: greeting}
		mark, version, mono := string(d.take(4)), d.u32(), d.u64()
		if mark != "IVCB" || version != boardVersion {
			err = fmt.Errorf("what answers is no shim of this version (it begins with %q)", mark)
		}
		ahead = now - time.Duration(mono)
	}
	if err != nil {
		conn.Close()
		return nil, 0, err
	}
	return conn, ahead, nil
}

// Shim is the path of the compiled shim, to copy it to a board.
func Shim(o LibraryOptions) (string, error) { return shimProgram(o) }
