/*
 * iv_cs_event_start, _stop and their _ext forms. Each event has a thread: it asks for the picture, stores it
 * and hands it back, waits for the stop and for the video, reports, and tells the result.
 */
#include "sdk.h"

#include "event_time.h"
#include "retry.h"

#define EVENT_ID_MAX 16
#define EVENTS_MAX 48 /* running, and stopped with their report under way */
#define PICTURE_GIVE_UP_MS 65000
#define VIDEO_GIVE_UP_MS 90000   /* after the stop */
#define REPORT_GIVE_UP_MS 110000 /* after the stop: a result is owed within 120 s (ruling 11) */

enum progress { FREE, STARTED, STOPPED, ENDED };

struct event {
    enum progress progress;
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

static struct event events[EVENTS_MAX];

static uint64_t bit(const struct event *e)
{
    return UINT64_C(1) << (e - events);
}

/* ---- one event's thread ---- */

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
        for (size_t i = 0; i < sizeof e->picture_id; i++)
            e->picture_id[i] = o.upload_id[i];
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
    while (!e->video_stored && segment_pending(bit(e)) && clock_mono() < deadline && !sdk.abandon)
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

static void run(void *arg)
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
    segment_forget(bit(e));
    e->progress = ENDED;
    clock_wake();
    clock_unlock();
}

/* ---- for the other parts ---- */

void event_init(void)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        events[i] = (struct event){.progress = FREE};
}

int event_running(void)
{
    int n = 0;
    for (int i = 0; i < EVENTS_MAX; i++)
        n += events[i].progress == STARTED;
    return n;
}

uint64_t event_mask(void)
{
    uint64_t mask = 0;
    for (int i = 0; i < EVENTS_MAX; i++)
        if (events[i].progress == STARTED)
            mask |= bit(&events[i]);
    return mask;
}

bool event_capturing(void)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        if (events[i].progress != FREE && events[i].capturing)
            return true;
    return false;
}

void event_stored(uint64_t mask)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        if (mask & bit(&events[i]))
            events[i].video_stored = true;
}

bool event_done(void)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        if (events[i].progress == STARTED || events[i].progress == STOPPED)
            return false;
    return true;
}

void event_join(void)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        thread_join(&events[i].thread);
}

/* ---- starting and stopping ---- */

static struct event *find(int32_t id)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        if (events[i].progress == STARTED && events[i].id == id)
            return &events[i];
    return NULL;
}

static struct event *unused(void)
{
    for (int i = 0; i < EVENTS_MAX; i++) {
        if (events[i].progress == ENDED) {
            clock_unlock(); /* it has let go of the lock for the last time or is about to */
            thread_join(&events[i].thread);
            clock_lock();
            events[i].progress = FREE;
        }
        if (events[i].progress == FREE)
            return &events[i];
    }
    return NULL;
}

static int check(int32_t id)
{
    if (sdk.state != RUNNING)
        return IV_ERR_CS_PRM_NOT_AVAILABLE;
    return id >= 1 && id <= EVENT_ID_MAX ? IV_ERR_NONE : IV_ERR_CS_EVENT_IS_VALID;
}

static int start(int32_t id, bool ext, uint32_t event_time, uint32_t stream_time)
{
    struct event_times times;
    struct event *e = unused();
    int code = check(id);
    if (code != IV_ERR_NONE)
        return code;
    if (!plan_in_force())
        return IV_ERR_CS_APPLY_NO_SERVICE;
    bool later = event_running() > 0 || plan_full_time();
    if (find(id) || !event_times(event_time, stream_time, clock_utc(), later, &times))
        return IV_ERR_CS_EVENT_IS_VALID;
    if (!e)
        return IV_ERR_CS_PRM_MALLOC_FAIL;
    ms_t now = clock_utc();
    *e = (struct event){
        .progress = STARTED, .id = id, .ext = ext, .start_s = times.event_s, .started = clock_mono(), .capturing = true,
        /* Only the first of parallel events has video from before (note 12). */
        .stream_start_ms = later ? now : times.stream_utc_ms,
    };
    cloud_new_id(e->report_id);
    if (!thread_start(&e->thread, run, e)) {
        e->progress = FREE;
        return IV_ERR_CS_PRM_MALLOC_FAIL;
    }
    if (!later)
        stream_begins_at(times.stream_now ? -1 : times.stream_utc_ms);
    stream_update();
    return IV_ERR_NONE;
}

static void finish(struct event *e, int64_t end_s, int64_t stream_end_ms)
{
    /* The clock may have been set back meanwhile: nothing ends before it began. */
    e->end_s = end_s > e->start_s ? end_s : e->start_s;
    e->stream_end_ms = stream_end_ms > e->stream_start_ms ? stream_end_ms : e->stream_start_ms;
    e->stopped = clock_mono();
    e->progress = STOPPED;
    stream_update();
    if (stream_wanted())
        segment_cut_soon(); /* others go on, and this one's last frames must not wait for long */
    clock_wake();
}

static int stop(int32_t id, bool ext, uint32_t event_time, uint32_t stream_time)
{
    struct event_times times;
    int code = check(id);
    if (code != IV_ERR_NONE)
        return code;
    struct event *e = find(id);
    if (!e || e->ext != ext || !event_times(event_time, stream_time, clock_utc(), false, &times))
        return IV_ERR_CS_EVENT_IS_VALID;
    finish(e, times.event_s, times.stream_utc_ms);
    return IV_ERR_NONE;
}

void event_stop_all(void)
{
    for (int i = 0; i < EVENTS_MAX; i++)
        if (events[i].progress == STARTED)
            finish(&events[i], clock_utc() / 1000, clock_utc());
}

/* The lock is let go for a moment when a thread that has ended is joined, so take turns. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int locked(int (*what)(int32_t, bool, uint32_t, uint32_t), int32_t id, bool ext, uint32_t event_time, uint32_t stream_time)
{
    int code = sdk_enter();
    if (code != IV_ERR_NONE)
        return code;
    pthread_mutex_lock(&turn);
    clock_lock();
    code = what(id, ext, event_time, stream_time);
    clock_unlock();
    pthread_mutex_unlock(&turn);
    sdk_leave();
    return code;
}

IV_API int iv_cs_event_start(int32_t event_id)
{
    return locked(start, event_id, false, 0, 0);
}

IV_API int iv_cs_event_stop(int32_t event_id)
{
    return locked(stop, event_id, false, 0, 0);
}

IV_API int iv_cs_event_start_ext(int32_t event_id, uint32_t event_start_time_s, uint32_t stream_start_time_s)
{
    return locked(start, event_id, true, event_start_time_s, stream_start_time_s);
}

IV_API int iv_cs_event_stop_ext(int32_t event_id, uint32_t event_stop_time_s, uint32_t stream_stop_time_s)
{
    return locked(stop, event_id, true, event_stop_time_s, stream_stop_time_s);
}
