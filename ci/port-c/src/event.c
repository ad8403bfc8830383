/*
 * event: the thread of one event. It asks for the picture, stores it and hands it back, waits for the stop and
 * for the video, reports, and tells the result.
 */
#include "event.h"

#include "retry.h"

#include <string.h>

#define PICTURE_GIVE_UP_MS 65000
#define VIDEO_GIVE_UP_MS 90000   /* after the stop */
#define REPORT_GIVE_UP_MS 110000 /* after the stop: a result is owed within 120 s (ruling 11) */

struct picture {
    uint8_t *data;
    int32_t size;
};

/* A consistent answer, or none: NULL and 0, and whatever contradicts itself. */
static struct picture capture(struct event *e)
{
    struct picture p = {0};
    if (sdk.parm.iv_cs_event_capture_picture_cb && sdk.state == RUNNING) {
        callback_enter(CALL_CAPTURE);
        int code = sdk.parm.iv_cs_event_capture_picture_cb(e->id, &p.data, &p.size);
        callback_leave(CALL_CAPTURE);
        if (code != IV_ERR_NONE || !p.data || p.size <= 0)
            p = (struct picture){0};
    }
    e->capturing = false;
    clock_wake();
    return p;
}

static struct outcome report(const struct event *e, bool finished, bool complete, ms_t deadline)
{
    struct report r = {
        .report_id = e->report_id, .event_id = e->id, .finished = finished, .complete = complete,
        .start_utc_s = e->start_s, .end_utc_s = finished ? e->end_s : e->start_s,
        .stream_start_utc_ms = e->stream_start_ms, .stream_end_utc_ms = finished ? e->stream_end_ms : 0,
        .picture_upload_id = *e->picture_id ? e->picture_id : NULL, .ai_type = ai_type(e->id),
    };
    struct patience p = sdk_patience(deadline);
    clock_unlock();
    struct outcome out = cloud_report(p, &r);
    clock_lock();
    return out;
}

/* Between two tries; ends early at exit, which allows for one more. */
static void pause_until(ms_t again, ms_t deadline)
{
    if (again > deadline)
        again = deadline;
    while (clock_mono() < again && sdk.state == RUNNING)
        clock_wait(again);
}

static bool store_picture(struct event *e, struct picture picture)
{
    ms_t deadline = e->started + PICTURE_GIVE_UP_MS;
    struct retry retry = {0};
    struct object o = {
        .picture = true, .content_type = "image/jpeg", .event_id = e->id, .event_utc_s = e->start_s,
        .data = picture.data, .size = (size_t)picture.size,
    };
    struct outcome out;
    for (;;) {
        bool last = sdk.state == EXITING || clock_mono() >= deadline;
        struct patience p = sdk_patience(e->started + VIDEO_GIVE_UP_MS);
        clock_unlock();
        out = cloud_store(p, &o);
        clock_lock();
        upload_outcome(&out);
        if (out.ok || out.no_service || last || sdk.abandon)
            break;
        pause_until(clock_mono() + retry_delay(&retry, &out), deadline);
    }
    cloud_forget(&o);
    if (out.ok)
        memcpy(e->picture_id, o.upload_id, sizeof e->picture_id);
    return out.ok;
}

static void hand_back(struct picture picture, bool stored)
{
    if (!sdk.parm.iv_cs_event_picture_result_cb)
        return;
    callback_enter(CALL_PICTURE);
    sdk.parm.iv_cs_event_picture_result_cb(&picture.data, stored ? IV_ERR_NONE : IV_ERR_CS_HTTP_DATA_FAIL);
    callback_leave(CALL_PICTURE);
}

/* iv_cs_event_report_opt_e; waits for the verdict over the event's video where that decides. */
static bool wait_complete(const struct event *e)
{
    bool picture = *e->picture_id != 0;
    ms_t deadline = e->stopped + VIDEO_GIVE_UP_MS;
    if (sdk.parm.event_report_opt == CS_EVENT_PIC_REQ)
        return picture;
    if (sdk.parm.event_report_opt == CS_EVENT_TS_OR_PIC_REQ && picture)
        return true;
    while (!e->video_stored && segment_pending(e->bit) && clock_mono() < deadline && !sdk.abandon)
        clock_wait(deadline);
    return e->video_stored;
}

static bool report_finished(const struct event *e, bool complete)
{
    ms_t deadline = e->stopped + REPORT_GIVE_UP_MS;
    struct retry retry = {0};
    for (;;) {
        bool last = sdk.state == EXITING;
        struct outcome out = report(e, true, complete, deadline);
        if (out.ok)
            return complete;
        if (out.no_service || last || sdk.abandon || clock_mono() >= deadline)
            return false;
        pause_until(clock_mono() + retry_delay(&retry, &out), deadline);
    }
}

static void tell_result(const struct event *e, bool success)
{
    iv_cs_event_result_info info = {
        .result_code = success ? 1 : 0, /* unlike everywhere else (AMB-14) */
        .event_id = e->id, .start_time_s = (uint32_t)e->start_s, .end_time_s = (uint32_t)e->end_s,
    };
    if (!sdk.parm.iv_cs_event_report_result_cb)
        return;
    callback_enter(CALL_REPORT);
    sdk.parm.iv_cs_event_report_result_cb(&info);
    callback_leave(CALL_REPORT);
}

void event_run(void *arg)
{
    struct event *e = arg;
    clock_lock();
    struct picture picture = capture(e);
    report(e, false, false, e->started + PICTURE_GIVE_UP_MS); /* note 8: the trigger, if nothing else gets through */
    if (picture.data)
        hand_back(picture, store_picture(e, picture));
    while (e->progress == STARTED)
        clock_wait(NEVER);
    bool complete = wait_complete(e);
    tell_result(e, report_finished(e, complete));
    segment_forget(e->bit);
    e->progress = ENDED;
    clock_wake();
    clock_unlock();
}
