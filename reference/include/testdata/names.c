/*
 * Every name, tag, member, enumerator and prototype of the specification and of
 * the common module, used as printed (ABI-055). Valid C99, C11 and C++17.
 */
#include "iv_cs.h"
#include "ivcs_conform.h"

/* A declaration that differs from the header's is an error of the compiler. */
#ifdef __cplusplus
extern "C" {
#endif
int iv_cs_init(iv_cs_init_parm_s *pstInitParm);
int iv_cs_exit(void);
int iv_cs_push_stream(iv_cm_stream_type_e eCsStreamType, void *pstCsPack);
int iv_cs_event_directly_report(int32_t event_id, uint32_t event_time_s, uint8_t *pic_addr,
                                uint32_t pic_len);
int iv_cs_event_start(int32_t event_id);
int iv_cs_event_stop(int32_t event_id);
int iv_cs_event_start_ext(int32_t event_id, uint32_t event_start_time_s, uint32_t stream_start_time_s);
int iv_cs_event_stop_ext(int32_t event_id, uint32_t event_stop_time_s, uint32_t stream_stop_time_s);
int iv_cs_get_balance_info(iv_cs_balance_info_s *pstBalanceInfo, uint32_t timeout_s);
int iv_cs_set_ai_process(int32_t event_id, iv_cs_ai_type_e ai_type, void *args);
int iv_cs_get_ai_process(int32_t event_id, iv_cs_ai_type_e *ai_type, void *args);
int iv_cs_set_trans_time(uint32_t upload_timeout_ms, uint32_t reply_timeout_ms);

int ivcs_conform_configure(const char *json);
int ivcs_conform_clock_freeze(uint64_t utc_ms);
int ivcs_conform_clock_advance(uint32_t ms);
int ivcs_conform_clock_step(int64_t ms);
#ifdef __cplusplus
}
#endif

#define VALUE(name, value) IV_ASSERT(value_##name, (long)(name) == (value))
VALUE(IV_CM_AENC_TYPE_PCM, 0);
VALUE(IV_CM_AENC_TYPE_G711A, 1);
VALUE(IV_CM_AENC_TYPE_G711U, 2);
VALUE(IV_CM_AENC_TYPE_G726, 3);
VALUE(IV_CM_AENC_TYPE_AAC, 4);
VALUE(IV_CM_AENC_TYPE_AMR, 5);
VALUE(IV_CM_AENC_TYPE_ADPCMA, 6);
VALUE(IV_CM_AENC_TYPE_BUTT, 7);
VALUE(IV_CM_AAC_TYPE_NONE, 0);
VALUE(IV_CM_AAC_TYPE_MAIN, 1);
VALUE(IV_CM_AAC_TYPE_LC, 2);
VALUE(IV_CM_AAC_TYPE_SSR, 3);
VALUE(IV_CM_AAC_TYPE_LTP, 4);
VALUE(IV_CM_AAC_TYPE_SBR, 5);
VALUE(IV_CM_AAC_TYPE_SCALCBLE, 6);
VALUE(IV_CM_AAC_TYPE_TWINVQ, 7);
VALUE(IV_CM_AAC_TYPE_CELP, 8);
VALUE(IV_CM_AAC_TYPE_HVXC, 9);
VALUE(IV_CM_AAC_TYPE_BUTT, 10);
VALUE(IV_CM_AENC_SAMPLE_RATE_8000, 8000);
VALUE(IV_CM_AENC_SAMPLE_RATE_11025, 11025);
VALUE(IV_CM_AENC_SAMPLE_RATE_12000, 12000);
VALUE(IV_CM_AENC_SAMPLE_RATE_16000, 16000);
VALUE(IV_CM_AENC_SAMPLE_RATE_22050, 22050);
VALUE(IV_CM_AENC_SAMPLE_RATE_24000, 24000);
VALUE(IV_CM_AENC_SAMPLE_RATE_32000, 32000);
VALUE(IV_CM_AENC_SAMPLE_RATE_44100, 44100);
VALUE(IV_CM_AENC_SAMPLE_RATE_48000, 48000);
VALUE(IV_CM_AENC_SAMPLE_RATE_64000, 64000);
VALUE(IV_CM_AENC_SAMPLE_RATE_96000, 96000);
VALUE(IV_CM_AENC_BIT_WIDTH_8, 0);
VALUE(IV_CM_AENC_BIT_WIDTH_16, 1);
VALUE(IV_CM_AENC_BIT_WIDTH_24, 2);
VALUE(IV_CM_AENC_BIT_WIDTH_BUTT, 3);
VALUE(IV_CM_AENC_MODE_MONO, 0);
VALUE(IV_CM_AENC_MODE_STEREO, 1);
VALUE(IV_CM_AENC_MODE_BUTT, 2);
VALUE(IV_CM_STREAM_TYPE_AUDIO, 0);
VALUE(IV_CM_STREAM_TYPE_VIDEO, 1);
VALUE(IV_CM_STREAM_TYPE_BUTT, 2);
VALUE(IV_CM_VENC_TYPE_H264, 0);
VALUE(IV_CM_VENC_TYPE_H265, 1);
VALUE(IV_CM_VENC_TYPE_BUTT, 2);
VALUE(IV_CM_FRAME_TYPE_I, 0);
VALUE(IV_CM_FRAME_TYPE_P, 1);
VALUE(IV_CM_FRAME_TYPE_BUTT, 2);
VALUE(IV_ERR_NONE, 0);
VALUE(IV_ERR_CS_INIT_PRM_NULL, -600);
VALUE(IV_ERR_CS_INIT_CB_NULL, -601);
VALUE(IV_ERR_CS_INIT_PRM_RANGE, -602);
VALUE(IV_ERR_CS_UPLOAD_AUTH_NOT_AVAILABLE, -603);
VALUE(IV_ERR_CS_UPLOAD_OPEN_FILE_FAIL, -604);
VALUE(IV_ERR_CS_PRM_NOT_AVAILABLE, -605);
VALUE(IV_ERR_CS_PRM_MALLOC_FAIL, -606);
VALUE(IV_ERR_CS_APPLY_NO_SERVICE, -607);
VALUE(IV_ERR_CS_QUERY_SERVICE_TIMEOUT, -608);
VALUE(IV_ERR_CS_EVENT_IS_VALID, -609);
VALUE(IV_ERR_CS_INIT_REPEAT, -610);
VALUE(IV_ERR_CS_NEED_IDR_FRAME, -611);
VALUE(IV_ERR_CS_NO_BALANCE, -612);
VALUE(IV_ERR_CS_HTTP_DATA_FAIL, -613);
VALUE(IV_ERR_DEVICE_OFFLINE, -1001);
VALUE(CS_TYPE_NONE, 0);
VALUE(CS_TYPE_FULL_TIME, 1);
VALUE(CS_TYPE_EVENT, 2);
VALUE(CS_AI_TYPE_CLOSE, 0);
VALUE(CS_AI_TYPE_FALL_DETECT, 1);
VALUE(CS_EVENT_TS_REQ, 0);
VALUE(CS_EVENT_PIC_REQ, 1);
VALUE(CS_EVENT_TS_OR_PIC_REQ, 2);
VALUE(IV_CS_UPLOAD_OK, 0);
VALUE(IV_CS_UPLOAD_ERR, 1);
VALUE(IV_CS_AV_UPLOAD_CONNECT_FAIL, 0);
VALUE(IV_CS_AV_UPLOAD_CONNECT_RECOVER, 1);
VALUE(IV_CS_AV_UPLOAD_STATE_MSG, 2);
VALUE(IV_CS_AV_UPLOAD_WATERMARK_LOW, 3);
VALUE(IV_CS_AV_UPLOAD_WATERMARK_WARN, 4);
VALUE(IV_CS_AV_UPLOAD_WATERMARK_HIGH, 5);
VALUE(IV_CS_COS_SERVICE_WRONG, 6);
VALUE(IV_CS_MSG_BUTT, 7);
VALUE(MAX_UPLOAD_INFO_NUM, 10);

/* The seven callbacks, with the types of the structure. */
static int start_cb(void) { return IV_ERR_NONE; }
static int stop_cb(void) { return IV_ERR_NONE; }
static void ai_cb(unsigned int ai_server_type, unsigned long long utc_expire)
{
    (void)ai_server_type;
    (void)utc_expire;
}
static int capture_cb(int32_t event_id, uint8_t **pic, int32_t *size)
{
    *pic = NULL;
    *size = 0 * event_id;
    return IV_ERR_NONE;
}
static int picture_cb(uint8_t **pic, int32_t err_code) { return *pic == NULL ? err_code : IV_ERR_NONE; }
static int report_cb(iv_cs_event_result_info *pst_result_info)
{
    return pst_result_info->result_code == 1 && pst_result_info->event_id >= 1 &&
                   pst_result_info->start_time_s <= pst_result_info->end_time_s
               ? IV_ERR_NONE
               : IV_ERR_CS_EVENT_IS_VALID;
}
static int notify_cb(iv_cs_notify_msg_type_e notify_msg_type, iv_cs_notify_msg_data *pst_notify_data)
{
    uint64_t sum = 0;
    int32_t i;
    if (notify_msg_type != IV_CS_AV_UPLOAD_STATE_MSG) {
        return IV_ERR_NONE;
    }
    for (i = 0; i < pst_notify_data->av_result_info->num; i++) {
        iv_cs_upload_slice_info_s s = pst_notify_data->av_result_info->slice_info[i];
        sum += s.utc_sec_a + s.utc_sec_b + s.pts_ms_a + s.pts_ms_b + s.frame_seq_a + s.frame_seq_b;
        sum += s.upload_size == s.total_size && s.state == IV_CS_UPLOAD_OK;
    }
    return sum > 0 ? IV_ERR_NONE : IV_ERR_CS_HTTP_DATA_FAIL;
}

/* The sample code of the specification, completed so that it compiles. */
int example(uint8_t *buf, uint32_t len);
int example(uint8_t *buf, uint32_t len)
{
    struct iv_cs_init_parm_s parm;
    struct iv_cs_balance_s balance;
    enum cs_event_upload_options option = CS_EVENT_TS_REQ;
    enum cs_notify_type message = IV_CS_MSG_BUTT;
    iv_cm_aenc_pack_s audio_pack;
    iv_cm_venc_pack_s video_pack;
    iv_cs_ai_type_e ai_type = CS_AI_TYPE_CLOSE;
    iv_cs_upload_info_s info;
    iv_cs_notify_msg_data data;

    parm.u32MaxGopSize = 800 * 1024;
    parm.congestion_cfg.low_mark = parm.u32MaxGopSize / 10;
    parm.congestion_cfg.warn_mark = parm.u32MaxGopSize / 10 * 4;
    parm.congestion_cfg.high_mark = parm.u32MaxGopSize / 10 * 8;
    parm.congestion_cfg.enable = 1;
    parm.av_fmt.eAudioType = IV_CM_AENC_TYPE_PCM;
    parm.av_fmt.u32AudioCodecOption = IV_CM_AAC_TYPE_NONE;
    parm.av_fmt.eAudioMode = IV_CM_AENC_MODE_MONO;
    parm.av_fmt.eAudioBitWidth = IV_CM_AENC_BIT_WIDTH_16;
    parm.av_fmt.eAudioSampleRate = IV_CM_AENC_SAMPLE_RATE_8000;
    parm.av_fmt.u32SampleNumPerFrame = 1024;
    parm.av_fmt.eVideoType = IV_CM_VENC_TYPE_H264;
    parm.av_fmt.u32VideoWidth = 320;
    parm.av_fmt.u32VideoHeight = 180;
    parm.av_fmt.u32Framerate = 20;
    parm.av_fmt.u32Reserve[3] = 0;
    parm.event_report_opt = option;
    parm.iv_cs_push_stream_start_cb = start_cb;
    parm.iv_cs_push_stream_stop_cb = stop_cb;
    parm.iv_cs_ai_service_notify_cb = ai_cb;
    parm.iv_cs_event_capture_picture_cb = capture_cb;
    parm.iv_cs_event_picture_result_cb = picture_cb;
    parm.iv_cs_event_report_result_cb = report_cb;
    parm.iv_cs_notify_cb = notify_cb;

    audio_pack.pu8Addr = buf;
    audio_pack.u32Len = len;
    audio_pack.u64TimeStamp = (uint64_t)(1 * 1024 / 48.0);
    audio_pack.u32Seq = 1;
    video_pack.pu8Addr = buf;
    video_pack.u32Len = len;
    video_pack.eFrameType = IV_CM_FRAME_TYPE_I;
    video_pack.u64PTS = (uint64_t)(1 * 1000 / 25.0);
    video_pack.u32Seq = 1;
    info.num = 0;
    data.av_result_info = &info;

    balance.cs_switch = 0;
    balance.cs_type = CS_TYPE_NONE;
    return iv_cs_get_balance_info(&balance, 1) + iv_cs_init(&parm) + (audio_pack.u64PTS == 21) +
           iv_cs_push_stream(IV_CM_STREAM_TYPE_AUDIO, &audio_pack) +
           iv_cs_push_stream(IV_CM_STREAM_TYPE_VIDEO, &video_pack) +
           iv_cs_set_ai_process(1, CS_AI_TYPE_FALL_DETECT, NULL) + iv_cs_get_ai_process(1, &ai_type, NULL) +
           notify_cb(message, &data) + iv_cs_exit();
}
