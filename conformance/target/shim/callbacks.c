/* The seven trampolines. Each tells that it was entered, does what its answer
 * says, tells that it leaves, and returns. They may run on any thread, several
 * at once, and inside calls (AMB-86, note 16): they hold no lock but for taking
 * the next answer off the table. */
#include "shim.h"

#include <pthread.h>
#include <string.h>

/* What an answer of iv_cs_event_capture_picture_cb does with its outputs. */
enum { OFFER_NOTHING, OFFER_PICTURE, OFFER_NULL, OFFER_PAGE, OFFER_UNTOUCHED, OFFER_GARBAGE };

struct inner {
    uint8_t fn;
    const uint8_t *body;
    uint32_t len;
};

struct answer {
    int refs; /* the table holds one, each callback that is using it another */
    uint8_t *frame; /* what it was made from: bytes of pictures and calls lie in it */
    int *frame_refs;
    uint32_t id, ncalls;
    int32_t ret, size;
    uint64_t delay_ns;
    uint8_t offer;
    const uint8_t *pic;
    uint32_t pic_len;
    struct inner *calls;
};

struct queue {
    struct answer **items;
    uint32_t n, next;
};

static struct queue table[CALLBACKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t serial = 0x80000000u; /* calls of the parent count from 1 */

uint32_t serial_next(void)
{
    return __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);
}

static void let_go(struct answer *a)
{
    if (!a || __atomic_sub_fetch(&a->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (__atomic_sub_fetch(a->frame_refs, 1, __ATOMIC_ACQ_REL) == 0) {
        own_free(a->frame);
        own_free(a->frame_refs);
    }
    own_free(a->calls);
    own_free(a);
}

static struct answer *parse(struct in *in, uint8_t *frame, int *frame_refs)
{
    struct answer *a = own_alloc(sizeof *a);
    uint32_t i;
    memset(a, 0, sizeof *a);
    a->refs = 1;
    a->frame = frame;
    a->frame_refs = frame_refs;
    a->id = get32(in);
    a->ret = (int32_t)get32(in);
    a->delay_ns = get64(in);
    a->offer = get8(in);
    a->size = (int32_t)get32(in);
    a->pic = get_bytes(in, &a->pic_len);
    a->ncalls = get32(in);
    if (in->bad || a->ncalls > in->n)
        wire_refuse("an answer that ends early");
    a->calls = own_alloc(a->ncalls * sizeof *a->calls);
    for (i = 0; i < a->ncalls; i++) {
        a->calls[i].fn = get8(in);
        a->calls[i].body = get_bytes(in, &a->calls[i].len);
    }
    return a;
}

/* callbacks_set replaces the queue of one slot. The bytes of the frame are its
 * own from here on. */
void callbacks_set(struct in *in)
{
    uint8_t cb = get8(in);
    struct queue fresh = {NULL, 0, 0}, old;
    uint8_t *frame = own_alloc(in->n);
    struct in copy = {frame, in->n, in->at, in->bad};
    int *refs = own_alloc(sizeof *refs);
    uint32_t i;

    memcpy(frame, in->p, in->n);
    fresh.n = get32(&copy);
    if (copy.bad || cb >= CALLBACKS || fresh.n > copy.n)
        wire_refuse("an answer for no callback");
    *refs = (int)fresh.n;
    fresh.items = own_alloc(fresh.n * sizeof *fresh.items);
    for (i = 0; i < fresh.n; i++)
        fresh.items[i] = parse(&copy, frame, refs);
    if (copy.bad)
        wire_refuse("an answer that ends early");
    if (fresh.n == 0) {
        own_free(frame);
        own_free(refs);
    }
    pthread_mutex_lock(&lock);
    old = table[cb];
    table[cb] = fresh;
    pthread_mutex_unlock(&lock);
    for (i = old.next; i < old.n; i++)
        let_go(old.items[i]);
    own_free(old.items);
}

/* next_answer takes the next answer; the last one stays. */
static struct answer *next_answer(int cb)
{
    struct answer *a = NULL;
    struct queue *q = &table[cb];
    pthread_mutex_lock(&lock);
    if (q->n > 0) {
        a = q->items[q->next];
        if (q->next + 1 < q->n)
            q->next++; /* the table's reference becomes the callback's */
        else
            __atomic_add_fetch(&a->refs, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&lock);
    return a;
}

/* A callback under way. */
struct visit {
    struct answer *answer;
    uint32_t serial, outer_cb;
    uint8_t slot, outer_slot;
};

static void head(struct out *o, const struct visit *v)
{
    put32(o, v->serial);
    put8(o, v->slot);
    put8(o, (uint8_t)this_worker);
    put32(o, thread_id());
    put64(o, mono_ns());
    put32(o, this_call);
}

#define ENTER(v, cb, o, cap) \
    struct visit v = {NULL, serial_next(), this_cb, cb, this_slot}; \
    OUT(o, OUT_CB_ENTER, cap); \
    head(&o, &v)

/* play sends the entry and does what the answer says, but for its outputs. */
static void play(struct visit *v, struct out *o)
{
    uint32_t i;
    wire_send(o);
    this_cb = v->serial;
    this_slot = v->slot;
    v->answer = next_answer(v->slot);
    if (!v->answer)
        return;
    if (v->answer->delay_ns)
        machine_sleep(v->answer->delay_ns);
    for (i = 0; i < v->answer->ncalls; i++) {
        struct inner *c = &v->answer->calls[i];
        struct in body = {c->body, c->len, 0, 0};
        calls_run(0, c->fn, &body, v->answer->id, i);
    }
}

static int leave(struct visit *v, const struct region *pic, int changed)
{
    int ret = v->answer ? v->answer->ret : 0;
    OUT(o, OUT_CB_LEAVE, 64);
    this_cb = v->outer_cb;
    this_slot = v->outer_slot;
    head(&o, v);
    put32(&o, (uint32_t)ret);
    put32(&o, pic ? pic->id : 0);
    put64(&o, pic ? (uint64_t)(uintptr_t)pic->data : 0);
    put8(&o, (uint8_t)changed);
    let_go(v->answer);
    wire_send(&o);
    return ret;
}

static int start_cb(void)
{
    ENTER(v, CB_START, o, 64);
    play(&v, &o);
    return leave(&v, NULL, 0);
}

static int stop_cb(void)
{
    ENTER(v, CB_STOP, o, 64);
    play(&v, &o);
    return leave(&v, NULL, 0);
}

static void ai_service_cb(unsigned int server_type, unsigned long long utc_expire)
{
    ENTER(v, CB_AI_SERVICE, o, 64);
    put32(&o, server_type);
    put64(&o, utc_expire);
    play(&v, &o);
    leave(&v, NULL, 0);
}

static int capture_cb(int32_t event_id, uint8_t **pic, int32_t *size)
{
    static const uint8_t page[4096] = {0xFF, 0xD8, 0xFF};
    struct region *r = NULL;
    uint8_t *give = NULL;
    int32_t give_size = 0;
    uint8_t offer;
    ENTER(v, CB_CAPTURE, o, 96);
    put32(&o, (uint32_t)event_id);
    put8(&o, (uint8_t)((pic == NULL) | (size == NULL) << 1));
    put64(&o, pic ? (uint64_t)(uintptr_t)*pic : 0);
    put32(&o, size ? (uint32_t)*size : 0);
    play(&v, &o);

    offer = v.answer ? v.answer->offer : OFFER_NOTHING;
    if (offer == OFFER_PICTURE)
        r = guard_new(REGION_PICTURE, v.answer->pic, v.answer->pic_len);
    if (offer == OFFER_PAGE)
        r = guard_new(REGION_PICTURE, page, sizeof page);
    if (r) {
        r->cell = pic;
        give = r->data;
    }
    if (offer == OFFER_PICTURE)
        give_size = (int32_t)r->len;
    else if (v.answer)
        give_size = v.answer->size;
    if (offer == OFFER_GARBAGE)
        give = guard_nowhere();
    if (offer != OFFER_UNTOUCHED) {
        if (pic)
            *pic = give;
        if (size)
            *size = give_size;
    }
    return leave(&v, r, 0);
}

static int picture_cb(uint8_t **pic, int32_t err_code)
{
    struct region *r = pic ? guard_picture(*pic) : NULL;
    ENTER(v, CB_PICTURE, o, 96);
    put8(&o, pic == NULL);
    put64(&o, pic ? (uint64_t)(uintptr_t)*pic : 0);
    put32(&o, r ? r->id : 0);
    put8(&o, (uint8_t)((r && r->released) | (r && r->cell == (void *)pic) << 1));
    put32(&o, (uint32_t)err_code);
    play(&v, &o);
    /* From here on nobody may touch it (CB-PIC-003): the caller frees it. */
    if (r && !r->released)
        guard_release(r);
    return leave(&v, r, 0);
}

static int report_cb(iv_cs_event_result_info *info)
{
    iv_cs_event_result_info copy;
    int changed = 0;
    ENTER(v, CB_REPORT, o, 96);
    put8(&o, info == NULL);
    if (info) {
        copy = *info;
        put32(&o, (uint32_t)copy.result_code);
        put32(&o, (uint32_t)copy.event_id);
        put32(&o, copy.start_time_s);
        put32(&o, copy.end_time_s);
    }
    play(&v, &o);
    if (info)
        changed = memcmp(&copy, info, sizeof copy) != 0;
    return leave(&v, NULL, changed);
}

static void put_slice(struct out *o, const iv_cs_upload_slice_info_s *s)
{
    put64(o, s->utc_sec_a);
    put64(o, s->utc_sec_b);
    put64(o, s->pts_ms_a);
    put64(o, s->pts_ms_b);
    put32(o, s->frame_seq_a);
    put32(o, s->frame_seq_b);
    put32(o, s->upload_size);
    put32(o, s->total_size);
    put32(o, (uint32_t)s->state);
}

static int notify_cb(int type, iv_cs_notify_msg_data *data)
{
    /* Only this message has data (NOTIFY-003); what another one brings along
     * is reported as being there, and not read. */
    iv_cs_upload_info_s *info = type == STREAM_STATE_MSG && data ? data->av_result_info : NULL;
    iv_cs_upload_slice_info_s copy[MAX_UPLOAD_INFO_NUM];
    int32_t num = info ? info->num : 0, i, n;
    int changed = 0;
    ENTER(v, CB_NOTIFY, o, 128 + 64 * MAX_UPLOAD_INFO_NUM);
    n = num < 0 ? 0 : num > MAX_UPLOAD_INFO_NUM ? MAX_UPLOAD_INFO_NUM : num;
    put32(&o, (uint32_t)type);
    put8(&o, (uint8_t)((data == NULL) | (info == NULL) << 1));
    put32(&o, (uint32_t)num);
    put32(&o, (uint32_t)n);
    for (i = 0; i < n; i++) {
        copy[i] = info->slice_info[i];
        put_slice(&o, &copy[i]);
    }
    play(&v, &o);
    for (i = 0; i < n; i++)
        changed |= memcmp(&copy[i], &info->slice_info[i], offsetof(iv_cs_upload_slice_info_s, state) + sizeof(int)) != 0;
    if (info)
        changed |= info->num != num;
    return leave(&v, NULL, changed);
}

/* callbacks_fill puts the trampolines of the slots into the struct. */
void callbacks_fill(iv_cs_init_parm_s *p, uint32_t slots)
{
    p->iv_cs_push_stream_start_cb = slots & 1u << CB_START ? start_cb : NULL;
    p->iv_cs_push_stream_stop_cb = slots & 1u << CB_STOP ? stop_cb : NULL;
    p->iv_cs_ai_service_notify_cb = slots & 1u << CB_AI_SERVICE ? ai_service_cb : NULL;
    p->iv_cs_event_capture_picture_cb = slots & 1u << CB_CAPTURE ? capture_cb : NULL;
    p->iv_cs_event_picture_result_cb = slots & 1u << CB_PICTURE ? picture_cb : NULL;
    p->iv_cs_event_report_result_cb = slots & 1u << CB_REPORT ? report_cb : NULL;
    p->iv_cs_notify_cb = slots & 1u << CB_NOTIFY ? notify_cb : NULL;
}
