#include "thread.h"

#include "clock.h"

#include <signal.h>

/* Enough for a callback of the application; pages that are not touched cost nothing. */
#define STACK_SIZE ((size_t)512 * 1024)

static void *run(void *arg)
{
    struct thread *t = arg;
    t->body(t->arg);
    clock_lock();
    clock_thread_ends();
    clock_unlock();
    return NULL;
}

bool thread_start(struct thread *t, void (*body)(void *), void *arg)
{
    pthread_attr_t attr;
    sigset_t all, before;
    t->body = body;
    t->arg = arg;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    sigfillset(&all);
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&all, faults[i]); /* a crash handler of the application must still see these */
    pthread_sigmask(SIG_BLOCK, &all, &before); /* inherited: the application's handlers stay on its threads */
    clock_thread_begins();
    t->running = pthread_create(&t->id, &attr, run, t) == 0;
    if (!t->running)
        clock_thread_ends();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return t->running;
}

void thread_join(struct thread *t)
{
    if (t->running)
        pthread_join(t->id, NULL);
    t->running = false;
}
