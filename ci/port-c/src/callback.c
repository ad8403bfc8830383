#include "callback.h"

#include "clock.h"

static _Thread_local bool inside;
static bool taken[CALLS];

void callback_enter(enum callback c)
{
    while (taken[c])
        clock_wait(NEVER);
    taken[c] = true;
    inside = true;
    clock_unlock();
}

void callback_leave(enum callback c)
{
    clock_lock();
    inside = false;
    taken[c] = false;
    clock_wake();
}

bool in_callback(void)
{
    return inside;
}
