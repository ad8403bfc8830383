package page

import (
	"sync"

	"github.com/ivcs/conform/fakecloud"
)

// streamH265 is H.265 in a program map (ISO 13818-1, table 2-34).
const streamH265 = 0x24

// kinds remembers the video of each device's newest segment: an object is read
// once, not at each refresh of the page.
type kinds struct {
	mu   sync.Mutex
	last map[string]kind // by device
}

type kind struct {
	upload string
	video  byte // 0: none was found
}

func (k *kinds) of(d *fakecloud.Device, upload string) byte {
	k.mu.Lock()
	known := k.last[d.ID()]
	k.mu.Unlock()
	if known.upload == upload {
		return known.video
	}
	body, err := d.Object(upload)
	if err != nil {
		return 0 // gone: it is not played either
	}
	known = kind{upload, videoType(body)}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil {
		k.last = make(map[string]kind)
	}
	k.last[d.ID()] = known
	return known.video
}

// videoType finds the stream type of the video in the first program map of a
// transport stream: H.264 or H.265; 0 for what it does not understand. Tables
// are taken to fit a packet, as a device's do.
func videoType(ts []byte) byte {
	const size, noPID = 188, -1
	pmt := noPID
	for ; len(ts) >= size && ts[0] == 0x47; ts = ts[size:] {
		p := ts[:size]
		pid := int(p[1]&0x1f)<<8 | int(p[2])
		if p[1]&0x40 == 0 || pid != 0 && pid != pmt {
			continue
		}
		at := 4
		if p[3]&0x20 != 0 {
			at += 1 + int(p[4])
		}
		if at >= size {
			continue
		}
		at += 1 + int(p[at]) // pointer_field
		if at+12 > size {
			continue
		}
		table := p[at:min(size, at+3+int(p[at+1]&0x0f)<<8+int(p[at+2]))]
		switch {
		case pid == 0 && len(table) >= 12:
			pmt = int(table[10]&0x1f)<<8 | int(table[11])
		case pid == pmt:
			return videoOf(table)
		}
	}
	return 0
}

// videoOf reads the streams of a program map.
func videoOf(table []byte) byte {
	const h264, crc = 0x1b, 4
	if len(table) < 12 {
		return 0
	}
	for at := 12 + int(table[10]&0x0f)<<8 + int(table[11]); at+5 <= len(table)-crc; {
		if t := table[at]; t == h264 || t == streamH265 {
			return t
		}
		at += 5 + int(table[at+3]&0x0f)<<8 + int(table[at+4])
	}
	return 0
}
