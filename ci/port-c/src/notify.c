/* notify: iv_cs_notify_cb, from a thread of its own and a short queue, so that a slow handler holds up
 * neither pushing nor uploading. Slices that have come together go out together. */
#include "sdk.h"

#define QUEUE 64

struct note {
    iv_cs_notify_msg_type_e type;
    iv_cs_upload_slice_info_s slice;
};

static struct note queue[QUEUE];
static unsigned first, count;
static bool ending, calling;
static struct thread thread;

static struct note take(void)
{
    struct note n = queue[first];
    first = (first + 1) % QUEUE;
    count--;
    clock_wake(); /* somebody may wait for room */
    return n;
}

static void deliver(void)
{
    struct note n = take();
    iv_cs_upload_info_s info = {.num = 0};
    iv_cs_notify_msg_data data = {&info};
    if (n.type == IV_CS_AV_UPLOAD_STATE_MSG) {
        info.slice_info[info.num++] = n.slice;
        while (count > 0 && info.num < MAX_UPLOAD_INFO_NUM && queue[first].type == IV_CS_AV_UPLOAD_STATE_MSG)
            info.slice_info[info.num++] = take().slice;
    }
    if (!sdk.parm.iv_cs_notify_cb)
        return;
    calling = true;
    callback_enter(CALL_NOTIFY);
    sdk.parm.iv_cs_notify_cb(n.type, info.num > 0 ? &data : NULL);
    callback_leave(CALL_NOTIFY);
    calling = false;
}

static void run(void *arg)
{
    (void)arg;
    clock_lock();
    while (count > 0 || !ending) {
        if (count > 0)
            deliver();
        else
            clock_wait(NEVER);
    }
    clock_unlock();
}

static void append(struct note n)
{
    queue[(first + count++) % QUEUE] = n;
    clock_wake();
}

bool notify_alarm(iv_cs_notify_msg_type_e type)
{
    if (count == QUEUE)
        return false;
    append((struct note){.type = type});
    return true;
}

static void append_patiently(struct note n)
{
    while (count == QUEUE)
        clock_wait(NEVER);
    append(n);
}

void notify_post(iv_cs_notify_msg_type_e type)
{
    append_patiently((struct note){.type = type});
}

void notify_slice(const iv_cs_upload_slice_info_s *slice)
{
    append_patiently((struct note){.type = IV_CS_AV_UPLOAD_STATE_MSG, .slice = *slice});
}

bool notify_start(void)
{
    first = count = 0;
    ending = calling = false;
    return thread_start(&thread, run, NULL);
}

void notify_end(void)
{
    ending = true;
    clock_wake();
}

void notify_join(void)
{
    thread_join(&thread);
}

bool notify_done(void)
{
    return count == 0 && !calling;
}
