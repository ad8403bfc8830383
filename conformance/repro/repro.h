/*
 * repro.h - what repro.c is written with. A call is shown when it begins and
 * when it returns, beside what it returned in the recorded run; a callback is shown with
 * what it was called with. Time passes by the library's clock hooks
 * (ivcs_conform.h) where it has them, else it is waited for.
 *
 *   REPRO_REAL=1       wait in real time although there are hooks
 *   REPRO_WATCHDOG=N   seconds after which a call counts as hung (60; 0: never, for a debugger)
 *   REPRO_MEDIA=FILE   instead of media.bin in this folder
 */
#ifndef REPRO_H
#define REPRO_H

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "iv_cs.h"

#define NO_RETURN INT32_MIN       /* the call did not return then */
#define NOT_RECORDED (INT32_MIN + 1)
#define STALE 0xA5                /* over what the library may no longer read */

enum { ON_START, ON_STOP, ON_AI_SERVICE, ON_CAPTURE, ON_PICTURE, ON_REPORT, ON_NOTIFY, SLOTS };

/* ---- what is shown ---- */

static int repro_calls, repro_differ;
static volatile sig_atomic_t repro_under_way;
static const char *volatile repro_last = "no call";
static uint64_t repro_passed; /* ms that the library's clock has been moved on */
static int repro_virtual;     /* it has the clock hooks */
static struct timespec repro_began;

static inline uint64_t now_ms(void)
{
	struct timespec t;
	if (repro_virtual)
		return __atomic_load_n(&repro_passed, __ATOMIC_RELAXED);
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)((t.tv_sec - repro_began.tv_sec) * 1000 + (t.tv_nsec - repro_began.tv_nsec) / 1000000);
}

__attribute__((format(printf, 1, 2))) static inline void show(const char *format, ...)
{
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	printf("%8llu ms  %s\n", (unsigned long long)now_ms(), line);
	fflush(stdout);
}

static inline void hung(int sig)
{
	static const char text[] = "\nhung: a call has not returned; the last one begun: ";
	(void)sig;
	(void)!write(1, text, sizeof text - 1);
	(void)!write(1, repro_last, strlen(repro_last));
	(void)!write(1, "\n", 1);
	_exit(3);
}

static inline void watch(int change)
{
	const char *text = getenv("REPRO_WATCHDOG");
	if (__atomic_add_fetch(&repro_under_way, change, __ATOMIC_RELAXED) > 0)
		alarm(text ? (unsigned)atoi(text) : 60);
	else
		alarm(0);
}

/* begin_call comes before the call, so that the last line shown names the one that crashes. */
static inline void begin_call(const char *text)
{
	repro_last = text;
	show("-> %s", text);
	watch(+1);
}

static inline int end_call(int32_t then, int32_t now, const char *text)
{
	int name = (int)strcspn(text, "(");
	watch(-1);
	__atomic_add_fetch(&repro_calls, 1, __ATOMIC_RELAXED);
	if (then == NOT_RECORDED) {
		show("<- %.*s returned %d", name, text, now);
	} else if (then == now) {
		show("<- %.*s returned %d, as recorded", name, text, now);
	} else if (then == NO_RETURN) {
		show("<- %.*s returned %d, recorded: it did not return   DIFFERS", name, text, now);
		__atomic_add_fetch(&repro_differ, 1, __ATOMIC_RELAXED);
	} else {
		show("<- %.*s returned %d, recorded: %d   DIFFERS", name, text, now, then);
		__atomic_add_fetch(&repro_differ, 1, __ATOMIC_RELAXED);
	}
	return now;
}

/* CALL makes a call that returned then in the recorded run. */
#define CALL(then, call) (begin_call(#call), end_call((then), (int32_t)(call), #call))

/* INIT calls iv_cs_init with a copy of the parameters, which is overwritten on return. */
#define INIT(then, from) \
	do { \
		iv_cs_init_parm_s parm = from; \
		begin_call("iv_cs_init(&" #from ")"); \
		end_call((then), (int32_t)iv_cs_init(&parm), "iv_cs_init()"); \
		memset(&parm, STALE, sizeof parm); \
	} while (0)

/* finding: here the recorded run saw what is wrong. */
static inline void finding(const char *text) { show("** recorded: %s", text); }

/* wrote shows an out-parameter beside what it was then. */
static inline void wrote(const char *name, int now, int then)
{
	show("   %s is %d, %s%d%s", name, now, now == then ? "as recorded: " : "recorded: ", then, now == then ? "" : "   DIFFERS");
	if (now != then)
		__atomic_add_fetch(&repro_differ, 1, __ATOMIC_RELAXED);
}

/* ---- media.bin ---- */

static uint8_t *media_bytes;
static size_t media_size;

/* media is a copy of some bytes of media.bin, in memory of its own: what reads
 * past its end shows under a sanitizer or valgrind. */
static inline uint8_t *media(size_t offset, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);
	if (!copy || offset + length > media_size) {
		fprintf(stderr, "repro: media.bin has not the %zu bytes at %zu\n", length, offset);
		exit(2);
	}
	memcpy(copy, media_bytes + offset, length);
	return copy;
}

/* done overwrites and frees what the library was given. */
static inline void done(uint8_t *bytes, size_t length)
{
	memset(bytes, STALE, length);
	free(bytes);
}

/* ---- time ---- */

static int (*clock_freeze)(uint64_t);
static int (*clock_advance)(uint32_t);
static int (*clock_step)(int64_t);
static uint64_t repro_utc_ms; /* where the library's wall clock began */
static pthread_mutex_t repro_hooks = PTHREAD_MUTEX_INITIALIZER;

static inline void machine_wait(unsigned ms)
{
	struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	while (nanosleep(&t, &t) != 0)
		;
}

static inline void move(uint32_t ms)
{
	pthread_mutex_lock(&repro_hooks);
	repro_last = "ivcs_conform_clock_advance";
	watch(+1);
	__atomic_add_fetch(&repro_passed, ms, __ATOMIC_RELAXED);
	if (clock_advance(ms) != 0)
		show("   ivcs_conform_clock_advance gave up waiting: a callback or a transfer holds on");
	watch(-1);
	pthread_mutex_unlock(&repro_hooks);
}

/* pass lets ms milliseconds pass for the library. With 0 what is under way ends. */
static inline void pass(uint64_t ms)
{
	uint64_t step = ms <= 10000 ? 100 : ms <= 600000 ? 1000 : 10000, left = ms;
	if (!repro_virtual) {
		machine_wait((unsigned)ms);
		return;
	}
	do {
		uint32_t now = (uint32_t)(left < step ? left : step);
		move(now);
		left -= now;
	} while (left > 0);
}

/* utc is a second of UTC, told from the start of the recorded run. */
static inline uint32_t utc(int64_t seconds) { return (uint32_t)((int64_t)(repro_utc_ms / 1000) + seconds); }

/* step corrects the library's wall clock. */
static inline void step(int64_t ms)
{
	if (!clock_step) {
		show("   the library has no ivcs_conform_clock_step: its wall clock is left alone");
		return;
	}
	clock_step(ms);
}

/* ---- callbacks ---- */

static int repro_seen[SLOTS];
static const char *const slot_names[SLOTS] = {
	"iv_cs_push_stream_start_cb", "iv_cs_push_stream_stop_cb", "iv_cs_ai_service_notify_cb", "iv_cs_event_capture_picture_cb",
	"iv_cs_event_picture_result_cb", "iv_cs_event_report_result_cb", "iv_cs_notify_cb"};

enum { PICTURE_NONE, PICTURE_BYTES, PICTURE_NULL, PICTURE_PAGE, PICTURE_UNTOUCHED };

/* What a callback does when it is called. */
struct answer {
	int returns;
	unsigned delay_ms;
	void (*calls)(void); /* made from inside it; NULL: none */
	int picture;         /* one of PICTURE_… */
	size_t offset, length; /* PICTURE_BYTES: in media.bin */
	int32_t size;          /* the others */
};

static const struct answer *repro_answers[SLOTS];
static int repro_left[SLOTS];
static pthread_mutex_t repro_table = PTHREAD_MUTEX_INITIALIZER;

/* answer sets what a callback does from now on: one after the other, the last one for ever. */
static inline void answer(int slot, const struct answer *queue, int n)
{
	pthread_mutex_lock(&repro_table);
	repro_answers[slot] = n ? queue : NULL;
	repro_left[slot] = n;
	pthread_mutex_unlock(&repro_table);
}

static inline struct answer entered(int slot)
{
	struct answer a = {0, 0, NULL, PICTURE_NONE, 0, 0, 0};
	__atomic_add_fetch(&repro_seen[slot], 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&repro_table);
	if (repro_answers[slot]) {
		a = *repro_answers[slot];
		if (repro_left[slot] > 1) {
			repro_answers[slot]++;
			repro_left[slot]--;
		}
	}
	pthread_mutex_unlock(&repro_table);
	if (a.delay_ms)
		machine_wait(a.delay_ms);
	if (a.calls)
		a.calls();
	return a;
}

/* seen waits until a callback has been called n times, as it had been here in
 * the recorded run. */
static inline void seen(int slot, int n)
{
	static int missing[SLOTS]; /* those that never came are not waited for twice */
	int i, had;
	n -= missing[slot];
	for (i = 0; i < 100; i++) {
		had = __atomic_load_n(&repro_seen[slot], __ATOMIC_RELAXED);
		if (had >= n)
			return;
		if (repro_virtual)
			move(i < 50 ? 0 : 100);
		machine_wait(50);
	}
	show("   %s has been called %d times, recorded: %d   DIFFERS", slot_names[slot], had, n + missing[slot]);
	missing[slot] += n - had;
	repro_differ++;
}

static inline int on_start(void)
{
	show("   callback iv_cs_push_stream_start_cb()");
	return entered(ON_START).returns;
}

static inline int on_stop(void)
{
	show("   callback iv_cs_push_stream_stop_cb()");
	return entered(ON_STOP).returns;
}

static inline void on_ai_service(unsigned int ai_server_type, unsigned long long utc_expire)
{
	show("   callback iv_cs_ai_service_notify_cb(%u, %llu)", ai_server_type, utc_expire);
	entered(ON_AI_SERVICE);
}

static uint8_t *repro_pictures[64];
static size_t repro_picture_size[64];

static inline int on_capture(int32_t event_id, uint8_t **pic, int32_t *size)
{
	static unsigned next;
	struct answer a;
	uint8_t *give = NULL;
	int32_t length = 0;
	show("   callback iv_cs_event_capture_picture_cb(%d)", event_id);
	a = entered(ON_CAPTURE);
	if (a.picture == PICTURE_BYTES || a.picture == PICTURE_PAGE) {
		size_t n = a.picture == PICTURE_BYTES ? a.length : 4096;
		unsigned i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % 64;
		give = a.picture == PICTURE_BYTES ? media(a.offset, n) : calloc(1, n);
		repro_pictures[i] = give;
		repro_picture_size[i] = n;
		length = a.picture == PICTURE_BYTES ? (int32_t)n : a.size;
	} else if (a.picture == PICTURE_NULL) {
		length = a.size;
	}
	if (a.picture != PICTURE_UNTOUCHED) {
		if (pic)
			*pic = give;
		if (size)
			*size = length;
	}
	return a.returns;
}

static inline int on_picture(uint8_t **pic, int32_t err_code)
{
	struct answer a;
	int i;
	show("   callback iv_cs_event_picture_result_cb(%p, %d)", pic ? (void *)*pic : NULL, err_code);
	a = entered(ON_PICTURE);
	for (i = 0; pic && i < 64; i++) { /* the picture is ours again */
		if (repro_pictures[i] && repro_pictures[i] == *pic) {
			done(repro_pictures[i], repro_picture_size[i]);
			repro_pictures[i] = NULL;
			break;
		}
	}
	return a.returns;
}

static inline int on_report(iv_cs_event_result_info *info)
{
	if (info)
		show("   callback iv_cs_event_report_result_cb: event %d, result_code %d, %u to %u s", (int)info->event_id, (int)info->result_code,
		     (unsigned)info->start_time_s, (unsigned)info->end_time_s);
	else
		show("   callback iv_cs_event_report_result_cb(NULL)");
	return entered(ON_REPORT).returns;
}

static inline int on_notify(iv_cs_notify_msg_type_e type, iv_cs_notify_msg_data *data)
{
	iv_cs_upload_info_s *info = (int)type == 2 && data ? data->av_result_info : NULL;
	int i;
	show("   callback iv_cs_notify_cb(%d, %s)", (int)type, data ? "data" : "NULL");
	for (i = 0; info && i < info->num && i < MAX_UPLOAD_INFO_NUM; i++) {
		const iv_cs_upload_slice_info_s *s = &info->slice_info[i];
		show("      frames %u to %u, UTC %llu to %llu s, PTS %llu to %llu ms: %s, %u of %u bytes", (unsigned)s->frame_seq_a, (unsigned)s->frame_seq_b,
		     (unsigned long long)s->utc_sec_a, (unsigned long long)s->utc_sec_b, (unsigned long long)s->pts_ms_a, (unsigned long long)s->pts_ms_b,
		     (int)s->state == 0 ? "stored" : "lost", (unsigned)s->upload_size, (unsigned)s->total_size);
	}
	return entered(ON_NOTIFY).returns;
}

/* ---- packs ---- */

struct push {
	unsigned wait_ms; /* before it */
	int stream, frame_type;
	size_t offset, length; /* in media.bin */
	uint64_t pts;
	uint32_t seq;
	int32_t then; /* what it returned in the recorded run */
};

/* play pushes packs. It shows the first, and those that are refused or differ. */
static inline void play(const struct push *p, int n)
{
	int i, refused = 0;
	for (i = 0; i < n; i++, p++) {
		union {
			iv_cm_venc_pack_s video;
			iv_cm_aenc_pack_s audio;
		} pack;
		uint8_t *bytes;
		int32_t code;
		if (p->wait_ms)
			pass(p->wait_ms);
		bytes = media(p->offset, p->length);
		memset(&pack, 0, sizeof pack);
		if (p->stream == 0) {
			pack.audio.pu8Addr = bytes;
			pack.audio.u32Len = (uint32_t)p->length;
			pack.audio.u64PTS = p->pts;
			pack.audio.u32Seq = p->seq;
		} else {
			pack.video.pu8Addr = bytes;
			pack.video.u32Len = (uint32_t)p->length;
			pack.video.u64PTS = p->pts;
			pack.video.eFrameType = (iv_cm_frame_type_e)p->frame_type;
			pack.video.u32Seq = p->seq;
		}
		repro_last = "iv_cs_push_stream";
		if (i == 0)
			show("-> iv_cs_push_stream(%s, seq %u, PTS %llu ms, %zu bytes)%s", p->stream ? "video" : "audio", (unsigned)p->seq,
			     (unsigned long long)p->pts, p->length, n > 1 ? " and on" : "");
		watch(+1);
		code = (int32_t)iv_cs_push_stream((iv_cm_stream_type_e)p->stream, &pack);
		watch(-1);
		repro_calls++;
		refused += code != 0;
		if (code != p->then) {
			repro_differ++;
			show("<- iv_cs_push_stream of seq %u returned %d, recorded: %d   DIFFERS", (unsigned)p->seq, code, p->then);
		} else if (code != 0) {
			show("<- iv_cs_push_stream of seq %u returned %d, as recorded", (unsigned)p->seq, code);
		}
		memset(&pack, STALE, sizeof pack);
		done(bytes, p->length);
	}
	show("<- %d pushed, %d of them refused", n, refused);
}

/* ---- calls that go on while others are made ---- */

struct job {
	pthread_t thread;
	void (*call)(void);
	int over;
};

static inline void *job_run(void *arg)
{
	struct job *j = arg;
	j->call();
	__atomic_store_n(&j->over, 1, __ATOMIC_RELEASE);
	return NULL;
}

static inline void go(struct job *j, void (*call)(void))
{
	j->call = call;
	j->over = 0;
	if (pthread_create(&j->thread, NULL, job_run, j) != 0) {
		perror("repro: pthread_create");
		exit(2);
	}
	machine_wait(5); /* so that it begins before what comes next */
}

/* join waits for the call; time passes for the library meanwhile. */
static inline void join(struct job *j)
{
	while (!__atomic_load_n(&j->over, __ATOMIC_ACQUIRE)) {
		machine_wait(5);
		if (repro_virtual && !__atomic_load_n(&j->over, __ATOMIC_ACQUIRE))
			move(100);
	}
	pthread_join(j->thread, NULL);
}

/* ---- the cloud ---- */

/* cloud asks conform cloud for something, by cloud.sh, and lets the library learn of it. */
static inline void cloud(const char *what)
{
	char command[256];
	if (!getenv("IVCS_ENDPOINT")) {
		show("   no cloud (IVCS_ENDPOINT is not set): %s", what);
		return;
	}
	show("   cloud: %s", what);
	snprintf(command, sizeof command, "sh ./cloud.sh %s", what);
	if (system(command) != 0)
		show("   cloud.sh has failed: do it by hand, or see README.md");
	machine_wait(300);
}

/* ---- begin and end ---- */

static inline void hook(const char *name, void *to)
{
	void *found = dlsym(RTLD_DEFAULT, name);
	memcpy(to, &found, sizeof found);
}

static inline void configure(void)
{
	static const char *const names[5][2] = {{"endpoint", "IVCS_ENDPOINT"}, {"product_id", "IVCS_PRODUCT_ID"}, {"device_name", "IVCS_DEVICE_NAME"},
						{"device_secret", "IVCS_DEVICE_SECRET"}, {"ca_file", "IVCS_CA_FILE"}};
	int (*set)(const char *);
	char json[2048] = "{", *at = json + 1;
	int i;
	hook("ivcs_conform_configure", &set);
	if (!set || !getenv("IVCS_ENDPOINT"))
		return; /* the library reads the environment */
	for (i = 0; i < 5; i++)
		if (getenv(names[i][1]) && *getenv(names[i][1]))
			at += snprintf(at, (size_t)(json + sizeof json - 2 - at), "%s\"%s\":\"%.300s\"", at > json + 1 ? "," : "", names[i][0], getenv(names[i][1]));
	strcpy(at, "}");
	if (set(json) != 0)
		show("   ivcs_conform_configure has refused %s", json);
}

static inline void repro_begin(void)
{
	const char *path = getenv("REPRO_MEDIA") ? getenv("REPRO_MEDIA") : "media.bin";
	FILE *f = fopen(path, "rb");
	long size;
	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0) {
		fprintf(stderr, "repro: %s cannot be read; start the program in its folder\n", path);
		exit(2);
	}
	media_size = (size_t)size;
	media_bytes = malloc(media_size + 1);
	if (!media_bytes || fread(media_bytes, 1, media_size, f) != media_size) {
		fprintf(stderr, "repro: %s cannot be read\n", path);
		exit(2);
	}
	fclose(f);
	signal(SIGALRM, hung);
	signal(SIGPIPE, SIG_IGN);
	hook("ivcs_conform_clock_freeze", &clock_freeze);
	hook("ivcs_conform_clock_advance", &clock_advance);
	hook("ivcs_conform_clock_step", &clock_step);
	clock_gettime(CLOCK_MONOTONIC, &repro_began);
	repro_utc_ms = (uint64_t)time(NULL) * 1000;
	configure();
	if (clock_freeze && clock_advance && !getenv("REPRO_REAL") && clock_freeze(repro_utc_ms) == 0)
		repro_virtual = 1;
	show("time passes %s", repro_virtual ? "by the library's clock hooks" : "in real time");
}

/* repro_end tells whether all went as it did in the recorded run. */
static inline int repro_end(void)
{
	if (repro_differ == 0)
		show("== as in the recorded run: %d calls, none differs", repro_calls);
	else
		show("== not as in the recorded run: %d of what %d calls did differ", repro_differ, repro_calls);
	return repro_differ != 0;
}

#endif
