#include "cloud.h"

#include "config.h"
#include "json.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define URL_MAX_SIZE 4096
#define BODY_MAX 1024
#define GRANT_MARGIN_MS 1000 /* a grant that ends so soon is not begun with */

/* Guarded by the monitor. */
static ms_t upload_timeout = 30000, reply_timeout = 10000;
static int64_t skew_ms; /* the cloud's clock minus the device's, learnt from "clock_skew" */

void cloud_set_timeouts(ms_t upload_ms, ms_t reply_ms)
{
    upload_timeout = upload_ms;
    reply_timeout = reply_ms;
}

ms_t cloud_upload_timeout(void)
{
    return upload_timeout;
}

ms_t cloud_reply_timeout(void)
{
    return reply_timeout;
}

static void hex(char *dst, const uint8_t *src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        snprintf(dst + 2 * i, 3, "%02x", src[i]);
}

void cloud_new_id(char id[33])
{
    uint8_t raw[16] = {0};
    if (RAND_bytes(raw, sizeof raw) != 1) { /* unique is enough, secret it need not be */
        uint64_t now[2] = {(uint64_t)clock_machine(), (uint64_t)(uintptr_t)id};
        memcpy(raw, now, sizeof raw);
    }
    hex(id, raw, sizeof raw);
}

/* ---- control requests ---- */

/* The part of a URL that the request line carries, and the signature covers. */
static const char *request_target(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    return path ? path : "/";
}

static struct curl_slist *append(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(list, line);
    if (!longer)
        curl_slist_free_all(list);
    return longer;
}

/* The headers of a signed request; NULL: no memory. */
static struct curl_slist *sign(const struct config *c, const char *method, const char *url, const char *body, int64_t utc_s)
{
    uint8_t sum[32], mac[32];
    char sum_hex[65], mac_hex[65], text[URL_MAX_SIZE + 128], line[512];
    size_t body_size = body ? strlen(body) : 0;
    unsigned mac_size = 0;
    if (!EVP_Digest(body ? body : "", body_size, sum, NULL, EVP_sha256(), NULL))
        return NULL;
    hex(sum_hex, sum, sizeof sum);
    int n = snprintf(text, sizeof text, "%s\n%s\n%" PRId64 "\n%s", method, request_target(url), utc_s, sum_hex);
    if (!HMAC(EVP_sha256(), c->secret, (int)strlen(c->secret), (const uint8_t *)text, (size_t)n, mac, &mac_size))
        return NULL;
    hex(mac_hex, mac, sizeof mac);
    snprintf(line, sizeof line, "Authorization: IV-HMAC-SHA256 %s/%s:%s", c->product, c->name, mac_hex);
    struct curl_slist *list = append(NULL, line);
    snprintf(line, sizeof line, "X-IV-Timestamp: %" PRId64, utc_s);
    list = list ? append(list, line) : NULL;
    list = list ? append(list, "Content-Type: application/json") : NULL;
    return list ? append(list, "Expect:") : NULL;
}

/* One signed request, repeated once if the cloud finds the device's clock wrong. The answer is in h->reply. */
static struct outcome control(struct patience p, struct http *h, const char *path, ms_t longer)
{
    char url[URL_MAX_SIZE];
    bool learnt = false;
    struct outcome out = {0};
    clock_lock();
    for (;;) {
        const struct config c = *config();
        int n = snprintf(url, sizeof url, "%s/v1/devices/%s/%s%s", c.endpoint, c.product, c.name, path);
        if (!*c.endpoint || n >= (int)sizeof url)
            break;
        h->headers = sign(&c, h->method, url, h->body, (clock_utc() + skew_ms) / 1000);
        if (!h->headers)
            break;
        h->url = url;
        h->ca_file = c.ca_file;
        h->size = h->body ? strlen(h->body) : 0;
        h->due = p.due;
        h->abandon = p.abandon;
        h->caller = p.caller;
        h->upload_ms = upload_timeout;
        h->reply_ms = reply_timeout + longer;
        net_exchange(h);
        curl_slist_free_all(h->headers);
        h->headers = NULL;
        char error[32] = "";
        int64_t utc_ms;
        if (h->status >= 400)
            json_string(h->reply, "error", error, sizeof error);
        if (h->status == 401 && !learnt && strcmp(error, "clock_skew") == 0 && json_int(h->reply, "utc_ms", &utc_ms)) {
            skew_ms = utc_ms - clock_utc();
            learnt = true;
            continue;
        }
        out.status = h->status;
        out.ok = h->status >= 200 && h->status < 300;
        out.no_service = h->status == 403 && strcmp(error, "no_service") == 0;
        out.retry_after = h->retry_after;
        break;
    }
    clock_unlock();
    return out;
}

struct outcome cloud_plan(struct patience p, int64_t rev, int wait_s, struct plan *plan)
{
    char path[64] = "/plan";
    int64_t type, on;
    struct http h = {.method = "GET", .poll = rev >= 0};
    if (rev >= 0)
        snprintf(path, sizeof path, "/plan?rev=%" PRId64 "&wait=%d", rev, wait_s);
    struct outcome out = control(p, &h, path, (ms_t)wait_s * 1000);
    if (!out.ok)
        return out;
    out.ok = json_int(h.reply, "rev", &plan->rev) && json_int(h.reply, "cs_switch", &on) &&
             json_int(h.reply, "cs_type", &type) && type >= 0 && type <= 2 && plan->rev >= 0;
    plan->cs_switch = out.ok && on != 0;
    plan->cs_type = out.ok ? (int)type : 0;
    return out;
}

struct outcome cloud_report(struct patience p, const struct report *r)
{
    char body[BODY_MAX], picture[CLOUD_ID_MAX * 2];
    if (!json_quote(picture, sizeof picture, r->picture_upload_id))
        snprintf(picture, sizeof picture, "null");
    snprintf(body, sizeof body,
             "{\"report_id\":\"%s\",\"event_id\":%d,\"direct\":%s,\"state\":\"%s\",\"complete\":%s,"
             "\"start_utc_s\":%" PRId64 ",\"end_utc_s\":%" PRId64 ",\"stream_start_utc_ms\":%" PRId64
             ",\"stream_end_utc_ms\":%" PRId64 ",\"picture_upload_id\":%s,\"ai_type\":%d}",
             r->report_id, (int)r->event_id, r->direct ? "true" : "false", r->finished ? "finished" : "started",
             r->complete ? "true" : "false", r->start_utc_s, r->end_utc_s, r->stream_start_utc_ms, r->stream_end_utc_ms,
             picture, r->ai_type);
    struct http h = {.method = "POST", .body = body};
    return control(p, &h, "/events", 0);
}

/* ---- objects ---- */

void cloud_forget(struct object *o)
{
    free(o->url);
    curl_slist_free_all(o->headers);
    o->url = NULL;
    o->headers = NULL;
}

static void grant_header(void *ctx, const char *key, const char *value)
{
    struct object *o = ctx;
    char line[1200];
    if (strcasecmp(key, "content-length") == 0 || strcasecmp(key, "host") == 0 || strpbrk(key, "\r\n") || strpbrk(value, "\r\n"))
        return; /* curl's own business, or nobody's */
    snprintf(line, sizeof line, "%s: %s", key, value);
    o->headers = append(o->headers, line);
}

/* "stored" tells that an earlier try has arrived although its answer was lost. */
static struct outcome ask_grant(struct patience p, struct object *o, bool *stored)
{
    char body[BODY_MAX], url[URL_MAX_SIZE];
    if (o->picture)
        snprintf(body, sizeof body,
                 "{\"kind\":\"picture\",\"event_id\":%d,\"event_utc_s\":%" PRId64 ",\"size\":%zu,\"content_type\":\"%s\",\"direct\":%s}",
                 (int)o->event_id, o->event_utc_s, o->size, o->content_type, o->direct ? "true" : "false");
    else
        snprintf(body, sizeof body,
                 "{\"kind\":\"segment\",\"start_utc_ms\":%" PRId64 ",\"end_utc_ms\":%" PRId64 ",\"first_pts_ms\":%" PRIu64
                 ",\"last_pts_ms\":%" PRIu64 ",\"first_seq\":%" PRIu32 ",\"last_seq\":%" PRIu32
                 ",\"size\":%zu,\"content_type\":\"%s\",\"recording\":\"%s\"}",
                 o->start_utc_ms, o->end_utc_ms, o->first_pts, o->last_pts, o->first_seq, o->last_seq, o->size,
                 o->content_type, o->recording);
    struct http h = {.method = "POST", .body = body};
    struct outcome out = control(p, &h, "/uploads", 0);
    int64_t life = 0;
    const char *headers = json_object(h.reply, "headers");
    if (!out.ok)
        return out;
    out.ok = json_string(h.reply, "upload_id", o->upload_id, sizeof o->upload_id) &&
             json_string(h.reply, "url", url, sizeof url) && json_int(h.reply, "expires_in_ms", &life);
    if (!out.ok)
        return out;
    json_bool(h.reply, "stored", stored);
    o->url = strdup(url);
    if (headers)
        json_each_string(headers, grant_header, o);
    o->headers = append(o->headers, "Expect:"); /* else curl waits for a 100-continue */
    out.ok = o->url && o->headers;
    clock_lock();
    o->granted_until = clock_mono() + life;
    clock_unlock();
    return out;
}

static size_t object_read(void *ctx, char *dst, size_t size)
{
    struct object *o = ctx;
    if (o->read) {
        size = o->read(o->ctx, dst, size);
    } else {
        if (size > o->size - o->at)
            size = o->size - o->at;
        memcpy(dst, o->data + o->at, size);
        o->at += size;
    }
    if (o->summing)
        EVP_DigestUpdate(o->md5, dst, size);
    return size;
}

static void object_rewind(void *ctx)
{
    struct object *o = ctx;
    o->at = 0;
    if (o->rewind)
        o->rewind(o->ctx);
    o->summing = EVP_DigestInit_ex(o->md5, EVP_md5(), NULL) == 1;
}

/* Whether the store has confirmed what was sent: its ETag is the MD5 of what it took. A store with ETags of
 * another kind is asked once more, and says that it has the object already (409), which settles it. */
static bool confirmed(const struct object *o, const char *etag)
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    char want[2 * EVP_MAX_MD_SIZE + 1];
    unsigned n = 0;
    if (!o->summing || !EVP_DigestFinal_ex(o->md5, sum, &n))
        return false;
    hex(want, sum, n);
    return strcasecmp(want, etag) == 0;
}

static struct outcome put(struct patience p, struct object *o)
{
    struct outcome out = {0};
    struct http h = {
        .method = "PUT", .url = o->url, .headers = o->headers, .size = o->size, .read = object_read,
        .rewind = object_rewind, .ctx = o, .due = p.due, .abandon = p.abandon, .caller = p.caller,
    };
    o->md5 = EVP_MD_CTX_new();
    if (!o->md5)
        return out;
    object_rewind(o);
    clock_lock();
    const struct config c = *config();
    h.ca_file = c.ca_file;
    h.upload_ms = upload_timeout;
    h.reply_ms = reply_timeout;
    if (h.due.mono > o->granted_until)
        h.due.mono = o->granted_until; /* what goes on beyond is refused in the end */
    net_exchange(&h);
    clock_unlock();
    o->sent = h.sent;
    out.status = h.status;
    out.retry_after = h.retry_after;
    out.ok = h.status == 409 || (h.status == 200 && h.sent == o->size && confirmed(o, h.etag));
    if (h.status == 409)
        o->sent = o->size;
    EVP_MD_CTX_free(o->md5);
    o->md5 = NULL;
    return out;
}

struct outcome cloud_store(struct patience p, struct object *o)
{
    o->sent = 0;
    clock_lock();
    bool good = o->url && clock_mono() + GRANT_MARGIN_MS < o->granted_until;
    clock_unlock();
    if (!good) {
        bool stored = false;
        cloud_forget(o);
        struct outcome granted = ask_grant(p, o, &stored);
        if (stored)
            o->sent = o->size;
        if (!granted.ok || stored) {
            cloud_forget(o);
            return granted;
        }
    }
    struct outcome out = put(p, o);
    if (out.ok || out.status == 403 || out.status == 400)
        cloud_forget(o); /* used up, expired, or for another size */
    return out;
}
