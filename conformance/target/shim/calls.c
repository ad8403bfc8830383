/* Calls of the library: arguments out of a frame into memory that is the
 * library's for the time of the call and is taken away, or overwritten, when the
 * call has returned (PUSH-023, DIR-010, ROB-006). */
#define _GNU_SOURCE /* RTLD_LOCAL and friends under -std=c11 */
#include "shim.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define STALE 0xA5     /* over what the library may no longer read */
#define UNWRITTEN 0xAA /* in out-parameters before the call */

static const char *const names[FUNCTIONS] = {
    "iv_cs_init", "iv_cs_exit", "iv_cs_push_stream", "iv_cs_event_directly_report", "iv_cs_event_start",
    "iv_cs_event_stop", "iv_cs_event_start_ext", "iv_cs_event_stop_ext", "iv_cs_get_balance_info",
    "iv_cs_set_ai_process", "iv_cs_get_ai_process", "iv_cs_set_trans_time",
    "ivcs_conform_configure", "ivcs_conform_clock_freeze", "ivcs_conform_clock_advance", "ivcs_conform_clock_step",
};

static struct {
    int (*init)(iv_cs_init_parm_s *);
    int (*exit)(void);
    int (*push)(int, void *);
    int (*directly_report)(int32_t, uint32_t, uint8_t *, uint32_t);
    int (*event_start)(int32_t);
    int (*event_stop)(int32_t);
    int (*event_start_ext)(int32_t, uint32_t, uint32_t);
    int (*event_stop_ext)(int32_t, uint32_t, uint32_t);
    int (*get_balance)(iv_cs_balance_info_s *, uint32_t);
    int (*set_ai)(int32_t, int, void *);
    int (*get_ai)(int32_t, int *, void *);
    int (*set_trans_time)(uint32_t, uint32_t);
    int (*configure)(const char *);
    int (*clock_freeze)(uint64_t);
    int (*clock_advance)(uint32_t);
    int (*clock_step)(int64_t);
} lib;

static uint32_t symbols;
static int live;

static void *symbol(void *handle, int fn)
{
    void *p = dlsym(handle, names[fn]);
    if (p)
        symbols |= 1u << fn;
    return p;
}

/* ISO C has no conversion from void * to a function pointer; POSIX promises
 * that the bytes are the same. */
#define LOAD(member, fn) \
    do { \
        void *p = symbol(handle, fn); \
        memcpy(&lib.member, &p, sizeof p); \
    } while (0)

int calls_load(const char *path, char *why, size_t cap)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *e = dlerror();
        snprintf(why, cap, "%s", e ? e : "dlopen failed without a reason");
        return 0;
    }
    LOAD(init, FN_INIT);
    LOAD(exit, FN_EXIT);
    LOAD(push, FN_PUSH);
    LOAD(directly_report, FN_DIRECTLY_REPORT);
    LOAD(event_start, FN_EVENT_START);
    LOAD(event_stop, FN_EVENT_STOP);
    LOAD(event_start_ext, FN_EVENT_START_EXT);
    LOAD(event_stop_ext, FN_EVENT_STOP_EXT);
    LOAD(get_balance, FN_GET_BALANCE);
    LOAD(set_ai, FN_SET_AI);
    LOAD(get_ai, FN_GET_AI);
    LOAD(set_trans_time, FN_SET_TRANS_TIME);
    LOAD(configure, FN_CONFIGURE);
    LOAD(clock_freeze, FN_CLOCK_FREEZE);
    LOAD(clock_advance, FN_CLOCK_ADVANCE);
    LOAD(clock_step, FN_CLOCK_STEP);
    return 1;
}

uint32_t calls_symbols(void)
{
    return symbols;
}

int calls_live(void)
{
    return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

/* timed wraps the one expression that is the call. */
#define TIMED(r, call) \
    do { \
        (r)->began = mono_ns(); \
        (r)->code = (call); \
        (r)->ended = mono_ns(); \
    } while (0)

static void set(void *member, size_t size, uint64_t value)
{
    /* Member by member, so that the padding keeps what it was filled with
     * (ABI-057). All machines of the shim are little- or big-endian alike here:
     * the value is narrowed before it is copied. */
    uint8_t v8 = (uint8_t)value;
    uint32_t v32 = (uint32_t)value;
    if (size == 1)
        memcpy(member, &v8, 1);
    else if (size == 4)
        memcpy(member, &v32, 4);
    else
        memcpy(member, &value, 8);
}
#define SET(member, value) set(&(member), sizeof(member), value)

static void call_init(struct in *in, struct result *r)
{
    iv_cs_init_parm_s *p, *before;
    int null = get8(in), i;
    uint8_t pad = get8(in);
    uint32_t slots = get32(in);
    size_t at;

    if (null) {
        TIMED(r, lib.init(NULL));
        return;
    }
    p = own_alloc(sizeof *p);
    before = own_alloc(sizeof *before);
    memset(p, pad, sizeof *p);
    SET(p->u32MaxGopSize, get32(in));
    SET(p->congestion_cfg.low_mark, get64(in));
    SET(p->congestion_cfg.warn_mark, get64(in));
    SET(p->congestion_cfg.high_mark, get64(in));
    SET(p->congestion_cfg.enable, get8(in));
    SET(p->av_fmt.eAudioType, get32(in));
    SET(p->av_fmt.u32AudioCodecOption, get32(in));
    SET(p->av_fmt.eAudioMode, get32(in));
    SET(p->av_fmt.eAudioBitWidth, get32(in));
    SET(p->av_fmt.eAudioSampleRate, get32(in));
    SET(p->av_fmt.u32SampleNumPerFrame, get32(in));
    SET(p->av_fmt.eVideoType, get32(in));
    SET(p->av_fmt.u32VideoWidth, get32(in));
    SET(p->av_fmt.u32VideoHeight, get32(in));
    SET(p->av_fmt.u32Framerate, get32(in));
    for (i = 0; i < 4; i++)
        SET(p->av_fmt.u32Reserve[i], 0);
    SET(p->event_report_opt, get32(in));
    callbacks_fill(p, slots);
    memcpy(before, p, sizeof *p);

    TIMED(r, lib.init(p));

    for (at = 0; at < sizeof *p && !r->modified; at++) {
        r->modified = ((uint8_t *)p)[at] != ((uint8_t *)before)[at];
        r->modified_at = (uint32_t)at;
    }
    memset(p, STALE, sizeof *p);
    own_free(p);
    own_free(before);
}

static void call_push(struct in *in, struct result *r)
{
    int stream = (int)get32(in);
    uint8_t flags = get8(in); /* 1: no pack, 2: no address, 4: the pack is one of audio */
    uint32_t named = get32(in), seq, len;
    uint64_t pts = get64(in);
    int frame_type = (int)get32(in);
    struct region *guarded = NULL;
    const uint8_t *data;
    uint8_t *copy = NULL;
    union pack {
        iv_cm_aenc_pack_s audio;
        iv_cm_venc_pack_s video;
    } *pack;

    seq = get32(in);
    data = get_bytes(in, &len);
    if (flags & 1) {
        TIMED(r, lib.push(stream, NULL));
        return;
    }
    if (flags & 2) {
        len = 0;
    } else if (guard_tight()) {
        guarded = guard_new(REGION_BUFFER, data, len);
        copy = guarded->data;
        named = len;
    } else {
        copy = own_alloc(len);
        memcpy(copy, data, len);
        named = len;
    }
    pack = own_alloc(sizeof *pack);
    memset(pack, 0, sizeof *pack);
    if (flags & 4) {
        pack->audio.pu8Addr = copy;
        pack->audio.u32Len = named;
        pack->audio.u64PTS = pts;
        pack->audio.u32Seq = seq;
    } else {
        pack->video.pu8Addr = copy;
        pack->video.u32Len = named;
        pack->video.u64PTS = pts;
        pack->video.eFrameType = frame_type;
        pack->video.u32Seq = seq;
    }

    TIMED(r, lib.push(stream, pack));

    memset(pack, STALE, sizeof *pack);
    own_free(pack);
    if (guarded) {
        guard_release(guarded);
    } else if (copy) {
        memset(copy, STALE, len);
        own_free(copy);
    }
}

static void call_directly_report(struct in *in, struct result *r)
{
    int32_t id = (int32_t)get32(in);
    uint32_t time_s = get32(in), named, len;
    int null = get8(in);
    const uint8_t *data;
    struct region *pic;

    named = get32(in);
    data = get_bytes(in, &len);
    if (null) {
        TIMED(r, lib.directly_report(id, time_s, NULL, named));
        return;
    }
    pic = guard_new(REGION_REPORT, data, len);
    TIMED(r, lib.directly_report(id, time_s, pic->data, named));
    guard_release(pic);
}

static void call_get_balance(struct in *in, struct result *r)
{
    int null = get8(in);
    uint32_t timeout_s = get32(in);
    iv_cs_balance_info_s *out = own_alloc(sizeof *out);
    memset(out, UNWRITTEN, sizeof *out);
    TIMED(r, lib.get_balance(null ? NULL : out, timeout_s));
    r->out[0] = out->cs_switch;
    r->out[1] = out->cs_type;
    own_free(out);
}

static void call_get_ai(struct in *in, struct result *r)
{
    int32_t id = (int32_t)get32(in);
    int null = get8(in);
    void *args = (void *)(uintptr_t)get64(in);
    int *out = own_alloc(sizeof *out);
    memset(out, UNWRITTEN, sizeof *out);
    TIMED(r, lib.get_ai(id, null ? NULL : out, args));
    r->out[0] = *out;
    own_free(out);
}

static void call_configure(struct in *in, struct result *r)
{
    uint32_t len;
    const uint8_t *text = get_bytes(in, &len);
    char *json = own_alloc((size_t)len + 1);
    memcpy(json, text, len);
    json[len] = 0;
    TIMED(r, lib.configure(json));
    memset(json, STALE, len);
    own_free(json);
}

static void call(uint8_t fn, struct in *in, struct result *r)
{
    uint32_t a, b, c;
    void *args;
    switch (fn) {
    case FN_INIT: call_init(in, r); break;
    case FN_EXIT: TIMED(r, lib.exit()); break;
    case FN_PUSH: call_push(in, r); break;
    case FN_DIRECTLY_REPORT: call_directly_report(in, r); break;
    case FN_EVENT_START: a = get32(in); TIMED(r, lib.event_start((int32_t)a)); break;
    case FN_EVENT_STOP: a = get32(in); TIMED(r, lib.event_stop((int32_t)a)); break;
    case FN_EVENT_START_EXT:
        a = get32(in), b = get32(in), c = get32(in);
        TIMED(r, lib.event_start_ext((int32_t)a, b, c));
        break;
    case FN_EVENT_STOP_EXT:
        a = get32(in), b = get32(in), c = get32(in);
        TIMED(r, lib.event_stop_ext((int32_t)a, b, c));
        break;
    case FN_GET_BALANCE: call_get_balance(in, r); break;
    case FN_SET_AI:
        a = get32(in), b = get32(in);
        args = (void *)(uintptr_t)get64(in);
        TIMED(r, lib.set_ai((int32_t)a, (int)b, args));
        break;
    case FN_GET_AI: call_get_ai(in, r); break;
    case FN_SET_TRANS_TIME:
        a = get32(in), b = get32(in);
        TIMED(r, lib.set_trans_time(a, b));
        break;
    case FN_CONFIGURE: call_configure(in, r); break;
    case FN_CLOCK_FREEZE: { uint64_t ms = get64(in); TIMED(r, lib.clock_freeze(ms)); break; }
    case FN_CLOCK_ADVANCE: a = get32(in); TIMED(r, lib.clock_advance(a)); break;
    case FN_CLOCK_STEP: { int64_t ms = (int64_t)get64(in); TIMED(r, lib.clock_step(ms)); break; }
    }
}

/* calls_run makes one call and tells of it: id 0 gives it a number of its own
 * (calls from inside a callback, the index-th of that answer). Where nobody can
 * wait for it, what it tells is held until the next frame. */
int32_t calls_run(uint32_t id, uint8_t fn, struct in *body, uint32_t answer, uint32_t index)
{
    struct result r;
    uint32_t outer_call = this_call, inside = this_cb;
    uint8_t outer_fn = this_fn;

    memset(&r, 0, sizeof r);
    if (id == 0)
        id = serial_next();
    {
        OUT(o, OUT_CALL_BEGIN, 64);
        put32(&o, id);
        put8(&o, (uint8_t)this_worker);
        put32(&o, thread_id());
        put64(&o, mono_ns());
        put32(&o, inside);
        put32(&o, answer);
        put32(&o, index);
        if (this_sequence || fn == FN_CLOCK_ADVANCE)
            wire_hold(&o);
        else
            wire_send(&o);
    }
    this_call = id;
    this_fn = fn;
    if (fn < FUNCTIONS && (symbols & 1u << fn)) {
        call(fn, body, &r);
        if (body->bad)
            wire_refuse("a call whose arguments end early");
    } else {
        r.missing = 1;
        r.code = NO_RETURN;
        r.began = r.ended = mono_ns();
    }
    this_call = outer_call;
    this_fn = outer_fn;
    if (fn == FN_INIT && r.code == 0)
        __atomic_store_n(&live, 1, __ATOMIC_RELAXED);
    if (fn == FN_EXIT && r.code == 0)
        __atomic_store_n(&live, 0, __ATOMIC_RELAXED);
    {
        OUT(o, OUT_CALL_END, 96);
        put32(&o, id);
        put8(&o, (uint8_t)this_worker);
        put32(&o, thread_id());
        put64(&o, r.ended);
        put32(&o, inside);
        put32(&o, answer);
        put32(&o, index);
        put64(&o, r.began);
        put32(&o, (uint32_t)r.code);
        put8(&o, (uint8_t)(r.missing << 1 | r.modified));
        put32(&o, r.modified_at);
        put32(&o, (uint32_t)r.out[0]);
        put32(&o, (uint32_t)r.out[1]);
        if (this_sequence)
            wire_hold(&o);
        else
            wire_send(&o);
    }
    return r.code;
}
