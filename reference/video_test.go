package reference

import (
	"bytes"
	"testing"
)

func TestWhatIsAcceptedAsVideo(t *testing.T) {
	key, delta := au(avcSPS, avcPPS, avcIDR), au(avcP)
	hevcKey := au(hevcVPS, hevcSPS, hevcPPS, hevcIDR)
	for _, c := range []struct {
		name  string
		codec int32
		kind  int32
		data  []byte
		key   bool
		want  Err
	}{
		{"an H.264 I frame with SPS and PPS", VideoH264, FrameI, key, true, ErrNone},
		{"with AUD and SEI besides", VideoH264, FrameI, au("09f0", avcSPS, avcPPS, "060501ff80", avcIDR), true, ErrNone},
		{"with another nal_ref_idc", VideoH264, FrameI, au("27"+avcSPS[2:], "28"+avcPPS[2:], "25"+avcIDR[2:]), true, ErrNone},
		{"with three-byte start codes", VideoH264, FrameI, concat([]byte{0, 0, 1}, unhex(avcSPS), []byte{0, 0, 1}, unhex(avcPPS), []byte{0, 0, 1}, unhex(avcIDR)), true, ErrNone},
		{"of several slices", VideoH264, FrameI, au(avcSPS, avcPPS, avcIDR, avcIDR), true, ErrNone},
		{"with zeros at its end", VideoH264, FrameI, concat(key, []byte{0, 0}), true, ErrNone},
		{"an H.264 P frame", VideoH264, FrameP, delta, false, ErrNone},
		{"nothing refers to", VideoH264, FrameP, au("0198ff"), false, ErrNone},
		{"a P frame declared I counts as what it is", VideoH264, FrameI, delta, false, ErrNone},
		{"an I frame declared P counts as what it is", VideoH264, FrameP, key, true, ErrNone},
		{"an I frame without SPS", VideoH264, FrameI, au(avcPPS, avcIDR), true, ErrCSInitPrmRange},
		{"an I frame without PPS", VideoH264, FrameI, au(avcSPS, avcIDR), true, ErrCSInitPrmRange},
		{"an I frame whose PPS comes too late", VideoH264, FrameI, au(avcSPS, avcIDR, avcPPS), true, ErrCSInitPrmRange},
		{"a B frame", VideoH264, FrameP, au(avcB), false, ErrCSInitPrmRange},
		{"frame type 2", VideoH264, 2, delta, false, ErrCSInitPrmRange},
		{"frame type -1", VideoH264, -1, delta, false, ErrCSInitPrmRange},
		{"one byte", VideoH264, FrameP, []byte{0}, false, ErrCSInitPrmRange},
		{"a start code alone", VideoH264, FrameP, []byte{0, 0, 0, 1}, false, ErrCSInitPrmRange},
		{"a NAL unit header alone", VideoH264, FrameP, []byte{0, 0, 0, 1, 0x41}, false, ErrCSInitPrmRange},
		{"length-prefixed NAL units", VideoH264, FrameI, concat([]byte{0, 0, 0, 11}, unhex(avcSPS)), false, ErrCSInitPrmRange},
		{"parameter sets without a picture", VideoH264, FrameI, au(avcSPS, avcPPS), false, ErrCSInitPrmRange},
		{"two pictures in one pack", VideoH264, FrameI, au(avcSPS, avcPPS, avcIDR, avcP), false, ErrCSInitPrmRange},
		{"H.265 where H.264 was announced, I", VideoH264, FrameI, hevcKey, false, ErrCSInitPrmRange},
		{"H.265 where H.264 was announced, P", VideoH264, FrameP, au(hevcP3), false, ErrCSInitPrmRange},

		{"an H.265 I frame with VPS, SPS and PPS", VideoH265, FrameI, hevcKey, true, ErrNone},
		{"a CRA picture, 2A", VideoH265, FrameI, au(hevcVPS, hevcSPS, hevcPPS, "2a01aca04d5c13606fffffe0"), true, ErrNone},
		{"an H.265 P frame, 02", VideoH265, FrameP, au(hevcP3), false, ErrNone},
		{"an H.265 P frame, 00", VideoH265, FrameP, au("00" + hevcP3[2:]), false, ErrNone},
		{"H.265 without VPS", VideoH265, FrameI, au(hevcSPS, hevcPPS, hevcIDR), true, ErrCSInitPrmRange},
		{"H.265 without SPS", VideoH265, FrameI, au(hevcVPS, hevcPPS, hevcIDR), true, ErrCSInitPrmRange},
		{"H.265 without PPS", VideoH265, FrameI, au(hevcVPS, hevcSPS, hevcIDR), true, ErrCSInitPrmRange},
		{"a leading picture, RASL", VideoH265, FrameP, au("1201d0195f84"), false, ErrCSInitPrmRange},
		{"H.264 where H.265 was announced, I", VideoH265, FrameI, key, false, ErrCSInitPrmRange},
		{"H.264 where H.265 was announced, P", VideoH265, FrameP, delta, false, ErrCSInitPrmRange},
		{"another layer", VideoH265, FrameP, au("0209d0195f84"), false, ErrCSInitPrmRange},
		{"two bytes of H.265", VideoH265, FrameP, au("0201"), false, ErrCSInitPrmRange},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v videoInput
			key, err := v.check(c.codec, &VencPack{Data: c.data, FrameType: c.kind})
			if err != c.want || key != c.key {
				t.Errorf("key %v, %v; want key %v, %v", key, err, c.key, c.want)
			}
		})
	}
}

func TestBFramesOfH265AreFoundByTheirOrder(t *testing.T) {
	type picture struct {
		data string
		want Err
	}
	for _, c := range []struct {
		name string
		sps  string
		then []picture
	}{
		{"B frames are refused, the P frames around them are not", hevcSPS, []picture{
			{hevcP3, ErrNone}, {hevcB1, ErrCSInitPrmRange}, {hevcB2, ErrCSInitPrmRange}, {hevcP6, ErrNone}}},
		{"P pictures written as B slices are no B frames", lowDelaySPS, []picture{
			{"0201e009 7e10c60b30fea0f8", ErrNone}, {"0201e011 ffd443060b106c7f", ErrNone}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v videoInput
			push := func(data []byte) Err {
				_, err := v.check(VideoH265, &VencPack{Data: data, FrameType: FrameP})
				if err == ErrNone {
					v.accept()
				}
				return err
			}
			if err := push(au(hevcVPS, c.sps, hevcPPS, hevcIDR)); err != ErrNone {
				t.Fatalf("the key frame: %v", err)
			}
			for i, p := range c.then {
				if got := push(au(p.data)); got != p.want {
					t.Errorf("picture %d after the key frame: %v, want %v", i+1, got, p.want)
				}
			}
		})
	}
}

func TestJudgingAFrameNeverPanics(t *testing.T) {
	seeds := [][]byte{au(avcSPS, avcPPS, avcIDR), au(hevcVPS, hevcSPS, hevcPPS, hevcIDR), au(hevcP3)}
	for _, seed := range seeds {
		for i := range seed {
			for _, x := range []byte{0, 1, 3, 0x40, 0x80, 0xFF} {
				damaged := bytes.Clone(seed)
				damaged[i] ^= x
				var v videoInput
				_, _ = v.check(VideoH264, &VencPack{Data: damaged[:i+1]})
				_, _ = v.check(VideoH265, &VencPack{Data: damaged})
				_, _ = v.check(VideoH265, &VencPack{Data: damaged[i:]})
			}
		}
	}
}

func FuzzVideo(f *testing.F) {
	f.Add(au(avcSPS, avcPPS, avcIDR), au(avcP))
	f.Add(au(hevcVPS, hevcSPS, hevcPPS, hevcIDR), au(hevcB1))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		for _, codec := range []int32{VideoH264, VideoH265} {
			var v videoInput
			for _, data := range [][]byte{first, second} {
				if _, err := v.check(codec, &VencPack{Data: data}); err == ErrNone {
					v.accept()
				}
			}
		}
	})
}
