/*
 * segment: cuts what is pushed into segments of about 10 s. A cut is made at the first key frame at or after
 * 10 s, and earlier, also at a key frame, when the next GOP would not fit into the buffer (ruling 1), when
 * the wall clock was corrected, behind a frame that was refused, and after an event has ended. Only when a single GOP is larger than the
 * whole buffer is it cut in the middle (note 4).
 *
 * Segments queue up in the ring, the oldest first; the last one may still be open.
 */
#include "segment.h"

#include "timeline.h"
#include "watermark.h"

#include <string.h>

#define SEGMENT_MS 10000
#define SEGMENTS_MAX 128
#define SLACK_MAX ((size_t)64 * 1024) /* ruling 1: one eighth more, at most 64 KB */
#define IDLE_MS 120000                /* note 5 */
#define CUT_PATIENCE_MS 10000         /* an event has ended and no key frame comes */
#define CLOCK_STEP_MS 1000
#define HOLE_MS 1000
#define JITTER_MS 200
#define LONE_AUDIO_MS 2000
#define VIDEO_GONE_MS 5000
#define USUAL_STEP_MS 40

static struct ring ring;
static struct segment queue[SEGMENTS_MAX];
static unsigned first, count;
static bool open; /* the last of the queue still grows */
static struct watermark watermark;
static size_t backlog; /* bytes accepted and not yet stored (ruling 2) */

static struct timeline line;
static bool recording; /* between the first frame and the stop, or the pause */
static char recording_id[33];
static ms_t last_end_utc;    /* of the segment before, or -1 */
static ms_t last_offset;     /* of the wall clock from the monotonic one, as that segment was closed */
static bool needs_key;       /* a frame is missing: what refers to it must not be stored */
static bool hole;            /* it is missing behind the open segment */
static struct stamp missing; /* the frame itself: when it comes again, nothing is missing */
static bool cut_soon;
static ms_t cut_deadline;
static ms_t last_push, last_video; /* mono */
static uint64_t gop_from;    /* ring position */
static size_t last_gop;

static struct segment *nth(unsigned i)
{
    return &queue[(first + i) % SEGMENTS_MAX];
}

static struct segment *growing(void)
{
    return open ? nth(count - 1) : NULL;
}

int segment_init(void)
{
    size_t size = sdk.parm.u32MaxGopSize, slack = size / 8 < SLACK_MAX ? size / 8 : SLACK_MAX;
    first = count = 0;
    open = recording = cut_soon = hole = false;
    needs_key = true;
    backlog = last_gop = 0;
    last_end_utc = -1;
    watermark = (struct watermark){.cfg = sdk.parm.congestion_cfg};
    if (size > SIZE_MAX - slack || !ring_init(&ring, size + slack))
        return IV_ERR_CS_PRM_MALLOC_FAIL;
    return IV_ERR_NONE;
}

void segment_free(void)
{
    ring_free(&ring);
}

const struct ring *segment_ring(void)
{
    return &ring;
}

/* ---- cutting ---- */

/* Closes the open segment. `next`: where on the time line the frame lies that follows, or -1. */
static void close_segment(ms_t next)
{
    struct segment *s = growing();
    if (!s)
        return;
    ms_t end = s->end_at + line.step; /* as long as the frames before it */
    if (next >= s->end_at && next - s->end_at <= (line.step * 2 > HOLE_MS ? line.step * 2 : HOLE_MS))
        end = next;
    s->to = ring.head;
    s->end_utc = s->start_utc + (end - s->at);
    s->closed = clock_mono();
    last_end_utc = s->end_utc;
    last_offset = clock_utc() - s->closed;
    timeline_adjust(&line);
    open = cut_soon = false;
    clock_wake();
}

static void begin_recording(void)
{
    ms_t utc = clock_utc(), mono = clock_mono(), begun = stream_beginning();
    if (begun < 0)
        begun = utc;
    /* The pre-roll of an event may reach back into the video of the event before, and would hide it: it begins
     * where that one ends. Only after the clock was put back nothing else is left than to overlap (note 15). */
    if (begun < last_end_utc && utc - mono >= last_offset - CLOCK_STEP_MS)
        begun = last_end_utc;
    uint32_t rate = sdk.parm.av_fmt.u32Framerate;
    ms_t step = rate > 0 && rate <= 1000 ? 1000 / rate : USUAL_STEP_MS;
    timeline_begin(&line, mono, utc - begun, step);
    cloud_new_id(recording_id);
    recording = true;
    gop_from = ring.head;
    last_gop = 0;
}

static bool clock_was_stepped(const struct segment *s, ms_t at)
{
    ms_t off = timeline_utc(&line, at, clock_mono(), clock_utc()) - (s->start_utc + at - s->at);
    return off > CLOCK_STEP_MS || off < -CLOCK_STEP_MS;
}

static bool cut_before(const struct segment *s, const struct frame *f, ms_t at)
{
    bool long_enough = at - s->at >= SEGMENT_MS;
    if (!f->video) /* while there is no video there is no key frame to wait for */
        return long_enough && (!s->has_video || clock_mono() - last_video >= VIDEO_GONE_MS);
    if (!f->key)
        return false;
    if (!s->has_video)
        return at - s->at >= LONE_AUDIO_MS;
    uint64_t by_pts = f->pts - s->first.pts;
    return long_enough || (by_pts >= SEGMENT_MS && by_pts <= INT32_MAX) || !s->starts_with_key || cut_soon || hole ||
           (size_t)(ring.head - ring.tail) + last_gop > sdk.parm.u32MaxGopSize || clock_was_stepped(s, at);
}

static void begin_segment(ms_t at)
{
    ms_t utc = timeline_utc(&line, at, clock_mono(), clock_utc()), off = utc - last_end_utc;
    if (last_end_utc >= 0 && off < JITTER_MS && off > -CLOCK_STEP_MS)
        utc = last_end_utc; /* one segment's end is the next one's beginning; only a corrected clock makes them overlap */
    if (utc < 0)
        utc = 0;
    count++;
    open = true;
    struct segment *s = growing();
    *s = (struct segment){.from = ring.head, .at = at, .start_utc = utc};
    memcpy(s->recording, recording_id, sizeof s->recording);
    clock_wake(); /* the idle timer begins */
}

/* ---- pushing ---- */

bool segment_is_full(size_t frame_size)
{
    size_t need = ring_need(frame_size);
    /* A GOP larger than the buffer: let go of its first part, the slack holds what follows meanwhile. */
    if (open && count == 1 && (size_t)(ring.head - ring.tail) + need > sdk.parm.u32MaxGopSize)
        close_segment(-1);
    return ring_room(&ring) < need || (!open && count == SEGMENTS_MAX);
}

int segment_refuse(const struct frame *f)
{
    last_push = clock_mono();
    watermark_level(&watermark, sdk.parm.u32MaxGopSize, notify_alarm); /* ruling 2 */
    if (f->video && !needs_key) {
        needs_key = hole = true;
        missing = (struct stamp){f->pts, f->seq};
    }
    return IV_ERR_CS_PRM_MALLOC_FAIL;
}

int segment_push(struct frame *f, const uint8_t *data)
{
    ms_t now = clock_mono();
    bool jump;
    last_push = now;
    if (f->video && hole && f->seq == missing.seq && f->pts == missing.pts)
        needs_key = hole = false;
    if (f->video && needs_key && !f->key)
        return IV_ERR_CS_NEED_IDR_FRAME;
    if (!recording)
        begin_recording();
    ms_t at = timeline_frame(&line, f->video, f->pts, now, &jump);
    f->jump = jump;
    if (f->video && f->key) {
        last_gop = (size_t)(ring.head - gop_from);
        gop_from = ring.head;
    }
    if (open && cut_before(growing(), f, at)) {
        close_segment(at);
        at = line.at;
    }
    if (!open && count == SEGMENTS_MAX)
        return segment_refuse(f);
    if (!open)
        begin_segment(at);
    ring_put(&ring, f, data);

    struct segment *s = growing();
    struct stamp stamp = {f->pts, f->seq};
    if (f->video) {
        if (!s->has_video) {
            s->first = stamp;
            s->starts_with_key = f->key;
        }
        s->last = stamp;
        s->has_video = true;
        needs_key = hole = false;
        last_video = now;
    } else {
        if (!s->has_video && !s->has_audio)
            s->first = stamp;
        if (!s->has_video)
            s->last = stamp;
        s->has_audio = true;
    }
    s->end_at = at;
    s->bytes += f->size;
    s->events |= event_mask();
    backlog += f->size;
    watermark_level(&watermark, backlog, notify_alarm);
    return IV_ERR_NONE;
}

/* ---- without a push ---- */

void segment_flush(bool end_of_recording)
{
    close_segment(-1);
    if (end_of_recording) {
        recording = hole = false;
        needs_key = true; /* note 1: the next stream begins with a key frame */
    }
}

void segment_cut_soon(void)
{
    if (!open || cut_soon)
        return;
    cut_soon = true;
    cut_deadline = clock_mono() + CUT_PATIENCE_MS;
    clock_wake();
}

ms_t segment_deadline(void)
{
    ms_t idle = recording ? last_push + IDLE_MS + 1 : NEVER;
    return cut_soon && cut_deadline < idle ? cut_deadline : idle;
}

void segment_housekeeping(void)
{
    ms_t now = clock_mono();
    if (recording && now - last_push > IDLE_MS) {
        /* The pause of note 5. It is no stop: the next frame, of whatever kind, takes the recording up. */
        close_segment(-1);
        recording = false;
    }
    if (cut_soon && now >= cut_deadline)
        close_segment(-1);
}

/* ---- verdicts ---- */

struct segment *segment_ready(void)
{
    return count > (open ? 1u : 0u) ? nth(0) : NULL;
}

void segment_resolve(bool stored)
{
    struct segment *s = nth(0);
    uint64_t events = s->events;
    backlog -= s->bytes;
    ring_release(&ring, s->to);
    first = (first + 1) % SEGMENTS_MAX;
    count--;
    watermark_level(&watermark, backlog, notify_alarm);
    if (stored)
        event_stored(events);
    clock_wake();
}

bool segment_pending(uint64_t event)
{
    for (unsigned i = 0; i < count; i++)
        if (nth(i)->events & event)
            return true;
    return false;
}

void segment_forget(uint64_t event)
{
    for (unsigned i = 0; i < count; i++)
        nth(i)->events &= ~event;
}
