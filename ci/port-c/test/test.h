/* The smallest test frame that serves: a table of named cases, and CHECK. */
#ifndef IVCS_TEST_H
#define IVCS_TEST_H

#include <stdio.h>

extern int test_failures;

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
            test_failures++;                                                          \
        }                                                                             \
    } while (0)

struct test {
    const char *name;
    void (*run)(void);
};

extern const struct test ring_tests[], timeline_tests[], segment_tests[], ts_tests[], nal_tests[], event_time_tests[],
    json_tests[], watermark_tests[];

#endif
