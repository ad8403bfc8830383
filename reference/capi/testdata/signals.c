/*
 * What loading the library changes in a program's handling of signals:
 * signals LIBRARY SCENARIO. Dies by a signal where that is what is expected.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t seen;

static void jump(int sig)
{
    seen = sig;
    siglongjmp(back, 1);
}

static void note(int sig) { seen = sig; }

static void handle(int sig, void (*f)(int))
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = f;
    a.sa_flags = SA_ONSTACK;
    sigaction(sig, &a, NULL);
}

static int load(const char *path)
{
    int (*freeze)(unsigned long long);
    void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (lib == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    *(void **)&freeze = dlsym(lib, "ivcs_conform_clock_freeze");
    return freeze(1700000000000ull); /* the runtime is up */
}

static void crash(void) { *(volatile int *)8 = 1; }

static void *crash_thread(void *unused)
{
    (void)unused;
    if (sigsetjmp(back, 1) == 0) {
        crash();
    }
    return NULL;
}

/* Signals whose handling the library has no business with. */
static int untouched(const char *path)
{
    static const int sigs[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGWINCH, SIGTSTP};
    size_t i;
    struct sigaction a;
    for (i = 0; i < sizeof sigs / sizeof *sigs; i++) {
        if (i % 2 == 0) {
            handle(sigs[i], note);
        }
    }
    if (load(path) != 0) {
        return 1;
    }
    for (i = 0; i < sizeof sigs / sizeof *sigs; i++) {
        sigaction(sigs[i], NULL, &a);
        if (a.sa_handler != (i % 2 == 0 ? note : SIG_DFL)) {
            fprintf(stderr, "the handler of signal %d is another one\n", sigs[i]);
            return 1;
        }
        if (i % 2 == 0) {
            seen = 0;
            raise(sigs[i]);
            if (seen != sigs[i]) {
                fprintf(stderr, "signal %d did not arrive\n", sigs[i]);
                return 1;
            }
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *scenario = argc > 2 ? argv[2] : "";
    int before = strcmp(scenario, "handler set before") == 0;
    int after = strcmp(scenario, "handler set after") == 0;
    int thread = strcmp(scenario, "in a thread") == 0;

    if (strcmp(scenario, "untouched") == 0) {
        return untouched(argv[1]);
    }
    if (before || thread) {
        handle(SIGSEGV, jump);
    }
    if (load(argv[1]) != 0) {
        return 1;
    }
    if (after) {
        handle(SIGSEGV, jump);
    }
    if (strcmp(scenario, "broken pipe") == 0) {
        int fd[2];
        handle(SIGPIPE, note);
        if (pipe(fd) != 0 || close(fd[0]) != 0 || write(fd[1], "x", 1) != -1) {
            return 1;
        }
        return seen == SIGPIPE ? 0 : 1;
    }
    if (thread) {
        pthread_t t;
        pthread_create(&t, NULL, crash_thread, NULL);
        pthread_join(t, NULL);
        return seen == SIGSEGV ? 0 : 1;
    }
    if (sigsetjmp(back, 1) == 0) {
        crash(); /* "no handler": the process dies of it */
    }
    return seen == SIGSEGV ? 0 : 1;
}
