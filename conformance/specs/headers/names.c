/* Every name, tag, member, enumerator and prototype of the specification, used
 * once. It must compile against a vendor's headers as C99, C11 and C++17. What
 * the common module (iv_cm.h) adds is not in the specification and not here. */
#include "iv_cs.h"

/* A constant expression that is false makes an array of negative size, in every
 * version of the languages. */
#define SAME(name, expression) typedef char same_##name[(expression) ? 1 : -1]

SAME(type_none, CS_TYPE_NONE == 0);
SAME(type_full_time, CS_TYPE_FULL_TIME == 1);
SAME(type_event, CS_TYPE_EVENT == 2);
SAME(ai_close, CS_AI_TYPE_CLOSE == 0);
SAME(ai_fall, CS_AI_TYPE_FALL_DETECT == 1);
SAME(event_ts, CS_EVENT_TS_REQ == 0);
SAME(event_pic, CS_EVENT_PIC_REQ == 1);
SAME(event_ts_or_pic, CS_EVENT_TS_OR_PIC_REQ == 2);
SAME(upload_ok, IV_CS_UPLOAD_OK == 0);
SAME(upload_err, IV_CS_UPLOAD_ERR == 1);
SAME(connect_fail, IV_CS_AV_UPLOAD_CONNECT_FAIL == 0);
SAME(connect_recover, IV_CS_AV_UPLOAD_CONNECT_RECOVER == 1);
SAME(state_msg, IV_CS_AV_UPLOAD_STATE_MSG == 2);
SAME(watermark_low, IV_CS_AV_UPLOAD_WATERMARK_LOW == 3);
SAME(watermark_warn, IV_CS_AV_UPLOAD_WATERMARK_WARN == 4);
SAME(watermark_high, IV_CS_AV_UPLOAD_WATERMARK_HIGH == 5);
SAME(service_wrong, IV_CS_COS_SERVICE_WRONG == 6);
SAME(msg_butt, IV_CS_MSG_BUTT == 7);
SAME(slices, MAX_UPLOAD_INFO_NUM > 0);

/* The tags. */
void tags(struct iv_cs_balance_s *balance, enum cs_event_upload_options *option, enum cs_notify_type *message,
          struct iv_cs_init_parm_s *parm);
void tags(struct iv_cs_balance_s *balance, enum cs_event_upload_options *option, enum cs_notify_type *message,
          struct iv_cs_init_parm_s *parm)
{
    iv_cs_balance_info_s *b = balance;
    iv_cs_event_report_opt_e *o = option;
    iv_cs_notify_msg_type_e *m = message;
    iv_cs_init_parm_s *p = parm;
    (void)b, (void)o, (void)m, (void)p;
}

/* The members, by pointers to their types. */
void members(iv_cs_balance_info_s *balance, iv_cs_upload_slice_info_s *slice, iv_cs_upload_info_s *info,
             iv_cs_notify_msg_data *data, iv_cs_event_result_info *result, iv_cs_congestion_ctrl_s *congestion);
void members(iv_cs_balance_info_s *balance, iv_cs_upload_slice_info_s *slice, iv_cs_upload_info_s *info,
             iv_cs_notify_msg_data *data, iv_cs_event_result_info *result, iv_cs_congestion_ctrl_s *congestion)
{
    int *cs_switch = &balance->cs_switch;
    iv_cs_type_e *cs_type = &balance->cs_type;
    uint64_t *wide[] = {&slice->utc_sec_a, &slice->utc_sec_b, &slice->pts_ms_a, &slice->pts_ms_b};
    uint32_t *narrow[] = {&slice->frame_seq_a, &slice->frame_seq_b, &slice->upload_size, &slice->total_size,
                          &result->start_time_s, &result->end_time_s};
    iv_cs_upload_state_e *state = &slice->state;
    iv_cs_upload_slice_info_s *first = &info->slice_info[0], *last = &info->slice_info[MAX_UPLOAD_INFO_NUM - 1];
    int32_t *numbers[] = {&info->num, &result->result_code, &result->event_id};
    iv_cs_upload_info_s **av_result_info = &data->av_result_info;
    size_t *marks[] = {&congestion->low_mark, &congestion->warn_mark, &congestion->high_mark};
    int8_t *enable = &congestion->enable;
    (void)cs_switch, (void)cs_type, (void)wide, (void)narrow, (void)state, (void)first, (void)last;
    (void)numbers, (void)av_result_info, (void)marks, (void)enable;
}

/* The seven callbacks, as a user writes them. */
static int start_cb(void) { return IV_ERR_NONE; }
static int stop_cb(void) { return IV_ERR_NONE; }
static void ai_service_cb(unsigned int ai_server_type, unsigned long long utc_expire)
{
    (void)ai_server_type, (void)utc_expire;
}
static int capture_cb(int32_t event_id, uint8_t **pic, int32_t *size)
{
    (void)event_id;
    *pic = NULL;
    *size = 0;
    return IV_ERR_NONE;
}
static int picture_cb(uint8_t **pic, int32_t err_code)
{
    (void)pic, (void)err_code;
    return IV_ERR_NONE;
}
static int report_cb(iv_cs_event_result_info *pst_result_info)
{
    (void)pst_result_info;
    return IV_ERR_NONE;
}
static int notify_cb(iv_cs_notify_msg_type_e notify_msg_type, iv_cs_notify_msg_data *pst_notify_data)
{
    (void)notify_msg_type, (void)pst_notify_data;
    return IV_ERR_NONE;
}

void fill(iv_cs_init_parm_s *p, iv_cm_av_data_info_s *format, iv_cs_congestion_ctrl_s *congestion);
void fill(iv_cs_init_parm_s *p, iv_cm_av_data_info_s *format, iv_cs_congestion_ctrl_s *congestion)
{
    uint32_t *size = &p->u32MaxGopSize;
    *size = 800 * 1024;
    p->congestion_cfg = *congestion;
    p->av_fmt = *format;
    p->av_fmt.u32SampleNumPerFrame = 1024; /* named by iv_cs_push_stream */
    p->av_fmt.u32Framerate = 0;            /* named by iv_cs_init_parm_s */
    p->event_report_opt = CS_EVENT_TS_REQ;
    p->iv_cs_push_stream_start_cb = start_cb;
    p->iv_cs_push_stream_stop_cb = stop_cb;
    p->iv_cs_ai_service_notify_cb = ai_service_cb;
    p->iv_cs_event_capture_picture_cb = capture_cb;
    p->iv_cs_event_picture_result_cb = picture_cb;
    p->iv_cs_event_report_result_cb = report_cb;
    p->iv_cs_notify_cb = notify_cb;
}

/* The twelve functions, with their exact types. */
int (*const init)(iv_cs_init_parm_s *) = iv_cs_init;
int (*const leave)(void) = iv_cs_exit;
int (*const push)(iv_cm_stream_type_e, void *) = iv_cs_push_stream;
int (*const directly_report)(int32_t, uint32_t, uint8_t *, uint32_t) = iv_cs_event_directly_report;
int (*const event_start)(int32_t) = iv_cs_event_start;
int (*const event_stop)(int32_t) = iv_cs_event_stop;
int (*const event_start_ext)(int32_t, uint32_t, uint32_t) = iv_cs_event_start_ext;
int (*const event_stop_ext)(int32_t, uint32_t, uint32_t) = iv_cs_event_stop_ext;
int (*const get_balance)(iv_cs_balance_info_s *, uint32_t) = iv_cs_get_balance_info;
int (*const set_ai)(int32_t, iv_cs_ai_type_e, void *) = iv_cs_set_ai_process;
int (*const get_ai)(int32_t, iv_cs_ai_type_e *, void *) = iv_cs_get_ai_process;
int (*const set_trans_time)(uint32_t, uint32_t) = iv_cs_set_trans_time;

/* The codes that the specification names, all different. */
SAME(err_none, IV_ERR_NONE == 0);
SAME(err_timeout, IV_ERR_CS_QUERY_SERVICE_TIMEOUT != IV_ERR_NONE);
SAME(err_service, IV_ERR_CS_APPLY_NO_SERVICE != IV_ERR_NONE);
SAME(err_apart, IV_ERR_CS_APPLY_NO_SERVICE != IV_ERR_CS_QUERY_SERVICE_TIMEOUT);

/* The packs of the sample code, but for the member it names two ways (AMB-93). */
int packs(iv_cm_aenc_pack_s *audio, iv_cm_venc_pack_s *video, uint8_t *buffer);
int packs(iv_cm_aenc_pack_s *audio, iv_cm_venc_pack_s *video, uint8_t *buffer)
{
    audio->pu8Addr = buffer;
    audio->u32Len = 1;
    audio->u32Seq = 1;
    video->pu8Addr = buffer;
    video->u32Len = 1;
    video->u64PTS = (uint64_t)(1 * 1000 / 25.0);
    video->u32Seq = 1;
    (void)video->eFrameType;
    return iv_cs_push_stream(IV_CM_STREAM_TYPE_AUDIO, audio) + iv_cs_push_stream(IV_CM_STREAM_TYPE_VIDEO, video);
}
