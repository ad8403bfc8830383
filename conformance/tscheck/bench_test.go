package tscheck

import (
	"bytes"
	"testing"

	"github.com/Comcast/gots/v2/packet"
	"github.com/Comcast/gots/v2/pes"
	"github.com/Comcast/gots/v2/psi"
	"github.com/ivcs/conform/conformance/fixtures"
)

// tenSeconds is a segment of the usual length.
func tenSeconds() []byte {
	m := mux{video: TypeH264, audio: TypeAAC}
	return m.segment(withAudio(clipSamples(fixtures.H264(), 0, 200), fixtures.AAC()))
}

func BenchmarkCheck(b *testing.B) {
	data := tenSeconds()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if r := Check(data); len(r.Findings) > 0 {
			b.Fatal(r.Findings)
		}
	}
}

// BenchmarkGots is what Check is held against: gots reading tables, packets and
// PES headers, and judging nothing.
func BenchmarkGots(b *testing.B) {
	data := tenSeconds()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r := bytes.NewReader(data)
		pat, err := psi.ReadPAT(r)
		if err != nil {
			b.Fatal(err)
		}
		pid, err := pat.SPTSpmtPID()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := psi.ReadPMT(r, pid); err != nil {
			b.Fatal(err)
		}
		for at := 0; at < len(data); at += packetSize {
			p, err := packet.FromBytes(data[at : at+packetSize])
			if err != nil {
				b.Fatal(err)
			}
			if header, err := packet.PESHeader(p); err == nil {
				if _, err := pes.NewPESHeader(header); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	clip := fixtures.H264()
	r := Check(tenSeconds())
	pushed := pushedOf(clip, 200, 0)
	for b.Loop() {
		if c := Compare(r.Video, pushed, TypeH264); len(c.Findings) > 0 {
			b.Fatal(c.Findings)
		}
	}
}
