/* The last word of a process that crashes: which signal, where, in what. */
#define _GNU_SOURCE /* SA_ONSTACK and siginfo_t under -std=c11 */
#include "shim.h"

#include <signal.h>
#include <string.h>

/* crashed says what happened and lets it happen. */
static void crashed(int sig, siginfo_t *info, void *context)
{
    const uint8_t *addr = info->si_addr;
    int fault = info->si_code > 0 && sig != SIGABRT;
    const struct region *r = fault ? guard_find(addr) : NULL;
    struct sigaction by_default;
    OUT(o, OUT_CRASH, 128);
    (void)context;
    put32(&o, (uint32_t)sig);
    put64(&o, fault ? (uint64_t)(uintptr_t)addr : 0);
    put8(&o, (uint8_t)this_worker);
    put32(&o, thread_id());
    put8(&o, this_fn);
    put8(&o, this_slot);
    put8(&o, (uint8_t)(r ? r->kind : 0));
    put32(&o, r ? r->id : 0);
    put8(&o, (uint8_t)(r ? r->released : 0));
    put64(&o, r ? (uint64_t)(addr - r->data) : 0);
    put64(&o, r ? r->len : 0);
    wire_send(&o);
    /* A fault happens again on return, and then kills; the rest is sent again.
     * SA_RESETHAND is not enough: a Go runtime in the library has put its own
     * handler before this one, and calls it as a function. */
    memset(&by_default, 0, sizeof by_default);
    by_default.sa_handler = SIG_DFL;
    sigaction(sig, &by_default, NULL);
    if (!fault)
        raise(sig);
}

void crash_init(void)
{
    static const int sigs[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
    struct sigaction a;
    size_t i;
    memset(&a, 0, sizeof a);
    a.sa_sigaction = crashed;
    a.sa_flags = (int)(SA_SIGINFO | SA_RESETHAND | SA_NODEFER | SA_ONSTACK);
    for (i = 0; i < sizeof sigs / sizeof *sigs; i++)
        sigaction(sigs[i], &a, NULL);
}
