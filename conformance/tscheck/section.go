package tscheck

// assembler puts the sections of one PID together from packet payloads (ISO
// 13818-1, 2.4.4).
type assembler struct {
	open    bool
	offset  int64
	section []byte
}

func (a *assembler) drop() { a.open, a.section = false, nil }

// add takes a payload and gives every section that is whole to take. It returns
// what is wrong with the payload, or "".
func (a *assembler) add(payload []byte, start bool, offset int64, take func([]byte, int64)) string {
	if !start {
		if a.open {
			a.section = append(a.section, payload...)
			a.cut(take)
		}
		return ""
	}
	if len(payload) == 0 || 1+int(payload[0]) > len(payload) {
		a.drop()
		return "pointer_field goes beyond the packet"
	}
	n := 1 + int(payload[0])
	if a.open {
		a.section = append(a.section, payload[1:n]...)
		a.cut(take)
	}
	a.open, a.offset, a.section = true, offset, append([]byte(nil), payload[n:]...)
	a.cut(take)
	return ""
}

// cut gives away the whole sections at the front.
func (a *assembler) cut(take func([]byte, int64)) {
	for a.open && len(a.section) >= 3 {
		if a.section[0] == 0xff { // stuffing
			a.drop()
			return
		}
		n := 3 + int(a.section[1]&0x0f)<<8 + int(a.section[2])
		if len(a.section) < n {
			return
		}
		take(a.section[:n:n], a.offset)
		a.section = a.section[n:]
	}
}
