/* iv_cs_get_balance_info, and the thread that follows the plan by long poll. */
#include "config.h"
#include "retry.h"
#include "sdk.h"

#define POLL_S 30

/* The cache outlives iv_cs_exit; whether it may be acted upon is known anew in every session. */
static struct plan cached;
static bool known, tried, ending;
static struct thread thread;

static bool in_force(void)
{
    return cached.cs_switch && cached.cs_type != CS_TYPE_NONE; /* AMB-21 */
}

static void take(const struct plan *p)
{
    cached = *p;
    known = true;
    if (sdk.state == RUNNING)
        stream_update();
    clock_wake();
}

static void run(void *arg)
{
    struct retry retry = {0};
    (void)arg;
    clock_lock();
    while (!ending) {
        struct plan plan;
        struct patience p = {.due = {NEVER, NEVER}, .abandon = &ending};
        int64_t rev = known ? cached.rev : -1;
        clock_unlock();
        struct outcome out = cloud_plan(p, rev, rev >= 0 ? POLL_S : 0, &plan);
        clock_lock();
        if (ending)
            break;
        if (out.ok) {
            retry.failures = 0;
            take(&plan);
        }
        tried = true;
        clock_wake();
        ms_t again = out.ok ? 0 : clock_mono() + retry_delay(&retry, &out);
        while (clock_mono() < again && !ending)
            clock_wait(again);
    }
    clock_unlock();
}

bool plan_start(void)
{
    known = tried = ending = false;
    return thread_start(&thread, run, NULL);
}

void plan_join(void)
{
    clock_lock();
    ending = true;
    clock_wake();
    clock_unlock();
    thread_join(&thread);
}

bool plan_in_force(void)
{
    return known && in_force();
}

bool plan_full_time(void)
{
    return known && in_force() && cached.cs_type == CS_TYPE_FULL_TIME;
}

bool plan_tried(void)
{
    return tried;
}

/* Asks the cloud on behalf of the application. With the lock held. */
static int fetch(uint32_t timeout_s)
{
    struct plan plan;
    clock_unlock();
    bool net = net_acquire();
    clock_lock();
    struct outcome out = {0};
    if (net) {
        if (sdk.state == OFF)
            config_load();
        struct patience p = {.due = clock_after((ms_t)timeout_s * 1000), .caller = true};
        clock_unlock();
        /* timeout_s alone bounds this, not iv_cs_set_trans_time: the cloud may take its time. */
        out = cloud_plan(p, -1, timeout_s < INT32_MAX / 1000 ? (int)timeout_s : INT32_MAX / 1000, &plan);
        clock_lock();
        if (out.ok)
            take(&plan);
        clock_unlock();
        net_release();
        clock_lock();
    }
    return out.ok ? IV_ERR_NONE : IV_ERR_CS_QUERY_SERVICE_TIMEOUT;
}

IV_API int iv_cs_get_balance_info(iv_cs_balance_info_s *pstBalanceInfo, uint32_t timeout_s)
{
    if (!pstBalanceInfo)
        return IV_ERR_CS_INIT_PRM_NULL;
    if (timeout_s > 0 && in_callback())
        return IV_ERR_CS_PRM_NOT_AVAILABLE; /* it blocks: ask with 0, or from another thread */
    clock_lock();
    int code = timeout_s > 0 ? fetch(timeout_s) : IV_ERR_NONE;
    if (code == IV_ERR_NONE) {
        pstBalanceInfo->cs_switch = cached.cs_switch;
        pstBalanceInfo->cs_type = (iv_cs_type_e)cached.cs_type;
    }
    clock_unlock();
    return code;
}
