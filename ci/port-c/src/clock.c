#include "clock.h"

#include <pthread.h>
#include <time.h>

#ifdef IVCS_HOOKS
#include "net.h"
#endif

/* A thread that waits, each at a bell of its own: a clock that a test moves wakes those whose time has come,
 * and lets the others sleep. Between `woken` and its return the thread is about to run. */
struct waiter {
    pthread_cond_t bell;
    ms_t deadline;
    bool machine, woken;
    struct waiter *next, **link;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int busy; /* threads of the library that are not waiting */
static struct waiter *waiters;

static void bell_init(pthread_cond_t *bell)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(bell, &attr);
    pthread_condattr_destroy(&attr);
}

#ifdef IVCS_HOOKS
static pthread_cond_t *rested; /* rung when all threads have come to rest, if somebody waits for that */
static bool frozen;
static ms_t frozen_mono, frozen_utc;

static bool at_rest(void)
{
    if (busy > 0)
        return false;
    for (const struct waiter *w = waiters; w; w = w->next)
        if (w->machine || w->woken || w->deadline <= frozen_mono)
            return false;
    return true;
}
#endif

/* A thread has begun to wait, or has ended. */
static void note_rest(void)
{
#ifdef IVCS_HOOKS
    if (rested && at_rest())
        pthread_cond_signal(rested);
#endif
}

static ms_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (ms_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_lock(void)
{
    pthread_mutex_lock(&lock);
}

void clock_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

ms_t clock_machine(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

ms_t clock_mono(void)
{
#ifdef IVCS_HOOKS
    if (frozen)
        return frozen_mono;
#endif
    return clock_machine();
}

ms_t clock_utc(void)
{
#ifdef IVCS_HOOKS
    if (frozen)
        return frozen_utc;
#endif
    return read_clock(CLOCK_REALTIME);
}

static void wake(struct waiter *w)
{
    w->woken = true;
    pthread_cond_signal(&w->bell);
}

void clock_wake(void)
{
    for (struct waiter *w = waiters; w; w = w->next)
        wake(w);
}

static void sleep_on(pthread_cond_t *cond, ms_t machine_deadline)
{
    if (machine_deadline == NEVER) {
        pthread_cond_wait(cond, &lock);
        return;
    }
    struct timespec t = {machine_deadline / 1000, (long)(machine_deadline % 1000) * 1000000};
    pthread_cond_timedwait(cond, &lock, &t);
}

static void wait_as(struct waiter w, ms_t machine_deadline, bool ours)
{
    bell_init(&w.bell);
    w.next = waiters;
    w.link = &waiters;
    if (waiters)
        waiters->link = &w.next;
    waiters = &w;
    busy -= ours;
    note_rest();
    sleep_on(&w.bell, machine_deadline);
    busy += ours;
    *w.link = w.next;
    if (w.next)
        w.next->link = w.link;
    pthread_cond_destroy(&w.bell);
    if (!ours)
        note_rest(); /* a caller's thread has been waited for until here */
}

void clock_wait(ms_t deadline)
{
    ms_t machine = deadline; /* one and the same unless a test has frozen the clock */
#ifdef IVCS_HOOKS
    if (frozen)
        machine = NEVER;
#endif
    wait_as((struct waiter){.deadline = deadline}, machine, true);
}

struct due clock_after(ms_t ms)
{
    return (struct due){clock_mono() + ms, clock_machine() + ms};
}

bool clock_is_due(struct due due)
{
    return clock_mono() >= due.mono || clock_machine() >= due.machine;
}

void clock_wait_caller(struct due due)
{
    wait_as((struct waiter){.deadline = due.mono}, due.machine, false);
}

void clock_wait_machine(ms_t deadline)
{
    wait_as((struct waiter){.deadline = NEVER, .machine = true}, deadline, false);
}

void clock_thread_begins(void)
{
    busy++;
}

void clock_thread_ends(void)
{
    busy--;
    clock_wake();
    note_rest();
}

#ifdef IVCS_HOOKS

/* How long one advance may take, and how long a transfer may be silent before a fault is taken to
 * hold it (both machine time; cloud binding, hooks). */
#define ADVANCE_MAX_MS 10000
#define SILENCE_MS 500
#define GRACE_MS 5 /* what has been silent for long may have been set free by the cloud's clock just now */

/* Waits until all threads rest and no transfer is about to move on; false: in vain. */
static bool settle(ms_t began)
{
    ms_t end = began + ADVANCE_MAX_MS;
    pthread_cond_t bell;
    bell_init(&bell);
    rested = &bell;
    bool rest;
    for (;;) {
        ms_t now = clock_machine(), silent = net_moved();
        silent = silent == NEVER ? now : silent + SILENCE_MS > began + GRACE_MS ? silent + SILENCE_MS : began + GRACE_MS;
        rest = at_rest() && now >= silent;
        if (rest || now >= end)
            break;
        sleep_on(&bell, silent > now && silent < end ? silent : end);
    }
    rested = NULL;
    pthread_cond_destroy(&bell);
    return rest;
}

static void move_to(ms_t mono)
{
    frozen_utc += mono - frozen_mono;
    frozen_mono = mono;
    for (struct waiter *w = waiters; w; w = w->next)
        if (w->deadline <= mono)
            wake(w);
}

int clock_freeze(uint64_t utc_ms)
{
    clock_lock();
    frozen_mono = clock_mono();
    frozen_utc = (ms_t)utc_ms;
    frozen = true;
    clock_wake();
    clock_unlock();
    return 0;
}

int clock_advance(uint32_t ms)
{
    int result = 0;
    clock_lock();
    if (!frozen) {
        clock_unlock();
        return -1;
    }
    ms_t began = clock_machine(), target = frozen_mono + ms;
    for (;;) {
        if (!settle(began)) {
            result = 1;
            break;
        }
        if (frozen_mono >= target)
            break;
        ms_t next = target;
        for (const struct waiter *w = waiters; w; w = w->next)
            if (w->deadline < next)
                next = w->deadline;
        move_to(next);
    }
    if (frozen_mono < target)
        move_to(target);
    clock_unlock();
    return result;
}

int clock_step(int64_t ms)
{
    clock_lock();
    int result = frozen ? 0 : -1;
    if (frozen) {
        frozen_utc += ms;
        clock_wake();
    }
    clock_unlock();
    return result;
}

#endif
