/* iv_cs_push_stream. */
#include "push.h"

#include "audio.h"
#include "nal.h"
#include "ring.h"
#include "sdk.h"

#define ROOM_MS 30               /* so long may a push wait for room; ruling 1 allows 40 */
#define AUDIO_MAX (0xFFFF - 1024) /* a PES packet has a 16 bit length */

/* Parallel calls are forbidden, yet must do no harm: this one lock makes them take turns. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static struct audio audio;
static struct nal_state nal;
static bool waited_in_vain; /* the buffer stayed full: the next frames need not wait as well */

int push_init(const iv_cm_av_data_info_s *format)
{
    nal = (struct nal_state){0};
    waited_in_vain = false;
    return audio_init(&audio, format) ? IV_ERR_NONE : IV_ERR_CS_PRM_MALLOC_FAIL;
}

void push_free(void)
{
    audio_free(&audio);
}

/* Why frames are not wanted now, or IV_ERR_NONE. */
static int not_wanted(void)
{
    if (stream_accepting())
        return IV_ERR_NONE;
    return plan_in_force() ? IV_ERR_CS_PRM_NOT_AVAILABLE : IV_ERR_CS_APPLY_NO_SERVICE;
}

/* Copies the frame into the buffer. A full one is waited for a moment, where uploads go well. */
static int take(struct frame *f, const uint8_t *data)
{
    clock_lock();
    int code = not_wanted();
    if (code == IV_ERR_NONE && f->size > sdk.parm.u32MaxGopSize)
        code = segment_refuse(f); /* note 4 */
    ms_t patience = clock_machine() + ROOM_MS;
    while (code == IV_ERR_NONE && segment_is_full(f->size)) {
        if (waited_in_vain || !upload_healthy() || clock_machine() >= patience) {
            waited_in_vain = true;
            code = segment_refuse(f);
            break;
        }
        clock_wait_machine(patience);
        code = not_wanted();
    }
    if (code == IV_ERR_NONE) {
        waited_in_vain = false;
        code = segment_push(f, data);
    }
    clock_unlock();
    return code;
}

static int push_video(const iv_cm_venc_pack_s *p)
{
    bool has_aud;
    if (p->eFrameType != IV_CM_FRAME_TYPE_I && p->eFrameType != IV_CM_FRAME_TYPE_P)
        return IV_ERR_CS_INIT_PRM_RANGE; /* no B frames */
    /* What the frame is its content says; eFrameType alone could be wrong (PUSH-029). */
    enum picture picture =
        nal_classify(&nal, sdk.parm.av_fmt.eVideoType == IV_CM_VENC_TYPE_H265, p->pu8Addr, p->u32Len, &has_aud);
    if (picture == PICTURE_BAD || picture == PICTURE_B)
        return IV_ERR_CS_INIT_PRM_RANGE;
    struct frame f = {
        .pts = p->u64PTS, .seq = p->u32Seq, .size = p->u32Len, .video = 1, .key = picture == PICTURE_KEY, .has_aud = has_aud,
    };
    return take(&f, p->pu8Addr);
}

static int push_audio(const iv_cm_aenc_pack_s *p)
{
    const uint8_t *adts;
    size_t size;
    if (!audio_frame(&audio, p->pu8Addr, p->u32Len, &adts, &size) || size > AUDIO_MAX)
        return IV_ERR_CS_INIT_PRM_RANGE;
    struct frame f = {.pts = p->u64PTS, .seq = p->u32Seq, .size = (uint32_t)size};
    return take(&f, adts);
}

static int push(iv_cm_stream_type_e type, const void *pack)
{
    const iv_cm_venc_pack_s *video = pack;
    const iv_cm_aenc_pack_s *audio_pack = pack;
    bool is_video = type == IV_CM_STREAM_TYPE_VIDEO;
    if (!is_video && type != IV_CM_STREAM_TYPE_AUDIO)
        return IV_ERR_CS_INIT_PRM_RANGE;
    if (!pack || !(is_video ? video->pu8Addr : audio_pack->pu8Addr))
        return IV_ERR_CS_INIT_PRM_NULL;
    if ((is_video ? video->u32Len : audio_pack->u32Len) == 0)
        return IV_ERR_CS_INIT_PRM_RANGE;
    clock_lock();
    int code = not_wanted(); /* before the work of parsing and encoding */
    clock_unlock();
    if (code != IV_ERR_NONE)
        return code;
    return is_video ? push_video(video) : push_audio(audio_pack);
}

IV_API int iv_cs_push_stream(iv_cm_stream_type_e eCsStreamType, void *pstCsPack)
{
    int code = sdk_enter();
    if (code != IV_ERR_NONE)
        return code;
    pthread_mutex_lock(&turn);
    code = push(eCsStreamType, pstCsPack);
    pthread_mutex_unlock(&turn);
    sdk_leave();
    return code;
}
