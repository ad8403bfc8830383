package tscheck

// codec is what differs between H.264 and H.265.
type codec interface {
	// names of the parameter sets, in the order of the bits of sets.
	names() []string
	// unit takes a NAL unit in the order of coding.
	unit(nal []byte) unitInfo
	// picture ends an access unit: what its slices say of B frames and references.
	picture(u *accessUnit) pictureInfo
}

// unitInfo is what the header of a NAL unit tells.
type unitInfo struct {
	typ   byte
	slice bool
	first bool // the first slice of its picture
	key   bool
	aud   bool
	after bool // belongs to the access unit of the slices before it (suffix SEI, filler, end of sequence)
	set   int  // bit of a parameter set, 0 if it is none
	err   string
}

// accessUnit collects the NAL units of an access unit.
type accessUnit struct {
	types  []byte
	slices int
	key    bool
	aud    bool
	sets   int // parameter sets before the first slice
	err    string
	lost   bool // packets are missing between the access unit before and this one
}

// pictureInfo is what a picture is found to be.
type pictureInfo struct {
	b       bool
	code    Code // of problem: CodeFrameNum, CodeReference or CodeNAL
	problem string
}

// videoState is what is known of the video stream between PES packets.
type videoState struct {
	codec   codec
	units   []nalUnit // reused
	lastDTS int64
	begun   bool
	noAUD   int // access units without delimiter
	firstNo Frame
	index   int
}

func newCodec(streamType byte) codec {
	if streamType == TypeH264 {
		return &h264Codec{}
	}
	return &h265Codec{}
}

// takeVideo takes the PES packet f, which should hold one access unit.
func (c *checker) takeVideo(s *stream, f Frame) {
	v := &s.video
	v.units = splitNALs(f.Data, v.units[:0])
	if f.Damaged {
		c.addVideo(s, f, accessUnit{lost: true})
		return
	}
	begin, more := 0, 0
	unit := accessUnit{lost: s.lost}
	if len(v.units) == 0 || v.units[0].begin != 0 {
		unit.err = "the access unit does not begin with a start code"
	}
	for _, n := range v.units {
		info := v.codec.unit(n.data)
		// The first NAL unit behind the slices of a picture begins the next one.
		if unit.slices > 0 && !info.after && (!info.slice || info.first) {
			part := f
			part.Data = f.Data[begin:n.begin:n.begin]
			c.addVideo(s, part, unit)
			begin, unit = n.begin, accessUnit{}
			f.PTS, f.DTS, f.RandomAccess = NoTime, NoTime, false // they are of the first one
			more++
		}
		unit.add(info)
	}
	f.Data = f.Data[begin:]
	c.addVideo(s, f, unit)
	if more > 0 {
		c.find(CodeAccessUnit, f.Offset, s.pid, s.frames-1-more, "%d access units in one PES packet", more+1)
	}
}

func (u *accessUnit) add(n unitInfo) {
	if u.err == "" {
		u.err = n.err
	}
	if n.slice {
		if u.slices == 0 && !n.first && u.err == "" {
			u.err = "the access unit begins with a slice that is not the first of its picture"
		}
		u.slices++
		u.key = u.key || n.key
	} else if u.slices == 0 {
		u.sets |= n.set
	}
	u.aud = u.aud || n.aud && len(u.types) == 0
	u.types = append(u.types, n.typ)
}

// addVideo takes an access unit.
func (c *checker) addVideo(s *stream, f Frame, u accessUnit) {
	v := &s.video
	f.Key, f.NALs = u.key, u.types
	if !f.Damaged {
		c.judgePicture(s, &f, &u)
	}
	if !f.B {
		c.timeOrder(s, f, v.begun, v.lastDTS)
		if f.DTS != NoTime {
			v.begun, v.lastDTS = true, f.DTS
		}
	}
	c.report.Video = append(c.report.Video, f)
	s.frames++
}

func (c *checker) judgePicture(s *stream, f *Frame, u *accessUnit) {
	v := &s.video
	say := func(code Code, format string, args ...any) {
		c.find(code, f.Offset, s.pid, s.frames, format, args...)
	}
	if u.err != "" {
		say(CodeNAL, "%s", u.err)
	}
	if u.slices == 0 {
		if u.err == "" {
			say(CodeAccessUnit, "no slice in the access unit")
		}
		return
	}
	if s.frames == 0 && !u.key {
		say(CodeKeyFrame, "the first picture is not a key frame")
	}
	if u.key {
		for i, name := range v.codec.names() {
			if u.sets&(1<<i) == 0 {
				say(CodeParameterSets, "key frame without %s in front of it", name)
			}
		}
		if !f.RandomAccess && f.PTS != NoTime {
			say(CodeRandomAccess, "key frame without random_access_indicator")
		}
	} else if f.RandomAccess && u.sets == 0 { // with parameter sets it may be a recovery point, which is legal
		say(CodeRandomAccess, "random_access_indicator on a picture that is not a key frame")
	}
	if !u.aud && u.err == "" {
		if v.noAUD == 0 {
			v.firstNo, v.index = *f, s.frames
		}
		v.noAUD++
	}
	info := v.codec.picture(u)
	f.B = info.b
	if info.b {
		say(CodeBFrame, "B frame: it is shown before a picture that comes before it, or made of B slices (H.264)")
	}
	if info.problem != "" {
		say(info.code, "%s", info.problem)
	}
}

// finishVideo reports what is told once a segment.
func (c *checker) finishVideo(s *stream) {
	if v := &s.video; v.noAUD > 0 {
		c.find(CodeAUD, v.firstNo.Offset, s.pid, v.index, "no access unit delimiter in front; %d such access units", v.noAUD)
	}
}
