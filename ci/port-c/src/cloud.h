/*
 * cloud: the cloud binding (docs/cloud-binding.md): signed control requests, grants, objects, reports. This
 * is the file a vendor replaces to speak to a cloud of its own.
 *
 * All functions block and are called without the monitor's lock.
 */
#ifndef IVCS_CLOUD_H
#define IVCS_CLOUD_H

#include "clock.h"
#include "net.h"

#include <stddef.h>
#include <stdint.h>

#define CLOUD_ID_MAX 129

/* Who waits, and how long at most. Times out earlier by iv_cs_set_trans_time. */
struct patience {
    struct due due;
    const bool *abandon;
    bool caller; /* see clock_wait_caller */
};

/* What came back: the HTTP status, 0 for no answer, and what to know before trying again. */
struct outcome {
    int status;
    bool ok;
    bool no_service; /* the cloud says: no plan */
    ms_t retry_after;
};

struct plan {
    int64_t rev;
    int cs_switch, cs_type;
};

/* Asks for the plan; with rev >= 0 the cloud answers as soon as it has another one, or after wait_s. By so
 * much longer than other answers this one is waited for. */
struct outcome cloud_plan(struct patience p, int64_t rev, int wait_s, struct plan *plan);

/* Something to store: a segment or a picture. */
struct object {
    bool picture;
    bool direct;         /* a picture of iv_cs_event_directly_report */
    const char *content_type;
    size_t size;
    int64_t start_utc_ms, end_utc_ms;
    uint64_t first_pts, last_pts;
    uint32_t first_seq, last_seq;
    const char *recording;
    int32_t event_id;
    int64_t event_utc_s;

    /* Its bytes: `data`, or from `read` (again from the start after `rewind`). */
    const uint8_t *data;
    size_t (*read)(void *ctx, char *dst, size_t size);
    void (*rewind)(void *ctx);
    void *ctx;

    /* cloud's own, zero at first: the grant, kept from one try to the next. */
    char upload_id[CLOUD_ID_MAX];
    char *url;
    struct curl_slist *headers;
    ms_t granted_until;
    size_t at;   /* in `data` */
    size_t sent; /* of the last try */
    void *md5;
    bool summing;
};

/* Tries once to store it, asking for a grant if there is none that is still good. */
struct outcome cloud_store(struct patience p, struct object *o);
void cloud_forget(struct object *o);

struct report {
    const char *report_id;
    int32_t event_id;
    bool direct, finished, complete;
    int64_t start_utc_s, end_utc_s, stream_start_utc_ms, stream_end_utc_ms;
    const char *picture_upload_id; /* NULL: no picture */
    int ai_type;
};

struct outcome cloud_report(struct patience p, const struct report *r);

/* iv_cs_set_trans_time; with the lock held. */
void cloud_set_timeouts(ms_t upload_ms, ms_t reply_ms);
ms_t cloud_upload_timeout(void);
ms_t cloud_reply_timeout(void);

/* An opaque id that nobody else has. */
void cloud_new_id(char id[33]);

#endif
