/* The process: clocks, counts, limits. */
#define _GNU_SOURCE /* syscall, RLIMIT_AS */
#include "shim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The kernel's struct timespec of the old calls is two longs on every machine. */
struct kernel_time {
    long sec, nsec;
};

static int64_t shift;

void process_shift(int64_t ns)
{
    shift = ns;
}

uint64_t mono_ns(void)
{
#ifdef SYS_clock_gettime
    struct kernel_time t = {0, 0};
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
#else /* 32 bit machines younger than 2038 */
    struct { int64_t sec, nsec; } t = {0, 0};
    syscall(SYS_clock_gettime64, CLOCK_MONOTONIC, &t);
#endif
    return (uint64_t)t.sec * 1000000000u + (uint64_t)t.nsec + (uint64_t)shift;
}

uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void machine_sleep(uint64_t ns)
{
    uint64_t end = mono_ns() + ns, now;
    while ((now = mono_ns()) < end) {
#ifdef SYS_nanosleep
        struct kernel_time t;
        t.sec = (long)((end - now) / 1000000000u);
        t.nsec = (long)((end - now) % 1000000000u);
        syscall(SYS_nanosleep, &t, NULL);
#else
        struct { int64_t sec, nsec; } t;
        t.sec = (int64_t)((end - now) / 1000000000u);
        t.nsec = (int64_t)((end - now) % 1000000000u);
        syscall(SYS_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, &t, NULL);
#endif
    }
}

uint32_t thread_id(void)
{
    return (uint32_t)syscall(SYS_gettid);
}

/* What was there before the library: of the shim, of valgrind or qemu. */
static uint32_t own_threads, own_fds;

/* status_field reads a number of /proc/self/status. No stdio: that allocates. */
static uint64_t status_field(const char *name)
{
    static const char path[] = "/proc/self/status";
    char text[4096];
    const char *p;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    p = strstr(text, name);
    return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

static uint32_t count_fds(uint32_t *sockets)
{
    uint32_t n = 0;
    DIR *dir;
    struct dirent *e;
    *sockets = 0;
    heap_quiet(1);
    dir = opendir("/proc/self/fd");
    while (dir && (e = readdir(dir)) != NULL) {
        char path[300] = "/proc/self/fd/", link[16];
        ssize_t len;
        if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(dir))
            continue;
        n++;
        strncat(path, e->d_name, sizeof path - 32);
        len = readlink(path, link, sizeof link);
        *sockets += len > 7 && memcmp(link, "socket:", 7) == 0;
    }
    if (dir)
        closedir(dir);
    heap_quiet(0);
    return n;
}

void process_init(void)
{
    uint32_t sockets;
    own_fds = count_fds(&sockets);
    own_threads = (uint32_t)status_field("\nThreads:");
}

void process_worker_started(void)
{
    own_threads++;
}

void process_put(struct out *o)
{
    uint32_t sockets, fds = count_fds(&sockets);
    put32(o, (uint32_t)status_field("\nThreads:") - own_threads);
    put32(o, fds - own_fds);
    put32(o, sockets);
    put64(o, status_field("\nVmRSS:") * 1024);
    put64(o, wall_ns());
}

void process_limit(uint64_t headroom)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_AS, &l) != 0)
        wire_refuse("the limit of address space cannot be read");
    l.rlim_cur = l.rlim_max;
    if (headroom)
        l.rlim_cur = (rlim_t)(status_field("\nVmSize:") * 1024 + headroom);
    if (setrlimit(RLIMIT_AS, &l) != 0)
        wire_refuse("the limit of address space cannot be set");
}

void process_await_debugger(void)
{
    char text[128];
    int fd, n;
    if (!getenv("CONFORM_WAIT_FOR_DEBUGGER"))
        return;
    n = snprintf(text, sizeof text, "shim: waits for a debugger: gdb -p %d\n", (int)getpid());
    fd = open("/dev/tty", O_WRONLY | O_CLOEXEC); /* stderr belongs to the run */
    if (write(fd < 0 ? 2 : fd, text, (size_t)n) < 0)
        return;
    if (fd >= 0)
        close(fd);
    while (status_field("TracerPid:") == 0)
        machine_sleep(100000000u);
}
