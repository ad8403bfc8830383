#include "net.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Small buffers: note 7 allows 100 KB for everything but the ring. */
#define RECEIVE_BUFFER 4096L
#define UPLOAD_BUFFER 16384L
#define CONNECTIONS_KEPT 4L
#define POLL_MS 1000 /* only curl's own timers need it, everything else wakes the poll */

static pthread_mutex_t life = PTHREAD_MUTEX_INITIALIZER; /* guards users and the starting and joining */
static int users;
static struct thread thread;
static CURLM *multi;

/* Guarded by the monitor. */
static struct http *submitted, *active;
static bool stopping;

static void moved(struct http *h)
{
    h->moved = clock_machine();
}

static size_t on_body(char *data, size_t one, size_t size, void *arg)
{
    struct http *h = arg;
    (void)one;
    clock_lock();
    moved(h);
    clock_unlock();
    size_t room = HTTP_REPLY_MAX - h->reply_size;
    size_t take = size < room ? size : room; /* no answer of the binding is longer: the rest is noise */
    memcpy(h->reply + h->reply_size, data, take);
    h->reply_size += take;
    return size;
}

/* The value of a header line, if it is that of `name`. */
static bool header_value(const char *line, size_t size, const char *name, char *dst, size_t room)
{
    size_t n = strlen(name);
    if (size < n || strncasecmp(line, name, n) != 0)
        return false;
    const char *p = line + n, *end = line + size;
    while (p < end && strchr(" \t\"", *p))
        p++;
    while (end > p && strchr(" \t\"\r\n", end[-1]))
        end--;
    if ((size_t)(end - p) >= room)
        return false;
    memcpy(dst, p, (size_t)(end - p));
    dst[end - p] = 0;
    return true;
}

static size_t on_header(char *data, size_t one, size_t size, void *arg)
{
    struct http *h = arg;
    char seconds[16];
    (void)one;
    clock_lock();
    moved(h);
    clock_unlock();
    header_value(data, size, "etag:", h->etag, sizeof h->etag);
    if (header_value(data, size, "retry-after:", seconds, sizeof seconds)) {
        long s = strtol(seconds, NULL, 10); /* a date gives 0: then our own back-off holds */
        h->retry_after = s > 0 ? (ms_t)s * 1000 : 0;
    }
    return size;
}

static int on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal, curl_off_t ulnow)
{
    struct http *h = arg;
    (void)dltotal, (void)dlnow, (void)ultotal;
    clock_lock();
    if ((size_t)ulnow != h->sent) {
        h->sent = (size_t)ulnow;
        moved(h);
    }
    if (!h->body_sent && h->sent >= h->size) { /* from here on the answer's time-out counts */
        h->body_sent = true;
        h->sent_at = (struct due){clock_mono(), clock_machine()};
        clock_wake();
    }
    clock_unlock();
    return 0;
}

static size_t on_read(char *dst, size_t one, size_t size, void *arg)
{
    struct http *h = arg;
    return h->read(h->ctx, dst, one * size);
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct http *h = arg;
    if (offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    h->rewind(h->ctx);
    return CURL_SEEKFUNC_OK;
}

static bool prepare(struct http *h)
{
    CURL *e = h->easy = curl_easy_init();
    if (!e)
        return false;
    curl_easy_setopt(e, CURLOPT_PRIVATE, h);
    curl_easy_setopt(e, CURLOPT_URL, h->url);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, h);
    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(e, CURLOPT_XFERINFODATA, h);
    if (h->ca_file && *h->ca_file)
        curl_easy_setopt(e, CURLOPT_CAINFO, h->ca_file);
    if ((h->ca_file && *h->ca_file) || curl_version_info(CURLVERSION_NOW)->cainfo)
        curl_easy_setopt(e, CURLOPT_CAPATH, NULL); /* a bundle without a folder is read once, not at each connection */
    if (h->read) {
        curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(e, CURLOPT_READDATA, h);
        curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(e, CURLOPT_SEEKDATA, h);
        curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)h->size);
    } else if (h->body) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, h->body);
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->size);
    }
    curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, h->method);
    return curl_multi_add_handle(multi, e) == CURLM_OK;
}

/* With the lock held: the exchange is over, its owner may go on. */
static void finish(struct http *h)
{
    struct http **link = &active;
    while (*link && *link != h)
        link = &(*link)->next;
    if (*link)
        *link = h->next;
    h->done = true;
    clock_wake();
}

static void drop(struct http *h)
{
    if (h->easy) {
        curl_multi_remove_handle(multi, h->easy);
        curl_easy_cleanup(h->easy);
    }
    h->easy = NULL;
}

/* Take up what has been submitted, let go of what has been cancelled. */
static void attend(void)
{
    clock_lock();
    while (submitted) {
        struct http *h = submitted;
        submitted = h->next;
        h->next = active;
        active = h;
        clock_unlock();
        bool ok = prepare(h);
        if (!ok)
            drop(h);
        clock_lock();
        if (!ok)
            finish(h);
    }
    for (struct http *h = active, *next; h; h = next) {
        next = h->next;
        if (h->cancel) {
            clock_unlock();
            drop(h);
            clock_lock();
            finish(h);
            next = active; /* the list may have changed meanwhile */
        }
    }
    clock_unlock();
}

static void collect(void)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        struct http *h;
        long status = 0;
        curl_off_t sent = 0;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &h);
        curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(m->easy_handle, CURLINFO_SIZE_UPLOAD_T, &sent);
        drop(h);
        clock_lock();
        h->status = code == CURLE_OK ? (int)status : 0;
        h->sent = (size_t)sent;
        finish(h);
        clock_unlock();
    }
}

static void run(void *arg)
{
    (void)arg;
    for (;;) {
        int running;
        attend();
        curl_multi_perform(multi, &running);
        collect();
        clock_lock();
        bool end = stopping && !submitted && !active;
        clock_unlock();
        if (end)
            return;
        curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
    }
}

bool net_acquire(void)
{
    bool ok = true;
    pthread_mutex_lock(&life);
    if (users == 0) {
        ok = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
        if (ok && !(multi = curl_multi_init())) {
            curl_global_cleanup();
            ok = false;
        }
        if (ok) {
            curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
            clock_lock();
            stopping = false;
            ok = thread_start(&thread, run, NULL);
            if (ok)
                clock_thread_ends(); /* it waits in curl: net_moved speaks for it */
            clock_unlock();
            if (!ok) {
                curl_multi_cleanup(multi);
                curl_global_cleanup();
            }
        }
    }
    users += ok;
    pthread_mutex_unlock(&life);
    return ok;
}

void net_release(void)
{
    pthread_mutex_lock(&life);
    if (--users == 0) {
        clock_lock();
        clock_thread_begins();
        stopping = true;
        clock_unlock();
        curl_multi_wakeup(multi);
        thread_join(&thread);
        curl_multi_cleanup(multi);
        curl_global_cleanup();
        multi = NULL;
    }
    pthread_mutex_unlock(&life);
}

static struct due earlier(struct due a, struct due b)
{
    return (struct due){a.mono < b.mono ? a.mono : b.mono, a.machine < b.machine ? a.machine : b.machine};
}

static struct due plus(struct due d, ms_t ms)
{
    return (struct due){d.mono + ms, d.machine + ms};
}

void net_exchange(struct http *h)
{
    struct due began = {clock_mono(), clock_machine()};
    bool small = !h->read; /* a control request: its body leaves with its header */
    h->body_sent = small;
    h->sent_at = began;
    h->moved = began.machine;
    h->done = h->cancel = false;
    h->status = 0;
    h->sent = h->reply_size = 0;
    h->retry_after = 0;
    h->etag[0] = 0;
    h->next = submitted;
    submitted = h;
    curl_multi_wakeup(multi);
    while (!h->done) {
        struct due limit = h->body_sent ? plus(h->sent_at, h->reply_ms) : plus(began, h->upload_ms);
        limit = earlier(limit, h->due);
        bool due = h->caller ? clock_is_due(limit) : clock_mono() >= limit.mono;
        if (!h->cancel && (due || (h->abandon && *h->abandon))) {
            h->cancel = true;
            curl_multi_wakeup(multi);
        }
        if (h->caller)
            clock_wait_caller(h->cancel ? (struct due){NEVER, NEVER} : limit);
        else
            clock_wait(h->cancel ? NEVER : limit.mono);
    }
    h->reply[h->reply_size] = 0;
}

ms_t net_moved(void)
{
    ms_t last = -1;
    if (submitted)
        return clock_machine();
    for (const struct http *h = active; h; h = h->next) {
        if (h->cancel)
            return clock_machine();
        if (!h->poll && h->moved > last)
            last = h->moved;
    }
    return last < 0 ? NEVER : last;
}
