//go:build cgo

package aac

/*
#cgo CFLAGS: -std=gnu99
#cgo LDFLAGS: -l:libvo-aacenc.a
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <vo-aacenc/voAAC.h>

// The encoder takes its memory through this table, which has no state, so that
// encoders share nothing.
static VO_U32 mem_alloc(VO_S32 id, VO_MEM_INFO *info) {
	(void)id;
	info->VBuffer = info->Size > 0 ? calloc(1, (size_t)info->Size) : NULL;
	return info->VBuffer != NULL ? VO_ERR_NONE : VO_ERR_OUTOF_MEMORY;
}
static VO_U32 mem_free(VO_S32 id, VO_PTR p) { (void)id; free(p); return VO_ERR_NONE; }
static VO_U32 mem_set(VO_S32 id, VO_PTR p, VO_U8 v, VO_U32 n) { (void)id; memset(p, v, n); return VO_ERR_NONE; }
static VO_U32 mem_copy(VO_S32 id, VO_PTR d, VO_PTR s, VO_U32 n) { (void)id; memcpy(d, s, n); return VO_ERR_NONE; }
static VO_U32 mem_check(VO_S32 id, VO_PTR p, VO_U32 n) { (void)id; (void)p; (void)n; return VO_ERR_NONE; }
static VO_S32 mem_compare(VO_S32 id, VO_PTR a, VO_PTR b, VO_U32 n) { (void)id; return memcmp(a, b, n); }
static VO_U32 mem_move(VO_S32 id, VO_PTR d, VO_PTR s, VO_U32 n) { (void)id; memmove(d, s, n); return VO_ERR_NONE; }
static VO_MEM_OPERATOR memory = {mem_alloc, mem_free, mem_set, mem_copy, mem_check, mem_compare, mem_move};

// The input is kept here because the encoder remembers the address it was given,
// and C may not keep an address of Go's.
typedef struct {
	VO_AUDIO_CODECAPI api;
	VO_HANDLE handle;
	int16_t pcm[2 * 1024];
	uint32_t size; // of the last frame
} encoder;

static VO_U32 encoder_open(encoder *e, int rate, int channels, int bits) {
	VO_CODEC_INIT_USERDATA user = {VO_IMF_USERMEMOPERATOR, &memory};
	AACENC_PARAM param = {rate, bits, (short)channels, 1};
	VO_U32 err = voGetAACEncAPI(&e->api);
	if (err == VO_ERR_NONE) {
		err = e->api.Init(&e->handle, VO_AUDIO_CodingAAC, &user);
	}
	if (err == VO_ERR_NONE) {
		err = e->api.SetParam(e->handle, VO_PID_AAC_ENCPARAM, &param);
	}
	return err;
}

static VO_U32 encoder_frame(encoder *e, const int16_t *pcm, size_t bytes, uint8_t *out, uint32_t room) {
	VO_CODECBUFFER in = {(VO_PBYTE)memcpy(e->pcm, pcm, bytes), (VO_U32)bytes, 0};
	VO_CODECBUFFER to = {out, room, 0};
	VO_AUDIO_OUTPUTINFO info;
	VO_U32 err = e->api.SetInputData(e->handle, &in);
	if (err == VO_ERR_NONE) {
		err = e->api.GetOutputData(e->handle, &to, &info);
	}
	e->size = to.Length;
	return err;
}

static void encoder_close(encoder *e) {
	if (e->handle != NULL) {
		e->api.Uninit(e->handle);
	}
	free(e);
}
*/
import "C"

import (
	"fmt"
	"slices"
	"unsafe"
)

// Encoder encodes one stream. Its methods are not safe for concurrent use;
// different encoders are independent of each other.
type Encoder struct {
	c        *C.encoder
	channels int
}

// New makes an encoder for rate samples per second, 8000 to 48000 at the rates
// of MPEG-4 AAC, of one or two channels.
func New(rate, channels int) (*Encoder, error) {
	if err := check(rate, channels); err != nil {
		return nil, err
	}
	c := (*C.encoder)(C.calloc(1, C.sizeof_encoder))
	if code := C.encoder_open(c, C.int(rate), C.int(channels), C.int(bitRate(rate, channels))); code != C.VO_ERR_NONE {
		C.encoder_close(c)
		return nil, fmt.Errorf("aac: the encoder refuses %d Hz with %d channels: code %#x", rate, channels, uint32(code))
	}
	return &Encoder{c: c, channels: channels}, nil
}

// Encode appends to dst the ADTS frame for the next FrameSamples samples of each
// channel; those of two channels alternate, left first. With MaxFrame bytes of
// room in dst it allocates nothing.
func (e *Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	if e.c == nil {
		return dst, errClosed
	}
	if len(pcm) != FrameSamples*e.channels {
		return dst, fmt.Errorf("aac: a frame has %d samples, got %d", FrameSamples*e.channels, len(pcm))
	}
	n := len(dst)
	dst = slices.Grow(dst, MaxFrame)
	code := C.encoder_frame(e.c, (*C.int16_t)(&pcm[0]), C.size_t(2*len(pcm)), (*C.uint8_t)(unsafe.SliceData(dst[n:n+MaxFrame])), MaxFrame)
	if code != C.VO_ERR_NONE {
		return dst[:n], fmt.Errorf("aac: the encoder failed with code %#x", uint32(code))
	}
	return dst[:n+int(e.c.size)], nil
}

// Close frees the encoder. It may be called again.
func (e *Encoder) Close() {
	if e.c != nil {
		C.encoder_close(e.c)
		e.c = nil
	}
}
