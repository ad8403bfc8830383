/*
 * timeline: when a frame was taken, in UTC. The SDK makes these times ("SDK内部生成"): the first frame is dated by
 * its arrival, or by the stream_start_time of iv_cs_event_start_ext; from then on PTS lead, because frames
 * arrive in bursts (pre-recorded ones all at once). PTS are believed only as far as they agree with the
 * time that has passed: they may be in a wrong unit, jump, or stand still, and a recording must not reach
 * into the future (note 15).
 */
#ifndef IVCS_TIMELINE_H
#define IVCS_TIMELINE_H

#include "clock.h"

struct timeline {
    bool begun;
    ms_t began;  /* mono, arrival of the first frame */
    ms_t lag;    /* by how much the first frame was taken before it arrived */
    ms_t at;     /* where the last frame lies, from the first one */
    ms_t step;   /* from the last frame but one to the last, of the stream that leads */

    /* The stream that leads: video, or audio while there is no video. */
    bool video;
    ms_t arrived;
    uint64_t pts;
};

void timeline_begin(struct timeline *t, ms_t mono, ms_t lag, ms_t usual_step);

/* Takes a frame in and returns where it lies. *jump: its PTS does not continue the one before. */
ms_t timeline_frame(struct timeline *t, bool video, uint64_t pts, ms_t mono, bool *jump);

/* UTC of a place on the line; follows the wall clock when that is corrected. */
ms_t timeline_utc(const struct timeline *t, ms_t at, ms_t mono, ms_t utc);

/* Between two segments: bring the line a little nearer to the wall clock, so that the camera's crystal
 * may run a bit faster or slower than it for weeks. */
void timeline_adjust(struct timeline *t);

#endif
