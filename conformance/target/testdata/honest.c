/* A library that has no cloud but answers every call, remembers what it was
 * given, and fires each callback when asked: iv_cs_event_start(n) fires slot n
 * with a sentinel in every field. What it was given it tells through the return
 * codes: a call returns 0 only if its arguments arrived as the test sends them. */
#include "mini.h"

#include <stdlib.h>

static struct parm cb;
static int ai[17];
static char *frame;

int iv_cs_init(struct parm *p)
{
    const unsigned char *gap;
    if (!p)
        return -600;
    if (p->gop != 819200 || p->marks.low != 11 || p->marks.warn != 22 || p->marks.high != 33 || p->marks.enable != -1)
        return -1;
    if (p->av.audio != 4 || p->av.aac != 2 || p->av.mode != 1 || p->av.width != 1 || p->av.rate != 48000 || p->av.samples != 2048)
        return -2;
    if (p->av.video != 1 || p->av.w != 320 || p->av.h != 180 || p->av.fps != 20 || p->opt != 2)
        return -3;
    if (p->av.reserve[0] || p->av.reserve[1] || p->av.reserve[2] || p->av.reserve[3])
        return -4;
    if (!p->start || !p->stop || !p->ai || !p->capture || !p->picture || !p->report || !p->notify)
        return -601;
    gap = (const unsigned char *)&p->marks.enable + 1;
    if (gap[0] != 0xFF || gap[sizeof(size_t) - 2] != 0xFF)
        return -5;
    cb = *p;
    free(frame);
    frame = malloc(1000);
    return 0;
}

int iv_cs_exit(void)
{
    free(frame);
    frame = NULL;
    return 0;
}

int iv_cs_push_stream(int type, void *pack)
{
    struct venc *v = pack;
    struct aenc *a = pack;
    if (!pack)
        return -1;
    if (type == 1) {
        if (!v->addr)
            return -(int)v->len;
        return v->len == 5 && memcmp(v->addr, "video", 5) == 0 && v->pts == 0x1122334455667788u && v->type == 1 && v->seq == 0xFFFFFFF0u ? 0 : -2;
    }
    if (type == 0)
        return a->len == 5 && memcmp(a->addr, "audio", 5) == 0 && a->pts == 0x99AABBCCDDEEFF00u && a->seq == 7 ? 0 : -3;
    return -600 - type;
}

int iv_cs_event_directly_report(int32_t id, uint32_t t, uint8_t *pic, uint32_t len)
{
    if (!pic)
        return -(int)len;
    return id == -16 && t == 1700000000u && len == 3 && memcmp(pic, "jpg", 3) == 0 ? 0 : -2;
}

static struct result report = {1, 16, 0x11111111, 0xEEEEEEEE};

static int fire(int slot)
{
    static struct info info;
    static uint8_t *pic;
    struct data data = {&info};
    int32_t size = 4711;
    int i;
    switch (slot) {
    case 0: return cb.start();
    case 1: return cb.stop();
    case 2: cb.ai(0xCAFE, 0x1122334455667788u); return 0;
    case 3:
        pic = (uint8_t *)0x1234;
        i = cb.capture(9, &pic, &size);
        return i ? i : pic ? (size << 8 | pic[0]) : size;
    case 4: return cb.picture(&pic, -608);
    case 5: return cb.report(&report);
    case 6:
        for (i = 0; i < 10; i++) {
            struct slice s = {100 + i, 200 + i, 300 + i, 400 + i, 500 + i, 600 + i, 700 + i, 800 + i, i & 1};
            info.slice[i] = s;
        }
        info.num = 10;
        return cb.notify(2, &data);
    case 7: return cb.notify(0, NULL);
    case 8: return cb.capture(1, NULL, NULL);
    case 9: return cb.picture(NULL, 0);
    case 10: return cb.report(NULL);
    }
    return -609;
}

int iv_cs_event_start(int32_t id) { return fire(id); }
int iv_cs_event_stop(int32_t id) { report.code = id; return 0; }
int iv_cs_event_start_ext(int32_t id, uint32_t a, uint32_t b) { return id == 1 && a == 15 && b == 0xFFFFFFFFu ? 0 : -1; }
int iv_cs_event_stop_ext(int32_t id, uint32_t a, uint32_t b) { return id == 2 && a == 300 && b == 299 ? 0 : -1; }

int iv_cs_get_balance_info(struct balance *b, uint32_t t)
{
    if (!b)
        return -1;
    b->on = 1;
    if (t)
        b->type = (int)t;
    return 0;
}

int iv_cs_set_ai_process(int32_t id, int type, void *args)
{
    if (args)
        return -(int)(uintptr_t)args;
    if (id < 1 || id > 16)
        return -1;
    ai[id] = type;
    return 0;
}

int iv_cs_get_ai_process(int32_t id, int *type, void *args)
{
    if (args)
        return -(int)(uintptr_t)args;
    if (id < 1 || id > 16 || !type)
        return -1;
    *type = ai[id];
    return 0;
}

int iv_cs_set_trans_time(uint32_t up, uint32_t reply) { return up == 3000 && reply == 5000 ? 0 : -1; }

static char config[64];
static long long now;
int ivcs_conform_configure(const char *json) { strncpy(config, json, sizeof config - 1); return strcmp(config, "{\"endpoint\":\"x\"}"); }
int ivcs_conform_clock_freeze(uint64_t ms) { now = (long long)ms; return 0; }
int ivcs_conform_clock_advance(uint32_t ms) { now += ms; return ms == 10001 ? 1 : 0; }
int ivcs_conform_clock_step(int64_t ms) { now += ms; return now == 1700000000000 + 4000 - 30000 ? 0 : 2; }
