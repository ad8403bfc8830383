package mpegts

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// demux is a second, plain understanding of ISO/IEC 13818-1 that checks what
// every segment owes (TS-001, TS-003, ROB-014, ROB-015) and takes it apart.
type demux struct {
	counters map[uint16]byte // continuity counter of the last packet with payload
	streams  map[uint16]byte // of the PMT: stream type by PID
	version  byte
	pcrs     []pcr
	frames   []pesFrame
	alone    int // packets with nothing but a PCR
}

type pcr struct {
	ticks uint64
	jump  bool
}

type pesFrame struct {
	pid    uint16
	pts    uint64
	random bool
	es     []byte
	length int // PES_packet_length
}

// signed is a difference of 33-bit times.
func signed(d uint64) int64 { return int64(d<<31) >> 31 }

// read takes one more segment apart. Continuity goes on from the one before.
func (d *demux) read(seg []byte) error {
	if len(seg)%188 != 0 || len(seg) < 3*188 {
		return fmt.Errorf("%d bytes are no segment", len(seg))
	}
	if d.counters == nil {
		d.counters = map[uint16]byte{}
	}
	d.streams, d.pcrs, d.frames, d.alone = nil, nil, nil, 0
	open := map[uint16]int{} // PES packet under way
	var pcrPID uint16
	for n := 0; n*188 < len(seg); n++ {
		p := seg[n*188:][:188]
		fail := func(format string, a ...any) error {
			return fmt.Errorf("packet %d: %s", n, fmt.Sprintf(format, a...))
		}
		if p[0] != 0x47 || p[1]&0x80 != 0 || p[3]&0xC0 != 0 {
			return fail("header % x", p[:4])
		}
		pid := binary.BigEndian.Uint16(p[1:]) & 0x1FFF
		start, field, payload := p[1]&0x40 != 0, p[3]&0x20 != 0, p[3]&0x10 != 0
		last, seen := d.counters[pid]
		want := last
		if payload {
			want = (last + 1) & 15
		}
		if seen && p[3]&15 != want {
			return fail("PID %#x: continuity counter %d, want %d", pid, p[3]&15, want)
		}
		if payload {
			d.counters[pid] = p[3] & 15
		}
		body := p[4:]
		random, hasPCR := false, false
		if field {
			size := int(body[0])
			if size > 183 || payload && size > 182 || !payload && size != 183 {
				return fail("adaptation field of %d", size)
			}
			if size > 0 {
				flags, rest := body[1], body[2:1+size]
				random, hasPCR = flags&0x40 != 0, flags&0x10 != 0
				if flags&0x2F != 0 {
					return fail("adaptation flags %#x", flags)
				}
				if hasPCR {
					base := uint64(binary.BigEndian.Uint32(rest))<<1 | uint64(rest[4]>>7)
					if rest[4]&0x7F != 0x7E || rest[5] != 0 {
						return fail("PCR reserved bits or extension % x", rest[:6])
					}
					if pid != pcrPID {
						return fail("PCR on PID %#x, the PMT says %#x", pid, pcrPID)
					}
					jump := flags&0x80 != 0
					if len(d.pcrs) > 0 && !jump {
						if gap := signed(base - d.pcrs[len(d.pcrs)-1].ticks); gap <= 0 || gap > 9000 {
							return fail("PCR %d ticks after the one before", gap)
						}
					}
					d.pcrs = append(d.pcrs, pcr{base, jump})
					rest = rest[6:]
				} else if flags&0x80 != 0 {
					return fail("a discontinuity without a PCR")
				}
				if len(bytes.Trim(rest, "\xFF")) != 0 {
					return fail("stuffing % x", rest)
				}
			}
			body = body[1+size:]
		}
		switch {
		case n == 0:
			if pid != 0 {
				return fail("PID %#x where the PAT should be", pid)
			}
			pat, err := section(body, start, 0)
			if err != nil || len(pat) != 4 || pat[1] != 1 {
				return fail("PAT % x: %v", pat, err)
			}
			if binary.BigEndian.Uint16(pat[2:]) != 0xF000 {
				return fail("PMT PID in % x", pat)
			}
			continue
		case n == 1:
			if pid != 0x1000 {
				return fail("PID %#x where the PMT should be", pid)
			}
			pmt, err := section(body, start, 2)
			if err != nil || len(pmt) < 9 {
				return fail("PMT % x: %v", pmt, err)
			}
			d.version = body[1+5] >> 1 & 31
			pcrPID = binary.BigEndian.Uint16(pmt) & 0x1FFF
			d.streams = map[uint16]byte{}
			for es := pmt[4:]; len(es) > 0; es = es[5:] {
				d.streams[binary.BigEndian.Uint16(es[1:])&0x1FFF] = es[0]
			}
			if _, listed := d.streams[pcrPID]; !listed {
				return fail("the PCR PID %#x is no stream of the program", pcrPID)
			}
			continue
		case d.streams[pid] == 0:
			return fail("PID %#x is not in the PMT", pid)
		}
		if n == 2 && !hasPCR {
			return fail("no PCR in the first media packet")
		}
		if !payload {
			if !hasPCR || start {
				return fail("neither payload nor PCR")
			}
			d.alone++
			continue
		}
		if !start {
			i, under := open[pid]
			if !under || random {
				return fail("a PES packet without a beginning")
			}
			d.frames[i].es = append(d.frames[i].es, body...)
			continue
		}
		if !bytes.HasPrefix(body, []byte{0, 0, 1}) || body[6] != 0x84 || body[7] != 0x80 || body[8] != 5 {
			return fail("PES header % x", body[:14])
		}
		if want := map[uint16]byte{pidVideo: 0xE0, pidAudio: 0xC0}[pid]; body[3] != want {
			return fail("stream id %#x, want %#x", body[3], want)
		}
		b := body[9:14]
		if b[0]&0xF1 != 0x21 || b[2]&1 != 1 || b[4]&1 != 1 {
			return fail("PTS markers % x", b)
		}
		pts := uint64(b[0]&0x0E)<<29 | uint64(b[1])<<22 | uint64(b[2]&0xFE)<<14 | uint64(b[3])<<7 | uint64(b[4])>>1
		if signed(pts-d.pcrs[len(d.pcrs)-1].ticks) < 0 {
			return fail("PTS %d before PCR %d", pts, d.pcrs[len(d.pcrs)-1].ticks)
		}
		open[pid] = len(d.frames)
		d.frames = append(d.frames, pesFrame{
			pid: pid, pts: pts, random: random, es: bytes.Clone(body[14:]),
			length: int(binary.BigEndian.Uint16(body[4:])),
		})
	}
	for i, f := range d.frames {
		switch {
		case f.length == 0 && f.pid == pidVideo && len(f.es)+8 > 0xFFFF:
		case f.length != len(f.es)+8:
			return fmt.Errorf("PES %d: length %d, %d bytes follow", i, f.length, len(f.es)+8)
		}
	}
	for pid := range d.streams {
		if _, sample := open[pid]; !sample {
			return fmt.Errorf("the PMT lists PID %#x, which has no sample", pid)
		}
	}
	return nil
}

// section is the content of the only section in a payload, after the header of 8
// bytes and before the CRC.
func section(b []byte, start bool, table byte) ([]byte, error) {
	if !start || b[0] != 0 || b[1] != table || b[2]&0xF0 != 0xB0 {
		return nil, fmt.Errorf("section header % x", b[:9])
	}
	b = b[1:]
	size := int(b[1]&15)<<8 | int(b[2])
	body, stuffing := b[:3+size], b[3+size:]
	if len(bytes.Trim(stuffing, "\xFF")) != 0 {
		return nil, fmt.Errorf("stuffing % x", stuffing)
	}
	if binary.BigEndian.Uint16(body[3:]) != 1 || body[5]&0xC1 != 0xC1 || body[6] != 0 || body[7] != 0 {
		return nil, fmt.Errorf("section header % x", body[:8])
	}
	if crc := polynomial(body); crc != 0 {
		return nil, fmt.Errorf("CRC: remainder %#x", crc)
	}
	return body[8 : len(body)-4], nil
}

// polynomial is the remainder of long division by the generator, bit by bit:
// zero for a section with its right CRC-32.
func polynomial(b []byte) uint32 {
	bits := make([]byte, 0, 8*len(b)+32)
	for i, v := range b {
		if i < 4 {
			v = ^v // the register starts with ones
		}
		for k := 7; k >= 0; k-- {
			bits = append(bits, v>>k&1)
		}
	}
	const generator uint64 = 1<<32 | 0x04C11DB7
	for i := 0; i+32 < len(bits); i++ {
		if bits[i] == 1 {
			for k := range 33 {
				bits[i+k] ^= byte(generator >> (32 - k) & 1)
			}
		}
	}
	var rest uint32
	for _, v := range bits[len(bits)-32:] {
		rest = rest<<1 | uint32(v)
	}
	return rest
}
