package repro

import (
	"fmt"
	"strings"

	"github.com/ivcs/conform/conformance/target"
)

// media gathers bytes for media.bin, the same ones once.
type media struct {
	bytes []byte
	known map[string]int
}

func newMedia() *media { return &media{known: make(map[string]int)} }

// place returns the offset of the bytes.
func (m *media) place(data []byte) int {
	if at, ok := m.known[string(data)]; ok {
		return at
	}
	at := len(m.bytes)
	m.known[string(data)] = at
	m.bytes = append(m.bytes, data...)
	return at
}

// push is a pack of the table.
type push struct {
	wait int64 // ms
	call *target.Call
	then string
}

func (p *program) pushTable() string {
	var b strings.Builder
	b.WriteString("/* The packs that repro.c pushes: wait (ms), stream (0 audio, 1 video), frame type (0 I, 1 P),\n" +
		" * offset and length in media.bin, PTS (ms), u32Seq, what the push returned in the recorded run. */\n")
	if len(p.pushes) == 0 {
		b.WriteString("/* There are none. */\n")
		return b.String()
	}
	b.WriteString("static const struct push pushes[] = {\n")
	for i, one := range p.pushes {
		pack := one.call.Pack
		fmt.Fprintf(&b, "\t{%d, %d, %d, %d, %d, %dull, %du, %s}, /* %d */\n",
			one.wait, one.call.Stream, pack.FrameType, p.media.place(pack.Data), len(pack.Data), pack.PTS, pack.Seq, one.then, i)
	}
	b.WriteString("};\n")
	return b.String()
}

// ordinary reports whether a push can stand in the table.
func ordinary(c *target.Call) bool {
	p := c.Pack
	return c.Func == target.FnPush && p != nil && !p.Null && !p.NullAddr &&
		(c.Stream == target.StreamVideo && !p.Audio || c.Stream == target.StreamAudio && p.Audio)
}
