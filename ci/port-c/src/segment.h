/* segment: one piece of a recording in the ring, from its first frame to its verdict. See segment.c. */
#ifndef IVCS_SEGMENT_H
#define IVCS_SEGMENT_H

#include "ring.h"
#include "sdk.h"

struct stamp {
    uint64_t pts;
    uint32_t seq;
};

struct segment {
    uint64_t from, to; /* positions in the ring */
    size_t bytes;      /* of frames */
    bool has_video, has_audio;
    bool starts_with_key;
    struct stamp first, last; /* of video; of audio while there is no video (ruling 8) */
    ms_t at, end_at;          /* on the time line: first and last frame */
    ms_t start_utc, end_utc;
    ms_t closed; /* mono */
    uint64_t events;
    char recording[33];
};

/* The oldest segment that is complete, or NULL. It stays where it is until it is resolved. */
struct segment *segment_ready(void);
const struct ring *segment_ring(void);

/* Its verdict is known: frees its frames and tells the events. */
void segment_resolve(bool stored);

#endif
