/* thread: the library's own threads: small stack, no signals of the application's, joined at exit. */
#ifndef IVCS_THREAD_H
#define IVCS_THREAD_H

#include <pthread.h>
#include <stdbool.h>

struct thread {
    pthread_t id;
    bool running; /* created and not yet joined */
    void (*body)(void *arg);
    void *arg;
};

/* thread_start is called with the monitor's lock held; false: the system has no thread to give. */
bool thread_start(struct thread *t, void (*body)(void *), void *arg);

/* thread_join is called without the lock. */
void thread_join(struct thread *t);

#endif
