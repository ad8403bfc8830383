/*
 * Miniature libraries that are wrong in one way each. Without a macro every
 * function returns success and does nothing. The clock hooks are there so that
 * nobody waits: a library that does nothing needs no time.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef RESULT
#define RESULT 0
#endif

/* The callbacks stand at the end of iv_cs_init_parm_s. */
struct callbacks {
	int (*start)(void);
	int (*stop)(void);
	void (*ai)(unsigned, unsigned long long);
	int (*capture)(int32_t, uint8_t **, int32_t *);
	int (*picture)(uint8_t **, int32_t);
	int (*report)(void *);
	int (*notify)(int, void *);
};

#ifndef PARM_SIZE
#define PARM_SIZE 160
#endif

static struct callbacks cb;
static int exited;

static inline void *start(void *unused) { cb.start(); return unused; }
static inline void *crash(void *unused) { *(volatile int *)16 = 1; return unused; }

#ifdef CRASH_AT_THE_END
__attribute__((destructor)) static void end(void) { if (exited) abort(); }
#endif

int iv_cs_init(void *parm)
{
	if (parm)
		memcpy(&cb, (char *)parm + PARM_SIZE - sizeof cb, sizeof cb);
	exited = 0;
#ifdef REFUSE_H265
	if (parm && ((int *)parm)[16] == 1) /* av_fmt.eVideoType */
		return -602;
#endif
#ifdef REFUSE_PCM
	if (parm && ((int *)parm)[10] < 3) /* av_fmt.eAudioType */
		return -602;
#endif
#if defined(CRASH_IN_INIT)
	*(volatile int *)16 = 1;
#elif defined(CRASH_IN_A_CALLBACK)
	cb.report((void *)16);
#elif defined(EXIT_IN_INIT)
	exit(3);
#elif defined(PRINT_IN_INIT)
	puts("iv_cs_init: hello");
#elif defined(START_ON_MANY_THREADS)
	pthread_t t[8];
	for (int i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, start, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
#elif defined(CRASH_ON_A_THREAD)
	pthread_t t;
	pthread_create(&t, NULL, crash, NULL);
	pthread_join(t, NULL);
#elif defined(WAIT_WHILE)
	char waits[300];
	snprintf(waits, sizeof waits, "%s.%d", WAIT_WHILE, (int)getppid());
	for (int told = 0; access(WAIT_WHILE, F_OK) == 0; usleep(5000))
		if (!told++)
			fclose(fopen(waits, "w"));
#elif defined(START_IN_INIT)
	cb.start();
#endif
#ifdef END_IN_INIT
	_exit(7);
#endif
#ifdef KILLED_IN_INIT
	raise(SIGKILL);
#endif
	return RESULT;
}

int iv_cs_exit(void)
{
#ifdef HANG_IN_EXIT
	for (;;)
		pause();
#endif
	exited = 1;
	return RESULT;
}

int iv_cs_push_stream(int type, void *pack) { (void)type; (void)pack; return RESULT; }

int iv_cs_event_start(int32_t id) { (void)id; return RESULT; }
int iv_cs_event_stop(int32_t id) { (void)id; return RESULT; }
int iv_cs_event_start_ext(int32_t id, uint32_t e, uint32_t s) { (void)id; (void)e; (void)s; return RESULT; }
int iv_cs_event_stop_ext(int32_t id, uint32_t e, uint32_t s) { (void)id; (void)e; (void)s; return RESULT; }

int iv_cs_event_directly_report(int32_t id, uint32_t t, uint8_t *pic, uint32_t len)
{
	(void)id; (void)t; (void)pic; (void)len;
	return RESULT;
}

int iv_cs_get_balance_info(void *info, uint32_t timeout)
{
	(void)info; (void)timeout;
#ifdef BALANCE_SIZE
	memset(info, 0, BALANCE_SIZE);
#endif
	return RESULT;
}

int iv_cs_set_ai_process(int32_t id, int type, void *args) { (void)id; (void)type; (void)args; return RESULT; }
int iv_cs_get_ai_process(int32_t id, int *type, void *args) { (void)id; (void)type; (void)args; return RESULT; }

#ifndef WITHOUT_TRANS_TIME
int iv_cs_set_trans_time(uint32_t up, uint32_t reply) { (void)up; (void)reply; return RESULT; }
#endif

int ivcs_conform_clock_freeze(uint64_t utc_ms) { (void)utc_ms; return 0; }

int ivcs_conform_clock_advance(uint32_t ms)
{
	(void)ms;
#ifdef NOTIFY_AFTER_EXIT
	if (exited)
		cb.notify(0, NULL);
#endif
	return 0;
}

int ivcs_conform_clock_step(int64_t ms) { (void)ms; return 0; }
