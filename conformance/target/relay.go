package target

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// boardVersion is what both ends of a board's connection speak; board.c has it too.
const boardVersion = 1

// Kinds of records that a board sends; board.c has the same list.
const (
	recordFrames = iota
	recordStdout
	recordStderr
	recordEnd
)

// mostRecord bounds what a board may send at once.
const mostRecord = 1 << 20

// Relay is the near end of a session on a board: it takes the shim's place in
// this process. Frames come from the descriptor 3 and go to 4, the library's
// output to this process's own, and the code is that of the far process: a
// signal that tells nobody else of itself is passed on.
func Relay(ctx context.Context, board, options string) (code int, err error) {
	conn, ahead, err := dialBoard(ctx, board)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if _, err := conn.Write(boardHeader(ahead, options, os.Environ())); err != nil {
		return 0, err
	}
	in, out := os.NewFile(3, "frames in"), os.NewFile(4, "frames out")
	go func() {
		_, _ = io.Copy(conn, in)
		conn.Close() // the run is gone, and with it what it wanted there
	}()
	return relay(conn, out, os.Stdout, os.Stderr)
}

// relay takes records until the end.
func relay(conn io.Reader, streams ...io.Writer) (code int, err error) {
	head := make([]byte, 5)
	for {
		if err := readFull(conn, head); err != nil {
			return 0, errors.Join(errors.New("the board has gone away"), err)
		}
		kind, n := int(head[0]), binary.LittleEndian.Uint32(head[1:])
		if kind > recordEnd || n > mostRecord {
			return 0, errors.New("what comes from the board is no record")
		}
		body := make([]byte, n)
		if err := readFull(conn, body); err != nil {
			return 0, errors.Join(errors.New("the board has gone away"), err)
		}
		if kind != recordEnd {
			if _, err := streams[kind].Write(body); err != nil {
				return 0, err
			}
			continue
		}
		d := decoder{b: body}
		code, signal := int(d.u32()), syscall.Signal(d.u32())
		if signal == syscall.SIGKILL {
			_ = syscall.Kill(os.Getpid(), signal) // nothing comes behind it
		}
		if signal != 0 {
			code = 128 + int(signal) // the shim's crash frame has said the rest
		}
		return code, d.err
	}
}

// boardHeader is what a session begins with. Of the environment only what is
// meant for the library goes along.
func boardHeader(ahead time.Duration, options string, environ []string) []byte {
	var wanted []string
	for _, e := range environ {
		if strings.HasPrefix(e, "IVCS_") {
			wanted = append(wanted, e)
		}
	}
	text := func(b []byte, s string) []byte {
		return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	b := binary.LittleEndian.AppendUint64(make([]byte, 4), uint64(ahead))
	b = text(b, options)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(wanted)))
	for _, e := range wanted {
		b = text(b, e)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	return err
}
