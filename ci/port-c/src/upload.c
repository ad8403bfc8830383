/*
 * upload: stores segments, one after the other, straight from the ring. A failed try is repeated with
 * back-off; a segment that could not be stored for a minute is given up. Either way the application is
 * told by a slice, and the ring gets its room back.
 */
#include "segment.h"
#include "ts.h"

#include "retry.h"

#include <string.h>

#define GIVE_UP_MS 65000 /* not before 60 s (ruling 11) */

static struct thread thread;
static bool over;
static bool unreachable, out_of_order; /* CONNECT_FAIL, COS_SERVICE_WRONG has been told */
static bool last_failed;
static struct retry retry; /* goes on from one segment to the next: a failure concerns the cloud, not the segment */
static ms_t not_before;    /* mono */
static struct ts_counters counters; /* where the next segment's packets go on counting */

/* ---- a segment's bytes ---- */

struct body {
    struct ts start, ts;
    uint8_t packet[TS_PACKET];
    size_t left; /* of packet */
};

static void body_rewind(void *ctx)
{
    struct body *b = ctx;
    b->ts = b->start;
    b->left = 0;
}

static size_t body_read(void *ctx, char *dst, size_t size)
{
    struct body *b = ctx;
    size_t done = 0;
    while (done < size) {
        if (b->left == 0) {
            if (!ts_packet(&b->ts, b->packet))
                break;
            b->left = TS_PACKET;
        }
        size_t n = size - done < b->left ? size - done : b->left;
        memcpy(dst + done, b->packet + TS_PACKET - b->left, n);
        b->left -= n;
        done += n;
    }
    return done;
}

/* Lays the segment out and returns its exact size, which the grant needs: by writing it once to nowhere. */
static size_t body_init(struct body *b, const struct segment *s)
{
    size_t size = 0;
    b->start = (struct ts){
        .ring = segment_ring(), .pos = s->from, .end = s->to, .counters = counters,
        .h265 = sdk.parm.av_fmt.eVideoType == IV_CM_VENC_TYPE_H265, .has_video = s->has_video, .has_audio = s->has_audio,
    };
    body_rewind(b);
    while (ts_packet(&b->ts, b->packet))
        size += TS_PACKET;
    counters = b->ts.counters;
    body_rewind(b);
    return size;
}

/* ---- telling ---- */

void upload_outcome(const struct outcome *o)
{
    if (sdk.abandon || o->no_service)
        return;
    last_failed = !o->ok;
    if (o->ok) {
        bool recovered = unreachable;
        unreachable = out_of_order = false;
        if (recovered)
            notify_post(IV_CS_AV_UPLOAD_CONNECT_RECOVER);
    } else if (o->status == 0 && !unreachable) {
        unreachable = true;
        notify_post(IV_CS_AV_UPLOAD_CONNECT_FAIL);
    } else if (o->status != 0 && !out_of_order) {
        out_of_order = true;
        notify_post(IV_CS_COS_SERVICE_WRONG);
    }
}

bool upload_healthy(void)
{
    return !last_failed;
}

/* The verdict over the oldest segment. */
static void resolve(const struct segment *s, size_t total, size_t sent, bool stored)
{
    iv_cs_upload_slice_info_s slice = {
        .utc_sec_a = (uint64_t)s->start_utc / 1000, .utc_sec_b = (uint64_t)s->end_utc / 1000,
        .pts_ms_a = s->first.pts, .pts_ms_b = s->last.pts,
        .frame_seq_a = s->first.seq, .frame_seq_b = s->last.seq,
        .upload_size = (uint32_t)(stored ? total : sent), .total_size = (uint32_t)total,
        .state = stored ? IV_CS_UPLOAD_OK : IV_CS_UPLOAD_ERR,
    };
    bool video = s->has_video; /* a slice tells about video frames */
    segment_resolve(stored);
    if (video)
        notify_slice(&slice);
}

/* ---- the thread ---- */

static ms_t give_up_at(const struct segment *s)
{
    return s->closed + GIVE_UP_MS;
}

static bool overdue(const struct segment *s)
{
    return clock_mono() >= give_up_at(s);
}

/* Waits out the back-off, at most until the segment's time is up; at exit not at all. Whether it may then be
 * tried: not before the back-off is over, even if that is its end, for in a long outage a try for each segment
 * would come at the beat of the segments, from all devices at once. */
static bool may_try(const struct segment *s)
{
    ms_t again = not_before < give_up_at(s) ? not_before : give_up_at(s);
    while (clock_mono() < again && sdk.state == RUNNING)
        clock_wait(again);
    return clock_mono() >= not_before || sdk.state == EXITING;
}

static void note_outcome(const struct outcome *o)
{
    upload_outcome(o);
    if (o->ok || o->no_service) {
        retry.failures = 0;
        not_before = 0;
    } else {
        not_before = clock_mono() + retry_delay(&retry, o);
    }
}

/* Tries to store the oldest segment until it is stored or to be given up. With the lock held, but not
 * while the network is at work. */
static void upload(const struct segment *s)
{
    struct body body;
    struct object o = {
        .content_type = "video/mp2t", .start_utc_ms = s->start_utc, .end_utc_ms = s->end_utc,
        .first_pts = s->first.pts, .last_pts = s->last.pts, .first_seq = s->first.seq, .last_seq = s->last.seq,
        .recording = s->recording, .read = body_read, .rewind = body_rewind, .ctx = &body,
    };
    struct outcome out = {0};
    clock_unlock(); /* the segment is complete: nobody else touches it or its frames */
    o.size = body_init(&body, s);
    clock_lock();
    while (!out.ok && may_try(s)) {
        bool last = sdk.state == EXITING || overdue(s);
        struct patience p = sdk_patience(NEVER);
        clock_unlock();
        out = cloud_store(p, &o);
        clock_lock();
        note_outcome(&out);
        if (out.no_service || last || overdue(s) || sdk.abandon)
            break;
    }
    cloud_forget(&o);
    resolve(s, o.size, o.sent, out.ok);
    /* What else has waited too long has failed with it: told together, and the ring has room at once. */
    while (!out.ok && (s = segment_ready()) && overdue(s)) {
        clock_unlock();
        size_t size = body_init(&body, s);
        clock_lock();
        resolve(s, size, 0, false);
    }
}

static void run(void *arg)
{
    (void)arg;
    clock_lock();
    for (;;) {
        const struct segment *s = segment_ready();
        if (s)
            upload(s);
        else if (sdk.state == EXITING && !stream_wanted())
            break;
        else
            clock_wait(NEVER);
    }
    over = true;
    clock_wake();
    clock_unlock();
}

bool upload_start(void)
{
    over = unreachable = out_of_order = last_failed = false;
    retry.failures = 0;
    not_before = 0;
    counters = (struct ts_counters){0};
    return thread_start(&thread, run, NULL);
}

void upload_join(void)
{
    thread_join(&thread);
}

bool upload_done(void)
{
    return over;
}
