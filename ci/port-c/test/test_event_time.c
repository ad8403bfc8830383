#include "event_time.h"
#include "test.h"

#define NOW_S 1700000000u

static void table(void)
{
    static const struct {
        uint32_t event, stream;
        bool later, good;
        int64_t event_s, stream_s;
    } cases[] = {
        {0, 0, false, true, NOW_S, NOW_S},
        {15, 15, false, true, NOW_S - 15, NOW_S - 15},
        {0, 15, false, true, NOW_S, NOW_S - 15},
        {15, 0, false, true, NOW_S - 15, NOW_S},
        {299, 299, false, true, NOW_S - 299, NOW_S - 299},
        {300, 300, false, false, 0, 0},
        {301, 301, false, true, 301, 301},
        {NOW_S - 3600, NOW_S - 3600, false, true, NOW_S - 3600, NOW_S - 3600},
        {15, NOW_S, false, false, 0, 0},
        {NOW_S, 0, false, false, 0, 0},
        {NOW_S, 0, true, true, NOW_S, NOW_S},
        {NOW_S + 60, NOW_S + 60, false, true, NOW_S + 60, NOW_S + 60},
        {NOW_S + 61, NOW_S + 61, false, false, 0, 0},
        {UINT32_MAX, UINT32_MAX, false, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event_times t;
        bool good = event_times(cases[i].event, cases[i].stream, (int64_t)NOW_S * 1000, cases[i].later, &t);
        CHECK(good == cases[i].good);
        CHECK(!good || (t.event_s == cases[i].event_s && t.stream_utc_ms == cases[i].stream_s * 1000));
    }
}

const struct test event_time_tests[] = {
    {"below 300 is relative, above is UTC, 300, a mix and the future are refused", table},
    {NULL, NULL},
};
