#include "test.h"
#include "ts.h"

#include <stdlib.h>
#include <string.h>

#define PACKETS_MAX 5000

static uint8_t out[PACKETS_MAX][TS_PACKET];

static struct ring ring;

static void put(bool video, bool key, uint64_t pts, uint32_t size)
{
    uint8_t *data = malloc(size);
    struct frame f = {.pts = pts, .size = size, .video = video, .key = key};
    memset(data, (int)size, size);
    ring_put(&ring, &f, data);
    free(data);
}

static int write_all(struct ts *t)
{
    int n = 0;
    while (n < PACKETS_MAX && ts_packet(t, out[n]))
        n++;
    return n;
}

static unsigned pid(const uint8_t *p)
{
    return (unsigned)(p[1] & 0x1F) << 8 | p[2];
}

static bool has_pcr(const uint8_t *p)
{
    return p[3] & 0x20 && p[4] > 0 && p[5] & 0x10;
}

static uint64_t pcr(const uint8_t *p)
{
    return (uint64_t)p[6] << 25 | (uint64_t)p[7] << 17 | (uint64_t)p[8] << 9 | (uint64_t)p[9] << 1 | p[10] >> 7;
}

static size_t payload(const uint8_t *p)
{
    if (!(p[3] & 0x10))
        return 0;
    return TS_PACKET - 4 - (p[3] & 0x20 ? 1 + (size_t)p[4] : 0);
}

/* Frames of every size around the packet's, far apart in time, audio first. */
static void a_segment(void)
{
    ring_init(&ring, 1 << 20);
    put(false, false, 990, 300);
    size_t bytes = 0;
    for (uint32_t i = 0; i < 400; i++) {
        put(true, i == 0, 1000 + i * 350, 1 + i);
        bytes += 1 + i + 14 + 6; /* PES header, H.264 delimiter */
    }
    struct ts t = {.ring = &ring, .end = ring.head, .has_video = true, .has_audio = true, .counters = {.video = 7}};
    struct ts again = t;
    int n = write_all(&t);
    CHECK(n > 10 && n < PACKETS_MAX);
    CHECK(pid(out[0]) == 0 && pid(out[1]) == 0x1000 && pid(out[2]) == 0x100 && has_pcr(out[2]));

    int counter = 7;
    uint64_t last = 0;
    size_t video = 0;
    for (int i = 2; i < n; i++) {
        const uint8_t *p = out[i];
        CHECK(p[0] == 0x47);
        if (has_pcr(p)) {
            CHECK(last == 0 || (pcr(p) >= last && pcr(p) - last <= 9000));
            last = pcr(p);
        }
        if (pid(p) == 0x100 && payload(p)) {
            CHECK((p[3] & 15) == (counter++ & 15));
            video += payload(p);
        }
    }
    CHECK(video == bytes);
    CHECK(last == (1000 + 399 * 350) * 90);

    static uint8_t before[PACKETS_MAX][TS_PACKET];
    memcpy(before, out, sizeof before);
    CHECK(write_all(&again) == n && memcmp(before, out, (size_t)n * TS_PACKET) == 0);
    ring_free(&ring);
}

static void a_jump(void)
{
    ring_init(&ring, 1 << 20);
    put(true, true, 1000, 100);
    put(true, false, 36001000, 100);
    put(true, false, 1100, 100);
    struct ts t = {.ring = &ring, .end = ring.head, .has_video = true};
    CHECK(write_all(&t) == 6); /* no hours of PCRs */
    CHECK(out[4][5] & 0x80 && out[5][5] & 0x80);
    ring_free(&ring);
}

static void only_audio(void)
{
    ring_init(&ring, 1 << 20);
    put(false, false, 0, 100);
    put(false, false, 64, 100);
    struct ts t = {.ring = &ring, .end = ring.head, .has_audio = true};
    CHECK(write_all(&t) == 5);
    CHECK(pid(out[2]) == 0x101 && has_pcr(out[2]) && has_pcr(out[3]) && has_pcr(out[4]));
    CHECK((out[1][5 + 2] & 0xFF) == 18); /* one stream in the table */
    ring_free(&ring);
}

const struct test ts_tests[] = {
    {"a segment: tables and PCR first, counters and PCRs without a gap, the same when written again", a_segment},
    {"a jump of the PTS is marked and not filled", a_jump},
    {"without video the PCR rides on audio and the table names audio alone", only_audio},
    {NULL, NULL},
};
