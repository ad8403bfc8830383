#include "audio.h"

#include <stdlib.h>
#include <string.h>
#include <vo-aacenc/cmnMemory.h>
#include <vo-aacenc/voAAC.h>

#define AAC_SAMPLES 1024 /* a channel, in one frame */
#define ADTS_MAX 8191    /* the length field has 13 bits */
#define ENCODER_MEMORY ((size_t)64 * 1024)

/* vo-aacenc 0.1.3 does not check what its allocator returns, so it gets memory that is there already: it
 * takes 49120 bytes, whatever the format, while it is set up. */
static uint8_t *arena;
static size_t arena_used;

static VO_U32 arena_alloc(VO_S32 id, VO_MEM_INFO *info)
{
    size_t size = ((size_t)info->Size + 15) / 16 * 16;
    (void)id;
    info->VBuffer = NULL;
    if (size > ENCODER_MEMORY - arena_used)
        return VO_ERR_OUTOF_MEMORY;
    info->VBuffer = arena + arena_used;
    arena_used += size;
    return VO_ERR_NONE;
}

static VO_U32 arena_release(VO_S32 id, VO_PTR p)
{
    (void)id, (void)p;
    return VO_ERR_NONE;
}

static unsigned channels(const iv_cm_av_data_info_s *f)
{
    return f->eAudioMode == IV_CM_AENC_MODE_STEREO ? 2 : 1;
}

bool audio_supported(const iv_cm_av_data_info_s *f)
{
    static const int rates[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 96000};
    switch (f->eAudioType) {
    case IV_CM_AENC_TYPE_AAC:
        return true; /* the ADTS headers say the rest */
    case IV_CM_AENC_TYPE_PCM:
        if (f->eAudioBitWidth != IV_CM_AENC_BIT_WIDTH_16)
            return false;
        break;
    case IV_CM_AENC_TYPE_G711A:
    case IV_CM_AENC_TYPE_G711U:
        break;
    default:
        return false;
    }
    if (f->eAudioMode != IV_CM_AENC_MODE_MONO && f->eAudioMode != IV_CM_AENC_MODE_STEREO)
        return false;
    if (f->u32SampleNumPerFrame != AAC_SAMPLES * channels(f))
        return false;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if ((int)f->eAudioSampleRate == rates[i])
            return true;
    return false;
}

/* Enough for speech. With more, and also with less than 1 bit a sample, vo-aacenc divides by zero on some
 * input: 11025 and 12000 Hz stereo noise, clicks at 16000 and 32000 Hz. */
static int bit_rate(int rate, int n)
{
    int bits = rate * n * 5 / 4, most = 64000 * n;
    return bits < most ? bits : most;
}

bool audio_init(struct audio *a, const iv_cm_av_data_info_s *f)
{
    *a = (struct audio){.type = f->eAudioType, .samples = f->u32SampleNumPerFrame};
    if (f->eAudioType == IV_CM_AENC_TYPE_AAC)
        return true;
    /* The encoder keeps the pointer. */
    static VO_MEM_OPERATOR memory = {
        .Alloc = arena_alloc, .Free = arena_release, .Set = cmnMemSet, .Copy = cmnMemCopy, .Check = cmnMemCheck,
    };
    VO_CODEC_INIT_USERDATA user = {.memflag = VO_IMF_USERMEMOPERATOR, .memData = &memory};
    int rate = (int)f->eAudioSampleRate, n = (int)channels(f);
    AACENC_PARAM param = {.sampleRate = rate, .bitRate = bit_rate(rate, n), .nChannels = (short)n, .adtsUsed = 1};
    VO_AUDIO_CODECAPI *api = a->api = malloc(sizeof *api);
    arena = malloc(ENCODER_MEMORY);
    arena_used = 0;
    a->pcm = malloc(a->samples * sizeof *a->pcm);
    a->adts = malloc(ADTS_MAX);
    a->transcode = api && arena && a->pcm && a->adts && voGetAACEncAPI(api) == VO_ERR_NONE &&
                   api->Init(&a->encoder, VO_AUDIO_CodingAAC, &user) == VO_ERR_NONE &&
                   api->SetParam(a->encoder, VO_PID_AAC_ENCPARAM, &param) == VO_ERR_NONE;
    if (!a->transcode)
        audio_free(a);
    return a->transcode;
}

void audio_free(struct audio *a)
{
    VO_AUDIO_CODECAPI *api = a->api;
    if (a->encoder)
        api->Uninit(a->encoder);
    free(arena);
    arena = NULL;
    free(a->api);
    free(a->pcm);
    free(a->adts);
    *a = (struct audio){0};
}

/* ITU-T G.711 */
static int16_t from_alaw(uint8_t v)
{
    v ^= 0x55;
    int exponent = v >> 4 & 7, mantissa = v & 15;
    int x = exponent ? (mantissa * 2 + 33) << (exponent + 2) : (mantissa * 2 + 1) << 3;
    return (int16_t)(v & 0x80 ? x : -x);
}

static int16_t from_ulaw(uint8_t v)
{
    v = (uint8_t)~v;
    int x = (((v & 15) << 3) + 0x84) << (v >> 4 & 7);
    return (int16_t)(v & 0x80 ? 0x84 - x : x - 0x84);
}

/* Whole ADTS frames and nothing else. */
static bool is_adts(const uint8_t *p, size_t size)
{
    while (size >= 7) {
        size_t header = p[1] & 1 ? 7 : 9;
        size_t length = (size_t)(p[3] & 3) << 11 | (size_t)p[4] << 3 | p[5] >> 5;
        if (p[0] != 0xFF || (p[1] & 0xF6) != 0xF0 || (p[2] >> 2 & 15) > 12 || length <= header || length > size)
            return false;
        p += length;
        size -= length;
        if (size == 0)
            return true;
    }
    return false;
}

bool audio_frame(struct audio *a, const uint8_t *src, size_t size, const uint8_t **dst, size_t *dst_size)
{
    if (!a->transcode) {
        *dst = src;
        *dst_size = size;
        return is_adts(src, size);
    }
    if (size != a->samples * (a->type == IV_CM_AENC_TYPE_PCM ? sizeof *a->pcm : 1))
        return false;
    if (a->type == IV_CM_AENC_TYPE_PCM)
        memcpy(a->pcm, src, size);
    else
        for (size_t i = 0; i < size; i++)
            a->pcm[i] = a->type == IV_CM_AENC_TYPE_G711A ? from_alaw(src[i]) : from_ulaw(src[i]);

    VO_AUDIO_CODECAPI *api = a->api;
    VO_AUDIO_OUTPUTINFO info;
    VO_CODECBUFFER in = {.Buffer = (VO_PBYTE)a->pcm, .Length = (VO_U32)(a->samples * sizeof *a->pcm)};
    VO_CODECBUFFER out = {.Buffer = a->adts, .Length = ADTS_MAX};
    if (api->SetInputData(a->encoder, &in) != VO_ERR_NONE || api->GetOutputData(a->encoder, &out, &info) != VO_ERR_NONE)
        return false;
    *dst = a->adts;
    *dst_size = out.Length;
    return out.Length > 0;
}
