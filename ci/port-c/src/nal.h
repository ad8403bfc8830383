/* nal: what a pushed access unit is, from its own bytes (Annex B): "视频支持 H.264 或 H.265 含NALU的I帧、P帧裸流，不支持B帧，
 * 其中I帧需包含SPS、PPS等数据" (iv_cs_push_stream). */
#ifndef IVCS_NAL_H
#define IVCS_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum picture {
    PICTURE_BAD,     /* no start code, no slice of this codec, or an I frame without its parameter sets */
    PICTURE_B,       /* shown before a picture that was sent earlier */
    PICTURE_KEY,     /* H.264 IDR; H.265 IRAP: IDR, CRA, BLA */
    PICTURE_PREDICTED
};

/* What has to be remembered from one picture to the next, to tell a reordered H.265 picture from a
 * low-delay P picture that is coded as a B slice. Zero is a good start. */
struct nal_state {
    unsigned poc_bits;        /* 0: not known, nothing is judged by order */
    unsigned slice_extra_bits;
    bool separate_planes, output_flag, dependent_slices;
    bool has_poc;
    int64_t highest_poc;
};

/* `has_aud`: the access unit begins with a delimiter of its own. */
enum picture nal_classify(struct nal_state *s, bool h265, const uint8_t *data, size_t size, bool *has_aud);

#endif
