package mpegts

import "strings"

// PacketSize is the size of a transport packet.
const PacketSize = 188

const (
	headerSize  = 4
	payloadSize = PacketSize - headerSize
	pcrSize     = 6
)

// The PIDs. They are free to choose; these are the customary ones.
const (
	pidPAT   = 0x0000
	pidPMT   = 0x1000
	pidVideo = 0x0100
	pidAudio = 0x0101
)

// adaptation is what the adaptation field of a packet says, stuffing apart.
type adaptation struct {
	pcr    bool
	random bool // random_access_indicator
	jump   bool // discontinuity_indicator
	at     uint64
}

// size is that of the whole field; 0: there is none.
func (a *adaptation) size() int {
	switch {
	case a.pcr:
		return 2 + pcrSize
	case a.random:
		return 2
	}
	return 0
}

// frameAdaptation is that of the first packet of a frame.
func frameAdaptation(f *Frame, s step) adaptation {
	return adaptation{pcr: s.carry, random: f.Video && f.Key, jump: s.carry && s.jump, at: f.PTS}
}

// packetCount is the number of packets the PES packet of f takes.
func packetCount(f *Frame, codec Codec, s step) int64 {
	a := frameAdaptation(f, s)
	total := int64(pesSize(f, codec))
	room := int64(payloadSize - a.size())
	if total <= room {
		return 1
	}
	return 1 + (total-room+payloadSize-1)/payloadSize
}

// putHeader writes the four bytes every packet begins with; control is the
// adaptation_field_control: 1 payload, 2 adaptation field, 3 both.
func putHeader(p *[PacketSize]byte, pid uint16, start bool, control, counter byte) {
	p[0] = 0x47
	p[1] = byte(pid >> 8)
	if start {
		p[1] |= 0x40
	}
	p[2] = byte(pid)
	p[3] = control<<4 | counter&0x0F
}

// putAdaptation writes an adaptation field of size bytes, stuffed at its end.
func putAdaptation(b []byte, a adaptation, lead int64) {
	b[0] = byte(len(b) - 1)
	if len(b) == 1 {
		return // one byte of stuffing is a field without flags
	}
	b[1] = 0
	if a.jump {
		b[1] |= 0x80
	}
	if a.random {
		b[1] |= 0x40
	}
	used := 2
	if a.pcr {
		b[1] |= 0x10
		base := ticks(a.at - uint64(lead))
		b[2], b[3], b[4], b[5] = byte(base>>25), byte(base>>17), byte(base>>9), byte(base>>1)
		b[6] = byte(base<<7) | 0x7E // 6 reserved bits, the extension is 0
		b[7] = 0
		used += pcrSize
	}
	copy(b[used:], stuffing[:])
}

// stuffing fills what is left of a packet.
var stuffing = [payloadSize]byte([]byte(strings.Repeat("\xFF", payloadSize)))

// ticks are milliseconds in 90 kHz, modulo 2^33. The product may wrap at 2^64,
// of which 2^33 is a divisor.
func ticks(ms uint64) uint64 { return ms * 90 & (1<<33 - 1) }

// pcrPID is the PID of the PCR.
func (r *Reader) pcrPID() (pid uint16, counter *byte) {
	return r.pid(r.s.streams.video)
}

// pid is that of video or audio, and its continuity counter.
func (r *Reader) pid(video bool) (pid uint16, counter *byte) {
	if video {
		return pidVideo, &r.counters.video
	}
	return pidAudio, &r.counters.audio
}

// putPCR writes a packet with a PCR and no payload. The continuity counter does
// not count such packets: it repeats the one before.
func (r *Reader) putPCR(p *[PacketSize]byte, at uint64, jump bool) {
	pid, counter := r.pcrPID()
	putHeader(p, pid, false, 2, *counter-1)
	putAdaptation(p[headerSize:], adaptation{pcr: true, jump: jump, at: at}, r.s.lead)
}

// putFirst writes the first packet of the current frame.
func (r *Reader) putFirst(p *[PacketSize]byte) {
	r.putPayload(p, frameAdaptation(&r.frame, r.step))
}

// putWhole writes the packets that are full of one part of the current frame, as
// many as there are and fit p, and returns their bytes. Nine tenths of a segment
// are such packets. It leaves the frame's last byte to putPayload.
func (r *Reader) putWhole(p []byte) (n int) {
	part := r.pes.parts[r.pes.part]
	pid, counter := r.pid(r.frame.Video)
	high, low, count := byte(pid>>8), byte(pid), *counter
	for len(part) > payloadSize && len(p) >= PacketSize {
		q := (*[PacketSize]byte)(p)
		q[0], q[1], q[2], q[3] = 0x47, high, low, 0x10|count&0x0F
		copy(q[headerSize:], part[:payloadSize])
		count++
		part, p = part[payloadSize:], p[PacketSize:]
		n += PacketSize
	}
	*counter = count
	r.pes.left -= len(r.pes.parts[r.pes.part]) - len(part)
	r.pes.parts[r.pes.part] = part
	return n
}

// putPayload writes a packet with as much of the current frame as fits.
func (r *Reader) putPayload(p *[PacketSize]byte, a adaptation) {
	size := a.size()
	if r.pes.left < payloadSize-size {
		size = payloadSize - r.pes.left
	}
	control := byte(1)
	if size > 0 {
		control = 3
		putAdaptation(p[headerSize:headerSize+size], a, r.s.lead)
	}
	pid, counter := r.pid(r.frame.Video)
	putHeader(p, pid, r.stage == stageFirst, control, *counter)
	*counter++
	r.pes.take(p[headerSize+size:])
}
