/* event: one event from its start to its result. See event.c. */
#ifndef IVCS_EVENT_H
#define IVCS_EVENT_H

#include "sdk.h"

enum progress { FREE, STARTED, STOPPED, ENDED, REAPED /* its thread is being joined */ };

struct event {
    enum progress progress;
    uint64_t bit; /* its own in segments' masks */
    struct thread thread;
    int32_t id;
    bool ext; /* started by iv_cs_event_start_ext */
    int64_t start_s, end_s;
    int64_t stream_start_ms, stream_end_ms;
    ms_t started, stopped; /* mono */
    bool capturing;
    bool video_stored;
    char report_id[33];
    char picture_id[CLOUD_ID_MAX]; /* empty: no picture is stored */
};

/* The body of an event's thread. */
void event_run(void *event);

#endif
