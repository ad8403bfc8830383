#include "nal.h"
#include "test.h"

#include <string.h>

#define S "\0\0\0\1"

/* The byte layouts of iv_cs_push_stream, and what is near them. */
static void table(void)
{
    static const struct {
        bool h265;
        const char *data;
        size_t size;
        enum picture want;
        bool aud;
    } cases[] = {
#define CASE(h265, text, want, aud) {h265, text, sizeof(text) - 1, want, aud}
        CASE(false, S "\x67\x64" S "\x68\xee" S "\x65\x88\x84", PICTURE_KEY, false),
        CASE(false, S "\x09\xf0" S "\x67\x64" S "\x68\xee" S "\x06\x05" S "\x65\x88\x84", PICTURE_KEY, true),
        CASE(false, "\0\0\1\x67\x64\0\0\1\x68\xee\0\0\1\x65\x88\x84", PICTURE_KEY, false),
        CASE(false, S "\x41\x9a\x21", PICTURE_PREDICTED, false),
        CASE(false, S "\x01\x9a\x21", PICTURE_PREDICTED, false),
        CASE(false, S "\x41\xa0\x21", PICTURE_B, false), /* slice_type 1 */
        CASE(false, S "\x41\x9e\x21", PICTURE_B, false), /* slice_type 6 */
        CASE(false, S "\x65\x88\x84", PICTURE_BAD, false),
        CASE(false, S "\x67\x64" S "\x65\x88\x84", PICTURE_BAD, false),
        CASE(false, "\0\0\0\x08\x65\x88\x84\0\0\0\0\0", PICTURE_BAD, false), /* length-prefixed */
        CASE(false, S, PICTURE_BAD, false),
        CASE(false, S "\x40\1" S "\x42\1" S "\x44\1" S "\x26\1\xaf", PICTURE_BAD, false), /* H.265 */
        CASE(true, S "\x40\1\x0c" S "\x42\1\1" S "\x44\1\xc0" S "\x2a\1\xaf", PICTURE_KEY, false),
        CASE(true, S "\x46\1\x50" S "\x40\1\x0c" S "\x42\1\1" S "\x44\1\xc0" S "\x4e\1" S "\x26\1\xaf", PICTURE_KEY, true),
        CASE(true, S "\x02\1\xd0", PICTURE_PREDICTED, false),
        CASE(true, S "\x40\1\x0c" S "\x42\1\1" S "\x26\1\xaf", PICTURE_BAD, false),
        CASE(true, S "\x12\1\xd0", PICTURE_B, false), /* RASL_R */
        CASE(true, S "\x67\x64" S "\x68\xee" S "\x65\x88\x84", PICTURE_BAD, false), /* H.264 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nal_state s = {0};
        bool aud;
        enum picture got = nal_classify(&s, cases[i].h265, (const uint8_t *)cases[i].data, cases[i].size, &aud);
        if (got != cases[i].want)
            fprintf(stderr, "case %zu: %d instead of %d\n", i, (int)got, (int)cases[i].want);
        CHECK(got == cases[i].want);
        CHECK(got == PICTURE_BAD || aud == cases[i].aud);
    }
}

static void any_bytes(void)
{
    struct nal_state s = {0};
    uint8_t data[256];
    uint32_t dice = 1;
    for (int i = 0; i < 100000; i++) {
        size_t size = 4 + dice % (sizeof data - 4);
        for (size_t k = 0; k < size; k++) {
            dice = dice * 1664525 + 1013904223;
            data[k] = dice >> 30 ? (uint8_t)(dice >> 16) : (uint8_t)(dice >> 29 & 1);
        }
        memcpy(data, S, 4);
        bool aud;
        nal_classify(&s, i & 1, data, size, &aud);
    }
}

const struct test nal_tests[] = {
    {"access units are what their NAL units say", table},
    {"any bytes are judged without harm", any_bytes},
    {NULL, NULL},
};
