/* The C interface as the specification and the facts about the SDK family give
 * it, written down for the shim alone: it shares no header with any library, so
 * that an error in one of them cannot hide in both. */
#ifndef SHIM_ABI_H
#define SHIM_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifndef MAX_UPLOAD_INFO_NUM
#define MAX_UPLOAD_INFO_NUM 10 /* AMB-46: -D another number for a library that was built with one */
#endif

/* Enumerations are ints (AMB-47): spelled int here, so that no compiler option
 * of ours changes them. */

typedef struct {
    uint8_t *pu8Addr;
    uint32_t u32Len;
    uint64_t u64PTS;
    uint32_t u32Seq;
} iv_cm_aenc_pack_s;

typedef struct {
    uint8_t *pu8Addr;
    uint32_t u32Len;
    uint64_t u64PTS;
    int eFrameType;
    uint32_t u32Seq;
} iv_cm_venc_pack_s;

typedef struct {
    int eAudioType;
    int u32AudioCodecOption;
    int eAudioMode;
    int eAudioBitWidth;
    int eAudioSampleRate;
    uint32_t u32SampleNumPerFrame;
    int eVideoType;
    uint32_t u32VideoWidth;
    uint32_t u32VideoHeight;
    uint32_t u32Framerate;
    uint32_t u32Reserve[4];
} iv_cm_av_data_info_s;

typedef struct {
    int cs_switch;
    int cs_type;
} iv_cs_balance_info_s;

typedef struct {
    uint64_t utc_sec_a;
    uint64_t utc_sec_b;
    uint64_t pts_ms_a;
    uint64_t pts_ms_b;
    uint32_t frame_seq_a;
    uint32_t frame_seq_b;
    uint32_t upload_size;
    uint32_t total_size;
    int state;
} iv_cs_upload_slice_info_s;

typedef struct {
    iv_cs_upload_slice_info_s slice_info[MAX_UPLOAD_INFO_NUM];
    int32_t num;
} iv_cs_upload_info_s;

typedef union {
    iv_cs_upload_info_s *av_result_info;
} iv_cs_notify_msg_data;

typedef struct {
    int32_t result_code;
    int32_t event_id;
    uint32_t start_time_s;
    uint32_t end_time_s;
} iv_cs_event_result_info;

typedef struct {
    size_t low_mark;
    size_t warn_mark;
    size_t high_mark;
    int8_t enable;
} iv_cs_congestion_ctrl_s;

typedef struct {
    uint32_t u32MaxGopSize;
    iv_cs_congestion_ctrl_s congestion_cfg;
    iv_cm_av_data_info_s av_fmt;
    int event_report_opt;
    int (*iv_cs_push_stream_start_cb)(void);
    int (*iv_cs_push_stream_stop_cb)(void);
    void (*iv_cs_ai_service_notify_cb)(unsigned int ai_server_type, unsigned long long utc_expire);
    int (*iv_cs_event_capture_picture_cb)(int32_t event_id, uint8_t **pic, int32_t *size);
    int (*iv_cs_event_picture_result_cb)(uint8_t **pic, int32_t err_code);
    int (*iv_cs_event_report_result_cb)(iv_cs_event_result_info *pst_result_info);
    int (*iv_cs_notify_cb)(int notify_msg_type, iv_cs_notify_msg_data *pst_notify_data);
} iv_cs_init_parm_s;

/* The slots of iv_cs_init_parm_s, in its order. */
enum { CB_START, CB_STOP, CB_AI_SERVICE, CB_CAPTURE, CB_PICTURE, CB_REPORT, CB_NOTIFY, CALLBACKS };

/* The functions and the hooks, in the order of the wire. */
enum {
    FN_INIT, FN_EXIT, FN_PUSH, FN_DIRECTLY_REPORT, FN_EVENT_START, FN_EVENT_STOP, FN_EVENT_START_EXT,
    FN_EVENT_STOP_EXT, FN_GET_BALANCE, FN_SET_AI, FN_GET_AI, FN_SET_TRANS_TIME,
    FN_CONFIGURE, FN_CLOCK_FREEZE, FN_CLOCK_ADVANCE, FN_CLOCK_STEP,
    FUNCTIONS
};

#define STREAM_STATE_MSG 2 /* IV_CS_AV_UPLOAD_STATE_MSG, the one message that carries data */

#endif
