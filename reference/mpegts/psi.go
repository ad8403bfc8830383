package mpegts

const (
	program    = 1
	streamH264 = 0x1B
	streamH265 = 0x24
	streamAAC  = 0x0F // ADTS
)

// putPAT writes the program association table: one program.
func putPAT(p *[PacketSize]byte, counter byte) {
	putSection(p, pidPAT, counter, []byte{
		0x00, 0xB0, 0, // table, length
		0, 1, // transport stream
		0xC1, 0, 0, // version 0, current, section 0 of 0
		0, program,
		0xE0 | pidPMT>>8, pidPMT & 0xFF,
		0, 0, 0, 0, // CRC
	})
}

// putPMT writes the program map table.
func putPMT(p *[PacketSize]byte, counter byte, s streams, codec Codec, version byte) {
	pcr := pidAudio
	if s.video {
		pcr = pidVideo
	}
	var buf [12 + 2*5 + 4]byte
	b := append(buf[:0],
		0x02, 0xB0, 0, // table, length
		0, program,
		0xC1|version<<1, 0, 0, // version, current, section 0 of 0
		0xE0|byte(pcr>>8), byte(pcr),
		0xF0, 0, // no program descriptors
	)
	if s.video {
		kind := byte(streamH264)
		if codec == H265 {
			kind = streamH265
		}
		b = append(b, kind, 0xE0|pidVideo>>8, pidVideo&0xFF, 0xF0, 0)
	}
	if s.audio {
		b = append(b, streamAAC, 0xE0|pidAudio>>8, pidAudio&0xFF, 0xF0, 0)
	}
	putSection(p, pidPMT, counter, append(b, 0, 0, 0, 0))
}

// putSection writes a packet with one section, of which length and CRC-32 are
// still to be filled in.
func putSection(p *[PacketSize]byte, pid uint16, counter byte, section []byte) {
	section[2] = byte(len(section) - 3)
	end := len(section) - 4
	crc := crc32(section[:end])
	section[end], section[end+1], section[end+2], section[end+3] = byte(crc>>24), byte(crc>>16), byte(crc>>8), byte(crc)

	putHeader(p, pid, true, 1, counter)
	p[headerSize] = 0 // pointer: the section begins at once
	n := headerSize + 1 + copy(p[headerSize+1:], section)
	for ; n < PacketSize; n++ {
		p[n] = 0xFF
	}
}

// crc32 is the checksum of ISO/IEC 13818-1, annex A: the polynomial of Ethernet,
// the most significant bit first, without complement, which hash/crc32 does not
// offer. Two short sections a segment do not need a table.
func crc32(b []byte) uint32 {
	crc := ^uint32(0)
	for _, v := range b {
		crc ^= uint32(v) << 24
		for range 8 {
			carry := crc >> 31
			crc = crc<<1 ^ carry*0x04C11DB7
		}
	}
	return crc
}
