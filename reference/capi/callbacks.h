/* How Go calls the functions of iv_cs_init_parm_s: it cannot call a C pointer itself. */
#ifndef CALLBACKS_H
#define CALLBACKS_H

#include <string.h>

#include "../include/iv_cs.h"

/* The answer of iv_cs_event_capture_picture_cb. */
typedef struct {
    uint8_t *pic;
    int32_t size;
    int code;
} captured;

static inline int call_stream(const iv_cs_init_parm_s *p, int start)
{
    return start ? p->iv_cs_push_stream_start_cb() : p->iv_cs_push_stream_stop_cb();
}

static inline void call_ai_service(const iv_cs_init_parm_s *p, unsigned int type, unsigned long long expire)
{
    p->iv_cs_ai_service_notify_cb(type, expire);
}

static inline captured call_capture(const iv_cs_init_parm_s *p, int32_t id)
{
    captured c = {NULL, 0, IV_ERR_NONE};
    c.code = p->iv_cs_event_capture_picture_cb(id, &c.pic, &c.size);
    return c;
}

static inline int call_picture_result(const iv_cs_init_parm_s *p, uint8_t *pic, int32_t code)
{
    return p->iv_cs_event_picture_result_cb(&pic, code);
}

static inline int call_report_result(const iv_cs_init_parm_s *p, iv_cs_event_result_info info)
{
    return p->iv_cs_event_report_result_cb(&info);
}

static inline int call_notify(const iv_cs_init_parm_s *p, iv_cs_notify_msg_type_e type)
{
    return p->iv_cs_notify_cb(type, NULL);
}

/* The slices are copied: the callback gets memory of C's, on this stack. */
static inline int call_notify_slices(const iv_cs_init_parm_s *p, iv_cs_notify_msg_type_e type,
                                     const iv_cs_upload_slice_info_s *slices, int32_t num)
{
    iv_cs_upload_info_s info;
    iv_cs_notify_msg_data data = {&info};
    memset(&info, 0, sizeof info);
    memcpy(info.slice_info, slices, (size_t)num * sizeof *slices);
    info.num = num;
    return p->iv_cs_notify_cb(type, &data);
}

#endif /* CALLBACKS_H */
