#include "ring.h"
#include "test.h"

#include <string.h>

static void frames_survive_the_wrap(void)
{
    struct ring r;
    uint8_t out[300];
    CHECK(ring_init(&r, 1000));
    for (uint32_t i = 0; i < 100; i++) {
        uint8_t data[300];
        struct frame f = {.seq = i, .size = 100 + i % 200, .video = 1}, g;
        memset(data, (int)i, sizeof data);
        CHECK(ring_room(&r) >= ring_need(f.size));
        uint64_t pos = r.head;
        ring_put(&r, &f, data);
        CHECK(ring_frame(&r, pos, &g) == r.head);
        CHECK(g.seq == i && g.size == f.size);
        ring_read(&r, ring_data(pos), out, g.size);
        CHECK(memcmp(out, data, g.size) == 0);
        ring_release(&r, r.head);
    }
    ring_free(&r);
}

static void room_is_what_is_not_taken(void)
{
    struct ring r;
    uint8_t data[100] = {0};
    struct frame f = {.size = sizeof data};
    CHECK(ring_init(&r, 2 * ring_need(sizeof data)));
    ring_put(&r, &f, data);
    ring_put(&r, &f, data);
    CHECK(ring_room(&r) == 0);
    ring_release(&r, ring_need(sizeof data));
    CHECK(ring_room(&r) == ring_need(sizeof data));
    ring_free(&r);
}

const struct test ring_tests[] = {
    {"a frame is read as it was put, also across the end of the memory", frames_survive_the_wrap},
    {"room is what is not taken", room_is_what_is_not_taken},
    {NULL, NULL},
};
