/* audio: what is pushed as audio, and its way to AAC. ADTS frames go through untouched ("音频推荐使用ADTS的AAC裸流");
 * PCM and G.711 frames of 1024 samples a channel become one ADTS frame each. */
#ifndef IVCS_AUDIO_H
#define IVCS_AUDIO_H

#include "iv_cs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audio {
    bool transcode;
    iv_cm_aenc_type_e type;
    uint32_t samples; /* of one frame, over all channels */
    void *encoder;
    void *api;
    int16_t *pcm;
    uint8_t *adts;
};

/* Whether the format can be served: codec, mode, rate, width, samples a frame (iv_cs_push_stream). */
bool audio_supported(const iv_cm_av_data_info_s *f);

bool audio_init(struct audio *a, const iv_cm_av_data_info_s *f);
void audio_free(struct audio *a);

/* Turns one pack into ADTS. *dst is `src` itself or stays valid until the next call. false: not a frame
 * of the format that was announced. */
bool audio_frame(struct audio *a, const uint8_t *src, size_t size, const uint8_t **dst, size_t *dst_size);

#endif
