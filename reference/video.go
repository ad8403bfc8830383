package reference

// videoInput judges what is pushed as video (iv_cs_push_stream): Annex B of the
// codec that av_fmt announced, key frames with their parameter sets, no B
// frames. What a frame is, its NAL units say; eFrameType must be I or P, and where
// it contradicts them they count.
type videoInput struct {
	order pictureOrder // H.265
}

// check judges a frame. key is true for a key frame; with an error it is true for
// one that later frames would refer to, had it been stored.
func (v *videoInput) check(codec int32, p *VencPack) (key bool, e Err) {
	if p.FrameType != FrameI && p.FrameType != FrameP {
		return false, ErrCSInitPrmRange // 2 would be B
	}
	if codec == VideoH265 {
		return v.checkH265(p.Data)
	}
	return checkH264(p.Data)
}

// accept notes that the frame judged last has been stored.
func (v *videoInput) accept() { v.order.accept() }
