/*
 * A miniature library that takes four buffers in iv_cs_init and does not look
 * whether it got the third one. The clock hooks are there so that nobody waits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static char *buffer[4];

int iv_cs_exit(void)
{
	for (int i = 0; i < 4; i++) {
		free(buffer[i]);
		buffer[i] = NULL;
	}
	return 0;
}

int iv_cs_init(void *parm)
{
	(void)parm;
	for (int i = 0; i < 4; i++) {
		buffer[i] = malloc(1000 + (size_t)i);
#ifdef CHECKED
		if (!buffer[i]) {
#else
		if (!buffer[i] && i != 2) {
#endif
#ifndef LEAK_IN_ERROR
			iv_cs_exit();
#endif
#ifdef HANG
			for (volatile int on = 1; on;)
				;
#endif
			return -606;
		}
		memset(buffer[i], i, 1000);
	}
	return 0;
}

int iv_cs_push_stream(int type, void *pack) { (void)type; (void)pack; return 0; }
int iv_cs_event_start(int32_t id) { (void)id; return 0; }
int iv_cs_event_stop(int32_t id) { (void)id; return 0; }
int iv_cs_get_balance_info(void *info, uint32_t timeout) { (void)info; (void)timeout; return 0; }
int ivcs_conform_clock_freeze(uint64_t utc_ms) { (void)utc_ms; return 0; }
int ivcs_conform_clock_advance(uint32_t ms) { (void)ms; return 0; }
int ivcs_conform_clock_step(int64_t ms) { (void)ms; return 0; }
