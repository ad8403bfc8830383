#include "test.h"

int test_failures;

int main(void)
{
    const struct test *all[] = {ring_tests, timeline_tests, segment_tests,   ts_tests,
                                nal_tests,  event_time_tests, json_tests, watermark_tests};
    int failed = 0, run = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (const struct test *t = all[i]; t->name; t++, run++) {
            test_failures = 0;
            t->run();
            if (test_failures) {
                fprintf(stderr, "FAILED: %s\n", t->name);
                failed++;
            }
        }
    printf("%d cases, %d failed\n", run, failed);
    return failed != 0;
}
