/* iv_cs_event_directly_report: synchronous, so that its return value is the result and the picture is the
 * caller's again (AMB-33). */
#include "retry.h"
#include "sdk.h"

#define EVENT_ID_MAX 16
#define TRIES 3

/* Calls `attempt` up to TRIES times, with back-off between. With the lock held, `attempt` without. */
static struct outcome try(struct patience p, struct outcome (*attempt)(struct patience p, void *arg), void *arg)
{
    struct retry retry = {0};
    struct outcome out;
    for (int i = 0;; i++) {
        clock_unlock();
        out = attempt(p, arg);
        clock_lock();
        if (out.ok || out.no_service || sdk.abandon || i + 1 == TRIES)
            return out;
        struct due again = clock_after(retry_delay(&retry, &out));
        if (again.mono >= p.due.mono || sdk.state == EXITING)
            return out;
        while (!clock_is_due(again) && sdk.state == RUNNING)
            clock_wait_caller(again);
    }
}

static struct outcome store(struct patience p, void *arg)
{
    struct outcome out = cloud_store(p, arg);
    clock_lock();
    upload_outcome(&out);
    clock_unlock();
    return out;
}

static struct outcome report(struct patience p, void *arg)
{
    return cloud_report(p, arg);
}

static int code_of(const struct outcome *o)
{
    if (o->ok)
        return IV_ERR_NONE;
    if (o->no_service)
        return IV_ERR_CS_APPLY_NO_SERVICE;
    return o->status == 401 || o->status == 403 ? IV_ERR_CS_UPLOAD_AUTH_NOT_AVAILABLE : IV_ERR_CS_HTTP_DATA_FAIL;
}

static int directly_report(int32_t id, uint32_t time_s, const uint8_t *pic, uint32_t size)
{
    if (id < 1 || id > EVENT_ID_MAX)
        return IV_ERR_CS_EVENT_IS_VALID;
    if (!pic != !size)
        return IV_ERR_CS_INIT_PRM_RANGE; /* NULL goes with 0 */
    if (!pic && !plan_in_force())
        return IV_ERR_CS_APPLY_NO_SERVICE; /* without a plan: "只有图片的事件" */
    char report_id[33];
    cloud_new_id(report_id);
    int64_t start_s = time_s ? (int64_t)time_s : clock_utc() / 1000;
    struct patience p = {
        .due = clock_after(cloud_upload_timeout() + cloud_reply_timeout()), .abandon = &sdk.abandon, .caller = true,
    };
    struct object o = {
        .picture = true, .direct = true, .content_type = "image/jpeg", .event_id = id, .event_utc_s = start_s,
        .data = pic, .size = size,
    };
    if (pic) {
        struct outcome stored = try(p, store, &o);
        cloud_forget(&o);
        if (!stored.ok)
            return code_of(&stored);
    }
    struct report r = {
        .report_id = report_id, .event_id = id, .direct = true, .finished = true, .complete = true,
        .start_utc_s = start_s, .end_utc_s = start_s, .picture_upload_id = pic ? o.upload_id : NULL, .ai_type = ai_type(id),
    };
    struct outcome told = try(p, report, &r);
    return code_of(&told);
}

IV_API int iv_cs_event_directly_report(int32_t event_id, uint32_t event_time_s, uint8_t *pic_addr, uint32_t pic_len)
{
    if (in_callback())
        return IV_ERR_CS_PRM_NOT_AVAILABLE; /* it blocks: hand it to another thread */
    int code = sdk_enter();
    if (code != IV_ERR_NONE)
        return code;
    clock_lock();
    code = directly_report(event_id, event_time_s, pic_addr, pic_len);
    clock_unlock();
    sdk_leave();
    return code;
}
