#include "json.h"
#include "test.h"

#include <string.h>

static int members;

static void count(void *ctx, const char *key, const char *value)
{
    (void)ctx, (void)key, (void)value;
    members++;
}

static void reading(void)
{
    const char *text = " {\"a\" : {\"b\":[1,{\"c\":\"}\"}]}, \"n\":-12, \"s\":\"x\\n\\u00e9\\\"y\", \"t\":true,\"h\":{\"k\":\"v\",\"l\":\"w\",\"z\":1}}";
    char s[16];
    int64_t n;
    bool b = false;
    CHECK(json_int(text, "n", &n) && n == -12);
    CHECK(json_string(text, "s", s, sizeof s) && strcmp(s, "x\n\xc3\xa9\"y") == 0);
    CHECK(!json_string(text, "s", s, 4));
    CHECK(json_bool(text, "t", &b) && b);
    CHECK(!json_int(text, "s", &n) && !json_int(text, "c", &n));
    CHECK(json_object(text, "h") && !json_object(text, "s"));
    json_each_string(json_object(text, "h"), count, NULL);
    CHECK(members == 2);
}

static void garbage(void)
{
    static const char *const texts[] = {"", "{", "<html>", "{\"n\"", "{\"n\":", "{\"n\":}", "[1]", "{\"n\" 1}", "{\"x\":\"\\u12\",\"n\":1}",
                                        "{\"n\":\"1\"}", "{\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]],\"n\":1}"};
    int64_t n;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK(!json_int(texts[i], "n", &n));
}

static void quoting(void)
{
    char s[16];
    CHECK(json_quote(s, sizeof s, "a\"\\\n") && strcmp(s, "\"a\\\"\\\\\\u000a\"") == 0);
    CHECK(!json_quote(s, sizeof s, "0123456789abcdef"));
    CHECK(json_quote(s, sizeof s, NULL) && strcmp(s, "null") == 0);
}

const struct test json_tests[] = {
    {"members of an object are found and converted", reading},
    {"what is no JSON has no members", garbage},
    {"a string is quoted", quoting},
    {NULL, NULL},
};
