/* The allocator, interposed: the program defines malloc and its relatives, so
 * every library in the process uses these (the linker exports them). They count
 * and pass on to the C library. The shim's own code goes past them. */
#define _GNU_SOURCE /* dl_iterate_phdr and RTLD_NEXT under -std=c11 */
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#ifdef SHIM_NO_HEAP

/* For sanitizers and allocators that want to be first. */
void *own_alloc(size_t n)
{
    void *p = malloc(n);
    if (!p)
        wire_refuse("no memory left for the shim itself");
    return p;
}

void own_free(void *p)
{
    free(p);
}

void heap_quiet(int on)
{
    (void)on;
}

void heap_control(struct in *in)
{
    get8(in); /* nothing of it can be done; the Go side does not ask */
    get32(in);
    get32(in);
}

void heap_put(struct out *o)
{
    int i;
    put8(o, 0);
    for (i = 0; i < 5; i++)
        put64(o, 0);
}

#else

#define EXPORT __attribute__((visibility("default")))

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);
static int (*real_posix_memalign)(void **, size_t, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static void *(*real_memalign)(size_t, size_t);
static size_t (*real_usable)(void *);

static _Thread_local int quiet;
static long in_use, peak, blocks, allocs, failed;
static long fail_at, fail_until, since; /* fail_at 0: not armed */

/* dlsym may allocate before there is an allocator. */
static _Alignas(16) char early[4096];
static size_t early_used;

static int is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void *early_alloc(size_t n)
{
    void *p = early + early_used;
    n = (n + 15) & ~(size_t)15;
    if (n > sizeof early - early_used)
        return NULL;
    early_used += n;
    return p;
}

static void find(const char *name, void *fn)
{
    void *sym = dlsym(RTLD_NEXT, name);
    memcpy(fn, &sym, sizeof sym);
}

/* Where those lie whose allocations are never made to fail: glibc's loader, which
 * for want of memory for a thread-local variable ends the process, and libfaketime,
 * which takes memory for each condition variable and crashes without. No library
 * can prevent either. */
static struct range {
    uintptr_t from, size;
} loader, scaler;

static int is_within(uintptr_t at, struct range r)
{
    return at - r.from < r.size;
}

static struct range extent(uintptr_t base, const ElfW(Phdr) *part, int n)
{
    struct range r = {base, 0};
    for (; n > 0; n--, part++)
        if (part->p_type == PT_LOAD && part->p_vaddr + part->p_memsz > r.size)
            r.size = part->p_vaddr + part->p_memsz;
    return r;
}

static void find_loader(void)
{
#ifdef __GLIBC__
    const char *base = (const char *)getauxval(AT_BASE);
    const ElfW(Ehdr) *head = (const void *)base;
    if (base) /* else it was started by hand, as a program */
        loader = extent((uintptr_t)base, (const void *)(base + head->e_phoff), head->e_phnum);
#endif
}

static int is_scaler(struct dl_phdr_info *object, size_t size, void *arg)
{
    (void)size, (void)arg;
    if (!strstr(object->dlpi_name, "libfaketime"))
        return 0;
    scaler = extent(object->dlpi_addr, object->dlpi_phdr, object->dlpi_phnum);
    return 1;
}

static int ready(void)
{
    static int state; /* 0: not begun, 1: inside dlsym, 2: ready */
    int now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
    if (now == 2)
        return 1;
    if (now == 1)
        return 0;
    /* The first allocation comes before any second thread exists. */
    __atomic_store_n(&state, 1, __ATOMIC_RELEASE);
    find("malloc", &real_malloc);
    find("calloc", &real_calloc);
    find("realloc", &real_realloc);
    find("free", &real_free);
    find("posix_memalign", &real_posix_memalign);
    find("aligned_alloc", &real_aligned_alloc);
    find("memalign", &real_memalign);
    find("malloc_usable_size", &real_usable);
    find_loader();
    __atomic_store_n(&state, 2, __ATOMIC_RELEASE);
    return 1;
}

static long add(long *counter, long n)
{
    return __atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

static void counted(void *p)
{
    long now, top;
    if (!p || quiet)
        return;
    now = add(&in_use, (long)real_usable(p));
    add(&blocks, 1);
    top = __atomic_load_n(&peak, __ATOMIC_RELAXED);
    while (now > top && !__atomic_compare_exchange_n(&peak, &top, now, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void uncounted(void *p)
{
    if (!p || quiet)
        return;
    add(&in_use, -(long)real_usable(p));
    add(&blocks, -1);
}

/* REFUSED decides whether this allocation is one of those that are to fail. */
#define REFUSED() refused((uintptr_t)__builtin_return_address(0))

static int refused(uintptr_t caller)
{
    long n, first;
    if (quiet || is_within(caller, loader) || is_within(caller, scaler))
        return 0;
    add(&allocs, 1);
    first = __atomic_load_n(&fail_at, __ATOMIC_RELAXED);
    if (first == 0)
        return 0;
    n = add(&since, 1);
    if (n < first || (fail_until && n >= fail_until))
        return 0;
    add(&failed, 1);
    errno = ENOMEM;
    return 1;
}

EXPORT void *malloc(size_t n)
{
    void *p;
    if (!ready())
        return early_alloc(n);
    if (REFUSED())
        return NULL;
    p = real_malloc(n);
    counted(p);
    return p;
}

EXPORT void *calloc(size_t n, size_t size)
{
    void *p;
    if (!ready())
        return early_alloc(n * size); /* static memory is zero */
    if (REFUSED())
        return NULL;
    p = real_calloc(n, size);
    counted(p);
    return p;
}

EXPORT void free(void *p)
{
    if (!p || is_early(p) || !ready())
        return;
    uncounted(p);
    real_free(p);
}

EXPORT void *realloc(void *old, size_t n)
{
    void *p;
    long before;
    if (!ready())
        return early_alloc(n);
    if (is_early(old)) {
        size_t room = (size_t)(early + sizeof early - (char *)old);
        p = malloc(n);
        if (p)
            memcpy(p, old, n < room ? n : room);
        return p;
    }
    if (REFUSED())
        return NULL;
    before = old && !quiet ? (long)real_usable(old) : 0;
    p = real_realloc(old, n);
    if (p || n == 0) { /* a failed one keeps the old block */
        if (old && !quiet) {
            add(&in_use, -before);
            add(&blocks, -1);
        }
        counted(p);
    }
    return p;
}

EXPORT int posix_memalign(void **p, size_t align, size_t n)
{
    int err;
    if (!ready() || REFUSED())
        return ENOMEM;
    err = real_posix_memalign(p, align, n);
    if (err == 0)
        counted(*p);
    return err;
}

EXPORT void *aligned_alloc(size_t align, size_t n)
{
    void *p = !ready() || REFUSED() ? NULL : real_aligned_alloc(align, n);
    counted(p);
    return p;
}

EXPORT void *memalign(size_t align, size_t n)
{
    void *p = !ready() || REFUSED() ? NULL : real_memalign(align, n);
    counted(p);
    return p;
}

EXPORT void *valloc(size_t n)
{
    return memalign(4096, n);
}

void *own_alloc(size_t n)
{
    void *p = ready() ? real_malloc(n ? n : 1) : NULL;
    if (!p)
        wire_refuse("no memory left for the shim itself");
    return p;
}

void own_free(void *p)
{
    if (p)
        real_free(p);
}

void heap_quiet(int on)
{
    quiet = on;
}

void heap_control(struct in *in)
{
    uint8_t what = get8(in);
    uint32_t nth = get32(in), count = get32(in);
    if (what & 1)
        __atomic_store_n(&peak, __atomic_load_n(&in_use, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
    if (what & 2) {
        if (!scaler.size)
            dl_iterate_phdr(is_scaler, NULL);
        __atomic_store_n(&fail_at, 0, __ATOMIC_SEQ_CST);
        __atomic_store_n(&since, 0, __ATOMIC_SEQ_CST);
        __atomic_store_n(&failed, 0, __ATOMIC_SEQ_CST);
        fail_until = count ? (long)nth + (long)count : 0;
        __atomic_store_n(&fail_at, (long)nth, __ATOMIC_SEQ_CST);
    }
}

void heap_put(struct out *o)
{
    put8(o, 1);
    put64(o, (uint64_t)__atomic_load_n(&in_use, __ATOMIC_RELAXED));
    put64(o, (uint64_t)__atomic_load_n(&peak, __ATOMIC_RELAXED));
    put64(o, (uint64_t)__atomic_load_n(&blocks, __ATOMIC_RELAXED));
    put64(o, (uint64_t)__atomic_load_n(&allocs, __ATOMIC_RELAXED));
    put64(o, (uint64_t)__atomic_load_n(&failed, __ATOMIC_RELAXED));
}

#endif
