package bench

import (
	"bytes"
	"testing"

	"github.com/Comcast/gots/v2/packet"
	"github.com/Comcast/gots/v2/pes"
	"github.com/Comcast/gots/v2/psi"

	"github.com/ivcs/conform/conformance/tscheck"
)

// BenchmarkTSCheck judges ten seconds with all checks on, beside gots reading
// tables, packets and PES headers and judging nothing.
func BenchmarkTSCheck(b *testing.B) {
	data := written(segment(10))
	b.Run("reader=conform", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if r := tscheck.Check(data); len(r.Video) != frames {
				b.Fatalf("%d pictures, want %d: %v", len(r.Video), frames, r.Findings)
			}
		}
	})
	b.Run("reader=gots", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if err := bareParse(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func bareParse(data []byte) error {
	r := bytes.NewReader(data)
	pat, err := psi.ReadPAT(r)
	if err != nil {
		return err
	}
	pid, err := pat.SPTSpmtPID()
	if err != nil {
		return err
	}
	if _, err := psi.ReadPMT(r, pid); err != nil {
		return err
	}
	for at := 0; at < len(data); at += packet.PacketSize {
		p, err := packet.FromBytes(data[at : at+packet.PacketSize])
		if err != nil {
			return err
		}
		if header, err := packet.PESHeader(p); err == nil {
			if _, err := pes.NewPESHeader(header); err != nil {
				return err
			}
		}
	}
	return nil
}
