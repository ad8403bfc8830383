/* callback: how the module calls the application: without the monitor's lock, and no callback twice at the
 * same time. Only iv_cs_notify_cb has to be reentrant (note 16), so the others need not be, although parallel
 * events would have them called in parallel. */
#ifndef IVCS_CALLBACK_H
#define IVCS_CALLBACK_H

#include <stdbool.h>

enum callback { CALL_STREAM, CALL_CAPTURE, CALL_PICTURE, CALL_REPORT, CALL_NOTIFY, CALLS };

/* The call goes between these two. Both are called with the lock held at the outside; it is free inside. */
void callback_enter(enum callback c);
void callback_leave(enum callback c);

/* Whether this thread is in a callback. iv_cs_* calls that block are refused there: what they wait for
 * may be this very thread. */
bool in_callback(void);

#endif
