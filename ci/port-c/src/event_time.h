/* event_time: the times of iv_cs_event_start_ext and iv_cs_event_stop_ext. Below 300: seconds before the
 * call; above: seconds of UTC. Exactly 300 is neither (AMB-01). */
#ifndef IVCS_EVENT_TIME_H
#define IVCS_EVENT_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct event_times {
    int64_t event_s;        /* seconds of UTC */
    int64_t stream_utc_ms;
    bool stream_now;        /* the stream's time was given as "now" */
};

/* `later`: other events run already, so the stream's time may be 0 whatever the event's time is (note 12).
 * false: 300, a mix of both kinds, or a time in the future. */
bool event_times(uint32_t event_time, uint32_t stream_time, int64_t now_utc_ms, bool later, struct event_times *out);

#endif
