/* The segmenter under a frozen clock; the parts of the module around it are played by the stubs below. */
#include "segment.h"
#include "test.h"

#include <string.h>

struct sdk sdk;
static uint64_t running;

struct patience sdk_patience(ms_t deadline)
{
    return (struct patience){.due = {deadline, NEVER}};
}
bool plan_in_force(void) { return true; }
bool plan_full_time(void) { return true; }
int event_running(void) { return 0; }
uint64_t event_mask(void) { return running; }
bool event_reap(void) { return false; }
bool event_capturing(void) { return false; }
void event_stored(uint64_t mask) { (void)mask; }

static uint32_t seq;

static void begin(uint32_t buffer)
{
    clock_freeze(1700000000000);
    clock_lock();
    sdk.parm.u32MaxGopSize = buffer;
    seq = 0;
    running = 0;
    stream_begins_at(-1);
    CHECK(segment_init() == IV_ERR_NONE);
}

static void end(void)
{
    segment_free();
    clock_unlock();
}

static void advance(uint32_t ms)
{
    clock_unlock();
    clock_advance(ms);
    clock_lock();
}

static int push(bool key, uint32_t size)
{
    static uint8_t data[200000];
    struct frame f = {.pts = 50 * seq, .seq = seq, .size = size, .video = 1, .key = key};
    seq++;
    if (segment_is_full(size))
        return segment_refuse(&f);
    return segment_push(&f, data);
}

static int gop(int frames, uint32_t size)
{
    int refused = 0;
    for (int i = 0; i < frames; i++) {
        refused += push(i == 0, size) != IV_ERR_NONE;
        advance(50);
    }
    return refused;
}

static bool next_is(uint32_t from, uint32_t to, ms_t start, ms_t duration)
{
    struct segment *s = segment_ready();
    bool good = s && s->first.seq == from && s->last.seq == to && s->start_utc == 1700000000000 + start &&
                s->end_utc - s->start_utc == duration;
    if (s && !good)
        fprintf(stderr, "segment %u to %u, %lld + %lld\n", s->first.seq, s->last.seq, (long long)s->start_utc - 1700000000000,
                (long long)(s->end_utc - s->start_utc));
    if (s)
        segment_resolve(true);
    return good;
}

static void ten_seconds(void)
{
    begin(4096 * 1024);
    for (int i = 0; i < 6; i++)
        gop(60, 1000); /* 3 s: the first key frame at or after 10 s is that at 12 s */
    segment_flush(true);
    CHECK(next_is(0, 239, 0, 12000));
    CHECK(next_is(240, 359, 12000, 6000));
    CHECK(!segment_ready());
    end();
}

static void small_buffer(void)
{
    begin(100 * 4096);
    for (int i = 0; i < 3; i++) { /* GOPs of 300 KB: two do not fit */
        CHECK(push(true, 5000) == IV_ERR_NONE);
        if (i > 0)
            CHECK(next_is((uint32_t)(i - 1) * 60, (uint32_t)i * 60 - 1, (i - 1) * 3000, 3000));
        advance(50);
        for (int k = 1; k < 60; k++, advance(50))
            CHECK(push(false, 5000) == IV_ERR_NONE);
    }
    end();
}

static void overflow(void)
{
    begin(100 * 4096);
    gop(60, 5000);
    push(true, 5000); /* cuts; from here on nothing is stored */
    CHECK(gop(60, 5000) > 0);
    struct frame p = {.seq = seq, .size = 10, .video = 1};
    CHECK(segment_push(&p, (const uint8_t *)"0123456789") == IV_ERR_CS_NEED_IDR_FRAME);
    segment_resolve(true);
    uint32_t key = seq;
    CHECK(gop(20, 1000) == 0);
    segment_flush(true);
    struct segment *s = segment_ready();
    CHECK(s && s->last.seq < key - 1); /* what was refused is in no segment */
    segment_resolve(true);
    s = segment_ready();
    CHECK(s && s->first.seq == key && s->last.seq == key + 19);
    end();
}

static void again(void)
{
    begin(100 * 4096);
    gop(60, 5000);
    CHECK(push(true, 5000) == IV_ERR_NONE);
    while (push(false, 5000) == IV_ERR_NONE)
        ;
    segment_resolve(true);
    seq--; /* the very frame that was refused */
    CHECK(push(false, 5000) == IV_ERR_NONE);
    CHECK(push(false, 5000) == IV_ERR_NONE);
    end();
}

static void idle(void)
{
    begin(4096 * 1024);
    gop(60, 1000);
    advance(119950);
    segment_housekeeping();
    CHECK(!segment_ready());
    advance(1);
    segment_housekeeping();
    CHECK(next_is(0, 59, 0, 3000));
    CHECK(push(false, 1000) == IV_ERR_NONE); /* a pause is no stop */
    segment_flush(true);
    CHECK(push(false, 1000) == IV_ERR_CS_NEED_IDR_FRAME);
    end();
}

static void clock_correction(void)
{
    begin(4096 * 1024);
    gop(40, 1000);
    clock_unlock();
    clock_step(40000);
    clock_lock();
    gop(40, 1000);
    segment_flush(true);
    CHECK(next_is(0, 39, 0, 2000));
    CHECK(next_is(40, 79, 42000, 2000));
    end();
}

static void pre_roll(void)
{
    begin(4096 * 1024);
    gop(40, 1000); /* stored: 0 to 2 s */
    segment_flush(true);
    CHECK(next_is(0, 39, 0, 2000));
    advance(1000);
    stream_begins_at(1700000000000 + 1000);
    gop(40, 1000);
    segment_flush(true);
    CHECK(next_is(40, 79, 2000, 2000));
    clock_unlock();
    clock_step(-5000); /* now it is 0 s again */
    clock_lock();
    gop(40, 1000);
    segment_flush(true);
    CHECK(next_is(80, 119, 0, 2000));
    end();
}

static void event_ends(void)
{
    begin(4096 * 1024);
    running = 1;
    gop(40, 1000);
    running = 0;
    segment_cut_soon();
    CHECK(segment_pending(1) && !segment_pending(2));
    gop(40, 1000);
    CHECK(next_is(0, 39, 0, 2000));
    CHECK(!segment_pending(1));
    end();
}

const struct test segment_tests[] = {
    {"a segment ends at the first key frame at or after 10 s", ten_seconds},
    {"and at an earlier one when the next GOP would not fit", small_buffer},
    {"a full buffer refuses, and nothing is stored that refers to what was refused", overflow},
    {"a refused frame may be pushed again when there is room", again},
    {"120 s without a frame pause the recording, and the next frame takes it up", idle},
    {"a corrected clock begins a new segment with the corrected time", clock_correction},
    {"a pre-roll does not reach back into the recording before, unless the clock was put back", pre_roll},
    {"the segment of an event that has ended is cut at the next key frame", event_ends},
    {NULL, NULL},
};
