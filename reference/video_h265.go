package reference

import (
	"bytes"

	"github.com/bluenviron/mediacommon/v2/pkg/bits"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
)

// NAL unit types of H.265 (ITU-T H.265, table 7-1).
const (
	h265TrailR  = 1 // 0 and 1: trailing pictures
	h265RADLN   = 6 // 6 to 9: leading pictures, shown before the key frame they follow
	h265RASLR   = 9
	h265IRAP    = 16 // 16 to 21: key frames, CRA (0x2A) being 21 (AMB-61)
	h265IDRW    = 19
	h265IDRN    = 20
	h265CRA     = 21
	h265VPS     = 32
	h265SPS     = 33
	h265PPS     = 34
	h265AUD     = 35
	h265Filler  = 38
	h265SEI     = 39
	h265SEILast = 40
)

func (v *videoInput) checkH265(data []byte) (key bool, e Err) {
	var slices, vps, sps, pps, complete bool
	units := annexB(data)
	for nal := units.next(); nal != nil; nal = units.next() {
		// forbidden_zero_bit 0, nuh_layer_id 0, nuh_temporal_id_plus1 not 0: a NAL
		// unit of H.264 hardly ever looks like that.
		if len(nal) < 2 || nal[0]&0x81 != 0 || nal[1]&0xF8 != 0 || nal[1]&7 == 0 {
			return false, ErrCSInitPrmRange
		}
		kind := int(nal[0] >> 1)
		switch {
		case kind <= h265RASLR || kind >= h265IRAP && kind <= h265CRA:
			irap := kind >= h265IRAP
			if len(nal) < 3 || kind >= h265RADLN && kind <= h265RASLR {
				return false, ErrCSInitPrmRange
			}
			if !slices {
				key, complete = irap, vps && sps && pps
				if v.order.reordered(kind, nal) {
					return false, ErrCSInitPrmRange
				}
			} else if irap != key {
				return false, ErrCSInitPrmRange // two pictures
			}
			slices = true
		case kind == h265VPS:
			vps = true
		case kind == h265SPS:
			sps = true
			v.order.setSPS(nal)
		case kind == h265PPS:
			pps = true
			v.order.setPPS(nal)
		case kind == h265SEI, kind == h265SEILast, kind >= h265AUD && kind <= h265Filler:
		default:
			return false, ErrCSInitPrmRange // reserved, or H.264
		}
	}
	switch {
	case units.bad || !slices:
		return false, ErrCSInitPrmRange
	case key && !complete:
		return true, ErrCSInitPrmRange // AMB-60
	}
	return key, ErrNone
}

// pictureOrder finds the B frames of H.265. A low-delay encoder writes its P
// pictures as B slices, so the slice type tells nothing (ruling 12): a B frame is
// a picture that is shown before one which was sent earlier, that is, whose
// picture order count goes back.
type pictureOrder struct {
	sps, pps []byte // as last seen
	known    bool   // the following have been read from them
	lsbBits  int
	reorder  bool // the encoder says that pictures may be reordered
	colour   bool
	extra    int
	output   bool

	last, now int // picture order count, its lower bits: of the last stored picture, of the one judged
}

func (o *pictureOrder) setSPS(nal []byte) {
	if !bytes.Equal(o.sps, nal) {
		o.sps = append(o.sps[:0], nal...)
		o.read()
	}
}

func (o *pictureOrder) setPPS(nal []byte) {
	if !bytes.Equal(o.pps, nal) {
		o.pps = append(o.pps[:0], nal...)
		o.read()
	}
}

// read takes from the parameter sets what finding the order needs. Sets that
// cannot be read are the decoder's affair: then nothing is held against a frame.
func (o *pictureOrder) read() {
	var sps h265.SPS
	var pps h265.PPS
	o.known = len(o.sps) > 0 && len(o.pps) > 0 && sps.Unmarshal(o.sps) == nil && pps.Unmarshal(o.pps) == nil
	if !o.known {
		return
	}
	o.lsbBits = int(sps.Log2MaxPicOrderCntLsbMinus4) + 4
	o.colour = sps.SeparateColourPlaneFlag
	o.extra, o.output = int(pps.NumExtraSliceHeaderBits), pps.OutputFlagPresentFlag
	o.reorder = false
	for _, n := range sps.MaxNumReorderPics {
		o.reorder = o.reorder || n > 0
	}
}

// reordered judges the first slice of a picture.
func (o *pictureOrder) reordered(kind int, nal []byte) bool {
	o.now = 0
	if !o.known || !o.reorder || kind == h265IDRW || kind == h265IDRN {
		return false
	}
	lsb, ok := o.lsb(kind, nal)
	if !ok {
		return false
	}
	o.now = lsb
	if kind >= h265IRAP {
		return false
	}
	half := 1 << (o.lsbBits - 1)
	return (lsb-o.last)&(2*half-1) >= half
}

// lsb reads slice_pic_order_cnt_lsb (7.3.6.1).
func (o *pictureOrder) lsb(kind int, nal []byte) (int, bool) {
	var buf [sliceHeader]byte
	header := unescape(&buf, nal[2:])
	pos := 0
	first, err := bits.ReadFlag(header, &pos)
	if err != nil || !first {
		return 0, false
	}
	if kind >= h265IRAP {
		pos++ // no_output_of_prior_pics_flag
	}
	if _, err = bits.ReadGolombUnsigned(header, &pos); err != nil { // slice_pic_parameter_set_id
		return 0, false
	}
	pos += o.extra
	if bits.HasSpace(header, pos, 1) != nil {
		return 0, false
	}
	if _, err = bits.ReadGolombUnsigned(header, &pos); err != nil { // slice_type
		return 0, false
	}
	if o.output {
		pos++
	}
	if o.colour {
		pos += 2
	}
	if bits.HasSpace(header, pos, o.lsbBits) != nil {
		return 0, false
	}
	return int(bits.ReadBitsUnsafe(header, &pos, o.lsbBits)), true
}

// accept notes that the picture judged last has been stored.
func (o *pictureOrder) accept() { o.last = o.now }
