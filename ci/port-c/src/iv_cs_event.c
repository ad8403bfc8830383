/* iv_cs_event_start, _stop and their _ext forms, and the table of events: those that run, and those that were
 * stopped and whose report is under way. What happens to an event in between is in event.c. */
#include "event.h"

#include "event_time.h"

#define EVENT_ID_MAX 16
#define EVENTS_MAX 48

static struct event events[EVENTS_MAX];

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
            mask |= events[i].bit;
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
        if (mask & events[i].bit)
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

bool event_reap(void)
{
    bool reaped = false;
    for (int i = 0; i < EVENTS_MAX; i++) {
        if (events[i].progress != ENDED)
            continue;
        events[i].progress = REAPED;
        clock_unlock(); /* the thread has let go of the lock for the last time or is about to */
        thread_join(&events[i].thread);
        clock_lock();
        events[i].progress = FREE;
        reaped = true;
    }
    return reaped;
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
    event_reap(); /* the thread that does so otherwise may be in a callback */
    for (int i = 0; i < EVENTS_MAX; i++)
        if (events[i].progress == FREE)
            return &events[i];
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
        .progress = STARTED, .bit = UINT64_C(1) << (e - events), .id = id, .ext = ext, .start_s = times.event_s, .started = clock_mono(), .capturing = true,
        /* Only the first of parallel events has video from before (note 12). */
        .stream_start_ms = later ? now : times.stream_utc_ms,
    };
    cloud_new_id(e->report_id);
    if (!thread_start(&e->thread, event_run, e)) {
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
