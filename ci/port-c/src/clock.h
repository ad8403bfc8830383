/*
 * clock: the one source of time, and the one monitor.
 *
 * All mutable state of the library is guarded by one lock, and every thread of the library waits in
 * one place: clock_wait. That makes two things easy. A change of state wakes whoever is concerned
 * (clock_wake; each waiter looks again at what it waits for), and a test that owns the clock knows
 * when the library has come to rest: when all its threads wait and nobody has been woken.
 *
 * Times are milliseconds. "mono" never jumps and serves all durations and time-outs; "utc" is the
 * device's wall clock, serves all time stamps and may be corrected at any moment (note 15).
 */
#ifndef IVCS_CLOCK_H
#define IVCS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t ms_t;

#define NEVER INT64_MAX

void clock_lock(void);
void clock_unlock(void);

/* The rest is called with the lock held. */

ms_t clock_mono(void);
ms_t clock_utc(void);
ms_t clock_machine(void); /* the machine's own monotonic time, whatever a test does to the others */

void clock_wake(void);

/* These return when woken, or at the deadline (mono); the caller looks which it was. clock_wait is for
 * threads of the library. */
void clock_wait(ms_t deadline);

/* clock_wait_caller is for a thread of the application that blocks in an iv_cs_* call. Under a frozen
 * clock such a call ends on mono or on machine time, whichever comes first (ruling 10), so that it
 * cannot hang for want of somebody to move the clock. */
struct due {
    ms_t mono, machine;
};
struct due clock_after(ms_t ms);
bool clock_is_due(struct due due);
void clock_wait_caller(struct due due);

/* clock_wait_machine waits on the machine's time alone (deadline: clock_machine). */
void clock_wait_machine(ms_t deadline);

/* A thread of the library is busy from before it is created until it has ended, but for its waits. */
void clock_thread_begins(void);
void clock_thread_ends(void);

#ifdef IVCS_HOOKS
int clock_freeze(uint64_t utc_ms);
int clock_advance(uint32_t ms);
int clock_step(int64_t ms);
#endif

#endif
