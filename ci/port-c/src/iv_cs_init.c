/* iv_cs_init and iv_cs_exit. */
#include "sdk.h"

#include "audio.h"
#include "config.h"
#include "push.h"
#include "watermark.h"

#define PLAN_FIRST_MS 300 /* iv_cs_init waits so long for the plan, so that an event can follow at once */
#define BUFFER_UNIT 4096

struct sdk sdk;

int sdk_enter(void)
{
    clock_lock();
    int code = sdk.state == RUNNING ? IV_ERR_NONE : IV_ERR_CS_PRM_NOT_AVAILABLE;
    if (code == IV_ERR_NONE)
        sdk.callers++;
    clock_unlock();
    return code;
}

void sdk_leave(void)
{
    clock_lock();
    sdk.callers--;
    if (sdk.state == EXITING)
        clock_wake();
    clock_unlock();
}

struct patience sdk_patience(ms_t deadline)
{
    return (struct patience){.due = {deadline, NEVER}, .abandon = &sdk.abandon};
}

static int check(const iv_cs_init_parm_s *p)
{
    if (!p)
        return IV_ERR_CS_INIT_PRM_NULL;
    if (!p->iv_cs_push_stream_start_cb || !p->iv_cs_push_stream_stop_cb)
        return IV_ERR_CS_INIT_CB_NULL; /* the others may be NULL and are then not called (AMB-40) */
    if (p->u32MaxGopSize == 0 || p->u32MaxGopSize % BUFFER_UNIT != 0 ||
        !watermark_valid(&p->congestion_cfg, p->u32MaxGopSize) || !audio_supported(&p->av_fmt) ||
        (p->av_fmt.eVideoType != IV_CM_VENC_TYPE_H264 && p->av_fmt.eVideoType != IV_CM_VENC_TYPE_H265) ||
        (int)p->event_report_opt < CS_EVENT_TS_REQ || (int)p->event_report_opt > CS_EVENT_TS_OR_PIC_REQ)
        return IV_ERR_CS_INIT_PRM_RANGE;
    return IV_ERR_NONE;
}

static void free_memory(void)
{
    push_free();
    segment_free();
}

/* Everything is told to end, and ends. Without the lock. */
static void stop_threads(void)
{
    stream_join();
    event_join();
    upload_join();
    plan_join();
    clock_lock();
    notify_end();
    clock_unlock();
    notify_join();
}

static int start(const iv_cs_init_parm_s *p)
{
    sdk.parm = *p;
    int code = segment_init();
    if (code == IV_ERR_NONE)
        code = push_init(&p->av_fmt);
    if (code != IV_ERR_NONE) {
        free_memory();
        return code;
    }
    event_init();
    ai_init();
    sdk.abandon = false;
    sdk.state = RUNNING;
    if (notify_start() && stream_start() && upload_start() && plan_start())
        return IV_ERR_NONE;
    sdk.state = EXITING;
    sdk.abandon = true;
    clock_wake();
    clock_unlock();
    stop_threads();
    clock_lock();
    free_memory();
    sdk.state = OFF;
    return IV_ERR_CS_PRM_MALLOC_FAIL;
}

IV_API int iv_cs_init(iv_cs_init_parm_s *pstInitParm)
{
    int code = check(pstInitParm);
    clock_lock();
    if (sdk.state != OFF)
        code = IV_ERR_CS_INIT_REPEAT;
    if (code == IV_ERR_NONE) {
        sdk.state = EXITING; /* nobody else may begin meanwhile */
        clock_unlock();
        bool net = net_acquire();
        clock_lock();
        config_load();
        code = net ? start(pstInitParm) : IV_ERR_CS_PRM_MALLOC_FAIL;
        if (code != IV_ERR_NONE) {
            sdk.state = OFF;
            clock_unlock();
            if (net)
                net_release();
            return code;
        }
        sdk.callers++;
        ms_t patience = clock_machine() + PLAN_FIRST_MS;
        while (!plan_tried() && clock_machine() < patience && sdk.state == RUNNING)
            clock_wait_machine(patience);
        sdk.callers--;
        clock_wake();
    }
    clock_unlock();
    return code;
}

IV_API int iv_cs_exit(void)
{
    if (in_callback())
        return IV_ERR_CS_PRM_NOT_AVAILABLE; /* it would wait for itself */
    clock_lock();
    if (sdk.state != RUNNING) {
        clock_unlock();
        return IV_ERR_CS_PRM_NOT_AVAILABLE;
    }
    /* What is left is flushed, what is open is stopped: for as long as one upload may take. */
    sdk.state = EXITING;
    event_stop_all();
    stream_update();
    segment_flush(true);
    clock_wake();
    struct due due = clock_after(cloud_upload_timeout() + cloud_reply_timeout());
    while (!clock_is_due(due) && !(sdk.callers == 0 && stream_done() && event_done() && upload_done() && notify_done()))
        clock_wait_caller(due);
    sdk.abandon = true;
    clock_wake();
    while (sdk.callers > 0)
        clock_wait_caller((struct due){NEVER, NEVER});
    clock_unlock();
    stop_threads();
    net_release();
    clock_lock();
    free_memory();
    sdk.state = OFF;
    clock_unlock();
    return IV_ERR_NONE;
}
