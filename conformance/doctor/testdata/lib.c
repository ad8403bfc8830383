/* A miniature library that answers every call with success and does nothing;
 * each macro is one thing a doctor must find. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef CHANNEL
#define FIRST int chan,
#else
#define FIRST
#endif
#ifndef TRANS_TIME
#define TRANS_TIME
#endif

__attribute__((constructor)) static void loaded(void)
{
#ifdef LOADING
    LOADING;
#endif
}

#ifdef CHANNEL
int iv_cs_init(FIRST void *p) { (void)p; return 0; }
#else
int iv_cs_init(void *p)
{
    (void)p;
#ifdef INIT
    INIT;
#endif
    return 0;
}
#endif
int iv_cs_exit(void) { return 0; }
int iv_cs_push_stream(FIRST int type, void *pack) { (void)type; (void)pack; return 0; }
int iv_cs_event_start(FIRST int32_t id) { (void)id; return 0; }
int iv_cs_event_stop(FIRST int32_t id) { (void)id; return 0; }
int iv_cs_event_start_ext(FIRST int32_t id, uint32_t e, uint32_t s) { (void)id; (void)e; (void)s; return 0; }
int iv_cs_event_stop_ext(FIRST int32_t id, uint32_t e, uint32_t s) { (void)id; (void)e; (void)s; return 0; }
int iv_cs_event_directly_report(FIRST int32_t id, uint32_t t, uint8_t *pic, uint32_t len) { (void)id; (void)t; (void)pic; (void)len; return 0; }
int iv_cs_get_balance_info(FIRST void *info, uint32_t timeout) { (void)info; (void)timeout; return 0; }
int iv_cs_set_ai_process(FIRST int32_t id, int type, void *args) { (void)id; (void)type; (void)args; return 0; }
int iv_cs_get_ai_process(FIRST int32_t id, int *type, void *args) { (void)id; (void)type; (void)args; return 0; }
#ifndef WITHOUT_TRANS_TIME
TRANS_TIME int iv_cs_set_trans_time(uint32_t up, uint32_t reply) { (void)up; (void)reply; return 0; }
#endif
#ifdef EXTRA
int iv_cs_resource_dump(void) { return 0; }
#endif
#ifdef LATER
int iv_cs_resource_destroy(int chan) { return chan; }
#endif
#ifndef NO_HOOKS
int ivcs_conform_clock_freeze(uint64_t utc_ms) { (void)utc_ms; return 0; }
int ivcs_conform_clock_advance(uint32_t ms) { (void)ms; return 0; }
int ivcs_conform_clock_step(int64_t ms) { (void)ms; return 0; }
#endif
