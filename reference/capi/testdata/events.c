/*
 * One event against a cloud that has a plan but stores nothing: every callback
 * comes, with the arguments that belong to it.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "iv_cs.h"
#include "ivcs_conform.h"

static int failures;

#define CHECK(cond)                                                      \
    do {                                                                 \
        if (!(cond)) {                                                   \
            fprintf(stderr, "events.c:%d: not so: %s\n", __LINE__, #cond); \
            failures++;                                                  \
        }                                                                \
    } while (0)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int start, stop, ai, capture, picture, report, state, wrong;
    int32_t asked_for, picture_code;
    uint8_t *handed_back;
    iv_cs_event_result_info result;
    iv_cs_upload_slice_info_s slice;
    int32_t num;
    int null_data, over;
} got;

static uint8_t picture[] = {0xFF, 0xD8, 0xFF, 0xD9};

static int start_cb(void)
{
    pthread_mutex_lock(&lock);
    got.start++;
    pthread_mutex_unlock(&lock);
    return IV_ERR_NONE;
}
static int stop_cb(void)
{
    pthread_mutex_lock(&lock);
    got.stop++;
    pthread_mutex_unlock(&lock);
    return IV_ERR_NONE;
}
static void ai_cb(unsigned int type, unsigned long long expire)
{
    (void)type, (void)expire;
    got.ai++;
}
static int capture_cb(int32_t id, uint8_t **pic, int32_t *size)
{
    iv_cs_balance_info_s b;
    pthread_mutex_lock(&lock);
    got.capture++;
    got.asked_for = id;
    pthread_mutex_unlock(&lock);
    CHECK(iv_cs_get_balance_info(&b, 0) == IV_ERR_NONE); /* a call from inside a callback */
    CHECK(*pic == NULL && *size == 0);
    *pic = picture;
    *size = sizeof picture;
    return IV_ERR_NONE;
}
static int picture_cb(uint8_t **pic, int32_t code)
{
    pthread_mutex_lock(&lock);
    got.picture++;
    got.handed_back = *pic;
    got.picture_code = code;
    pthread_mutex_unlock(&lock);
    return IV_ERR_NONE;
}
static int report_cb(iv_cs_event_result_info *info)
{
    pthread_mutex_lock(&lock);
    got.report++;
    got.result = *info;
    got.over += got.picture == 0; /* the report tells about the picture, too */
    pthread_mutex_unlock(&lock);
    return IV_ERR_NONE;
}
static int notify_cb(iv_cs_notify_msg_type_e type, iv_cs_notify_msg_data *data)
{
    pthread_mutex_lock(&lock);
    if (type == IV_CS_AV_UPLOAD_STATE_MSG) {
        got.state++;
        got.num = data->av_result_info->num;
        got.slice = data->av_result_info->slice_info[0];
    } else {
        got.wrong += type == IV_CS_COS_SERVICE_WRONG;
        got.null_data += data != NULL;
    }
    pthread_mutex_unlock(&lock);
    return IV_ERR_NONE;
}

static uint8_t key_frame[] = {0, 0, 0, 1, 0x67, 0x42, 0, 0x0A, 0, 0, 0, 1, 0x68, 0xCE, 0, 0, 0, 1, 0x65, 0x88, 0x80};

int main(void)
{
    iv_cs_init_parm_s p;
    iv_cs_balance_info_s b;
    int i;
    const uint32_t now = 1700000000u;

    memset(&p, 0, sizeof p);
    p.u32MaxGopSize = 800 * 1024;
    p.av_fmt.eAudioType = IV_CM_AENC_TYPE_AAC;
    p.av_fmt.eVideoType = IV_CM_VENC_TYPE_H264;
    p.av_fmt.eAudioSampleRate = IV_CM_AENC_SAMPLE_RATE_16000;
    p.av_fmt.u32SampleNumPerFrame = 1024;
    p.av_fmt.eAudioBitWidth = IV_CM_AENC_BIT_WIDTH_16;
    p.iv_cs_push_stream_start_cb = start_cb;
    p.iv_cs_push_stream_stop_cb = stop_cb;
    p.iv_cs_ai_service_notify_cb = ai_cb;
    p.iv_cs_event_capture_picture_cb = capture_cb;
    p.iv_cs_event_picture_result_cb = picture_cb;
    p.iv_cs_event_report_result_cb = report_cb;
    p.iv_cs_notify_cb = notify_cb;

    CHECK(ivcs_conform_clock_freeze(now * 1000ull) == 0);
    CHECK(iv_cs_init(&p) == IV_ERR_NONE);
    memset(&p, 0xA5, sizeof p);
    CHECK(iv_cs_get_balance_info(&b, 5) == IV_ERR_NONE);
    CHECK(b.cs_switch == 1 && b.cs_type == CS_TYPE_EVENT);
    ivcs_conform_clock_advance(0);

    CHECK(iv_cs_event_start(2) == IV_ERR_NONE);
    ivcs_conform_clock_advance(0);
    CHECK(got.start == 1 && got.capture == 1 && got.asked_for == 2);
    for (i = 0; i < 4; i++) {
        iv_cm_venc_pack_s v;
        memset(&v, 0, sizeof v);
        v.pu8Addr = key_frame;
        v.u32Len = sizeof key_frame;
        v.u64PTS = 5000000000ull + (uint64_t)i * 1000;
        v.eFrameType = IV_CM_FRAME_TYPE_I;
        v.u32Seq = 4000000000u + (uint32_t)i;
        CHECK(iv_cs_push_stream(IV_CM_STREAM_TYPE_VIDEO, &v) == IV_ERR_NONE);
        ivcs_conform_clock_advance(1000);
    }
    CHECK(iv_cs_event_stop(2) == IV_ERR_NONE);
    for (i = 0; i < 60; i++) {
        ivcs_conform_clock_advance(5000);
    }
    CHECK(iv_cs_exit() == IV_ERR_NONE);
    memset(picture, 0, sizeof picture);

    CHECK(got.stop == 1 && got.ai == 0);
    CHECK(got.picture == 1 && got.handed_back == picture && got.picture_code != IV_ERR_NONE);
    CHECK(got.report == 1 && got.result.result_code == 0 && got.result.event_id == 2);
    CHECK(got.result.start_time_s == now && got.result.end_time_s == now + 4);
    CHECK(got.wrong > 0 && got.null_data == 0);
    CHECK(got.state > 0 && got.num == 1 && got.slice.state == IV_CS_UPLOAD_ERR);
    CHECK(got.slice.utc_sec_a == now && got.slice.utc_sec_b >= now + 3 && got.slice.utc_sec_b <= now + 5);
    CHECK(got.slice.pts_ms_a == 5000000000ull && got.slice.pts_ms_b == 5000003000ull);
    CHECK(got.slice.frame_seq_a == 4000000000u && got.slice.frame_seq_b == 4000000003u);
    CHECK(got.slice.upload_size < got.slice.total_size && got.slice.total_size % 188 == 0);
    return failures > 0;
}
