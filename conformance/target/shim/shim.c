/* The shim: a process that loads one library and does with it what it is told.
 *
 *     shim IN OUT LIBRARY [OPTIONS [SHIFT]]
 *     shim --listen PORT LIBRARY                on a board: board.c
 *
 * IN and OUT are descriptors, OPTIONS letters (g: frame buffers end at a guard
 * page). The main thread reads frames; calls go to named worker threads, so that
 * a call that blocks does not keep the next frame from being read.
 *
 *     IN ──▶ main ──▶ worker 0…8 ──▶ calls.c ──▶ the library
 *                                                   │
 *     OUT ◀── wire.c ◀────────────── callbacks.c ◀──┘  on whatever thread
 *
 * Everything is C11, POSIX threads and dlopen. To build it for a board:
 *
 *     cc -std=c11 -fvisibility=hidden -rdynamic -pthread -o shim *.c -ldl
 */
#define _GNU_SOURCE /* prctl names under -std=c11 */
#include "shim.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

_Thread_local int this_worker = -1, this_sequence;
_Thread_local uint32_t this_call, this_cb;
_Thread_local uint8_t this_fn = 0xFF, this_slot = 0xFF;

/* A call, or a sequence of them, that waits for its thread: a frame, whole. */
struct job {
    struct job *next;
    uint8_t *frame;
    struct in body;
    uint32_t id, count; /* count 0: one call */
    uint8_t fn;         /* of a sequence: whether a refused push is no end */
};

static struct worker {
    pthread_mutex_t lock; /* held to put a job in or take one out */
    pthread_cond_t more;
    struct job *first, **last;
    pthread_t thread;
    int started, busy, quit;
} workers[WORKERS];

/* sequence makes calls with nothing between them. What follows a call that
 * returned anything but 0 is not made: the caller may want something else then. */
static void sequence(struct job *j)
{
    uint32_t i, len;
    int over = 0;
    this_sequence = 1;
    for (i = 0; i < j->count && !over; i++) {
        uint8_t fn = get8(&j->body);
        struct in body = {get_bytes(&j->body, &len), 0, 0, 0};
        body.n = len;
        if (j->body.bad)
            wire_refuse("a sequence that ends early");
        over = calls_run(j->id + i, fn, &body, 0, 0) != 0 && !(j->fn && fn == FN_PUSH);
    }
    this_sequence = 0;
    if (i < j->count) {
        OUT(o, OUT_SKIPPED, 16);
        put32(&o, j->id + i);
        put32(&o, j->id + j->count);
        wire_send(&o);
    } else {
        wire_flush();
    }
}

static void *work(void *arg)
{
    struct worker *w = arg;
    char name[24];
    this_worker = (int)(w - workers);
    snprintf(name, sizeof name, "conform-%d", this_worker);
    prctl(PR_SET_NAME, name);
    for (;;) {
        struct job *j;
        pthread_mutex_lock(&w->lock);
        w->busy = 0;
        while (!w->first && !w->quit)
            pthread_cond_wait(&w->more, &w->lock);
        j = w->first;
        if (!j)
            break;
        w->busy = 1;
        w->first = j->next;
        if (!w->first)
            w->last = &w->first;
        pthread_mutex_unlock(&w->lock);
        if (j->count)
            sequence(j);
        else
            calls_run(j->id, j->fn, &j->body, 0, 0);
        own_free(j->frame);
        own_free(j);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void start(struct worker *w)
{
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    w->last = &w->first;
    w->started = 1;
    heap_quiet(1);
    if (pthread_create(&w->thread, NULL, work, w) != 0)
        wire_refuse("a thread for calls cannot be started");
    heap_quiet(0);
    process_worker_started();
}

/* enqueue hands the frame on; it is the worker's from here. */
static void enqueue(uint8_t *frame, struct in *in, int many)
{
    struct job *j = own_alloc(sizeof *j);
    struct worker *w;
    uint8_t thread;
    j->next = NULL;
    j->frame = frame;
    j->id = get32(in);
    thread = get8(in);
    j->fn = get8(in);
    j->count = many ? get32(in) : 0;
    j->body = *in;
    if (in->bad || thread >= WORKERS)
        wire_refuse("a call for no thread");
    w = &workers[thread];
    if (!w->started)
        start(w);
    pthread_mutex_lock(&w->lock);
    *w->last = j;
    w->last = &j->next;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
}

static void fact(struct out *o, const char *name, size_t value)
{
    put_text(o, name);
    put32(o, (uint32_t)value);
}
#define SIZE(type) fact(&o, "sizeof " #type, sizeof(type))
#define OFFSET(type, member) fact(&o, "offsetof " #type "." #member, offsetof(type, member))

static void hello(void)
{
    static const uint16_t one = 1;
    OUT(o, OUT_HELLO, 4000);
    put8(&o, 'I');
    put8(&o, 'V');
    put8(&o, 'C');
    put8(&o, 'S');
    put32(&o, PROTOCOL);
    put64(&o, 0x0123456789ABCDEFu);
    put8(&o, (uint8_t)sizeof(void *));
    put8(&o, *(const uint8_t *)&one); /* 1: little-endian */
    SIZE(iv_cm_aenc_pack_s);
    OFFSET(iv_cm_aenc_pack_s, u32Len);
    OFFSET(iv_cm_aenc_pack_s, u64PTS);
    OFFSET(iv_cm_aenc_pack_s, u32Seq);
    SIZE(iv_cm_venc_pack_s);
    OFFSET(iv_cm_venc_pack_s, u32Len);
    OFFSET(iv_cm_venc_pack_s, u64PTS);
    OFFSET(iv_cm_venc_pack_s, eFrameType);
    OFFSET(iv_cm_venc_pack_s, u32Seq);
    SIZE(iv_cm_av_data_info_s);
    OFFSET(iv_cm_av_data_info_s, u32Framerate);
    SIZE(iv_cs_balance_info_s);
    OFFSET(iv_cs_balance_info_s, cs_type);
    SIZE(iv_cs_upload_slice_info_s);
    OFFSET(iv_cs_upload_slice_info_s, state);
    SIZE(iv_cs_upload_info_s);
    OFFSET(iv_cs_upload_info_s, num);
    SIZE(iv_cs_notify_msg_data);
    SIZE(iv_cs_event_result_info);
    SIZE(iv_cs_congestion_ctrl_s);
    OFFSET(iv_cs_congestion_ctrl_s, enable);
    SIZE(iv_cs_init_parm_s);
    OFFSET(iv_cs_init_parm_s, congestion_cfg);
    OFFSET(iv_cs_init_parm_s, av_fmt);
    OFFSET(iv_cs_init_parm_s, event_report_opt);
    OFFSET(iv_cs_init_parm_s, iv_cs_push_stream_start_cb);
    OFFSET(iv_cs_init_parm_s, iv_cs_push_stream_stop_cb);
    OFFSET(iv_cs_init_parm_s, iv_cs_ai_service_notify_cb);
    OFFSET(iv_cs_init_parm_s, iv_cs_event_capture_picture_cb);
    OFFSET(iv_cs_init_parm_s, iv_cs_event_picture_result_cb);
    OFFSET(iv_cs_init_parm_s, iv_cs_event_report_result_cb);
    OFFSET(iv_cs_init_parm_s, iv_cs_notify_cb);
    wire_send(&o);
}

static void stat_reply(uint32_t id)
{
    OUT(o, OUT_STAT, 128);
    put32(&o, id);
    process_put(&o);
    heap_put(&o);
    wire_send(&o);
}

static void heap_request(uint32_t id, struct in *in)
{
    uint8_t limit;
    uint64_t headroom;
    OUT(o, OUT_ACK, 16);
    heap_control(in);
    limit = get8(in);
    headroom = get64(in);
    if (limit)
        process_limit(headroom);
    put32(&o, id);
    wire_send(&o);
}

/* stop joins a thread that has nothing to do, so that a leak checker finds
 * nothing of it. One that a call keeps is left. */
static void stop(struct worker *w)
{
    int idle;
    if (!w->started)
        return;
    pthread_mutex_lock(&w->lock);
    w->quit = 1;
    idle = !w->busy && !w->first;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    if (idle)
        pthread_join(w->thread, NULL);
}

/* bye ends the process. A library that is still running is not torn down by the
 * destructors of the C library under its feet: that nobody called iv_cs_exit is
 * no fault of its own. */
static void bye(void)
{
    int i;
    OUT(o, OUT_BYE, 16);
    wire_send(&o);
    if (calls_live()) {
        fflush(stdout);
        _exit(0);
    }
    for (i = 0; i < WORKERS; i++)
        stop(&workers[i]);
    exit(0);
}

static int descriptor(const char *text)
{
    int fd = atoi(text);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        fprintf(stderr, "shim: descriptor %s is not open\n", text);
        exit(98);
    }
    return fd;
}

int main(int argc, char **argv)
{
    static char line[4096], why[1024];
    uint8_t *frame;
    size_t len;

    if (argc > 1 && strcmp(argv[1], "--listen") == 0)
        return board_main(argc, argv);
    if (argc < 4) {
        fprintf(stderr, "usage: shim IN OUT LIBRARY [OPTIONS] (protocol %d; the conform command starts it)\n", PROTOCOL);
        return 98;
    }
    wire_init(descriptor(argv[1]), descriptor(argv[2]));
    process_shift(argc > 5 ? strtoll(argv[5], NULL, 10) : 0);
    guard_init(argc > 4 && strchr(argv[4], 'g') != NULL);
    setvbuf(stdout, line, _IOLBF, sizeof line); /* stray output is to be seen before a crash */
    crash_init();
    process_init();
    atexit(wire_flush); /* a library that calls exit in a sequence */
    process_await_debugger();
    hello();
    if (calls_load(argv[3], why, sizeof why)) {
        OUT(o, OUT_LOADED, 16);
        put32(&o, calls_symbols());
        wire_send(&o);
    } else {
        OUT(o, OUT_LOAD_ERROR, 1200);
        put_text(&o, why);
        wire_send(&o);
        return 0;
    }
    while (wire_read(&frame, &len)) {
        struct in in = {frame, len, 0, 0};
        uint8_t type = get8(&in);
        switch (type) {
        case IN_CALL: enqueue(frame, &in, 0); continue;
        case IN_SEQUENCE: enqueue(frame, &in, 1); continue;
        case IN_ANSWER: callbacks_set(&in); break;
        case IN_STAT: stat_reply(get32(&in)); break;
        case IN_HEAP: { uint32_t id = get32(&in); heap_request(id, &in); break; }
        case IN_BYE: bye(); break;
        default: wire_refuse("a frame of unknown type");
        }
        own_free(frame);
    }
    _exit(0); /* the parent is gone */
}
