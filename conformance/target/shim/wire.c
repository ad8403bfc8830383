/* Frames in and out. */
#include "shim.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int in_fd = -1, out_fd = -1;

/* Frames must not mix. A spin lock, held for one write, because the crash
 * handler writes too: it may break a lock that its own thread holds. */
static char out_lock;

void wire_init(int in, int out)
{
    in_fd = in;
    out_fd = out;
}

static const uint8_t *take(struct in *in, size_t n)
{
    static const uint8_t zeros[8];
    const uint8_t *p = in->p + in->at;
    if (in->bad || in->n - in->at < n) {
        in->bad = 1;
        return zeros;
    }
    in->at += n;
    return p;
}

uint8_t get8(struct in *in)
{
    return *take(in, 1);
}

uint32_t get32(struct in *in)
{
    const uint8_t *p = take(in, 4);
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t get64(struct in *in)
{
    uint64_t low = get32(in);
    return low | (uint64_t)get32(in) << 32;
}

const uint8_t *get_bytes(struct in *in, uint32_t *len)
{
    *len = get32(in);
    if (in->bad || in->n - in->at < *len) {
        in->bad = 1;
        *len = 0;
    }
    in->at += *len;
    return in->p + in->at - *len;
}

void put8(struct out *o, uint8_t v)
{
    if (o->n < o->cap)
        o->b[o->n++] = v;
}

void put32(struct out *o, uint32_t v)
{
    int i;
    for (i = 0; i < 4; i++)
        put8(o, (uint8_t)(v >> 8 * i));
}

void put64(struct out *o, uint64_t v)
{
    put32(o, (uint32_t)v);
    put32(o, (uint32_t)(v >> 32));
}

void put_text(struct out *o, const char *s)
{
    size_t n = strlen(s), room = o->cap - o->n;
    if (room < 4)
        return;
    if (n > room - 4)
        n = room - 4;
    put32(o, (uint32_t)n);
    memcpy(o->b + o->n, s, n);
    o->n += n;
}

/* What has been read and not yet been taken; only the main thread reads. */
static uint8_t unread[64 << 10];
static size_t unread_at, unread_n;

static int read_all(uint8_t *p, size_t n)
{
    while (n > 0) {
        size_t some = unread_n - unread_at < n ? unread_n - unread_at : n;
        memcpy(p, unread + unread_at, some);
        unread_at += some;
        p += some;
        n -= some;
        if (n > 0) {
            ssize_t got;
            do
                got = read(in_fd, unread, sizeof unread);
            while (got < 0 && errno == EINTR);
            if (got <= 0)
                return 0;
            unread_at = 0;
            unread_n = (size_t)got;
        }
    }
    return 1;
}

int wire_read(uint8_t **frame, size_t *len)
{
    uint8_t head[4];
    struct in in = {head, 4, 0, 0};
    if (!read_all(head, 4))
        return 0;
    *len = get32(&in);
    if (*len == 0 || *len > 256u << 20)
        wire_refuse("a frame of impossible length");
    *frame = own_alloc(*len);
    if (read_all(*frame, *len))
        return 1;
    own_free(*frame);
    return 0;
}

/* Frames that wait for the next one, under out_lock. */
static uint8_t held[16 << 10];
static size_t held_n;

static void lock(int crashing)
{
    int tries = 0;
    while (__atomic_test_and_set(&out_lock, __ATOMIC_ACQUIRE)) {
        /* A crash inside a write would wait for itself. */
        if (crashing && ++tries > 10000)
            break;
        sched_yield();
    }
}

static void unlock(void)
{
    __atomic_clear(&out_lock, __ATOMIC_RELEASE);
}

static void write_all(const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t put = write(out_fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            _exit(0); /* whom to tell? The other end is gone. */
        p += put;
        n -= (size_t)put;
    }
}

/* append puts a frame behind those that are held, which go out first where there
 * is no room for it. */
static void append(struct out *o)
{
    uint32_t body = (uint32_t)(o->n - 4);
    int i;
    for (i = 0; i < 4; i++)
        o->b[i] = (uint8_t)(body >> 8 * i);
    if (held_n + o->n > sizeof held) {
        write_all(held, held_n);
        held_n = 0;
    }
    memcpy(held + held_n, o->b, o->n);
    held_n += o->n;
}

static void flush(void)
{
    size_t n = held_n;
    held_n = 0;
    write_all(held, n);
}

void wire_send(struct out *o)
{
    int saved = errno;
    lock(o->b[4] == OUT_CRASH);
    append(o);
    flush();
    unlock();
    errno = saved;
}

void wire_hold(struct out *o)
{
    int saved = errno;
    lock(0);
    append(o);
    unlock();
    errno = saved;
}

void wire_flush(void)
{
    lock(0);
    flush();
    unlock();
}

void wire_refuse(const char *why)
{
    OUT(o, OUT_REFUSED, 256);
    put_text(&o, why);
    wire_send(&o);
    _exit(99);
}
