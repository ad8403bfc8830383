/*
 * stream: whether frames are wanted, and iv_cs_push_stream_start_cb and _stop_cb, which say so. Frames are
 * wanted while a full-time plan is in force, or an event plan and at least one event (notes 10 and 13,
 * AMB-25). Every change of that is told, in order, by one thread: so the two callbacks alternate.
 *
 * The same thread does what falls due when nobody pushes, the pause after 120 s (note 5), and joins the threads of
 * events that have ended.
 */
#include "sdk.h"

#define CAPTURE_FIRST_MS 200 /* the chart has the capture before the start; a slow one is not waited for */
#define CHANGES_MAX 8

static bool wanted, told;
static int changes; /* of `wanted` that are still to be told */
static bool over;
static ms_t beginning;
static struct thread thread;

static void tell(void)
{
    if (!told) {
        ms_t patience = clock_machine() + CAPTURE_FIRST_MS;
        while (event_capturing() && clock_machine() < patience)
            clock_wait_machine(patience);
    }
    changes--;
    told = !told;
    int (*callback)(void) = told ? sdk.parm.iv_cs_push_stream_start_cb : sdk.parm.iv_cs_push_stream_stop_cb;
    callback_enter(CALL_STREAM);
    callback(); /* its answer changes nothing: the stream is wanted or not (AMB-43) */
    callback_leave(CALL_STREAM);
}

static void run(void *arg)
{
    (void)arg;
    clock_lock();
    while (sdk.state == RUNNING || changes > 0) {
        if (changes > 0) {
            tell();
        } else if (!event_reap()) {
            segment_housekeeping();
            clock_wait(segment_deadline());
        }
    }
    over = true;
    clock_wake();
    clock_unlock();
}

void stream_update(void)
{
    bool now = sdk.state == RUNNING && plan_in_force() && (plan_full_time() || event_running() > 0);
    if (now == wanted)
        return;
    wanted = now;
    changes += changes < CHANGES_MAX ? 1 : -1; /* a blocked callback must not make up for a thousand changes */
    if (!wanted)
        segment_flush(true);
    clock_wake();
}

bool stream_wanted(void)
{
    return wanted;
}

bool stream_accepting(void)
{
    return sdk.state == RUNNING && told && changes == 0;
}

void stream_begins_at(ms_t utc)
{
    beginning = utc;
}

ms_t stream_beginning(void)
{
    ms_t utc = beginning;
    beginning = -1;
    return utc;
}

bool stream_start(void)
{
    wanted = told = over = false;
    changes = 0;
    beginning = -1;
    return thread_start(&thread, run, NULL);
}

void stream_join(void)
{
    thread_join(&thread);
}

bool stream_done(void)
{
    return over;
}
