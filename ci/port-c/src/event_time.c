#include "event_time.h"

#define RELATIVE_BELOW 300
#define CLOCK_ERROR_S 60 /* note 15: the SDK accepts small errors of the clock */

static bool resolve(uint32_t v, int64_t now_ms, int64_t *ms)
{
    if (v == RELATIVE_BELOW)
        return false;
    *ms = v < RELATIVE_BELOW ? now_ms - (int64_t)v * 1000 : (int64_t)v * 1000;
    return *ms >= 0 && *ms <= now_ms + CLOCK_ERROR_S * 1000;
}

bool event_times(uint32_t event_time, uint32_t stream_time, int64_t now_utc_ms, bool later, struct event_times *out)
{
    int64_t event_ms;
    bool mixed = (event_time < RELATIVE_BELOW) != (stream_time < RELATIVE_BELOW);
    bool neutral = later && (event_time == 0 || stream_time == 0);
    if ((mixed && !neutral) || !resolve(event_time, now_utc_ms, &event_ms) || !resolve(stream_time, now_utc_ms, &out->stream_utc_ms))
        return false;
    out->event_s = event_ms / 1000;
    out->stream_now = stream_time == 0;
    return true;
}
