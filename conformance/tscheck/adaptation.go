package tscheck

import "github.com/Comcast/gots/v2/packet"

// adaptationField is what a packet's adaptation field says.
type adaptationField struct {
	random, discontinuity bool
	hasPCR                bool
	pcr                   int64 // 27 MHz
}

// adaptation reads the adaptation field of a packet; the second result is false
// if its length goes beyond the packet or its flags beyond its length.
func adaptation(p *packet.Packet) (adaptationField, bool) {
	var f adaptationField
	if !p.HasAdaptationField() {
		return f, true
	}
	length := int(p[4])
	// 183 without payload, at most 182 with it (ISO 13818-1, 2.4.3.5).
	most := packetSize - 5
	if p.HasPayload() {
		most--
	}
	if length > most {
		return f, false
	}
	if length == 0 {
		return f, true // a single stuffing byte
	}
	af, err := p.AdaptationField()
	if err != nil {
		return f, false
	}
	// The errors of the getters are those excluded above.
	f.random, _ = af.RandomAccess()
	f.discontinuity, _ = af.Discontinuity()
	if f.hasPCR, _ = af.HasPCR(); f.hasPCR {
		if length < 7 {
			return adaptationField{}, false
		}
		pcr, _ := af.PCR()
		f.pcr = int64(pcr)
	}
	return f, true
}
