/*
 * ring: the buffer of u32MaxGopSize bytes (notes 3, 4 and 7). It is allocated once and holds every frame
 * from its push until the segment it belongs to is stored or given up. Frames follow each other as
 * header and bytes, in the order of pushing. Positions count bytes from the beginning of time, so they
 * only grow, and a position stays valid until it is released.
 */
#ifndef IVCS_RING_H
#define IVCS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
    uint64_t pts; /* ms, the caller's */
    uint32_t seq; /* the caller's */
    uint32_t size;
    uint8_t video, key;
    uint8_t jump; /* its PTS does not continue the one before: a discontinuity of the time line */
    uint8_t has_aud; /* the access unit brings its delimiter */
};

struct ring {
    uint8_t *mem;
    size_t size;
    uint64_t head, tail; /* bytes ever put, bytes ever released */
};

bool ring_init(struct ring *r, size_t size);
void ring_free(struct ring *r);

size_t ring_need(size_t frame_size); /* what a frame takes up */
size_t ring_room(const struct ring *r);

/* The caller has made sure that there is room. The frame's bytes are `data`. */
void ring_put(struct ring *r, const struct frame *f, const uint8_t *data);

/* Reads the frame at `pos` and returns the position after it; its bytes start at ring_data(pos). */
uint64_t ring_frame(const struct ring *r, uint64_t pos, struct frame *f);
uint64_t ring_data(uint64_t pos);
void ring_read(const struct ring *r, uint64_t pos, uint8_t *dst, size_t size);

void ring_release(struct ring *r, uint64_t until);

#endif
