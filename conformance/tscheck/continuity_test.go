package tscheck

import (
	"slices"
	"testing"

	"github.com/Comcast/gots/v2/packet"
)

// TestContinuityCounters is the table of ISO 13818-1, 2.4.3.3.
func TestContinuityCounters(t *testing.T) {
	type p struct {
		counter byte
		kind    string // payload, field (adaptation field alone), jump (discontinuity_indicator), pcr
		content byte
	}
	many := make([]p, 40)
	for i := range many {
		many[i] = p{3, "payload", byte(i)}
	}
	for _, c := range []struct {
		name    string
		packets []p
		want    []Code
	}{
		{"counts with each payload", []p{{3, "payload", 1}, {4, "payload", 2}, {5, "payload", 3}}, nil},
		{"wraps at 16", []p{{15, "payload", 1}, {0, "payload", 2}}, nil},
		{"stands still without payload", []p{{3, "payload", 1}, {3, "field", 0}, {3, "field", 0}, {4, "payload", 2}}, nil},
		{"counts without payload", []p{{3, "payload", 1}, {4, "field", 0}}, []Code{CodeContinuity}},
		{"jumps where the packet says so", []p{{3, "payload", 1}, {9, "jump", 2}, {10, "payload", 3}}, nil},
		{"a packet twice", []p{{3, "payload", 1}, {3, "payload", 1}, {4, "payload", 2}}, []Code{CodeDuplicate}},
		{"a packet twice with another PCR", []p{{3, "pcr", 1}, {3, "pcr", 1}, {4, "payload", 2}}, []Code{CodeDuplicate}},
		{"a packet three times", []p{{3, "payload", 1}, {3, "payload", 1}, {3, "payload", 1}, {4, "payload", 2}}, []Code{CodeDuplicate, CodeContinuity}},
		{"does not count", []p{{3, "payload", 1}, {3, "payload", 2}}, []Code{CodeContinuity}},
		{"one is lost", []p{{3, "payload", 1}, {5, "payload", 2}, {6, "payload", 3}}, []Code{CodeContinuity}},
		{"two losses", []p{{3, "payload", 1}, {5, "payload", 2}, {6, "payload", 3}, {9, "payload", 4}}, []Code{CodeContinuity, CodeContinuity}},
		{"one counter is wrong", []p{{3, "payload", 1}, {9, "payload", 2}, {5, "payload", 3}}, []Code{CodeContinuity}},
		{"never counts: the first are told, then their number", many, slices.Repeat([]Code{CodeContinuity}, continuityLimit+1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := checker{report: &Report{}}
			for i, in := range c.packets {
				var p packet.Packet
				p[0], p[1], p[2], p[3] = syncByte, 1, 0, 0x10|in.counter
				for at := 4; at < len(p); at++ {
					p[at] = in.content
				}
				switch in.kind {
				case "field":
					p[3] = 0x20 | in.counter
					p[4], p[5] = 183, 0
				case "jump":
					p[3] |= 0x20
					p[4], p[5] = 1, 0x80
				case "pcr":
					p[3] |= 0x20
					p[4], p[5], p[9] = 7, 0x10, byte(i)
				}
				check.continuity(&p, 0x100, int64(i*packetSize), nil)
			}
			check.finishContinuity()
			var got []Code
			for _, f := range check.report.Findings {
				got = append(got, f.Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %v", check.report.Findings)
			}
		})
	}
}
