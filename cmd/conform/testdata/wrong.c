/*
 * Miniature libraries that are wrong in one way each. Without a macro every
 * function returns success and does nothing. The clock hooks are there so that
 * nobody waits: a library that does nothing needs no time.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef RESULT
#define RESULT 0
#endif

int iv_cs_init(void *parm)
{
	(void)parm;
#ifdef CRASH_IN_INIT
	*(volatile int *)16 = 1;
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

int iv_cs_get_balance_info(void *info, uint32_t timeout) { (void)info; (void)timeout; return RESULT; }
int iv_cs_set_ai_process(int32_t id, int type, void *args) { (void)id; (void)type; (void)args; return RESULT; }
int iv_cs_get_ai_process(int32_t id, int *type, void *args) { (void)id; (void)type; (void)args; return RESULT; }

#ifndef WITHOUT_TRANS_TIME
int iv_cs_set_trans_time(uint32_t up, uint32_t reply) { (void)up; (void)reply; return RESULT; }
#endif

int ivcs_conform_clock_freeze(uint64_t utc_ms) { (void)utc_ms; return 0; }
int ivcs_conform_clock_advance(uint32_t ms) { (void)ms; return 0; }
int ivcs_conform_clock_step(int64_t ms) { (void)ms; return 0; }
