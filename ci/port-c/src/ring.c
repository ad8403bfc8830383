#include "ring.h"

#include <stdlib.h>
#include <string.h>

bool ring_init(struct ring *r, size_t size)
{
    *r = (struct ring){.mem = malloc(size), .size = size};
    return r->mem != NULL;
}

void ring_free(struct ring *r)
{
    free(r->mem);
    *r = (struct ring){0};
}

size_t ring_need(size_t frame_size)
{
    return sizeof(struct frame) + frame_size;
}

size_t ring_room(const struct ring *r)
{
    return r->size - (size_t)(r->head - r->tail);
}

static void put(struct ring *r, const void *src, size_t size)
{
    size_t at = (size_t)(r->head % r->size), first = r->size - at;
    if (first > size)
        first = size;
    memcpy(r->mem + at, src, first);
    memcpy(r->mem, (const uint8_t *)src + first, size - first);
    r->head += size;
}

void ring_put(struct ring *r, const struct frame *f, const uint8_t *data)
{
    put(r, f, sizeof *f);
    put(r, data, f->size);
}

void ring_read(const struct ring *r, uint64_t pos, uint8_t *dst, size_t size)
{
    size_t at = (size_t)(pos % r->size), first = r->size - at;
    if (first > size)
        first = size;
    memcpy(dst, r->mem + at, first);
    memcpy(dst + first, r->mem, size - first);
}

uint64_t ring_data(uint64_t pos)
{
    return pos + sizeof(struct frame);
}

uint64_t ring_frame(const struct ring *r, uint64_t pos, struct frame *f)
{
    ring_read(r, pos, (uint8_t *)f, sizeof *f);
    return ring_data(pos) + f->size;
}

void ring_release(struct ring *r, uint64_t until)
{
    r->tail = until;
}
