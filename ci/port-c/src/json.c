#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define KEY_MAX 64
#define VALUE_MAX 1024

static const char *blank(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

static bool hex4(const char *p, unsigned *code)
{
    char digits[5] = "";
    for (int i = 0; i < 4; i++) {
        if (!p[i] || !strchr("0123456789abcdefABCDEF", p[i]))
            return false;
        digits[i] = p[i];
    }
    *code = (unsigned)strtoul(digits, NULL, 16);
    return true;
}

static size_t utf8(char out[4], unsigned c)
{
    if (c < 0x80)
        return out[0] = (char)c, 1;
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 0x3F)), out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
}

/* Reads the string at p (at its opening quote) into dst, which may be NULL. Returns what follows it, NULL
 * for what is no string; *fits tells whether dst was large enough. Surrogate pairs (names outside the
 * basic plane) become two units: nothing in the binding has them. */
static const char *string(const char *p, char *dst, size_t size, bool *fits)
{
    size_t n = 0;
    *fits = true;
    if (*p++ != '"')
        return NULL;
    for (; *p != '"'; p++) {
        char out[4];
        size_t len = 1;
        if ((unsigned char)*p < 0x20)
            return NULL; /* the text's end, too */
        out[0] = *p;
        if (*p == '\\') {
            static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
            unsigned code;
            p++;
            const char *at = *p ? strchr(from, *p) : NULL;
            if (at)
                out[0] = to[at - from];
            else if (*p == 'u' && hex4(p + 1, &code) && code)
                len = utf8(out, code), p += 4;
            else
                return NULL;
        }
        if (dst && n + len < size)
            memcpy(dst + n, out, len);
        else if (dst)
            *fits = false;
        n += len;
    }
    if (dst && *fits)
        dst[n] = 0;
    return p + 1;
}

/* What follows the value at p, or NULL. */
static const char *skip(const char *p, int depth)
{
    bool fits;
    if (depth > DEPTH_MAX)
        return NULL;
    if (*p == '"')
        return string(p, NULL, 0, &fits);
    if (*p != '{' && *p != '[') {
        size_t n = strcspn(p, ",}] \t\r\n");
        return n ? p + n : NULL;
    }
    char close = *p == '{' ? '}' : ']';
    p = blank(p + 1);
    if (*p == close)
        return p + 1;
    for (;;) {
        if (close == '}') {
            p = string(p, NULL, 0, &fits);
            if (!p || *(p = blank(p)) != ':')
                return NULL;
            p = blank(p + 1);
        }
        p = skip(p, depth + 1);
        if (!p)
            return NULL;
        p = blank(p);
        if (*p == close)
            return p + 1;
        if (*p != ',')
            return NULL;
        p = blank(p + 1);
    }
}

/* Steps through an object's members: returns the text of the value and leaves *p behind it. */
static const char *member(const char **p, char *key, size_t size)
{
    bool fits;
    const char *s = blank(*p);
    if (*s != '{' && *s != ',')
        return NULL;
    s = string(blank(s + 1), key, size, &fits);
    if (!s || *(s = blank(s)) != ':')
        return NULL;
    const char *value = blank(s + 1);
    *p = skip(value, 0);
    if (!fits)
        key[0] = 0;
    return *p ? value : NULL;
}

static const char *find(const char *text, const char *key)
{
    char name[KEY_MAX];
    const char *value;
    while ((value = member(&text, name, sizeof name)))
        if (strcmp(name, key) == 0)
            return value;
    return NULL;
}

bool json_string(const char *text, const char *key, char *dst, size_t size)
{
    bool fits = false;
    const char *v = find(text, key);
    return v && string(v, dst, size, &fits) && fits;
}

bool json_int(const char *text, const char *key, int64_t *dst)
{
    char *end;
    const char *v = find(text, key);
    if (!v || !(*v == '-' || (*v >= '0' && *v <= '9')))
        return false;
    *dst = strtoll(v, &end, 10);
    return end != v && strchr(",} \t\r\n.eE", *end);
}

bool json_bool(const char *text, const char *key, bool *dst)
{
    const char *v = find(text, key);
    if (!v || (strncmp(v, "true", 4) != 0 && strncmp(v, "false", 5) != 0))
        return false;
    *dst = *v == 't';
    return true;
}

const char *json_object(const char *text, const char *key)
{
    const char *v = find(text, key);
    return v && *v == '{' ? v : NULL;
}

void json_each_string(const char *object, void (*each)(void *, const char *, const char *), void *ctx)
{
    char key[KEY_MAX], value[VALUE_MAX];
    const char *v;
    bool fits;
    while ((v = member(&object, key, sizeof key)))
        if (*v == '"' && *key && string(v, value, sizeof value, &fits) && fits)
            each(ctx, key, value);
}

bool json_quote(char *dst, size_t size, const char *src)
{
    size_t n = 0;
    if (!src)
        return (size_t)snprintf(dst, size, "null") < size;
    if (size < 3)
        return false;
    dst[n++] = '"';
    for (; *src; src++) {
        char out[8];
        if (*src == '"' || *src == '\\')
            snprintf(out, sizeof out, "\\%c", *src);
        else if ((unsigned char)*src < 0x20)
            snprintf(out, sizeof out, "\\u%04x", (unsigned)(unsigned char)*src);
        else
            snprintf(out, sizeof out, "%c", *src);
        if (n + strlen(out) + 2 > size)
            return false;
        memcpy(dst + n, out, strlen(out));
        n += strlen(out);
    }
    dst[n++] = '"';
    dst[n] = 0;
    return true;
}
