/* Memory that is handed to the library and taken away again. A region lies
 * between two pages without access; released, it loses its own access too, and
 * keeps its address so that nothing else comes to lie there. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise */
#include "shim.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGIONS 1024
#define QUARANTINE ((size_t)(sizeof(void *) > 4 ? 512 : 64) << 20) /* address space kept by released regions */

static struct region regions[REGIONS];
static unsigned next_region;
static uint32_t next_picture;
static size_t reserved;
static int tight;
/* Held for a look at the table, never during a call or while memory is mapped. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void guard_init(int ends_at_page)
{
    tight = ends_at_page;
}

int guard_tight(void)
{
    return tight;
}

static size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void *map(size_t size, int access)
{
    void *p = mmap(NULL, size, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        wire_refuse("no address space left for guarded memory");
    return p;
}

static void forget(struct region *r)
{
    if (!r->base)
        return;
    munmap(r->base, r->size);
    reserved -= r->size;
    r->base = NULL;
}

/* slot finds an entry for size more bytes: the oldest that is free or released.
 * Further released ones go when they keep too much address space. */
static struct region *slot(size_t size)
{
    struct region *found = NULL;
    unsigned i;
    for (i = 0; i < REGIONS; i++) {
        struct region *r = &regions[(next_region + i) % REGIONS];
        if (r->base && !r->released)
            continue;
        if (found && reserved + size <= QUARANTINE)
            break;
        forget(r);
        if (!found)
            found = r;
    }
    if (!found)
        wire_refuse("more than 1024 pictures that the library has not given back");
    next_region = (unsigned)(found - regions) + 1;
    return found;
}

struct region *guard_new(int kind, const uint8_t *data, size_t len)
{
    size_t pages = (len ? len + page() - 1 : page()) / page() * page();
    size_t size = pages + 2 * page();
    uint8_t *base = map(size, PROT_NONE), *start = base + page();
    struct region *r;
    if (mprotect(start, pages, PROT_READ | PROT_WRITE) != 0)
        wire_refuse("guarded memory cannot be made accessible");
    if (tight)
        start += pages - len;
    if (len)
        memcpy(start, data, len);
    pthread_mutex_lock(&lock);
    r = slot(size);
    r->base = base;
    r->data = start;
    r->size = size;
    r->len = len;
    r->cell = NULL;
    r->kind = kind;
    r->released = 0;
    r->id = kind == REGION_PICTURE ? ++next_picture : 0;
    reserved += size;
    pthread_mutex_unlock(&lock);
    return r;
}

uint8_t *guard_nowhere(void)
{
    static uint8_t *nowhere;
    pthread_mutex_lock(&lock);
    if (!nowhere)
        nowhere = map(page(), PROT_NONE);
    pthread_mutex_unlock(&lock);
    return nowhere;
}

void guard_release(struct region *r)
{
    uint8_t *base = r->base;
    size_t size = r->size;
    mprotect(base, size, PROT_NONE);
    madvise(base, size, MADV_DONTNEED); /* give the memory back, keep the address */
    pthread_mutex_lock(&lock);
    r->released = 1;
    pthread_mutex_unlock(&lock);
}

struct region *guard_picture(const uint8_t *data)
{
    struct region *found = NULL;
    unsigned i;
    pthread_mutex_lock(&lock);
    for (i = 0; i < REGIONS; i++)
        if (regions[i].base && regions[i].kind == REGION_PICTURE && regions[i].data == data)
            found = &regions[i];
    pthread_mutex_unlock(&lock);
    return found;
}

struct region *guard_find(const void *addr)
{
    const uint8_t *p = addr;
    unsigned i;
    for (i = 0; i < REGIONS; i++)
        if (regions[i].base && p >= regions[i].base && p < regions[i].base + regions[i].size)
            return &regions[i];
    return NULL;
}
