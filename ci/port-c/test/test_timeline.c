#include "test.h"
#include "timeline.h"

static bool jump;

static void live_follows_pts(void)
{
    struct timeline t;
    timeline_begin(&t, 1000, 0, 40);
    for (int i = 0; i < 100; i++) /* frames arrive in pairs, their PTS are even */
        CHECK(timeline_frame(&t, true, 5000 + 40u * (unsigned)i, 1000 + i / 2 * 80, &jump) == 40 * i && !jump);
    CHECK(timeline_utc(&t, 400, 2000, 700000) == 700000 - 1000 + 400);
}

static void pre_recorded_ends_at_now(void)
{
    struct timeline t;
    timeline_begin(&t, 1000, 15000, 50);
    ms_t at = 0;
    for (unsigned i = 0; i <= 300; i++)
        at = timeline_frame(&t, true, 50 * i, 1000, &jump);
    CHECK(at == 15000);
    CHECK(timeline_utc(&t, at, 1000, 700000) == 700000);
    CHECK(timeline_utc(&t, 0, 1000, 700000) == 685000);
}

static void wrong_units_do_not_stretch(void)
{
    static const double units[] = {1000, 90, 0.02, 0.001};
    for (int u = 0; u < 4; u++) {
        struct timeline t;
        ms_t at = 0;
        timeline_begin(&t, 0, 0, 50);
        for (int i = 0; i <= 1200; i++)
            at = timeline_frame(&t, true, (uint64_t)(i * 50 * units[u]), i * 50, &jump);
        CHECK(at > 57000 && at < 63000);
    }
}

static void one_frame_far_off(void)
{
    struct timeline t;
    timeline_begin(&t, 0, 0, 50);
    timeline_frame(&t, true, 0, 0, &jump);
    CHECK(timeline_frame(&t, true, 36000000, 50, &jump) == 50 && jump);
    CHECK(timeline_frame(&t, true, 100, 100, &jump) == 100 && jump);
    CHECK(timeline_frame(&t, true, 150, 150, &jump) == 150 && !jump);
}

static void audio_beside_video_follows(void)
{
    struct timeline t;
    timeline_begin(&t, 0, 0, 50);
    timeline_frame(&t, true, 0, 0, &jump);
    CHECK(timeline_frame(&t, false, 1700000000000, 20, &jump) == 0 && !jump);
    CHECK(timeline_frame(&t, true, 50, 50, &jump) == 50);
    CHECK(timeline_frame(&t, false, 1700000003000, 3000, &jump) == 3000); /* video is gone: audio leads */
    CHECK(timeline_frame(&t, false, 1700000003064, 3064, &jump) == 3064);
}

const struct test timeline_tests[] = {
    {"live frames lie where their PTS say", live_follows_pts},
    {"pre-recorded frames, pushed at once, end at the present", pre_recorded_ends_at_now},
    {"PTS in a wrong unit neither stretch nor shrink the recording", wrong_units_do_not_stretch},
    {"one frame ten hours off does not move the others", one_frame_far_off},
    {"audio follows video, and leads when video is gone", audio_beside_video_follows},
    {NULL, NULL},
};
