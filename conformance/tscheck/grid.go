package tscheck

import (
	"github.com/Comcast/gots/v2/packet"
)

const (
	packetSize = packet.PacketSize
	syncByte   = 0x47
)

// cell is a place in the object where a packet begins.
type cell struct {
	offset int
	gap    bool // sync was lost before this packet
}

// opaque reports whether an object is no transport stream: in no alignment do
// most packets begin with the sync byte. A stream with some damage is not opaque.
func opaque(data []byte) bool {
	if len(data) > 2*packetSize && data[0] == syncByte && data[packetSize] == syncByte && data[2*packetSize] == syncByte {
		return false
	}
	var hits [packetSize]int
	for i, b := range data {
		if b == syncByte {
			hits[i%packetSize]++
		}
	}
	for phase, n := range hits {
		if cells := (len(data) - phase + packetSize - 1) / packetSize; cells > 0 && 2*n > cells {
			return false
		}
	}
	return true
}

// grid finds the packets of the object and reports where they are not 188 bytes
// apart. A packet that is shorter or longer than it should be is left out, and so
// is one whose sync byte is wrong: no receiver would take either.
func (c *checker) grid() {
	gap := false
	for at := 0; at < len(c.data); {
		next := at + packetSize
		switch {
		case next > len(c.data):
			c.find(CodeGrid, int64(at), noPID, noFrame, "the last packet has %d bytes, not %d", len(c.data)-at, packetSize)
			return
		case c.data[at] == syncByte && (c.begins(next) || c.begins(next+packetSize)):
			c.cells = append(c.cells, cell{at, gap})
			gap, at = false, next
		case c.data[at] != syncByte && c.begins(next):
			c.find(CodeGrid, int64(at), noPID, noFrame, "sync byte 0x%02X, not 0x47", c.data[at])
			gap, at = true, next
		default:
			next = c.resync(at + 1)
			c.find(CodeGrid, int64(at), noPID, noFrame, "the next packet begins %d bytes on, not %d", next-at, packetSize)
			gap, at = true, next
		}
	}
}

// begins reports whether a packet begins here, or the object ends.
func (c *checker) begins(at int) bool {
	return at == len(c.data) || at < len(c.data) && c.data[at] == syncByte
}

// resync returns where the next three packets begin, or all there are.
func (c *checker) resync(from int) int {
	for at := from; at < len(c.data); at++ {
		if c.data[at] != syncByte {
			continue
		}
		for i := 1; ; i++ {
			next := at + i*packetSize
			if next == len(c.data) || i == 3 {
				return at
			}
			if next > len(c.data) || c.data[next] != syncByte {
				break
			}
		}
	}
	return len(c.data)
}
