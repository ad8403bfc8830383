#include "timeline.h"

#define DRIFT_MS 2000    /* disagreement of PTS and passed time that is taken for jitter */
#define SMALL_STEP_MS 500 /* a step that looks like a frame's, not like a wrong unit */
#define LEAD_MS 60000    /* how far such steps may run ahead: what note 15 allows a clock to be wrong */
#define VIDEO_GONE_MS 2000
#define ADJUST_SHARE 16

void timeline_begin(struct timeline *t, ms_t mono, ms_t lag, ms_t usual_step)
{
    *t = (struct timeline){.began = mono, .lag = lag, .step = usual_step};
}

static ms_t magnitude(ms_t v)
{
    return v < 0 ? -v : v;
}

static bool believable(const struct timeline *t, ms_t step, ms_t mono)
{
    ms_t at = t->at + step, now = mono - t->began, lag = magnitude(t->lag);
    if (step < 0 || at < now - lag - DRIFT_MS)
        return false;
    return at <= now + lag + DRIFT_MS || (step <= SMALL_STEP_MS && at <= now + lag + LEAD_MS);
}

ms_t timeline_frame(struct timeline *t, bool video, uint64_t pts, ms_t mono, bool *jump)
{
    *jump = false;
    if (t->begun && t->video && !video && mono - t->arrived <= VIDEO_GONE_MS)
        return t->at; /* audio beside video follows */
    if (t->begun && t->video == video) {
        uint64_t distance = pts - t->pts;
        ms_t step = distance <= INT32_MAX ? (ms_t)distance : -1;
        bool good = believable(t, step, mono);
        *jump = step < 0 || (!good && step > DRIFT_MS);
        if (good)
            t->step = step;
        t->at += good ? step : mono - t->arrived;
    } else if (t->begun) {
        t->at += mono - t->arrived; /* another stream takes the lead: its PTS says nothing yet */
    }
    t->begun = true;
    t->video = video;
    t->arrived = mono;
    t->pts = pts;
    return t->at;
}

ms_t timeline_utc(const struct timeline *t, ms_t at, ms_t mono, ms_t utc)
{
    return utc - (mono - t->began) - t->lag + at;
}

void timeline_adjust(struct timeline *t)
{
    ms_t behind = t->arrived - t->began + t->lag - t->at;
    if (magnitude(behind) < DRIFT_MS)
        t->at += behind / ADJUST_SHARE;
}
