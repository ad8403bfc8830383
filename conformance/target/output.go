package target

import (
	"bufio"
	"io"
	"os"
	"sync"
)

const (
	maxLine   = 4 << 10 // of a library's output; longer ones are cut into several
	tailLines = 32      // kept of each stream
)

// output reads a stream of the library line by line, keeps the last ones, and
// tells of each.
type output struct {
	file *os.File
	copy io.Writer // may be nil
	tell func(line string)
	done chan struct{}

	mu    sync.Mutex
	lines []string
}

func (o *output) run() {
	defer close(o.done)
	in := bufio.NewReaderSize(o.file, maxLine)
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			if o.copy != nil {
				_, _ = o.copy.Write(line) // a broken copy must not stop the library
			}
			if line[len(line)-1] == '\n' {
				line = line[:len(line)-1]
			}
			text := string(line)
			o.mu.Lock()
			o.lines = append(o.lines, text)
			if len(o.lines) > tailLines {
				o.lines = o.lines[1:]
			}
			o.mu.Unlock()
			o.tell(text)
		}
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
}

func (o *output) tail() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.lines...)
}
