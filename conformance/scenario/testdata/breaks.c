/*
 * A library that keeps every promise but one, chosen by a macro. It knows no
 * cloud: its init calls back once, its exit ends.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct { uint64_t utc[2], pts[2]; uint32_t seq[2], size[2]; int state; } slice;
typedef struct { slice slices[10]; int32_t num; } info;
typedef union { info *result; } notify_data;
typedef struct { int32_t code, id; uint32_t start, end; } event_result;

typedef struct {
	uint32_t gop;
	struct { size_t low, warn, high; int8_t enable; } marks;
	struct { int audio[5]; uint32_t samples; int video; uint32_t size[3], reserve[4]; } av;
	int report_opt;
	int (*start)(void);
	int (*stop)(void);
	void (*ai)(unsigned, unsigned long long);
	int (*capture)(int32_t, uint8_t **, int32_t *);
	int (*picture)(uint8_t **, int32_t);
	int (*report)(event_result *);
	int (*notify)(int, notify_data *);
} parm;

static parm p;
static uint8_t *pic;
static int32_t size;
static info told;

static void tell(int32_t num)
{
	notify_data d = { &told };

	told.num = num;
	p.notify(2, &d);
}

static void report(int32_t code, int32_t id, uint32_t start, uint32_t end)
{
	event_result r = { code, id, start, end };

	p.report(&r);
}

int iv_cs_init(parm *given)
{
	p = *given;
#if defined(STOP_FIRST)
	p.stop();
#elif defined(START_TWICE)
	p.start(); p.start();
#elif defined(DATA_WITH_ALARM)
	{ notify_data d = { &told }; p.notify(3, &d); }
#elif defined(STATE_WITHOUT_DATA)
	p.notify(2, NULL);
#elif defined(TERMINATOR)
	p.notify(7, NULL);
#elif defined(NO_SLICE)
	tell(0);
#elif defined(ELEVEN_SLICES)
	tell(11);
#elif defined(RECOVER_FIRST)
	p.notify(1, NULL);
#elif defined(NO_PLACE_FOR_THE_PICTURE)
	p.capture(1, NULL, &size);
#elif defined(LOST_PICTURE)
	p.capture(1, &pic, &size);
#elif defined(RELEASED_TWICE)
	p.capture(1, &pic, &size); p.picture(&pic, 0); p.picture(&pic, 0);
#elif defined(STRANGE_PICTURE)
	{ uint8_t *other = (uint8_t *)&told; p.picture(&other, 0); }
#elif defined(RESULT_WITHOUT_DATA)
	p.report(NULL);
#elif defined(RESULT_CODE_2)
	report(2, 1, 10, 20);
#elif defined(RESULT_EVENT_17)
	report(1, 17, 10, 20);
#elif defined(RESULT_BACKWARDS)
	report(1, 1, 20, 10);
#else
	p.start(); p.notify(0, NULL); p.notify(1, NULL); tell(10);
	p.capture(1, &pic, &size); p.picture(&pic, 0); report(1, 1, 10, 20); p.stop();
#endif
	return 0;
}

int iv_cs_exit(void) { return 0; }

/* The call after exit: no promise is kept by a library that calls back here. */
int iv_cs_set_trans_time(uint32_t up, uint32_t reply)
{
	(void)up; (void)reply;
#ifdef SPEAKS_AFTER_EXIT
	p.notify(0, NULL);
#endif
	return -1;
}

#ifdef SPOILS_THE_END
#include <unistd.h>

/* What a sanitizer does that has found a leak. */
__attribute__((destructor)) static void leave(void)
{
	_exit(23);
}
#endif
