/*
 * net: HTTP exchanges. One thread runs a libcurl multi handle; whoever wants an exchange describes it
 * in a struct http and waits for it in the monitor. So time-outs count on the library's clock, an
 * exchange can be abandoned at any moment, and connections are shared and kept alive.
 */
#ifndef IVCS_NET_H
#define IVCS_NET_H

#include "clock.h"
#include "thread.h"

#include <curl/curl.h>
#include <stddef.h>

#define HTTP_REPLY_MAX 8192

struct http {
    /* The request. The body is `body`, or comes from `read` (and, when curl has to send it again,
     * once more from the start after `rewind`). */
    const char *method;
    const char *url;
    struct curl_slist *headers;
    const char *ca_file;
    const char *body;
    size_t size;
    size_t (*read)(void *ctx, char *dst, size_t size);
    void (*rewind)(void *ctx);
    void *ctx;

    /* How long it may take: to send the body, then for the answer; over all; and who waits. */
    ms_t upload_ms, reply_ms;
    struct due due;
    const bool *abandon; /* ends the exchange as soon as it is true; may be NULL */
    bool caller;         /* a thread of the application waits, see clock_wait_caller */
    bool poll;           /* the plan's long poll: nobody waits for it to come to rest */

    /* The answer. status 0: there was none. */
    int status;
    size_t sent;
    ms_t retry_after;
    char etag[64]; /* without its quotes */
    char reply[HTTP_REPLY_MAX + 1];
    size_t reply_size;

    /* net's own */
    CURL *easy;
    bool cancel, done, body_sent;
    ms_t moved; /* machine time of the last byte */
    struct due sent_at;
    struct http *next;
};

/* net_acquire starts the thread for its first user, net_release joins it after its last. Both without
 * the lock. */
bool net_acquire(void);
void net_release(void);

/* net_exchange blocks until the exchange is over. With the lock held (it is let go while waiting). */
void net_exchange(struct http *h);

/* When (machine time) a byte has moved last in an exchange that is under way; NEVER: there is none. The plan's
 * long poll does not count. With the lock held. */
ms_t net_moved(void);

#endif
