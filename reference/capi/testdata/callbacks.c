/* The way of callbacks.h from Go to the functions of iv_cs_init_parm_s. */
#include <stdio.h>

#include "callbacks.h"

#define CHECK(cond)                                                         \
    do {                                                                    \
        if (!(cond)) {                                                      \
            fprintf(stderr, "callbacks.c:%d: not so: %s\n", __LINE__, #cond); \
            return 1;                                                       \
        }                                                                   \
    } while (0)

static uint8_t picture[3];
static int started, stopped, mode;

static int start_cb(void) { return started++, -1; }
static int stop_cb(void) { return stopped++, -2; }
static void ai_cb(unsigned int type, unsigned long long expire) { mode = type == 7 && expire == 0x100000002ull; }
static int capture_cb(int32_t id, uint8_t **pic, int32_t *size)
{
    if (mode == 0) { /* answers nothing at all */
        return 0;
    }
    *pic = picture;
    *size = 3;
    return id;
}
static int result_cb(uint8_t **pic, int32_t code) { return *pic == picture ? code : 0; }
static int report_cb(iv_cs_event_result_info *r)
{
    return r->result_code == 1 && r->event_id == 2 && r->start_time_s == 3 && r->end_time_s == 4 ? -4 : 0;
}
static int notify_cb(iv_cs_notify_msg_type_e type, iv_cs_notify_msg_data *data)
{
    const iv_cs_upload_info_s *info;
    int32_t i;
    if (type != IV_CS_AV_UPLOAD_STATE_MSG) {
        return data == NULL ? -5 : 0;
    }
    info = data->av_result_info;
    for (i = 0; i < MAX_UPLOAD_INFO_NUM; i++) {
        if (info->slice_info[i].pts_ms_b != (i < info->num ? 100u + (unsigned)i : 0u)) {
            return 0;
        }
    }
    return -info->num;
}

int main(void)
{
    iv_cs_init_parm_s p = {0};
    iv_cs_upload_slice_info_s slices[MAX_UPLOAD_INFO_NUM] = {0};
    iv_cs_event_result_info r = {1, 2, 3, 4};
    captured c;
    int32_t n;

    p.iv_cs_push_stream_start_cb = start_cb;
    p.iv_cs_push_stream_stop_cb = stop_cb;
    p.iv_cs_ai_service_notify_cb = ai_cb;
    p.iv_cs_event_capture_picture_cb = capture_cb;
    p.iv_cs_event_picture_result_cb = result_cb;
    p.iv_cs_event_report_result_cb = report_cb;
    p.iv_cs_notify_cb = notify_cb;

    CHECK(call_stream(&p, 1) == -1 && started == 1 && stopped == 0);
    CHECK(call_stream(&p, 0) == -2 && started == 1 && stopped == 1);
    c = call_capture(&p, 5);
    CHECK(c.pic == NULL && c.size == 0 && c.code == 0);
    call_ai_service(&p, 7, 0x100000002ull);
    CHECK(mode == 1);
    c = call_capture(&p, 5);
    CHECK(c.pic == picture && c.size == 3 && c.code == 5);
    CHECK(call_picture_result(&p, picture, -3) == -3);
    CHECK(call_report_result(&p, r) == -4);
    CHECK(call_notify(&p, IV_CS_COS_SERVICE_WRONG) == -5);
    for (n = 0; n < MAX_UPLOAD_INFO_NUM; n++) {
        slices[n].pts_ms_b = 100u + (unsigned)n;
        CHECK(call_notify_slices(&p, IV_CS_AV_UPLOAD_STATE_MSG, slices, n + 1) == -(n + 1));
    }
    return 0;
}
