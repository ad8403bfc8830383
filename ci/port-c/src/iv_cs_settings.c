/* iv_cs_set_trans_time, iv_cs_set_ai_process, iv_cs_get_ai_process. */
#include "sdk.h"

#define EVENT_ID_MAX 16

static iv_cs_ai_type_e ai[EVENT_ID_MAX + 1];

void ai_init(void)
{
    for (int id = 0; id <= EVENT_ID_MAX; id++)
        ai[id] = CS_AI_TYPE_CLOSE;
}

int ai_type(int32_t event_id)
{
    return (int)ai[event_id];
}

static int check(int32_t event_id)
{
    if (sdk.state != RUNNING)
        return IV_ERR_CS_PRM_NOT_AVAILABLE;
    return event_id >= 1 && event_id <= EVENT_ID_MAX ? IV_ERR_NONE : IV_ERR_CS_EVENT_IS_VALID;
}

IV_API int iv_cs_set_ai_process(int32_t event_id, iv_cs_ai_type_e ai_type, void *args)
{
    (void)args; /* "暂未使用" */
    clock_lock();
    int code = check(event_id);
    if (code == IV_ERR_NONE && ai_type != CS_AI_TYPE_CLOSE && ai_type != CS_AI_TYPE_FALL_DETECT)
        code = IV_ERR_CS_INIT_PRM_RANGE;
    if (code == IV_ERR_NONE)
        ai[event_id] = ai_type;
    clock_unlock();
    return code;
}

IV_API int iv_cs_get_ai_process(int32_t event_id, iv_cs_ai_type_e *ai_type, void *args)
{
    (void)args;
    if (!ai_type)
        return IV_ERR_CS_INIT_PRM_NULL;
    clock_lock();
    int code = check(event_id);
    if (code == IV_ERR_NONE)
        *ai_type = ai[event_id];
    clock_unlock();
    return code;
}

IV_API int iv_cs_set_trans_time(uint32_t upload_timeout_ms, uint32_t reply_timeout_ms)
{
    if (upload_timeout_ms == 0 || reply_timeout_ms == 0)
        return IV_ERR_CS_INIT_PRM_RANGE;
    clock_lock();
    cloud_set_timeouts(upload_timeout_ms, reply_timeout_ms);
    clock_unlock();
    return IV_ERR_NONE;
}
