/*
 * iv_cs.h - cloud storage: pushes a device's audio and video to the cloud, from
 * where a viewer plays it back.
 *
 *     iv_cs_get_balance_info          which plan the device has (optional)
 *     iv_cs_init                      registers the callbacks
 *       iv_cs_push_stream_start_cb    from now on
 *         iv_cs_push_stream           every frame
 *       iv_cs_push_stream_stop_cb     until now
 *     iv_cs_exit
 *
 * With a full-time plan the library asks for the stream by itself; with an event
 * plan iv_cs_event_start makes it ask. "Note n" is the n-th of the notes at the
 * end of the specification; "AMB-n" an unclear point of it, which
 * docs/interpretations.md rules.
 *
 * Functions return IV_ERR_NONE or, on failure, another code of iv_err.h. They
 * may be called from any thread but for one rule: iv_cs_push_stream is never
 * called by two threads at once. Callbacks come on a thread of the library, and
 * nothing is promised about which; do not call iv_cs_exit from inside one.
 */
#ifndef IV_CS_H
#define IV_CS_H

#include <stddef.h>
#include <stdint.h>

#include "iv_cm.h"
#include "iv_err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most segments one notification tells about. */
#define MAX_UPLOAD_INFO_NUM 10

/* The kind of plan. */
typedef enum
{
    CS_TYPE_NONE      = 0, /* none */
    CS_TYPE_FULL_TIME = 1, /* everything is recorded */
    CS_TYPE_EVENT     = 2, /* events are recorded */
} iv_cs_type_e;

/* A device's plan. Service is on when cs_switch is 1 and cs_type is not NONE (AMB-21). */
typedef struct iv_cs_balance_s {
    int cs_switch;        /* 0 off, 1 on */
    iv_cs_type_e cs_type;
} iv_cs_balance_info_s;

/* What the cloud looks for in the video of an event: bits. */
typedef enum
{
    CS_AI_TYPE_CLOSE       = (uint32_t)0,        /* nothing */
    CS_AI_TYPE_FALL_DETECT = (uint32_t)(1 << 0), /* an elderly person falls */
} iv_cs_ai_type_e;

/* What must have been stored for an event to count as complete. 0 is the default. */
typedef enum cs_event_upload_options
{
    CS_EVENT_TS_REQ        = 0, /* a segment of video; the picture is optional */
    CS_EVENT_PIC_REQ       = 1, /* the picture; video is optional */
    CS_EVENT_TS_OR_PIC_REQ = 2, /* either */
} iv_cs_event_report_opt_e;

/* The outcome of a segment. */
typedef enum
{
    IV_CS_UPLOAD_OK  = 0,
    IV_CS_UPLOAD_ERR = 1,
} iv_cs_upload_state_e;

/*
 * A segment of video and what became of it. All of it is about video frames.
 * The segment is stored as a whole only if state is IV_CS_UPLOAD_OK and
 * upload_size equals total_size.
 */
typedef struct {
    uint64_t utc_sec_a;   /* its beginning, seconds of UTC by the library's clock */
    uint64_t utc_sec_b;   /* its end */
    uint64_t pts_ms_a;    /* PTS of its first frame, as it was pushed */
    uint64_t pts_ms_b;    /* PTS of its last frame */
    uint32_t frame_seq_a; /* u32Seq of its first frame, as it was pushed */
    uint32_t frame_seq_b; /* u32Seq of its last frame */
    uint32_t upload_size; /* bytes uploaded, an estimate */
    uint32_t total_size;  /* bytes it has, exactly */
    iv_cs_upload_state_e state;
} iv_cs_upload_slice_info_s;

/* The segments one notification tells about: the first num of the array, 1 to MAX_UPLOAD_INFO_NUM. */
typedef struct {
    iv_cs_upload_slice_info_s slice_info[MAX_UPLOAD_INFO_NUM];
    int32_t num;
} iv_cs_upload_info_s;

/* What a notification is about. */
typedef enum cs_notify_type
{
    IV_CS_AV_UPLOAD_CONNECT_FAIL    = 0, /* the cloud cannot be reached */
    IV_CS_AV_UPLOAD_CONNECT_RECOVER = 1, /* it can again, after CONNECT_FAIL */
    IV_CS_AV_UPLOAD_STATE_MSG       = 2, /* segments have been stored or lost; the only one with data */
    IV_CS_AV_UPLOAD_WATERMARK_LOW   = 3, /* the buffer has filled up to low_mark */
    IV_CS_AV_UPLOAD_WATERMARK_WARN  = 4, /* to warn_mark */
    IV_CS_AV_UPLOAD_WATERMARK_HIGH  = 5, /* to high_mark: time to push less */
    IV_CS_COS_SERVICE_WRONG         = 6, /* the cloud answers, but the service is out of order (AMB-84) */
    IV_CS_MSG_BUTT
} iv_cs_notify_msg_type_e;

/* The data of IV_CS_AV_UPLOAD_STATE_MSG. It is there during the callback only (AMB-45). */
typedef union {
    iv_cs_upload_info_s *av_result_info;
} iv_cs_notify_msg_data;

/* What became of the report of an event. */
typedef struct {
    int32_t result_code;   /* 0: FAILURE, 1: SUCCESS, unlike everywhere else (AMB-14) */
    int32_t event_id;      /* 1 to 16 */
    uint32_t start_time_s; /* seconds of UTC */
    uint32_t end_time_s;   /* seconds of UTC */
} iv_cs_event_result_info;

/*
 * Alarms of the buffer, at three fill levels in bytes, each at most
 * u32MaxGopSize. Each comes once when the level is passed on the way up.
 */
typedef struct {
    size_t low_mark;
    size_t warn_mark;
    size_t high_mark;
    int8_t enable; /* 0: no alarms, 1: alarms */
} iv_cs_congestion_ctrl_s;

/*
 * The parameters of iv_cs_init. The library has copied them when it returns.
 *
 * A callback returns IV_ERR_NONE or another code of iv_err.h, and returns soon:
 * the library waits for it. The first two are required; of the others, those
 * that are NULL are not called (AMB-40).
 */
typedef struct iv_cs_init_parm_s
{
    /*
     * Size of the buffer in bytes, a multiple of 4 KB (4096): the only memory
     * that grows with the stream (note 7). It should hold a GOP and its audio
     * (note 3) and must hold the largest key frame (note 4).
     */
    uint32_t u32MaxGopSize;
    iv_cs_congestion_ctrl_s congestion_cfg;
    iv_cm_av_data_info_s av_fmt;
    iv_cs_event_report_opt_e event_report_opt;

    /* Push from now on. */
    int (*iv_cs_push_stream_start_cb)(void);

    /* Push no more: no event runs any longer, the plan has ended, or iv_cs_exit was called. */
    int (*iv_cs_push_stream_stop_cb)(void);

    /* Not used at present: NULL, and never called. */
    void (*iv_cs_ai_service_notify_cb)(unsigned int ai_server_type, unsigned long long utc_expire);

    /*
     * Asks for a picture of the event, JPEG only. Set *pic and *size, or NULL
     * and 0 for none. Better not to block. The picture stays as it is until
     * iv_cs_event_picture_result_cb hands it back.
     */
    int (*iv_cs_event_capture_picture_cb)(int32_t event_id, uint8_t **pic, int32_t *size);

    /*
     * Hands back a picture, once for every picture captured: *pic is its
     * address (AMB-13), err_code IV_ERR_NONE if it was stored. The library does
     * not touch it any more. Not called for an event without one (note 14).
     */
    int (*iv_cs_event_picture_result_cb)(uint8_t **pic, int32_t err_code);

    /* Tells once, after an event was stopped, what became of its report. *pst_result_info is there during the call. */
    int (*iv_cs_event_report_result_cb)(iv_cs_event_result_info *pst_result_info);

    /*
     * Tells about segments, the connection and the buffer. pst_notify_data is
     * NULL but for IV_CS_AV_UPLOAD_STATE_MSG. It must be reentrant (note 16).
     */
    int (*iv_cs_notify_cb)(iv_cs_notify_msg_type_e notify_msg_type,
                           iv_cs_notify_msg_data *pst_notify_data);
} iv_cs_init_parm_s;

/*
 * Starts the module: registers the callbacks, takes the buffer. Succeeds without
 * a plan and without a network; what they bring comes by callback. Fails with
 * parameters that are NULL or out of range, and if the module runs already.
 */
int iv_cs_init(iv_cs_init_parm_s *pstInitParm);

/*
 * Stops the module and frees what it took. It hands back the pictures, answers
 * what is owed by callback, and ends within the transfer time-outs
 * (iv_cs_set_trans_time); after it has returned no callback comes. Fails if the
 * module does not run.
 */
int iv_cs_exit(void);

/*
 * Pushes a pack: iv_cm_aenc_pack_s or iv_cm_venc_pack_s, as eCsStreamType says.
 * To be called between the start and the stop callback, never by two threads at
 * once, in the order and at the pace of the recording. It does not wait for the
 * network. The first frame should be an IDR frame (note 1).
 *
 * Fails with IV_ERR_CS_APPLY_NO_SERVICE without a plan (note 13), and while the
 * buffer is full: then leave out P frames up to the next I frame. After 120 s
 * without a pack the recording pauses; the next one continues it (note 5).
 */
int iv_cs_push_stream(iv_cm_stream_type_e eCsStreamType, void *pstCsPack);

/*
 * Reports an event at once, with a picture (JPEG) or with NULL and 0, and
 * returns when it is known whether both have been stored. event_id is 1 to 16;
 * event_time_s seconds of UTC, 0: now. Without a plan it reports events that
 * have a picture. The picture is the caller's again on return.
 */
int iv_cs_event_directly_report(int32_t event_id, uint32_t event_time_s, uint8_t *pic_addr,
                                uint32_t pic_len);

/*
 * Starts event event_id, 1 to 16, now: the library asks for a picture and for
 * the stream. Different events may run at the same time, the same one may not
 * (note 10). To be paired with iv_cs_event_stop. An event should last 3 s at
 * least (note 8) and 10 minutes at most (note 9).
 */
int iv_cs_event_start(int32_t event_id);

/* Stops an event that iv_cs_event_start has started. Its report follows by callback. */
int iv_cs_event_stop(int32_t event_id);

/*
 * Starts an event that began earlier, for video recorded before the call. Both
 * times are below 300, and then seconds before the call, or both above 300, and
 * then seconds of UTC (300 itself: AMB-01). event_start_time_s is when the event
 * began, stream_start_time_s when its first frame was taken. Only the first of
 * events in parallel has earlier video; for the others stream_start_time_s is 0
 * or the time of the call (note 12). Avoid times in the future, and setting the
 * clock back: the later video hides the earlier (note 15).
 */
int iv_cs_event_start_ext(int32_t event_id, uint32_t event_start_time_s, uint32_t stream_start_time_s);

/* Stops an event that iv_cs_event_start_ext has started. The times are as there. */
int iv_cs_event_stop_ext(int32_t event_id, uint32_t event_stop_time_s, uint32_t stream_stop_time_s);

/*
 * Gets the plan. With timeout_s above 0 it asks the cloud, waits so many seconds
 * at most and fails with IV_ERR_CS_QUERY_SERVICE_TIMEOUT; with 0 it gives at once
 * what the library knows, which follows changes by itself. It may be called
 * before iv_cs_init; then wait in the first call only.
 */
int iv_cs_get_balance_info(iv_cs_balance_info_s *pstBalanceInfo, uint32_t timeout_s);

/*
 * Sets what the cloud looks for in event event_id, at any time between
 * iv_cs_init and iv_cs_exit. args is NULL.
 */
int iv_cs_set_ai_process(int32_t event_id, iv_cs_ai_type_e ai_type, void *args);

/* Gets what iv_cs_set_ai_process has set. args is NULL. */
int iv_cs_get_ai_process(int32_t event_id, iv_cs_ai_type_e *ai_type, void *args);

/* Sets the longest time an upload and the wait for its answer may take, in milliseconds; neither may be 0. */
int iv_cs_set_trans_time(uint32_t upload_timeout_ms, uint32_t reply_timeout_ms);

#ifdef __cplusplus
}
#endif

IV_ASSERT(enum_cs, sizeof(iv_cs_type_e) == 4 && sizeof(iv_cs_ai_type_e) == 4 && sizeof(iv_cs_event_report_opt_e) == 4 &&
                       sizeof(iv_cs_upload_state_e) == 4 && sizeof(iv_cs_notify_msg_type_e) == 4 && sizeof(iv_err_code_e) == 4);

IV_ASSERT(balance_type, offsetof(iv_cs_balance_info_s, cs_type) == 4);
IV_ASSERT(balance, sizeof(iv_cs_balance_info_s) == 8);

IV_ASSERT(slice_pts, offsetof(iv_cs_upload_slice_info_s, pts_ms_a) == 16);
IV_ASSERT(slice_seq, offsetof(iv_cs_upload_slice_info_s, frame_seq_a) == 32);
IV_ASSERT(slice_total, offsetof(iv_cs_upload_slice_info_s, total_size) == 44);
IV_ASSERT(slice_state, offsetof(iv_cs_upload_slice_info_s, state) == 48);
IV_ASSERT(slice, sizeof(iv_cs_upload_slice_info_s) == IV_LAYOUT(56, 56, 52));

IV_ASSERT(upload_info_num, offsetof(iv_cs_upload_info_s, num) == IV_LAYOUT(560, 560, 520));
IV_ASSERT(upload_info, sizeof(iv_cs_upload_info_s) == IV_LAYOUT(568, 568, 524));
IV_ASSERT(notify_data, sizeof(iv_cs_notify_msg_data) == sizeof(void *));

IV_ASSERT(event_result_end, offsetof(iv_cs_event_result_info, end_time_s) == 12);
IV_ASSERT(event_result, sizeof(iv_cs_event_result_info) == 16);

IV_ASSERT(congestion_high, offsetof(iv_cs_congestion_ctrl_s, high_mark) == IV_LAYOUT(16, 8, 8));
IV_ASSERT(congestion_enable, offsetof(iv_cs_congestion_ctrl_s, enable) == IV_LAYOUT(24, 12, 12));
IV_ASSERT(congestion_enable_width, sizeof(((iv_cs_congestion_ctrl_s *)0)->enable) == 1);
IV_ASSERT(congestion, sizeof(iv_cs_congestion_ctrl_s) == IV_LAYOUT(32, 16, 16));

IV_ASSERT(init_congestion, offsetof(iv_cs_init_parm_s, congestion_cfg) == IV_LAYOUT(8, 4, 4));
IV_ASSERT(init_av, offsetof(iv_cs_init_parm_s, av_fmt) == IV_LAYOUT(40, 20, 20));
IV_ASSERT(init_option, offsetof(iv_cs_init_parm_s, event_report_opt) == IV_LAYOUT(96, 76, 76));
IV_ASSERT(init_first_callback, offsetof(iv_cs_init_parm_s, iv_cs_push_stream_start_cb) == IV_LAYOUT(104, 80, 80));
IV_ASSERT(init_last_callback, offsetof(iv_cs_init_parm_s, iv_cs_notify_cb) == IV_LAYOUT(152, 104, 104));
IV_ASSERT(init, sizeof(iv_cs_init_parm_s) == IV_LAYOUT(160, 108, 108));

#endif /* IV_CS_H */
