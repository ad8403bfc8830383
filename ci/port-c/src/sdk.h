/*
 * sdk: what the parts of the module share. There is one module in a process; the C interface knows no
 * handle. Everything here is guarded by the monitor (clock.h) and, unless it says otherwise, called with
 * its lock held.
 *
 *   application --push--> iv_cs_push --> segment (ring) --> upload thread --> cloud
 *               --events--> iv_cs_event: one thread an event: capture, picture, report
 *   plan thread (long poll) and events --> stream: wanted or not --> start_cb, stop_cb
 *   everybody --> notify thread --> notify_cb
 */
#ifndef IVCS_SDK_H
#define IVCS_SDK_H

#include "callback.h"
#include "clock.h"
#include "cloud.h"
#include "iv_cs.h"
#include "thread.h"

#define IV_API __attribute__((visibility("default")))

enum state { OFF, RUNNING, EXITING };

struct sdk {
    enum state state;
    iv_cs_init_parm_s parm;
    int callers;  /* threads of the application inside a call that lets go of the lock */
    bool abandon; /* iv_cs_exit has waited long enough: give up what is under way */
};

extern struct sdk sdk;

/* A call of the application that lets go of the lock takes part; iv_cs_exit waits until it leaves. */
int sdk_enter(void); /* without the lock; IV_ERR_NONE or why not */
void sdk_leave(void); /* without the lock */

/* For threads of the module: as long as until `deadline`, at most until exit loses its patience. */
struct patience sdk_patience(ms_t deadline);

/* ---- plan: iv_cs_balance.c ---- */

bool plan_start(void);
void plan_join(void);        /* without the lock */
bool plan_in_force(void);    /* any service at all */
bool plan_full_time(void);
bool plan_tried(void);       /* the first query of this session is over, whatever it brought */

/* ---- the wish for a stream, and its callbacks: stream.c ---- */

bool stream_start(void);
void stream_join(void);         /* without the lock */
bool stream_done(void);
void stream_update(void);       /* plan, events or state have changed */
bool stream_wanted(void);
bool stream_accepting(void);    /* between start_cb and stop_cb */
void stream_begins_at(ms_t utc); /* iv_cs_event_start_ext: when the next recording was begun; -1: on arrival */
ms_t stream_beginning(void);    /* that time, once */

/* ---- frames and segments: segment.c, upload.c ---- */

struct frame;

int segment_init(void);
void segment_free(void);
bool segment_is_full(size_t frame_size); /* a frame of this size has to wait or to be refused */
int segment_push(struct frame *f, const uint8_t *data);
int segment_refuse(const struct frame *f); /* for want of room; returns the code */
void segment_flush(bool end_of_recording);
void segment_cut_soon(void);    /* at the next key frame, or in a while */
ms_t segment_deadline(void);    /* when segment_housekeeping has something to do */
void segment_housekeeping(void);
bool segment_pending(uint64_t event); /* frames of the event wait to be stored */
void segment_forget(uint64_t event);

bool upload_start(void);
void upload_join(void); /* without the lock */
bool upload_done(void);
bool upload_healthy(void); /* the last try to store something succeeded */
/* Tells CONNECT_FAIL, CONNECT_RECOVER, COS_SERVICE_WRONG from the outcomes of storing. */
void upload_outcome(const struct outcome *o);

/* ---- events: iv_cs_event.c ---- */

void event_init(void);
void event_stop_all(void);
void event_join(void); /* without the lock */
bool event_reap(void); /* joins threads of events that have ended; true: it has let go of the lock for that */
bool event_done(void);
int event_running(void);       /* how many are started and not stopped */
uint64_t event_mask(void);     /* one bit for each of them */
bool event_capturing(void);    /* a picture is being asked for */
void event_stored(uint64_t mask); /* a segment with frames of these events is stored */

/* ---- notifications: notify.c ---- */

bool notify_start(void);
void notify_end(void);  /* no more will come */
void notify_join(void); /* without the lock */
bool notify_done(void);
bool notify_alarm(iv_cs_notify_msg_type_e type); /* false: the queue is full */
void notify_post(iv_cs_notify_msg_type_e type);  /* may wait for room in the queue */
void notify_slice(const iv_cs_upload_slice_info_s *slice); /* the same */

/* ---- settings: iv_cs_settings.c ---- */

void ai_init(void);
int ai_type(int32_t event_id);

#endif
