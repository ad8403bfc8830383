/*
 * Calls libivcs.so as a device program would. Each scenario runs in a process of
 * its own: calls NAME. Without a name it lists them. There is no cloud: the
 * endpoint refuses every connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "iv_cs.h"
#include "ivcs_conform.h"

static int failures;

#define CHECK(cond)                                                    \
    do {                                                               \
        if (!(cond)) {                                                 \
            fprintf(stderr, "calls.c:%d: not so: %s\n", __LINE__, #cond); \
            failures++;                                                \
        }                                                              \
    } while (0)

#define CHECK_CODE(call, want)                                                           \
    do {                                                                                 \
        int got = (call), wanted = (want);                                               \
        if (got != wanted) {                                                             \
            fprintf(stderr, "calls.c:%d: %s gave %d, want %d\n", __LINE__, #call, got, wanted); \
            failures++;                                                                  \
        }                                                                                \
    } while (0)

static int stream_cb(void) { return IV_ERR_NONE; }
static int capture_cb(int32_t id, uint8_t **pic, int32_t *size)
{
    (void)id, (void)pic, (void)size;
    return IV_ERR_NONE;
}
static int picture_cb(uint8_t **pic, int32_t code)
{
    (void)pic, (void)code;
    return IV_ERR_NONE;
}
static int report_cb(iv_cs_event_result_info *info)
{
    (void)info;
    return IV_ERR_NONE;
}
static int notify_cb(iv_cs_notify_msg_type_e type, iv_cs_notify_msg_data *data)
{
    (void)type, (void)data;
    return IV_ERR_NONE;
}

/* Parameters of a usual device; every byte that is no member is pad. */
static void usual(iv_cs_init_parm_s *p, int pad)
{
    memset(p, pad, sizeof *p);
    p->u32MaxGopSize = 800 * 1024;
    p->congestion_cfg.low_mark = 80 * 1024;
    p->congestion_cfg.warn_mark = 320 * 1024;
    p->congestion_cfg.high_mark = 640 * 1024;
    p->congestion_cfg.enable = 0;
    p->av_fmt.eAudioType = IV_CM_AENC_TYPE_AAC;
    p->av_fmt.u32AudioCodecOption = IV_CM_AAC_TYPE_LC;
    p->av_fmt.eAudioMode = IV_CM_AENC_MODE_MONO;
    p->av_fmt.eAudioBitWidth = IV_CM_AENC_BIT_WIDTH_16;
    p->av_fmt.eAudioSampleRate = IV_CM_AENC_SAMPLE_RATE_16000;
    p->av_fmt.u32SampleNumPerFrame = 1024;
    p->av_fmt.eVideoType = IV_CM_VENC_TYPE_H264;
    p->av_fmt.u32VideoWidth = 320;
    p->av_fmt.u32VideoHeight = 180;
    p->av_fmt.u32Framerate = 20;
    p->event_report_opt = CS_EVENT_TS_REQ;
    p->iv_cs_push_stream_start_cb = stream_cb;
    p->iv_cs_push_stream_stop_cb = stream_cb;
    p->iv_cs_ai_service_notify_cb = NULL;
    p->iv_cs_event_capture_picture_cb = capture_cb;
    p->iv_cs_event_picture_result_cb = picture_cb;
    p->iv_cs_event_report_result_cb = report_cb;
    p->iv_cs_notify_cb = notify_cb;
}

static void init(void)
{
    iv_cs_init_parm_s p;
    usual(&p, 0);
    CHECK_CODE(iv_cs_init(&p), IV_ERR_NONE);
}

static uint8_t key_frame[] = {0, 0, 0, 1, 0x67, 0x42, 0, 0x0A, 0, 0, 0, 1, 0x68, 0xCE, 0, 0, 0, 1, 0x65, 0x88};
static uint8_t adts[] = {0xFF, 0xF1, 0x60, 0x40, 0x01, 0x1F, 0xFC, 0};

static int push_video(uint8_t *addr, uint32_t len)
{
    iv_cm_venc_pack_s v;
    memset(&v, 0, sizeof v);
    v.pu8Addr = addr;
    v.u32Len = len;
    v.eFrameType = IV_CM_FRAME_TYPE_I;
    return iv_cs_push_stream(IV_CM_STREAM_TYPE_VIDEO, &v);
}

static int push_audio(uint8_t *addr, uint32_t len)
{
    iv_cm_aenc_pack_s a;
    memset(&a, 0, sizeof a);
    a.pu8Addr = addr;
    a.u32Len = len;
    return iv_cs_push_stream(IV_CM_STREAM_TYPE_AUDIO, &a);
}

static void before_init(void)
{
    iv_cs_ai_type_e type;
    CHECK_CODE(iv_cs_exit(), IV_ERR_CS_PRM_NOT_AVAILABLE);
    CHECK(push_video(key_frame, sizeof key_frame) != IV_ERR_NONE);
    CHECK(push_audio(adts, sizeof adts) != IV_ERR_NONE);
    CHECK(iv_cs_event_start(1) != IV_ERR_NONE);
    CHECK(iv_cs_event_stop(1) != IV_ERR_NONE);
    CHECK(iv_cs_event_start_ext(1, 0, 0) != IV_ERR_NONE);
    CHECK(iv_cs_event_stop_ext(1, 0, 0) != IV_ERR_NONE);
    CHECK(iv_cs_event_directly_report(1, 0, NULL, 0) != IV_ERR_NONE);
    CHECK(iv_cs_set_ai_process(1, CS_AI_TYPE_FALL_DETECT, NULL) != IV_ERR_NONE);
    CHECK(iv_cs_get_ai_process(1, &type, NULL) != IV_ERR_NONE);
}

static void null_pointers(void)
{
    int i;
    for (i = 0; i < 2; i++) {
        CHECK_CODE(iv_cs_init(NULL), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(iv_cs_push_stream(IV_CM_STREAM_TYPE_VIDEO, NULL), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(iv_cs_push_stream(IV_CM_STREAM_TYPE_AUDIO, NULL), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(push_video(NULL, 100), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(push_audio(NULL, 100), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(iv_cs_get_balance_info(NULL, 0), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(iv_cs_get_balance_info(NULL, 1), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(iv_cs_get_ai_process(1, NULL, NULL), IV_ERR_CS_INIT_PRM_NULL);
        CHECK_CODE(iv_cs_event_directly_report(1, 0, NULL, 5), IV_ERR_CS_INIT_PRM_NULL);
        CHECK(ivcs_conform_configure(NULL) != 0);
        if (i == 0) {
            init();
        }
    }
    CHECK_CODE(iv_cs_exit(), IV_ERR_NONE);
}

/* What is no member of an enumeration, and sizes no buffer has. */
static void nonsense(void)
{
    uint8_t byte = 0;
    iv_cm_venc_pack_s v;
    init();
    memset(&v, 0, sizeof v);
    v.pu8Addr = key_frame;
    v.u32Len = sizeof key_frame;
    CHECK_CODE(iv_cs_push_stream(IV_CM_STREAM_TYPE_BUTT, &v), IV_ERR_CS_INIT_PRM_RANGE);
    CHECK_CODE(iv_cs_push_stream((iv_cm_stream_type_e)0x7FFFFFFF, &v), IV_ERR_CS_INIT_PRM_RANGE);
    CHECK(push_video(key_frame, 0) != IV_ERR_NONE);
    CHECK(push_audio(adts, 0) != IV_ERR_NONE);
    CHECK_CODE(iv_cs_event_directly_report(1, 0, &byte, 0x80000000u), IV_ERR_CS_INIT_PRM_RANGE);
    CHECK_CODE(iv_cs_event_directly_report(1, 0, &byte, 0xFFFFFFFFu), IV_ERR_CS_INIT_PRM_RANGE);
    CHECK(iv_cs_event_directly_report(17, 0, &byte, 1) != IV_ERR_NONE);
    CHECK(iv_cs_event_start(0) != IV_ERR_NONE);
    CHECK(iv_cs_event_start(17) != IV_ERR_NONE);
    CHECK(iv_cs_event_stop(-1) != IV_ERR_NONE);
    CHECK(iv_cs_set_trans_time(0, 1000) != IV_ERR_NONE);
    CHECK(iv_cs_set_trans_time(1000, 0) != IV_ERR_NONE);
    CHECK_CODE(iv_cs_set_trans_time(1000, 1000), IV_ERR_NONE);
    CHECK_CODE(iv_cs_exit(), IV_ERR_NONE);
}

/* ABI-057, ROB-006: padding is ignored, the structure is read and never written. */
static void parameters(void)
{
    iv_cs_init_parm_s p, copy;
    int pads[] = {0x00, 0xFF, 0xA5};
    size_t i;
    for (i = 0; i < sizeof pads / sizeof *pads; i++) {
        usual(&p, pads[i]);
        memcpy(&copy, &p, sizeof p);
        CHECK_CODE(iv_cs_init(&p), IV_ERR_NONE);
        CHECK(memcmp(&p, &copy, sizeof p) == 0);
        memset(&p, 0xA5, sizeof p);
        CHECK_CODE(iv_cs_exit(), IV_ERR_NONE);
    }
    usual(&p, 0);
    p.u32MaxGopSize = 800 * 1024 + 1;
    CHECK_CODE(iv_cs_init(&p), IV_ERR_CS_INIT_PRM_RANGE);
    usual(&p, 0);
    p.congestion_cfg.enable = 1;
    p.congestion_cfg.high_mark = p.u32MaxGopSize + 1;
    CHECK_CODE(iv_cs_init(&p), IV_ERR_CS_INIT_PRM_RANGE);
    usual(&p, 0);
    p.iv_cs_push_stream_start_cb = NULL;
    CHECK_CODE(iv_cs_init(&p), IV_ERR_CS_INIT_CB_NULL);
    usual(&p, 0);
    p.iv_cs_push_stream_stop_cb = NULL;
    CHECK_CODE(iv_cs_init(&p), IV_ERR_CS_INIT_CB_NULL);
}

static void repeated(void)
{
    iv_cs_init_parm_s p;
    int i;
    for (i = 0; i < 3; i++) {
        init();
        usual(&p, 0);
        CHECK_CODE(iv_cs_init(&p), IV_ERR_CS_INIT_REPEAT);
        CHECK_CODE(iv_cs_exit(), IV_ERR_NONE);
        CHECK_CODE(iv_cs_exit(), IV_ERR_CS_PRM_NOT_AVAILABLE);
    }
}

static void ai(void)
{
    iv_cs_ai_type_e type = (iv_cs_ai_type_e)0x55;
    init();
    CHECK_CODE(iv_cs_get_ai_process(3, &type, NULL), IV_ERR_NONE);
    CHECK_CODE((int)type, CS_AI_TYPE_CLOSE);
    CHECK_CODE(iv_cs_set_ai_process(3, CS_AI_TYPE_FALL_DETECT, NULL), IV_ERR_NONE);
    CHECK_CODE(iv_cs_get_ai_process(3, &type, NULL), IV_ERR_NONE);
    CHECK_CODE((int)type, CS_AI_TYPE_FALL_DETECT);
    type = (iv_cs_ai_type_e)0x55;
    CHECK(iv_cs_get_ai_process(17, &type, NULL) != IV_ERR_NONE);
    CHECK_CODE((int)type, 0x55); /* a failed call writes nothing */
    CHECK_CODE(iv_cs_exit(), IV_ERR_NONE);
}

static void without_a_cloud(void)
{
    iv_cs_balance_info_s b;
    time_t begun = time(NULL);
    init();
    memset(&b, 0xAA, sizeof b);
    if (iv_cs_get_balance_info(&b, 0) == IV_ERR_NONE) {
        CHECK_CODE(b.cs_switch, 0);
        CHECK_CODE((int)b.cs_type, CS_TYPE_NONE);
    } else {
        CHECK((unsigned)b.cs_switch == 0xAAAAAAAAu);
    }
    memset(&b, 0xAA, sizeof b);
    CHECK_CODE(iv_cs_get_balance_info(&b, 1), IV_ERR_CS_QUERY_SERVICE_TIMEOUT);
    CHECK((unsigned)b.cs_switch == 0xAAAAAAAAu);
    CHECK(push_video(key_frame, sizeof key_frame) != IV_ERR_NONE);
    CHECK(iv_cs_event_start(1) != IV_ERR_NONE);
    CHECK_CODE(iv_cs_exit(), IV_ERR_NONE);
    CHECK(time(NULL) - begun < 30);
}

static void hooks(void)
{
    CHECK(ivcs_conform_configure("{") != 0);
    CHECK(ivcs_conform_configure("{\"endpoint\":\"nowhere\"}") != 0);
    CHECK_CODE(ivcs_conform_configure("{\"endpoint\":\"http://127.0.0.1:1\",\"product_id\":\"P1\",\"device_name\":\"d-1\",\"device_secret\":\"s\"}"), 0);
    CHECK_CODE(ivcs_conform_clock_freeze(1700000000000u), 0);
    CHECK_CODE(ivcs_conform_clock_advance(0), 0);
    CHECK_CODE(ivcs_conform_clock_step(-30000), 0);
    init();
    CHECK_CODE(ivcs_conform_clock_advance(1000), 0);
    CHECK_CODE(iv_cs_exit(), IV_ERR_NONE);
    CHECK_CODE(ivcs_conform_clock_advance(1000), 0);
}

static const struct {
    const char *name;
    void (*run)(void);
} scenarios[] = {
    {"before iv_cs_init calls fail", before_init},
    {"NULL is refused", null_pointers},
    {"nonsense is refused", nonsense},
    {"the init structure is read only", parameters},
    {"init and exit alternate", repeated},
    {"an AI setting comes back", ai},
    {"without a cloud nothing hangs", without_a_cloud},
    {"the hooks work before init and after exit", hooks},
};

int main(int argc, char **argv)
{
    size_t i;
    for (i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        if (argc < 2) {
            puts(scenarios[i].name);
        } else if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run();
            return failures > 0;
        }
    }
    return argc < 2 ? 0 : 2;
}
