#include "test.h"
#include "watermark.h"

static int raised[8], total;

static bool alarm_raised(iv_cs_notify_msg_type_e type)
{
    raised[type]++;
    total++;
    return true;
}

static void rising(void)
{
    struct watermark w = {.cfg = {100, 400, 800, 1}};
    total = 0;
    for (size_t level = 0; level <= 1000; level += 10)
        watermark_level(&w, level, alarm_raised);
    CHECK(total == 3 && raised[3] == 1 && raised[4] == 1 && raised[5] == 1);
    for (int i = 0; i < 100; i++) /* noise around a mark is one crossing */
        watermark_level(&w, i & 1 ? 790 : 810, alarm_raised);
    CHECK(total == 3);
    watermark_level(&w, 0, alarm_raised);
    watermark_level(&w, 1000, alarm_raised);
    CHECK(total == 6);
    w.cfg.enable = 0;
    watermark_level(&w, 0, alarm_raised);
    watermark_level(&w, 1000, alarm_raised);
    CHECK(total == 6);
}

static void marks(void)
{
    iv_cs_congestion_ctrl_s good = {1, 2, 4096, 1}, high = {1, 2, 4097, 1}, low = {4097, 1, 1, 1}, off = {5, 4, 9999, 0}, odd = {1, 2, 3, 2};
    CHECK(watermark_valid(&good, 4096));
    CHECK(!watermark_valid(&high, 4096) && !watermark_valid(&low, 4096) && !watermark_valid(&odd, 4096));
    CHECK(watermark_valid(&off, 4096));
}

const struct test watermark_tests[] = {
    {"one alarm a mark and crossing, again after it has fallen", rising},
    {"marks lie within the buffer, in order, where they are enabled", marks},
    {NULL, NULL},
};
