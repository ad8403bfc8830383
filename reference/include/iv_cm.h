/*
 * iv_cm.h - the common audio and video module: the types of iv_cs.h that other
 * modules of the device use too. Names, values and order of members are those
 * of the published interface; the specification refers to them (AMB-48).
 *
 * Enumerations are 4 bytes wide and structures have the natural alignment of
 * the platform: compile without -fshort-enums and without packing. The
 * assertions at the end stop a compiler that lays them out otherwise.
 */
#ifndef IV_CM_H
#define IV_CM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Audio codec. Whatever is not AAC is transcoded to AAC by the library. */
typedef enum {
    IV_CM_AENC_TYPE_PCM    = 0, /* int16_t, the byte order of the machine */
    IV_CM_AENC_TYPE_G711A  = 1,
    IV_CM_AENC_TYPE_G711U  = 2,
    IV_CM_AENC_TYPE_G726   = 3, /* not supported */
    IV_CM_AENC_TYPE_AAC    = 4, /* recommended, with ADTS headers (iv_cs_push_stream) */
    IV_CM_AENC_TYPE_AMR    = 5, /* not supported */
    IV_CM_AENC_TYPE_ADPCMA = 6, /* not supported */
    IV_CM_AENC_TYPE_BUTT   = 7
} iv_cm_aenc_type_e;

/* AAC object type. Ignored: the ADTS header rules. */
typedef enum {
    IV_CM_AAC_TYPE_NONE     = 0,
    IV_CM_AAC_TYPE_MAIN     = 1,
    IV_CM_AAC_TYPE_LC       = 2,
    IV_CM_AAC_TYPE_SSR      = 3,
    IV_CM_AAC_TYPE_LTP      = 4,
    IV_CM_AAC_TYPE_SBR      = 5,
    IV_CM_AAC_TYPE_SCALCBLE = 6, /* scalable; published spelling */
    IV_CM_AAC_TYPE_TWINVQ   = 7,
    IV_CM_AAC_TYPE_CELP     = 8,
    IV_CM_AAC_TYPE_HVXC     = 9,
    IV_CM_AAC_TYPE_BUTT     = 10
} iv_cm_aac_type_e;

/* Sampling rate: each value is its rate in Hz. */
typedef enum {
    IV_CM_AENC_SAMPLE_RATE_8000  = 8000,
    IV_CM_AENC_SAMPLE_RATE_11025 = 11025,
    IV_CM_AENC_SAMPLE_RATE_12000 = 12000,
    IV_CM_AENC_SAMPLE_RATE_16000 = 16000,
    IV_CM_AENC_SAMPLE_RATE_22050 = 22050,
    IV_CM_AENC_SAMPLE_RATE_24000 = 24000,
    IV_CM_AENC_SAMPLE_RATE_32000 = 32000,
    IV_CM_AENC_SAMPLE_RATE_44100 = 44100,
    IV_CM_AENC_SAMPLE_RATE_48000 = 48000,
    IV_CM_AENC_SAMPLE_RATE_64000 = 64000,
    IV_CM_AENC_SAMPLE_RATE_96000 = 96000
} iv_cm_aenc_sample_rate_e;

/* Width of a PCM sample. Only 16 bits are supported. */
typedef enum {
    IV_CM_AENC_BIT_WIDTH_8    = 0,
    IV_CM_AENC_BIT_WIDTH_16   = 1,
    IV_CM_AENC_BIT_WIDTH_24   = 2,
    IV_CM_AENC_BIT_WIDTH_BUTT = 3
} iv_cm_aenc_bit_width_e;

/* Channels. The samples of two channels alternate, left first. */
typedef enum {
    IV_CM_AENC_MODE_MONO   = 0,
    IV_CM_AENC_MODE_STEREO = 1,
    IV_CM_AENC_MODE_BUTT   = 2
} iv_cm_aenc_mode_e;

/* What is pushed: iv_cm_aenc_pack_s or iv_cm_venc_pack_s. */
typedef enum {
    IV_CM_STREAM_TYPE_AUDIO = 0,
    IV_CM_STREAM_TYPE_VIDEO = 1,
    IV_CM_STREAM_TYPE_BUTT  = 2
} iv_cm_stream_type_e;

/* Video codec. */
typedef enum {
    IV_CM_VENC_TYPE_H264 = 0,
    IV_CM_VENC_TYPE_H265 = 1,
    IV_CM_VENC_TYPE_BUTT = 2
} iv_cm_venc_type_e;

/* Frame type. There are no B frames (iv_cs_push_stream). */
typedef enum {
    IV_CM_FRAME_TYPE_I    = 0, /* with SPS and PPS, for H.265 also VPS, in the same pack */
    IV_CM_FRAME_TYPE_P    = 1,
    IV_CM_FRAME_TYPE_BUTT = 2
} iv_cm_frame_type_e;

/*
 * An audio pack: for AAC one or more ADTS frames, else 1024 samples of each
 * channel. The library has copied the bytes when iv_cs_push_stream returns.
 *
 * The sample code of the specification calls the time u64TimeStamp, the
 * published structure u64PTS. They are one member, in a union without a name
 * where the language or the compiler has it, else by a macro. Initialise the
 * structure by the names of its members: by position a union wants braces.
 */
typedef struct {
    uint8_t *pu8Addr; /* the bytes */
    uint32_t u32Len;  /* how many */
#if defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L)
    union {
        uint64_t u64PTS;       /* milliseconds, on the same base as video, whichever that is */
        uint64_t u64TimeStamp; /* the same */
    };
#elif defined(__GNUC__)
    __extension__ union {
        uint64_t u64PTS;
        uint64_t u64TimeStamp;
    };
#else
    uint64_t u64PTS;
#define u64TimeStamp u64PTS
#endif
    uint32_t u32Seq; /* one more with every audio pack */
} iv_cm_aenc_pack_s;

/*
 * A video pack: one picture, as NAL units with start codes (Annex B). The
 * library has copied the bytes when iv_cs_push_stream returns.
 */
typedef struct {
    uint8_t *pu8Addr;               /* the bytes */
    uint32_t u32Len;                /* how many */
    uint64_t u64PTS;                /* milliseconds, on the same base as audio, whichever that is */
    iv_cm_frame_type_e eFrameType;
    uint32_t u32Seq;                /* one more with every video pack; it comes back in iv_cs_upload_slice_info_s */
} iv_cm_venc_pack_s;

/*
 * The format of what will be pushed. It stays as it is until iv_cs_exit (note 6).
 * For AAC the audio members but eAudioType are ignored.
 */
typedef struct {
    iv_cm_aenc_type_e eAudioType;
    iv_cm_aac_type_e u32AudioCodecOption;
    iv_cm_aenc_mode_e eAudioMode;
    iv_cm_aenc_bit_width_e eAudioBitWidth;
    iv_cm_aenc_sample_rate_e eAudioSampleRate;
    uint32_t u32SampleNumPerFrame; /* samples times channels: 1024 mono, 2048 stereo, nothing else (AMB-63) */
    iv_cm_venc_type_e eVideoType;
    uint32_t u32VideoWidth;  /* pixels */
    uint32_t u32VideoHeight; /* pixels */
    uint32_t u32Framerate;   /* pictures per second, 0: variable */
    uint32_t u32Reserve[4];  /* 0 */
} iv_cm_av_data_info_s;

#ifdef __cplusplus
}
#endif

/*
 * Layout. IV_ASSERT stops the compiler unless cond holds; name must be a new
 * one, since before C11 it becomes that of a type. IV_LAYOUT chooses between
 * the three layouts there are: pointers of 8 bytes (LP64); pointers of 4 and
 * uint64_t at multiples of 8 (ARM EABI, MIPS); pointers of 4 and uint64_t at
 * multiples of 4 (i386). See AMB-47.
 */
#if defined(__cplusplus)
#define IV_ASSERT(name, cond) static_assert(cond, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define IV_ASSERT(name, cond) _Static_assert(cond, #name)
#else
#define IV_ASSERT(name, cond) typedef char iv_assert_##name[(cond) ? 1 : -1]
#endif

struct iv_layout_probe {
    char c;
    uint64_t u64;
};

#define IV_LAYOUT(lp64, ilp32, i386) \
    ((size_t)(sizeof(void *) == 8 ? (lp64) : offsetof(struct iv_layout_probe, u64) == 8 ? (ilp32) : (i386)))

IV_ASSERT(pointer, sizeof(void *) == 8 || sizeof(void *) == 4);
IV_ASSERT(size_t_as_wide_as_a_pointer, sizeof(size_t) == sizeof(void *));
IV_ASSERT(enum_cm, sizeof(iv_cm_stream_type_e) == 4 && sizeof(iv_cm_aenc_type_e) == 4 && sizeof(iv_cm_frame_type_e) == 4);

IV_ASSERT(aenc_pack_len, offsetof(iv_cm_aenc_pack_s, u32Len) == IV_LAYOUT(8, 4, 4));
IV_ASSERT(aenc_pack_pts, offsetof(iv_cm_aenc_pack_s, u64PTS) == IV_LAYOUT(16, 8, 8));
IV_ASSERT(aenc_pack_time, offsetof(iv_cm_aenc_pack_s, u64TimeStamp) == IV_LAYOUT(16, 8, 8));
IV_ASSERT(aenc_pack_seq, offsetof(iv_cm_aenc_pack_s, u32Seq) == IV_LAYOUT(24, 16, 16));
IV_ASSERT(aenc_pack, sizeof(iv_cm_aenc_pack_s) == IV_LAYOUT(32, 24, 20));

IV_ASSERT(venc_pack_len, offsetof(iv_cm_venc_pack_s, u32Len) == IV_LAYOUT(8, 4, 4));
IV_ASSERT(venc_pack_pts, offsetof(iv_cm_venc_pack_s, u64PTS) == IV_LAYOUT(16, 8, 8));
IV_ASSERT(venc_pack_type, offsetof(iv_cm_venc_pack_s, eFrameType) == IV_LAYOUT(24, 16, 16));
IV_ASSERT(venc_pack_seq, offsetof(iv_cm_venc_pack_s, u32Seq) == IV_LAYOUT(28, 20, 20));
IV_ASSERT(venc_pack, sizeof(iv_cm_venc_pack_s) == IV_LAYOUT(32, 24, 24));

IV_ASSERT(av_data_samples, offsetof(iv_cm_av_data_info_s, u32SampleNumPerFrame) == 20);
IV_ASSERT(av_data_video, offsetof(iv_cm_av_data_info_s, eVideoType) == 24);
IV_ASSERT(av_data_reserve, offsetof(iv_cm_av_data_info_s, u32Reserve) == 40);
IV_ASSERT(av_data, sizeof(iv_cm_av_data_info_s) == 56);

#endif /* IV_CM_H */
